import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { anvilProgram } from './binaries.ts'
import { BASE_FEE_KEI, keepChain, liftHead, saveState } from './chain-keeper.ts'
import { type ChainState, openChainState, type Restored } from './chain-state.ts'
import { dataFolder, writeWhole } from './folders.ts'
import {
  commandOf,
  endProcess,
  freePort,
  isSameProcess,
  type Log,
  markOf,
  type ProcessMark,
} from './process.ts'
import { askNode } from './rpc.ts'

export type AnvilOptions = {
  /** Holds the chain's state. One live Baro a folder: see `ownFolder`. */
  readonly dataDir: string
  readonly log: Log
  /** The port to listen on; a free one when absent. */
  readonly port?: number
  /** The address to listen on; 127.0.0.1 when absent. */
  readonly host?: string
  /** Whether the chain outlives this run; true when absent. */
  readonly persist?: boolean
}

export type EmbeddedAnvil = {
  /** JSON-RPC over HTTP. */
  readonly url: string
  /** JSON-RPC over WebSocket, on the same port. */
  readonly wsUrl: string
  readonly port: number
  readonly pid: number
  /** Where the state came from: `none` is a new chain. */
  readonly restored: Restored['from']
  /** Fulfils when the node has ended, for whatever reason. */
  readonly exited: Promise<void>
  /** Keeps the state and ends the node; fulfils when it is gone. */
  stop(): Promise<void>
}

export const DEVELOPMENT_CHAIN_ID = 31_337

const START_LIMIT_MS = 60_000
const PORT_ATTEMPTS = 5

type Node = {
  readonly folder: string
  readonly program: string
  readonly host: string
  readonly state: ChainState | undefined
  readonly log: Log
}

/** Starts the development chain of Foundry from npm, on from where the last run ended. */
export async function startAnvil(options: AnvilOptions): Promise<EmbeddedAnvil> {
  const dataDir = dataFolder(options.dataDir)
  const folder = join(dataDir, 'chain')
  mkdirSync(folder, { recursive: true })
  const state = options.persist === false ? undefined : openChainState(folder)
  const node: Node = {
    folder,
    program: anvilProgram(dataDir),
    host: options.host ?? '127.0.0.1',
    state,
    log: options.log,
  }
  await endOrphan(node)
  const restored = state?.restore() ?? { from: 'none', lost: false }
  if (restored.from === 'previous')
    node.log('the last copy of the chain was torn: the one before it is used')
  if (restored.lost) node.log('no copy of the chain can be read: a new chain begins')
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort())
    const started = await start(node, port, restored)
    if (started !== undefined) return started
    if (attempt === PORT_ATTEMPTS) {
      throw new Error(`anvil did not start; the end of its log:\n${tail(node)}`)
    }
    await delay(attempt * 100)
  }
}

type Running = ProcessMark & { readonly port: number }

function readRunning(node: Node): Running | undefined {
  try {
    return JSON.parse(readFileSync(join(node.folder, 'running.json'), 'utf8')) as Running
  } catch {
    return undefined
  }
}

/** Ends the node that a killed run left, after asking it for the state that only it has. */
async function endOrphan(node: Node): Promise<void> {
  const left = readRunning(node)
  if (left === undefined || !isSameProcess(left)) return
  if (!(commandOf(left.pid)?.join(' ').includes('anvil') ?? true)) return
  node.log(`anvil of an earlier run is stopped (pid ${left.pid})`)
  if (node.state !== undefined) {
    await saveState(`http://127.0.0.1:${left.port}`, node.state).catch(() =>
      node.log('it did not answer any more: its last saved state is used'),
    )
  }
  await endNode(left)
}

async function endNode(mark: ProcessMark): Promise<void> {
  await endProcess(mark, [
    ['SIGTERM', 3_000],
    ['SIGKILL', 5_000],
  ])
}

async function start(
  node: Node,
  port: number,
  restored: Restored,
): Promise<EmbeddedAnvil | undefined> {
  const child = launch(node, port)
  let gone = false
  const exited = new Promise<void>((resolve) => {
    const end = () => {
      gone = true
      resolve()
    }
    child.once('exit', end)
    child.once('error', end)
  })
  const url = `http://127.0.0.1:${port}`
  if (!(await answers(url, () => gone)) || child.pid === undefined) {
    child.kill('SIGKILL')
    return undefined
  }
  const mark = markOf(child.pid)
  writeWhole(join(node.folder, 'running.json'), JSON.stringify({ ...mark, port }))
  await liftHead(url, node.state)
  if (node.state !== undefined) rmSync(node.state.loadFile, { force: true })
  const keeper = keepChain(url, node.state, node.log)
  void exited.then(() => keeper.stop({ save: false }))
  return {
    url,
    wsUrl: `ws://127.0.0.1:${port}`,
    port,
    pid: mark.pid,
    restored: restored.from,
    exited,
    async stop() {
      await keeper.stop({ save: true })
      await endNode(mark)
    },
  }
}

function launch(node: Node, port: number): ChildProcess {
  const load = node.state !== undefined && existsSync(node.state.loadFile)
  // A file, not a pipe: the node may outlive this process.
  const logFile = openSync(join(node.folder, 'anvil.log'), 'w', 0o600)
  const child = spawn(
    node.program,
    [
      ...['--host', node.host, '--port', String(port), '--quiet'],
      ...['--hardfork', 'osaka', '--block-time', '1', '--chain-id', String(DEVELOPMENT_CHAIN_ID)],
      // Kaia has no gas limit of a block; this is its limit of a transaction, which it reports for both.
      ...['--base-fee', String(BASE_FEE_KEI), '--gas-limit', '500000000'],
      // Without it every empty block leaves about 0.3 MB in memory and 0.2 MB on disk.
      ...['--prune-history', '--cache-path', join(node.folder, 'cache')],
      ...(load && node.state !== undefined ? ['--load-state', node.state.loadFile] : []),
    ],
    // Its own session: Ctrl-C reaches the programs first, and the chain after them.
    { cwd: node.folder, detached: true, stdio: ['ignore', logFile, logFile] },
  )
  closeSync(logFile)
  child.unref()
  return child
}

function tail(node: Node): string {
  return readFileSync(join(node.folder, 'anvil.log'), 'utf8').trim().slice(-1_000)
}

async function answers(url: string, isGone: () => boolean): Promise<boolean> {
  const end = performance.now() + START_LIMIT_MS
  while (!isGone() && performance.now() < end) {
    try {
      await askNode(url, 'eth_chainId')
      // Another program's node may have taken the port: ours ends at once then.
      await delay(30)
      return !isGone()
    } catch {
      await delay(20)
    }
  }
  return false
}
