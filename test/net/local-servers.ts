import { once } from 'node:events'
import http from 'node:http'
import net from 'node:net'
import { openPoster, type Poster } from '../../src/platform/net/post.ts'

type PosterOptions = Partial<Parameters<typeof openPoster>[0]>

export const body = new TextEncoder().encode('{"type":"ping"}')

/** Servers on loopback and posters that may reach them, for one test file. */
export function localServers() {
  const closers: (() => Promise<unknown>)[] = []

  function poster(more: PosterOptions = {}): Poster {
    const times = { connectTimeoutMs: 2_000, headersTimeoutMs: 5_000, totalTimeoutMs: 10_000 }
    const made = openPoster({ allowCidrs: ['127.0.0.0/8'], ...times, ...more })
    closers.push(() => made.close())
    return made
  }

  async function listen(server: net.Server): Promise<number> {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const sockets = new Set<net.Socket>()
    server.on('connection', (socket: net.Socket) => {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket)).on('error', () => {})
    })
    closers.push(async () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    })
    return (server.address() as net.AddressInfo).port
  }

  return {
    poster,
    listen,
    serve: (handler: http.RequestListener) => listen(http.createServer(handler)),
    serveRaw: (handler: (socket: net.Socket) => void) => listen(net.createServer(handler)),
    close: async () => {
      await Promise.all(closers.splice(0).map((close) => close()))
    },
  }
}
