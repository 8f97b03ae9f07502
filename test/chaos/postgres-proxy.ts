import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Exchange, Gate, WorkerProxy } from './exchange.ts'

const [QUERY, PARSE, BIND, SYNC, TERMINATE, READY] = ['Q', 'P', 'B', 'S', 'X', 'Z']
/** A message has a byte of type and four of length; the very first one of a client has no type. */
const HEADER_BYTES = 5
const CANCEL_REQUEST = 80_877_102

/**
 * Stands between a worker and PostgreSQL (protocol 3.0, section "Message Formats"). A statement is held back whole until
 * the gate lets it pass, and the answer until ReadyForQuery has come and the gate lets it pass too.
 */
export async function openPostgresProxy(target: string, gate: Gate): Promise<WorkerProxy> {
  const { hostname, port } = new URL(target)
  const open = new Set<Socket>()
  const server = createServer({ noDelay: true }, (worker) => {
    const upstream = connect({ host: hostname, port: Number(port), noDelay: true })
    for (const socket of [worker, upstream]) {
      open.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        open.delete(socket)
        worker.destroy()
        upstream.destroy()
      })
    }
    join(worker, upstream, gate)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => {
      server.close()
      for (const socket of open) socket.destroy()
    },
  }
}

/** Connects both sides of one connection. Everything that one side says is handled in order, one piece at a time. */
function join(worker: Socket, upstream: Socket, gate: Gate): void {
  const connection = Symbol()
  const statements = new Map<string, string>()
  const fromWorker = splitter(true)
  const fromServer = splitter(false)
  let wire: Exchange['wire'] = 'queue'
  let isGreeted = false
  let request: Message[] = []
  let running: Exchange | undefined
  let answer: Message[] = []

  const ask = async (message: Message) => {
    if (message.type === '') wire = message.bytes.includes('\0baro worker\0') ? 'database' : 'queue'
    request.push(message)
    const isWhole = [QUERY, SYNC, TERMINATE, ''].includes(message.type) || !isGreeted
    if (!isWhole) return
    const bytes = Buffer.concat(request.map((one) => one.bytes))
    if (message.type === QUERY || message.type === SYNC) {
      const said = { wire, connection, ...readStatement(request, statements), answer: '' }
      running = said
      if ((await gate.before(said)) === 'stop') return
    }
    request = []
    if (!upstream.destroyed) upstream.write(bytes)
  }

  const reply = async (message: Message) => {
    answer.push(message)
    const isReady = message.type === READY
    if (running !== undefined && !isReady) return
    const bytes = Buffer.concat(answer.map((one) => one.bytes))
    answer = []
    if (running !== undefined) {
      const said = running
      said.answer = bytes.toString()
      running = undefined
      if ((await gate.after(said)) === 'stop') return
    }
    if (isReady) isGreeted = true
    if (!worker.destroyed) worker.write(bytes)
  }

  inOrder(worker, fromWorker, ask)
  inOrder(upstream, fromServer, reply)
}

function inOrder(
  socket: Socket,
  split: (chunk: Buffer) => Message[],
  handle: (message: Message) => Promise<void>,
): void {
  let last = Promise.resolve()
  socket.on('data', (chunk: Buffer) => {
    for (const message of split(chunk)) last = last.then(() => handle(message))
  })
}

type Message = { readonly type: string; readonly bytes: Buffer }

/** Cuts a stream of bytes into messages. */
function splitter(isClient: boolean): (chunk: Buffer) => Message[] {
  let rest: Buffer = Buffer.alloc(0)
  let isFirst = isClient
  return (chunk) => {
    rest = Buffer.concat([rest, chunk])
    const messages: Message[] = []
    for (;;) {
      const start = isFirst ? 0 : 1
      if (rest.length < HEADER_BYTES) return messages
      const length = start + rest.readInt32BE(start)
      if (rest.length < length) return messages
      const bytes = rest.subarray(0, length)
      if (isFirst && bytes.readInt32BE(4) === CANCEL_REQUEST)
        throw new Error('a worker cancelled a statement, which this proxy does not know')
      messages.push({ type: isFirst ? '' : String.fromCharCode(bytes[0] ?? 0), bytes })
      rest = rest.subarray(length)
      isFirst = false
    }
  }
}

/** What a request says: the text of its statement in one line, and what is bound to it. */
function readStatement(
  request: readonly Message[],
  statements: Map<string, string>,
): { readonly text: string; readonly parameters: readonly string[] } {
  let text = ''
  let parameters: readonly string[] = []
  for (const { type, bytes } of request) {
    const body = bytes.subarray(HEADER_BYTES)
    if (type === QUERY) text = textAt(body, 0)
    if (type === PARSE) {
      const name = textAt(body, 0)
      text = textAt(body, Buffer.byteLength(name) + 1)
      statements.set(name, text)
    }
    if (type === BIND) {
      const portal = textAt(body, 0)
      const name = textAt(body, Buffer.byteLength(portal) + 1)
      text = statements.get(name) ?? text
      parameters = readParameters(body, Buffer.byteLength(portal) + Buffer.byteLength(name) + 2)
    }
  }
  return { text: text.replace(/\s+/g, ' ').trim(), parameters }
}

function textAt(body: Buffer, from: number): string {
  return body.toString('utf8', from, body.indexOf(0, from))
}

function readParameters(body: Buffer, from: number): string[] {
  const formats = body.readInt16BE(from)
  let at = from + 2 + 2 * formats
  const count = body.readInt16BE(at)
  at += 2
  return Array.from({ length: count }, () => {
    const length = body.readInt32BE(at)
    const end = at + 4 + Math.max(length, 0)
    const value = length < 0 ? 'null' : body.toString('utf8', at + 4, end)
    at = end
    return value
  })
}
