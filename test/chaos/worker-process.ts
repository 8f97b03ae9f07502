import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Config } from '../../src/apps/config.ts'
import { reveal } from '../../src/kernel/secret.ts'
import { openChainProxy } from './chain-proxy.ts'
import type { Gate } from './exchange.ts'
import { openPostgresProxy } from './postgres-proxy.ts'

const WORKER = join(import.meta.dirname, '../../dist/apps/worker.js')

/** A worker as it runs in production: a process of its own, which knows nothing of the proxies around it. */
export type WorkerProcess = {
  /** When it serves. Rejects with its own words when it ended before. */
  readonly ready: Promise<void>
  /** SIGKILL, and not one byte more in either direction. */
  kill(): Promise<void>
  /** What it wrote, for the words of a failed test. */
  output(): string
}

export async function startWorkerProcess(config: Config, gate: Gate): Promise<WorkerProcess> {
  const databaseUrl = new URL(reveal(config.databaseUrl))
  let isKilled = false
  const guarded: Gate = {
    before: async (exchange) =>
      isKilled || (await gate.before(exchange)) === 'stop' || isKilled ? 'stop' : 'pass',
    after: async (exchange) =>
      isKilled || (await gate.after(exchange)) === 'stop' || isKilled ? 'stop' : 'pass',
  }
  const database = await openPostgresProxy(databaseUrl.href, guarded)
  const chain = await openChainProxy(config.chainRpcUrls[0] ?? '', guarded)
  databaseUrl.port = String(database.port)
  const child = spawn(process.execPath, [WORKER], {
    env: {
      DATABASE_URL: databaseUrl.href,
      ...(config.redisUrl === undefined ? {} : { REDIS_URL: reveal(config.redisUrl) }),
      CHAIN_RPC_URLS: `http://127.0.0.1:${chain.port}`,
      CHAIN_ID: String(config.chainId),
      TOKEN_ADDRESS: config.tokenAddress,
      RELAYER_KEYS: config.relayerKeys.map(reveal).join(','),
      WEBHOOK_ALLOW_CIDRS: config.webhookAllowCidrs.join(','),
      WEBHOOK_REQUIRE_HTTPS: String(config.webhookRequireHttps),
      LOG_LEVEL: 'warn',
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      said += chunk.toString()
    })
  const exited = once(child, 'exit')
  return {
    ready: readiness(child, () => said),
    kill: async () => {
      isKilled = true
      child.kill('SIGKILL')
      database.cut()
      chain.cut()
      await exited
    },
    output: () => said,
  }
}

function readiness(child: ChildProcess, said: () => string): Promise<void> {
  const ready = new Promise<void>((resolve, reject) => {
    child.on('message', () => resolve())
    child.once('exit', (code, signal) =>
      reject(new Error(`the worker ended with ${code ?? signal} before it was ready: ${said()}`)),
    )
  })
  // A worker that is killed while it starts is no failure of anybody who does not wait for it.
  ready.catch(() => {})
  return ready
}
