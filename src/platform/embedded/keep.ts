import { setTimeout as delay } from 'node:timers/promises'
import { type AnvilOptions, type EmbeddedAnvil, startAnvil } from './anvil.ts'
import { type EmbeddedPostgres, type PostgresOptions, startPostgres } from './postgres.ts'
import type { Log } from './process.ts'

type Running = {
  readonly url: string
  readonly port: number
  readonly pid: number
  readonly exited: Promise<void>
  stop(): Promise<void>
}

/** A server that is brought back on its port whenever it ends unasked: its `url` holds for good. */
export type Kept<T extends Running> = {
  /** The server of the first start, with what that found. */
  readonly first: T
  readonly url: string
  readonly port: number
  /** The process that serves now, or served last. */
  pid(): number
  /** How often it was brought back. */
  restarts(): number
  /** Ends the server and the care for it. */
  stop(): Promise<void>
}

const FIRST_DELAY_MS = 50
const LAST_DELAY_MS = 5_000

/** Keeps what `start` starts running on the port of its first start. */
export async function keepRunning<T extends Running>(options: {
  readonly name: string
  readonly start: (port: number | undefined) => Promise<T>
  readonly port?: number | undefined
  readonly log: Log
}): Promise<Kept<T>> {
  const { name, start, log } = options
  const stopping = new AbortController()
  const first = await start(options.port)
  let current = first
  let restarts = 0

  async function bringBack(): Promise<void> {
    let wait = FIRST_DELAY_MS
    while (!stopping.signal.aborted) {
      try {
        current = await start(first.port)
        restarts += 1
        log(`${name} is back (pid ${current.pid}, port ${first.port})`)
        return
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        log(`${name} does not come back, next try in ${wait} ms: ${reason}`)
        await delay(wait, undefined, { signal: stopping.signal }).catch(() => {})
        wait = Math.min(wait * 2, LAST_DELAY_MS)
      }
    }
  }

  async function watch(): Promise<void> {
    while (!stopping.signal.aborted) {
      await current.exited
      if (stopping.signal.aborted) return
      log(`${name} has ended unasked (pid ${current.pid})`)
      await bringBack()
    }
  }

  const watching = watch()
  return {
    first,
    url: first.url,
    port: first.port,
    pid: () => current.pid,
    restarts: () => restarts,
    async stop() {
      stopping.abort()
      const stopped = current
      // The servers keep no process alive by themselves, so the wait for their last word must.
      const awake = setInterval(() => {}, LAST_DELAY_MS)
      await stopped.stop()
      await watching.finally(() => clearInterval(awake))
      // A start that was under way when the stop came has made a new one.
      if (current !== stopped) await current.stop()
    },
  }
}

/** PostgreSQL that is brought back on its port, with its data, whenever it ends unasked. */
export function keepPostgres(options: PostgresOptions): Promise<Kept<EmbeddedPostgres>> {
  return keepRunning({
    name: 'PostgreSQL',
    start: (port) => startPostgres(port === undefined ? options : { ...options, port }),
    port: options.port,
    log: options.log,
  })
}

/** The development chain, brought back on its port and from its last state whenever it ends unasked. */
export function keepAnvil(options: AnvilOptions): Promise<Kept<EmbeddedAnvil>> {
  return keepRunning({
    name: 'anvil',
    start: (port) => startAnvil(port === undefined ? options : { ...options, port }),
    port: options.port,
    log: options.log,
  })
}
