import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import pg from 'pg'
import { afterEach } from 'vitest'
import { keyOf, PRIVATE_ROOT } from '../../src/platform/embedded/folders.ts'
import { isAlive } from '../../src/platform/embedded/process.ts'

export const ROOT = join(import.meta.dirname, '../..')
/** What child processes load: Node 20 runs no TypeScript. `npm test` has built it. */
export const BUILT = join(ROOT, 'dist/platform/embedded')
export const IS_ROOT = process.getuid?.() === 0

/** Asks until `ask` answers something, for at most `limitMs`. */
export async function eventually<T>(
  what: string,
  ask: () => T | undefined | false | Promise<T | undefined | false>,
  limitMs = 20_000,
): Promise<T> {
  const end = performance.now() + limitMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer
    if (performance.now() > end) throw new Error(`still waiting after ${limitMs} ms for: ${what}`)
    await delay(20)
  }
}

export function readNumber(file: string): number | undefined {
  return existsSync(file) ? Number.parseInt(readFileSync(file, 'utf8'), 10) : undefined
}

export async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    return (await client.query(sql)).rows
  } finally {
    await client.end().catch(() => {})
  }
}

/** A Node process that runs `source` with the built room's files at hand, and the lines that it has said. */
export type Script = {
  readonly child: ChildProcess
  readonly lines: string[]
  readonly errors: string[]
  line(): Promise<string>
  ended(): Promise<number | NodeJS.Signals>
}

type Bench = {
  /** A folder of its own, with a space in its path, gone after the test with all that still runs in it. */
  folder(): string
  onEnd(end: () => void | Promise<void>): void
  script(
    source: string,
    options?: { readonly built?: string; readonly uid?: number; readonly env?: NodeJS.ProcessEnv },
  ): Script
}

/** What the tests of a file start, and its end after every test. */
export function useBench(): Bench {
  const ends: (() => void | Promise<void>)[] = []
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end()
  })

  return {
    folder() {
      const folder = mkdtempSync(join(tmpdir(), 'baro test '))
      chmodSync(folder, 0o711)
      ends.push(() => removeFolder(folder))
      return folder
    },
    onEnd(end) {
      ends.push(end)
    },
    script(source, { built = BUILT, uid, env = process.env } = {}) {
      const room = (name: string) => pathToFileURL(join(built, name)).href
      const text = source.replace(/'@\/(.+?)'/g, (_, name) => JSON.stringify(room(name)))
      const child = spawn(process.execPath, ['--input-type=module', '-e', text], {
        ...(uid === undefined ? {} : { uid, gid: uid }),
        env,
        cwd: '/',
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      ends.push(() => void child.kill('SIGKILL'))
      return watch(child)
    },
  }
}

function watch(child: ChildProcess): Script {
  const lines: string[] = []
  const errors: string[] = []
  const collect = (into: string[]) => (chunk: Buffer) =>
    into.push(...chunk.toString().split('\n').filter(Boolean))
  child.stdout?.on('data', collect(lines))
  child.stderr?.on('data', collect(errors))
  const end = new Promise<number | NodeJS.Signals>((resolve) =>
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'SIGKILL')),
  )
  let ended = false
  void end.then(() => {
    ended = true
  })
  return {
    child,
    lines,
    errors,
    line: () =>
      eventually('a line of the script', () => {
        if (ended && lines.length === 0) throw new Error(`the script ended: ${errors.join('\n')}`)
        return lines[0]
      }),
    ended: () => end,
  }
}

/** Ends by pid what a test has left in `folder`, then removes it and its place outside. */
async function removeFolder(folder: string): Promise<void> {
  for (const data of [folder, join(folder, 'data')]) {
    const outside = join(PRIVATE_ROOT, keyOf(data))
    for (const place of [data, outside]) {
      await killIn(join(place, 'postgres/postmaster.pid'))
    }
    const node = join(data, 'chain/running.json')
    if (existsSync(node)) await kill(JSON.parse(readFileSync(node, 'utf8')).pid)
    if (IS_ROOT) rmSync(outside, { recursive: true, force: true })
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
}

async function killIn(pidFile: string): Promise<void> {
  const pid = readNumber(pidFile)
  if (pid !== undefined && pid !== process.pid) await kill(pid)
}

async function kill(pid: number): Promise<void> {
  if (!isAlive(pid)) return
  process.kill(pid, 'SIGKILL')
  await eventually(`the end of ${pid}`, () => !isAlive(pid))
}
