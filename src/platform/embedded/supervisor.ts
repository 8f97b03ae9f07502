import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { endProcess, type Log, markOf } from './process.ts'

/** What a child says over IPC when it serves: `ready`, and whatever else it has to tell. */
export type Ready = { readonly ready: true } & Readonly<Record<string, unknown>>
export type Environment = Readonly<Record<string, string | undefined>>

export type SupervisorOptions = {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  /** The child's whole environment; a function is asked anew at every start. */
  readonly env: Environment | (() => Environment)
  readonly log: Log
  /** Called at every start that succeeds. */
  readonly onReady?: (message: Ready) => void
  /** The pause before the first restart (1 s when absent); it doubles up to 10 s while the child does not get ready. */
  readonly restartDelayMs?: number
  /** The open file that the child writes its output to; this process's own outputs when absent. */
  readonly outputFd?: number
}

export type Supervised = {
  /** The child that runs now; undefined between two. */
  pid(): number | undefined
  /** How often it was started again. */
  restarts(): number
  /** What the child said when it was first ready. */
  readonly first: Ready
  /** SIGTERM, after 8 s SIGKILL; fulfils when the child is gone. */
  stop(): Promise<void>
}

const FIRST_DELAY_MS = 1_000
const LAST_DELAY_MS = 10_000
const STOP_LIMIT_MS = 8_000

function isReady(message: unknown): message is Ready {
  return (
    typeof message === 'object' && message !== null && 'ready' in message && message.ready === true
  )
}

function launch(options: SupervisorOptions): ChildProcess {
  const env = typeof options.env === 'function' ? options.env() : options.env
  return spawn(options.command, [...options.args], {
    env: { ...env },
    // Its own session: at Ctrl-C this process alone decides who ends when.
    detached: process.platform !== 'win32',
    stdio: ['ignore', options.outputFd ?? 'inherit', options.outputFd ?? 'inherit', 'ipc'],
  })
}

/** Fulfils when the child has ended or could not be started, with the reason in words. */
function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? `code ${code}`))
    child.once('error', (error) => resolve(error.message))
  })
}

/** Keeps one program running. Fulfils when it is ready for the first time; fails when it ends before that. */
export async function superviseProcess(options: SupervisorOptions): Promise<Supervised> {
  const { name, log } = options
  const firstDelayMs = options.restartDelayMs ?? FIRST_DELAY_MS
  const stopping = new AbortController()
  let child: ChildProcess | undefined
  let waitMs = firstDelayMs
  let restarts = 0

  function begin(ready: (message: Ready) => void): Promise<string> {
    const next = launch(options)
    child = next
    next.on('message', (message) => {
      if (!isReady(message)) return
      waitMs = firstDelayMs
      ready(message)
      options.onReady?.(message)
    })
    return endOf(next).then((reason) => {
      child = undefined
      return reason
    })
  }

  async function restartFor(ended: Promise<string>): Promise<void> {
    let reason = await ended
    while (!stopping.signal.aborted) {
      log(`${name} has ended unasked (${reason}), starts again in ${waitMs} ms`)
      await delay(waitMs, undefined, { signal: stopping.signal }).catch(() => {})
      if (stopping.signal.aborted) return
      waitMs = Math.min(Math.max(waitMs, 1) * 2, LAST_DELAY_MS)
      restarts += 1
      reason = await begin(() => log(`${name} is back (pid ${child?.pid})`))
    }
  }

  const { first, ended } = await new Promise<{ first: Ready; ended: Promise<string> }>(
    (resolve, reject) => {
      const end = begin((first) => resolve({ first, ended: end }))
      void end.then((reason) => reject(new Error(`${name} ended before it was ready: ${reason}`)))
    },
  )
  const caring = restartFor(ended)
  return {
    first,
    pid: () => child?.pid,
    restarts: () => restarts,
    async stop() {
      stopping.abort()
      if (child?.pid !== undefined) {
        await endProcess(markOf(child.pid), [
          ['SIGTERM', STOP_LIMIT_MS],
          ['SIGKILL', STOP_LIMIT_MS],
        ])
      }
      await caring
    },
  }
}
