import { createConnection, type Socket } from 'node:net'

/**
 * HTTP over kept connections, one request at a time on each. It does as little as a generator of load may do: what it
 * spends, the measured processes of the same machine do not have.
 */
export type Client = {
  /** Sends a whole request as bytes when a connection is free. Resolves with the status; rejects when the connection breaks. */
  send(request: string | Buffer): Promise<{ readonly status: number; readonly body: string }>
  close(): void
}

type Waiting = {
  resolve(answer: { status: number; body: string }): void
  reject(error: Error): void
}
type Connection = { readonly socket: Socket; waiting: Waiting | undefined; received: string }

export async function openClient(url: string, connections: number): Promise<Client> {
  const { hostname, port } = new URL(url)
  const free: Connection[] = []
  const queue: (() => void)[] = []
  const all = await Promise.all(
    Array.from({ length: connections }, () => connect(hostname, Number(port), onFree)),
  )
  free.push(...all)

  function onFree(connection: Connection): void {
    free.push(connection)
    queue.shift()?.()
  }

  return {
    send: (bytes) =>
      new Promise((resolve, reject) => {
        const begin = () => {
          const connection = free.pop()
          if (connection === undefined) return reject(new Error('no connection is free'))
          connection.waiting = { resolve, reject }
          connection.socket.write(bytes)
        }
        if (free.length > 0) begin()
        else queue.push(begin)
      }),
    close: () => {
      for (const { socket } of all) socket.destroy()
    },
  }
}

function connect(
  host: string,
  port: number,
  onFree: (connection: Connection) => void,
): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host, port, noDelay: true })
    const connection: Connection = { socket, waiting: undefined, received: '' }
    socket.setEncoding('latin1')
    socket.once('connect', () => resolve(connection))
    socket.once('error', reject)
    const lost = () => connection.waiting?.reject(new Error('the connection was lost'))
    socket.on('error', lost)
    socket.on('close', lost)
    socket.on('data', (text: string) => {
      connection.received += text
      const answer = answerOf(connection.received)
      if (answer === undefined) return
      const { waiting } = connection
      connection.received = ''
      connection.waiting = undefined
      onFree(connection)
      waiting?.resolve(answer)
    })
  })
}

/** A whole answer with a content length, or undefined while some of it is missing. */
function answerOf(text: string): { status: number; body: string } | undefined {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const length = /content-length: (\d+)/i.exec(text.slice(0, end))?.[1]
  const body = text.slice(end + 4)
  return body.length < Number(length ?? 0) ? undefined : { status: Number(text.slice(9, 12)), body }
}

/** A POST of JSON, as it goes over the wire. */
export function jsonPost(
  path: string,
  body: object,
  headers: Readonly<Record<string, string>> = {},
) {
  const text = JSON.stringify(body)
  const lines = Object.entries({
    host: '127.0.0.1',
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(text)),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`)
  return `POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${text}`
}
