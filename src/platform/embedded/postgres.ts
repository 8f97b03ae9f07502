import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { postgresPrograms } from './binaries.ts'
import { type Cluster, createCluster, databasePassword, placeCluster } from './cluster.ts'
import { askServer, createDatabase } from './database.ts'
import { dataFolder } from './folders.ts'
import {
  commandOf,
  type EndSteps,
  endProcess,
  freePort,
  isAlive,
  isSameProcess,
  isTaken,
  type Log,
  markOf,
  type ProcessMark,
  processesIn,
  sendSignal,
  waitUntil,
} from './process.ts'

export type PostgresOptions = {
  /** Holds the database, its password and its log. One live Baro a folder: see `ownFolder`. */
  readonly dataDir: string
  readonly log: Log
  /** The port to listen on; a free one when absent. */
  readonly port?: number
}

export type EmbeddedPostgres = {
  /** The database `baro`, with its password. */
  readonly url: string
  readonly port: number
  readonly pid: number
  /** Whether an earlier run, which was killed, had left this server running. */
  readonly adopted: boolean
  /** Fulfils when the server has ended, for whatever reason. */
  readonly exited: Promise<void>
  /** Ends the server; fulfils when it is gone. */
  stop(): Promise<void>
}

const START_LIMIT_MS = 120_000
const PORT_ATTEMPTS = 5
const ADOPT_LIMIT_MS = 5_000
const EXIT_POLL_MS = 200

// PostgreSQL's words for: now and in good order; now, recovery at the next start.
const END: EndSteps = [
  ['SIGINT', 10_000],
  ['SIGQUIT', 3_000],
  ['SIGKILL', 5_000],
]
/** For a server that does not answer any more. */
const END_OF_THE_ILL: EndSteps = [
  ['SIGQUIT', 2_000],
  ['SIGKILL', 5_000],
]

const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  fsync: 'on',
  log_min_messages: 'warning',
  // A statement in a log would carry its values along.
  log_min_error_statement: 'panic',
}

type Server = {
  readonly cluster: Cluster
  readonly programs: ReturnType<typeof postgresPrograms>
  readonly password: string
  readonly logFile: string
  readonly log: Log
}

/** Starts PostgreSQL 18 from npm on `dataDir`, or adopts the one that a killed run left there. */
export async function startPostgres(options: PostgresOptions): Promise<EmbeddedPostgres> {
  const dataDir = dataFolder(options.dataDir)
  const cluster = placeCluster(dataDir, options.log)
  const server: Server = {
    cluster,
    programs: postgresPrograms(dataDir, cluster.account),
    password: databasePassword(dataDir),
    logFile: join(dataDir, 'postgres.log'),
    log: options.log,
  }
  createCluster(cluster, server.programs.initdb, server.password, options.log)
  return (await adopt(server, options.port)) ?? (await start(server, options.port))
}

type PidFile = { readonly pid: number; readonly port: number }

function pidFileOf(folder: string): string {
  return join(folder, 'postmaster.pid')
}

function readPidFile(folder: string): PidFile | undefined {
  try {
    const lines = readFileSync(pidFileOf(folder), 'utf8').split('\n')
    return { pid: Number(lines[0]), port: Number(lines[3]) }
  } catch {
    return undefined
  }
}

/** Whether `pid` is a PostgreSQL of this folder: the number in an old file may be another program's by now. */
function isOurs(pid: number, folder: string): boolean {
  if (!isAlive(pid)) return false
  const command = commandOf(pid)?.join(' ')
  return command === undefined || (command.includes('postgres') && command.includes(folder))
}

/** Takes over a healthy server of an earlier run; ends one that is ill or on another port than is wanted. */
async function adopt(
  server: Server,
  port: number | undefined,
): Promise<EmbeddedPostgres | undefined> {
  const { folder } = server.cluster
  const left = readPidFile(folder)
  if (left !== undefined && isOurs(left.pid, folder)) {
    const mark = markOf(left.pid)
    const fits = port === undefined || port === left.port
    if (fits && (await serves(server, left.port))) {
      await createDatabase(left.port, server.password)
      server.log(`PostgreSQL of an earlier run goes on (pid ${left.pid}, port ${left.port})`)
      return handle(server, mark, left.port, true, untilGone(mark))
    }
    server.log(`PostgreSQL of an earlier run is stopped (pid ${left.pid})`)
    await endServer(server, mark, fits ? END_OF_THE_ILL : END)
  }
  await endOrphans(folder)
  // PostgreSQL would take a zombie, or another program with this number by now, for its live self.
  if (left !== undefined && isTaken(left.pid)) rmSync(pidFileOf(folder), { force: true })
  return undefined
}

