import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')
const START_LIMIT_MS = 90_000

type Variables = Readonly<Record<string, string>>

/** One `npm start`, as far as a person sees it. */
export type Running = {
  readonly child: ChildProcess
  readonly url: string
  /** The code of the invoice that it leaves open for trying. */
  readonly openCode: string
  readonly output: string
  /** Ctrl-C, and the exit code. */
  stop(): Promise<number | null>
}

/** Runs `npm start` without npm, until it has printed its addresses. Rejects with what it said when it ends first. */
export function start(
  dataDir: string,
  args: readonly string[] = [],
  variables: Variables = {},
): Promise<Running> {
  const child = spawn(
    process.execPath,
    ['scripts/start.mjs', 'start', '--data-dir', dataDir, ...args],
    { cwd: ROOT, env: environment(variables), stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let output = ''
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  return new Promise((resolve, reject) => {
    const deadline = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error(`not up in time:\n${output}`))
    }, START_LIMIT_MS)
    const hear = (chunk: Buffer) => {
      output += chunk.toString()
      const [, url] = /Checkout\s+(http:\/\/[^/]+)\/p\//.exec(output) ?? []
      const [, openCode] = /Checkout\s+\S+\/p\/(\S+)/.exec(output) ?? []
      if (url === undefined || openCode === undefined || !output.includes('Ctrl-C')) return
      clearTimeout(deadline)
      const stop = () => {
        child.kill('SIGINT')
        return ended
      }
      resolve({ child, url, openCode, output, stop })
    }
    child.stdout?.on('data', hear)
    child.stderr?.on('data', hear)
    void ended.then((code) => {
      clearTimeout(deadline)
      reject(new Error(`ended with ${code}:\n${output}`))
    })
  })
}

/** Runs another command of `scripts/start.mjs` to its end. */
export async function runCommand(
  args: readonly string[],
  variables: Variables = {},
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, ['scripts/start.mjs', ...args], {
    cwd: ROOT,
    env: environment(variables),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, stdout, stderr }
}

/** The processes whose command line or environment names a data folder, this test's own ones excepted. */
export function processesOf(dataDir: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map(Number)
    .filter((pid) => mentions(pid, 'cmdline', dataDir) || mentions(pid, 'cwd', dataDir))
}

function mentions(pid: number, file: string, text: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8').includes(text)
  } catch {
    return false
  }
}

/** This process's variables, without those that would point the command at something of somebody's. */
function environment(variables: Variables): NodeJS.ProcessEnv {
  const { DATABASE_URL, REDIS_URL, PORT, ...own } = process.env
  const { KAIA_RPC_URL, KAIA_WS_URL, KAIA_FUNDED_KEY, ...rest } = own
  return { ...rest, ...variables }
}
