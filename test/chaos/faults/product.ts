import { appendFileSync, closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isAlive, sendSignal } from '../../../src/platform/embedded/process.ts'
import { type Supervised, superviseProcess } from '../../../src/platform/embedded/supervisor.ts'
import type { Counts } from './counts.ts'
import { PROCESSES, type ProcessName } from './plan.ts'

const DIST = join(import.meta.dirname, '../../../dist/apps')
const RESTART_MS = 200
const LOOK_MS = 50
/** A machine that is busy takes this long to start a process; what is killed before it serves never does anything. */
const LATEST_READY_MS = 30_000

/** The gateways and workers, each brought back whenever it ends, as an operator's supervisor does. */
export type Product = {
  kill(name: ProcessName): Promise<void>
  /** SIGSTOP, and SIGCONT so much later, if it is still the same process. */
  pause(name: ProcessName, seconds: number): Promise<void>
  /** Lets everything run that still stands, and waits until all of it serves. */
  wake(): Promise<void>
  /** Ends that nobody asked for, with the last words. */
  crashes(): readonly string[]
  stop(): Promise<void>
}

type Start = {
  readonly folder: string
  readonly counts: Counts
  environmentOf(name: ProcessName): Readonly<Record<string, string>>
}

export async function startProduct({ folder, counts, environmentOf }: Start): Promise<Product> {
  const running = new Map<ProcessName, Supervised>()
  const paused = new Set<number>()
  const ready = new Set<ProcessName>()
  const crashes: string[] = []
  const logFile = (name: ProcessName) => join(folder, `${name}.log`)

  const hear = (name: ProcessName, line: string) => {
    appendFileSync(join(folder, 'processes.log'), `${new Date().toISOString()} ${line}\n`)
    if (!line.includes('has ended unasked')) return
    ready.delete(name)
    if (line.includes('SIGKILL')) return
    counts.add('process_exits')
    crashes.push(`${line}: ${tailOf(logFile(name))}`)
  }
  const start = async (name: ProcessName) => {
    const outputFd = openSync(logFile(name), 'a')
    const script = name.startsWith('gateway') ? 'gateway.js' : 'worker.js'
    running.set(
      name,
      await superviseProcess({
        ...{ name, command: process.execPath, args: [join(DIST, script)], outputFd },
        env: environmentOf(name),
        restartDelayMs: RESTART_MS,
        onReady: () => ready.add(name),
        log: (line) => hear(name, line),
      }),
    )
    stops.push(() => closeSync(outputFd))
  }
  const stops: (() => void)[] = []
  await Promise.all(PROCESSES.map(start))

  const pidOf = async (name: ProcessName): Promise<number | undefined> => {
    const end = performance.now() + LATEST_READY_MS
    while (!ready.has(name) && performance.now() < end) await sleep(LOOK_MS)
    return running.get(name)?.pid()
  }
  const letRun = () => {
    for (const pid of paused) if (isAlive(pid)) sendSignal(pid, 'SIGCONT')
    paused.clear()
  }
  return {
    kill: async (name) => {
      const pid = await pidOf(name)
      if (pid === undefined) return
      ready.delete(name)
      sendSignal(pid, 'SIGKILL')
      counts.add('process_kills')
    },
    pause: async (name, seconds) => {
      const pid = await pidOf(name)
      if (pid === undefined || paused.has(pid)) return
      paused.add(pid)
      sendSignal(pid, 'SIGSTOP')
      counts.add('process_stops')
      await sleep(seconds * 1_000)
      // Its number is nobody else's before its supervisor has collected it.
      if (paused.delete(pid) && running.get(name)?.pid() === pid) sendSignal(pid, 'SIGCONT')
    },
    wake: async () => {
      letRun()
      await Promise.all(PROCESSES.map(pidOf))
    },
    crashes: () => crashes,
    stop: async () => {
      letRun()
      await Promise.all([...running.values()].map((one) => one.stop()))
      for (const stop of stops) stop()
    },
  }
}

function tailOf(file: string): string {
  return readFileSync(file, 'utf8').trim().split('\n').slice(-2).join(' | ')
}