/** Whether the server on `port` serves us within the time that a healthy one needs, a recovery left out. */
async function serves(server: Server, port: number): Promise<boolean> {
  const ask = () => askServer(port, server.password, server.cluster.folder)
  let answer = await ask()
  await waitUntil(async () => {
    if (answer === 'not yet') answer = await ask()
    return answer !== 'not yet'
  }, ADOPT_LIMIT_MS)
  return answer === 'serves'
}

/** Sessions of a killed server end by themselves, but not in the middle of a query; a new server waits for all. */
async function endOrphans(folder: string): Promise<void> {
  if (await waitUntil(() => processesIn(folder, 'postgres').length === 0, 1_000)) return
  for (const pid of processesIn(folder, 'postgres')) sendSignal(pid, 'SIGKILL')
  await waitUntil(() => processesIn(folder, 'postgres').length === 0, 5_000)
}

async function start(server: Server, port: number | undefined): Promise<EmbeddedPostgres> {
  for (let attempt = 1; ; attempt++) {
    const chosen = port ?? (await freePort())
    const child = launch(server, chosen)
    const exited = new Promise<void>((resolve) => {
      child.once('exit', () => resolve())
      child.once('error', () => resolve())
    })
    const ready = await becomesReady(server, child, chosen, exited)
    if (ready && child.pid !== undefined) {
      await createDatabase(chosen, server.password)
      return handle(server, markOf(child.pid), chosen, false, exited)
    }
    if (attempt === PORT_ATTEMPTS) {
      throw new Error(`PostgreSQL did not start; the end of ${server.logFile}:\n${tail(server)}`)
    }
    await endOrphans(server.cluster.folder)
    await delay(attempt * 100)
  }
}

function launch(server: Server, port: number): ChildProcess {
  const { folder, account } = server.cluster
  const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  // A file, not a pipe: the server may outlive this process, and must not choke on its own log then.
  const logFile = openSync(server.logFile, 'w', 0o600)
  const child = spawn(server.programs.postgres, ['-D', folder, '-p', String(port), ...settings], {
    ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
    cwd: folder,
    // Its own session: Ctrl-C reaches the programs first, and the database after them.
    detached: true,
    stdio: ['ignore', logFile, logFile],
  })
  closeSync(logFile)
  child.unref()
  return child
}

async function becomesReady(
  server: Server,
  child: ChildProcess,
  port: number,
  exited: Promise<void>,
): Promise<boolean> {
  let gone = false
  void exited.then(() => {
    gone = true
  })
  const end = performance.now() + START_LIMIT_MS
  while (!gone && performance.now() < end) {
    const answer = await askServer(port, server.password, server.cluster.folder)
    if (answer === 'serves') return true
    if (answer !== 'not yet') {
      if (!gone && child.pid !== undefined) await endServer(server, markOf(child.pid))
      throw new Error(`PostgreSQL in ${server.cluster.folder} refuses us: ${answer.refusal}`)
    }
    await delay(20)
  }
  if (!gone && child.pid !== undefined) await endServer(server, markOf(child.pid))
  return false
}

function tail(server: Server): string {
  return readFileSync(server.logFile, 'utf8').trim().split('\n').slice(-8).join('\n')
}

async function endServer(server: Server, mark: ProcessMark, steps = END): Promise<void> {
  if (process.platform === 'win32') {
    // Windows has no signals to ask with.
    const folder = server.cluster.folder
    spawnSync(server.programs.pgCtl, ['stop', '-D', folder, '-m', 'fast', '-w'])
  }
  await endProcess(mark, steps)
}

async function untilGone(mark: ProcessMark): Promise<void> {
  while (isSameProcess(mark)) await delay(EXIT_POLL_MS, undefined, { ref: false })
}

function handle(
  server: Server,
  mark: ProcessMark,
  port: number,
  adopted: boolean,
  exited: Promise<void>,
): EmbeddedPostgres {
  return {
    url: `postgres://postgres:${server.password}@127.0.0.1:${port}/baro`,
    port,
    pid: mark.pid,
    adopted,
    exited,
    stop: () => endServer(server, mark),
  }
}
