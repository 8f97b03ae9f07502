import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { basename } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** One process for as long as it lives: a pid alone may come back as another program's. */
export type ProcessMark = { readonly pid: number; readonly startedAt: string | undefined }

/** One line of progress or warning, for people. */
export type Log = (line: string) => void

const POLL_MS = 25
// Below the ports that systems lend to outgoing connections, one of which could sit on ours after a restart.
const FIRST_PORT = 20_000
const PORT_COUNT = 12_000

/** The fields of /proc/PID/stat after the command name, or undefined where there is no such process or no /proc. */
function statFields(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined
  }
}

/** Whether the system has given the number to a process, be it a zombie. */
export function isTaken(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Whether `pid` runs now; a zombie, which only waits to be collected, does not. */
export function isAlive(pid: number): boolean {
  if (!isTaken(pid)) return false
  const state = statFields(pid)?.[0]
  return state !== 'Z' && state !== 'X'
}

/** When `pid` started, in words that only this start of this machine gives it; undefined where the system does not say. */
export function startedAt(pid: number): string | undefined {
  const ticks = statFields(pid)?.[19]
  if (ticks !== undefined) {
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${ticks}`
  }
  if (process.platform === 'win32' || existsSync('/proc/self/stat')) return undefined
  try {
    const text = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' })
    return text.trim() || undefined
  } catch {
    return undefined
  }
}

export function markOf(pid: number): ProcessMark {
  return { pid, startedAt: startedAt(pid) }
}

/** Whether the very process that was marked still runs. */
export function isSameProcess(mark: ProcessMark): boolean {
  if (!isAlive(mark.pid)) return false
  const now = startedAt(mark.pid)
  return mark.startedAt === undefined || now === undefined || now === mark.startedAt
}

/** The command line of `pid`; undefined where the system does not show it. */
export function commandOf(pid: number): string[] | undefined {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter(Boolean)
  } catch {
    if (process.platform === 'win32') return undefined
    try {
      return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' })
        .trim()
        .split(' ')
    } catch {
      return undefined
    }
  }
}

/** Processes of the program `name` that work in `folder`; none where the system has no /proc. */
export function processesIn(folder: string, name: string): number[] {
  if (!existsSync('/proc/self/cwd')) return []
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      if (!Number.isInteger(pid) || !isAlive(pid)) return false
      try {
        return (
          readlinkSync(`/proc/${pid}/cwd`) === folder &&
          basename(readlinkSync(`/proc/${pid}/exe`)) === name
        )
      } catch {
        return false
      }
    })
}

/** Asks again and again until `holds` does, for at most `limitMs`. */
export async function waitUntil(
  holds: () => boolean | Promise<boolean>,
  limitMs: number,
): Promise<boolean> {
  const end = performance.now() + limitMs
  while (!(await holds())) {
    if (performance.now() > end) return false
    await delay(POLL_MS)
  }
  return true
}

export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has ended meanwhile, which is what was wanted.
  }
}

/** Signals in their order, each with the time that a process gets to act on it. */
export type EndSteps = readonly (readonly [signal: NodeJS.Signals, waitMs: number])[]

/** Ends the marked process by one signal after the other, until it is gone. */
export async function endProcess(mark: ProcessMark, steps: EndSteps): Promise<void> {
  for (const [signal, waitMs] of steps) {
    if (!isSameProcess(mark)) return
    sendSignal(mark.pid, signal)
    if (await waitUntil(() => !isSameProcess(mark), waitMs)) return
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () =>
      server.close(() => resolve(true)),
    )
  })
}

/** A loopback port that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORT_COUNT)
    if (await isFree(port)) return port
  }
  throw new Error('no free port on 127.0.0.1 between 20000 and 31999')
}
