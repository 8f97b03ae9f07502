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

/** Connections are made when they are first needed: a server closes one that never asks anything. */
export function openClient(url: string, connections: number): Client {
  const { hostname, port } = new URL(url)
  const all: Connection[] = []
  const free: Connection[] = []
  const queue: ((connection: Connection) => void)[] = []
  let opened = 0

  const onFree = (connection: Connection) => {
    const next = queue.shift()
    if (next === undefined) free.push(connection)
    else next(connection)
  }
  const take = async (): Promise<Connection> => {
    for (let kept = free.pop(); kept !== undefined; kept = free.pop())
      if (kept.socket.writable) return kept
      else opened -= 1
    if (opened >= connections) return new Promise((resolve) => queue.push(resolve))
    opened += 1
    const connection = await connect(hostname, Number(port), onFree)
    all.push(connection)
    return connection
  }
  return {
    send: async (bytes) => {
      const connection = await take()
      return new Promise((resolve, reject) => {
        connection.waiting = { resolve, reject }
        connection.socket.write(bytes)
      })
    },
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
