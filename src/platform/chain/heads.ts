import { WebSocket } from 'ws'

type HeadsOptions = {
  readonly url: string
  readonly chainId: number
  /** The number of every new block, as it is announced. */
  readonly onHead: (number: bigint) => void
}

/** A subscription to new blocks that comes back by itself. It is a hint: what it misses, a look at the chain finds. */
export type Heads = { close(): void }

const FIRST_PAUSE_MS = 200
const LONGEST_PAUSE_MS = 10_000
const HANDSHAKE_MS = 5_000
/** Blocks come every second. After this much silence the other side is asked whether it is there. */
const SILENCE_MS = 5_000
const PONG_MS = 2_000
const MAX_MESSAGE_BYTES = 1024 * 1024
const CHAIN_ID = 1
const SUBSCRIBE = 2

type Message = {
  readonly id?: number
  readonly result?: unknown
  readonly error?: unknown
  readonly params?: { readonly result?: { readonly number?: string } }
}

export function openHeads({ url, chainId, onHead }: HeadsOptions): Heads {
  let socket: WebSocket | undefined
  let timer: NodeJS.Timeout | undefined
  let failures = 0
  let isClosed = false

  function connect(): void {
    const live = new WebSocket(url, {
      handshakeTimeout: HANDSHAKE_MS,
      maxPayload: MAX_MESSAGE_BYTES,
    })
    socket = live
    const ask = (id: number, method: string, params: readonly unknown[]) =>
      live.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }))
    const expect = (milliseconds: number, otherwise: () => void) => {
      clearTimeout(timer)
      timer = setTimeout(otherwise, milliseconds).unref()
    }
    const hear = () =>
      expect(SILENCE_MS, () => {
        live.ping()
        expect(PONG_MS, () => live.terminate())
      })

    live.on('open', () => {
      hear()
      ask(CHAIN_ID, 'eth_chainId', [])
    })
    live.on('pong', hear)
    live.on('message', (data) => {
      hear()
      const message = parse(String(data))
      if (message?.id === CHAIN_ID) {
        if (Number(message.result) === chainId) ask(SUBSCRIBE, 'eth_subscribe', ['newHeads'])
        else live.terminate()
      } else if (message?.id === SUBSCRIBE) {
        if (message.error !== undefined) live.terminate()
      } else if (message?.params?.result?.number !== undefined) {
        const number = blockNumberOf(message.params.result.number)
        if (number === undefined) return live.terminate()
        failures = 0
        onHead(number)
      }
    })
    // An error comes before the end of the connection, which is where the next one begins.
    live.on('error', () => {})
    live.on('close', () => {
      clearTimeout(timer)
      if (isClosed) return
      timer = setTimeout(connect, pauseAfter(failures++)).unref()
    })
  }

  connect()
  return {
    close() {
      isClosed = true
      clearTimeout(timer)
      socket?.terminate()
    },
  }
}

/** How long to wait after so many failures in a row, in milliseconds. */
export function pauseAfter(failures: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS)
}

function blockNumberOf(text: unknown): bigint | undefined {
  return typeof text === 'string' && /^0x[0-9a-f]{1,16}$/i.test(text) ? BigInt(text) : undefined
}

function parse(text: string): Message | undefined {
  try {
    const message: unknown = JSON.parse(text)
    return typeof message === 'object' && message !== null ? message : undefined
  } catch {
    return undefined
  }
}
