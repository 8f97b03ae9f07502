import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Database, openDatabase } from '../../src/platform/db/db.ts'
import { migrate } from '../../src/platform/db/migrate.ts'
import { keepPostgres } from '../../src/platform/embedded/keep.ts'
import { superviseProcess } from '../../src/platform/embedded/supervisor.ts'
import { temporaryFolder } from '../../src/platform/embedded/temporary.ts'
import { cpuOf } from './cpu.ts'
import { progress } from './figures.ts'
import { countStatements } from './statements.ts'

const ROOT = join(import.meta.dirname, '../..')
const STOP_MS = 8_000

/** A process of `dist/apps` that a benchmark measures. */
export type App = { readonly pid: number; stop(): Promise<void> }

/** PostgreSQL and, where asked for, the development chain on a folder that is thrown away. */
export type Stack = {
  readonly databaseUrl: string
  readonly database: Database
  readonly postgresPid: number
  /** JSON-RPC of the development chain, a process of its own. */
  readonly chainUrl: string
  readonly chainPid: number
  /** Starts `dist/apps/NAME.js` and waits until it serves. */
  start(name: 'gateway' | 'worker', variables: Readonly<Record<string, string>>): Promise<App>
  stop(): Promise<void>
}

/** For whoever looks for what is slow. */
export type Tools = {
  /** Counts what each SQL statement costs. */
  readonly statements: boolean
  /** Where the processes leave their CPU profiles. */
  readonly profile: string | undefined
  /** Where the processes write their logs; a folder that is thrown away when absent. */
  readonly logs: string | undefined
}

/** `--statements`, `--profile=FOLDER`, `--logs=FOLDER`. */
export function toolsOf(flags: readonly string[]): Tools {
  const value = (name: string) =>
    flags.find((flag) => flag.startsWith(`--${name}=`))?.slice(name.length + 3)
  return {
    statements: flags.includes('--statements'),
    profile: value('profile'),
    logs: value('logs'),
  }
}

export async function startStack(tools: Tools): Promise<Stack> {
  const folder = temporaryFolder()
  const stops: (() => unknown)[] = [() => folder.remove()]
  const stop = async () => {
    for (const end of stops.splice(0).reverse()) await end()
  }
  const interrupted = () => void stop().finally(() => process.exit(1))
  process.once('SIGINT', interrupted)
  process.once('SIGTERM', interrupted)
  try {
    const [postgres, chain] = await Promise.all([
      keepPostgres({ dataDir: folder.path, log: progress }),
      startChain(),
    ])
    stops.push(
      () => postgres.stop(),
      () => chain.stop(),
    )
    if (tools.statements) await countStatements(postgres.url, postgres.pid())
    await migrate(postgres.url, join(ROOT, 'migrations'))
    const database = openDatabase({
      url: postgres.url,
      maxConnections: 2,
      applicationName: 'baro bench',
      onIdleError: () => {},
    })
    stops.push(() => database.close())
    return {
      databaseUrl: postgres.url,
      database,
      get postgresPid() {
        return postgres.pid()
      },
      chainUrl: chain.url,
      chainPid: chain.pid,
      start: async (name, variables) => {
        const app = await startApp(
          { ...tools, logs: tools.logs ?? join(folder.path, 'logs') },
          name,
          {
            BARO_EMBEDDED_DATABASE_URL: postgres.url,
            ...variables,
          },
        )
        stops.push(() => app.stop())
        return app
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** The development chain as `npm run devnet` starts it. */
async function startChain(): Promise<{ url: string; pid: number; stop(): Promise<void> }> {
  const child = spawn(process.execPath, [join(ROOT, 'dist/apps/devnet.js')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const [url] = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line') as Promise<string[]>,
    exited.then(() => []),
  ])
  if (url === undefined || child.pid === undefined)
    throw new Error('The development chain did not start')
  return {
    url,
    pid: child.pid,
    stop: async () => {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
      await exited
      clearTimeout(timer)
    },
  }
}

async function startApp(
  tools: Tools & { readonly logs: string },
  name: string,
  variables: Readonly<Record<string, string>>,
): Promise<App> {
  mkdirSync(tools.logs, { recursive: true })
  const file = join(tools.logs, `${name}.log`)
  const outputFd = openSync(file, 'a', 0o600)
  const { profile } = tools
  const child = await superviseProcess({
    name,
    command: process.execPath,
    args: [
      ...(profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}/${name}`]),
      join(ROOT, 'dist/apps', `${name}.js`),
    ],
    env: variables,
    log: progress,
    outputFd,
  }).catch((error: Error) => {
    throw new Error(`${error.message}\n  Its log is ${file}`)
  })
  let isStopped = false
  return {
    pid: child.pid() ?? 0,
    stop: async () => {
      if (isStopped) return
      isStopped = true
      await child.stop()
      closeSync(outputFd)
    },
  }
}

/** A port of this machine that nobody listens on. */
export async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port is free')
  return address.port
}

/** Processor time of each named process tree since the meter was opened, in milliseconds. */
export function openCpuMeter<Name extends string>(
  pids: Readonly<Record<Name, number>>,
): () => Record<Name, number> {
  const names = Object.keys(pids) as Name[]
  const read = (name: Name) => cpuOf(pids[name])
  const before = new Map(names.map((name) => [name, read(name)]))
  return () =>
    Object.fromEntries(names.map((name) => [name, read(name) - (before.get(name) ?? 0)])) as Record<
      Name,
      number
    >
}
