import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { registerEndpoint } from '../../src/flows/register-endpoint.ts'
import { reveal } from '../../src/kernel/secret.ts'
import { sql } from '../../src/platform/db/sql.ts'
import { freePort } from '../../src/platform/embedded/process.ts'
import { openReceiver, type Receiver } from '../support/receiver.ts'
import { bearer, openInvoice, pay } from '../support/sale.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'

const APPS = join(import.meta.dirname, '../../dist/apps')
const LIMIT_MS = 120_000
const SALES = 24

type Line = { readonly msg: string; readonly phase?: string; readonly milliseconds?: number }

/** A gateway or a worker as it runs in production, with its log. */
function startProcess(world: World, name: string, variables: Readonly<Record<string, string>>) {
  const { config } = world
  const child = spawn(process.execPath, [join(APPS, `${name}.js`)], {
    env: {
      DATABASE_URL: reveal(config.databaseUrl),
      CHAIN_RPC_URLS: config.chainRpcUrls.join(','),
      CHAIN_ID: String(config.chainId),
      TOKEN_ADDRESS: config.tokenAddress,
      WEBHOOK_ALLOW_CIDRS: config.webhookAllowCidrs.join(','),
      WEBHOOK_REQUIRE_HTTPS: 'false',
      ...variables,
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      said += chunk.toString()
    })
  return {
    child,
    ready: readiness(child, () => said),
    exited: once(child, 'exit') as Promise<[number | null, string | null]>,
    output: () => said,
    lines: () =>
      said
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as Line),
  }
}

async function readiness(child: ChildProcess, said: () => string): Promise<void> {
  await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => {
      throw new Error(`ended before it was ready: ${said()}`)
    }),
  ])
}

const phasesOf = (lines: readonly Line[]) =>
  lines.filter((line) => line.msg === 'shutdown phase').map((line) => line.phase)

describe('an orderly end', () => {
  let world: World
  let receiver: Receiver
  beforeAll(async () => {
    world = await openWorld()
    receiver = await openReceiver()
    await registerEndpoint(world.deps, world.shop.merchant.id, receiver.url)
  }, LIMIT_MS)
  afterAll(async () => {
    await receiver?.close()
    await world?.close()
  }, LIMIT_MS)

  it(
    'of a worker in the middle of sales loses none, exits with 0, and logs its phases in order',
    async () => {
      const port = await freePort()
      const variables = {
        RELAYER_KEYS: world.config.relayerKeys.map(reveal).join(','),
        METRICS_PORT: String(port),
        SHUTDOWN_DRAIN_SECONDS: '1',
      }
      const first = startProcess(world, 'worker', variables)
      await first.ready
      const probe = () => fetch(`http://127.0.0.1:${port}/health/ready`)
      await until('the worker is ready', async () => (await probe()).status === 200)
      const shoppers = await world.fundShoppers(SALES)
      let asked = 0
      const sales = shoppers.map(async (shopper) => {
        const invoice = await openInvoice(world)
        await pay(world, invoice.code, shopper)
        asked++
        return invoice
      })
      await until('a third of the sales is accepted', async () => asked > SALES / 3)
      first.child.kill('SIGTERM')
      const drained = await until('it is not ready any more', async () => {
        const answer = await probe()
        return answer.status === 503 && answer
      })
      expect(await drained.json()).toMatchObject({
        status: 'not_ready',
        checks: { process: { state: 'failed', detail: 'is ending: send no more' } },
      })
      expect((await first.exited)[0], first.output()).toBe(0)
      expect(phasesOf(first.lines())).toEqual([
        ...['stop to be ready', 'drain', 'finish the work'],
        ...['close the queue', 'close the platform', 'close the metrics'],
      ])
      const drain = first.lines().find((line) => line.phase === 'drain')
      expect(drain?.milliseconds).toBeGreaterThanOrEqual(990)

      const invoices = await Promise.all(sales)
      const second = startProcess(world, 'worker', variables)
      await second.ready
      const open = () =>
        world.deps.db.one<{ left: number; settled: number }>(sql`
          select count(*) filter (where status <> 'settled')::int as left,
            count(*) filter (where status = 'settled')::int as settled from payments`)
      await until('every sale is settled', async () => (await open())?.left === 0, 60_000)
      expect((await open())?.settled).toBe(invoices.length)
      await receiver.waitFor(SALES)
      const about = new Set(receiver.received.map((one) => one.id))
      expect(about.size).toBe(SALES)
      second.child.kill('SIGTERM')
      expect((await second.exited)[0], second.output()).toBe(0)
    },
    LIMIT_MS,
  )

  it(
    'of a gateway answers a till that waits, and then takes no more',
    async () => {
      const port = await freePort()
      const one = startProcess(world, 'gateway', { PORT: String(port) })
      await one.ready
      const invoice = await openInvoice(world)
      const start = performance.now()
      const waiting = fetch(
        `http://127.0.0.1:${port}/v1/invoices/${invoice.id}?after_version=${invoice.version}&wait_seconds=30`,
        { headers: bearer(world.merchantKey) },
      )
      await new Promise((resolve) => setTimeout(resolve, 500))
      one.child.kill('SIGTERM')
      const answer = await waiting
      expect(answer.status).toBe(200)
      expect(await answer.json()).toMatchObject({ id: invoice.id, version: invoice.version })
      expect((await one.exited)[0], one.output()).toBe(0)
      expect(performance.now() - start).toBeLessThan(14_000)
      expect(phasesOf(one.lines()), one.output()).toEqual([
        ...['stop to be ready', 'drain', 'answer those who wait'],
        ...['close the listener', 'close the platform', 'close the metrics'],
      ])
    },
    LIMIT_MS,
  )
})
