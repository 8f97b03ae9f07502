import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { openPlatform, openQueue } from '../../src/apps/compose.ts'
import {
  gatewayReadiness,
  refuseForgetfulDatabase,
  workerReadiness,
} from '../../src/apps/watching.ts'
import { internalRoutes } from '../../src/entry/internal/routes.ts'
import { startLoop } from '../../src/entry/loops/loop.ts'
import type { Readiness } from '../../src/kernel/health.ts'
import { openRounds } from '../../src/kernel/rounds.ts'
import { secret } from '../../src/kernel/secret.ts'
import { callAndWait } from '../../src/platform/chain/call.ts'
import { migrate } from '../../src/platform/db/migrate.ts'
import { startPostgres } from '../../src/platform/embedded/postgres.ts'
import { temporaryFolder } from '../../src/platform/embedded/temporary.ts'
import { openMetrics } from '../../src/platform/metrics/metrics.ts'
import type { Queue } from '../../src/platform/queue/queue.ts'
import { startAnvil } from '../support/anvil.ts'
import { send } from '../support/http.ts'
import { type OwnChain, openOwnChain } from '../support/own-chain.ts'
import { pause, unpause } from '../support/token-calls.ts'
import { until } from '../support/until.ts'
import { freshSigner, openWorld, type World } from '../support/world.ts'
import { type Watching, watchWorld } from './watch.ts'

/** A chain that halts and a server that starts take their time. */
const LIMIT_MS = 120_000
const AHEAD_MS = 60_000
const MIGRATIONS = `${import.meta.dirname}/../../migrations`

describe('the probes', { timeout: LIMIT_MS }, () => {
  let chain: OwnChain
  let world: World
  let queue: Queue
  let watching: Watching
  beforeAll(async () => {
    chain = await openOwnChain()
    world = await openWorld({ chainUrl: chain.url })
    queue = await openQueue(world.config, world.deps.log)
    const readiness = workerReadiness(world.config, world.deps, queue)
    watching = await watchWorld(world, { readiness, queue })
  }, LIMIT_MS)
  afterAll(async () => {
    await watching?.close()
    await queue?.close()
    await world?.close()
    await chain?.stop()
  }, LIMIT_MS)

  const worker = async () => {
    const answer = await fetch(`${watching.url}/health/ready`)
    return { code: answer.status, ...((await answer.json()) as Readiness) }
  }
  const gateway = async () => {
    const answer = await send(world, { path: '/health/ready' })
    return { code: answer.status, ...(answer.body as Readiness) }
  }
  type Answer = Awaited<ReturnType<typeof worker>>
  let last: Answer | undefined
  const eventually = (what: string, ask: () => Promise<Answer>, holds: (one: Answer) => boolean) =>
    until(what, async () => {
      last = await ask()
      return holds(last) && last
    }).catch((error: Error) => {
      throw new Error(`${error.message}: ${JSON.stringify(last)}`)
    })
  const failsBy = (name: string) => (one: Answer) => one.checks[name]?.state === 'failed'
  const both = { worker, gateway }

  it('say that everything is well, each thing by name', async () => {
    const states = ({ checks }: Answer) =>
      Object.fromEntries(Object.entries(checks).map(([name, check]) => [name, check.state]))
    expect(await worker()).toMatchObject({ code: 200, status: 'ready' })
    expect(states(await worker())).toEqual({
      ...{ database: 'ok', clocks: 'ok', queue: 'ok', chain: 'ok' },
      ...{ nodes: 'ok', token: 'ok', batches: 'ok', lanes: 'ok' },
    })
    expect(await gateway()).toMatchObject({ code: 200, status: 'ready' })
    expect(states(await gateway())).toEqual({
      ...{ database: 'ok', clocks: 'ok', chain: 'ok', token: 'ok' },
    })
    expect((await fetch(`${watching.url}/health/live`)).status).toBe(200)
  })

  it('see a paused token: no worker settles, and gateways still answer', async () => {
    await pause(world)
    const paused = await eventually('the worker sees it', worker, failsBy('token'))
    expect(paused.code).toBe(503)
    expect(paused.checks.token?.detail).toContain('paused')
    expect(paused.checks.batches?.detail).toContain('TokenPaused')
    const open = await eventually('the gateway sees it', gateway, (one) => one.status !== 'ready')
    expect(open).toMatchObject({ code: 200, status: 'degraded' })
    expect(open.checks.token?.state).toBe('degraded')
    await unpause(world)
    for (const ask of Object.values(both))
      await eventually('it is over', ask, (one) => one.status === 'ready')
  })

  it('see a chain that makes no blocks: slow, then halted, and nobody is sent away', async () => {
    await chain.halt()
    try {
      for (const ask of Object.values(both)) {
        const slow = await eventually('it is slow', ask, ({ code, checks }) => {
          return code === 200 && /^slow: block \d+ is \d\d s old/.test(checks.chain?.detail ?? '')
        })
        expect(slow).toMatchObject({ status: 'degraded', checks: { chain: { state: 'degraded' } } })
      }
      world.clock.advance(AHEAD_MS)
      for (const ask of Object.values(both)) {
        const halted = await eventually('it has halted', ask, ({ checks }) =>
          /^halted/.test(checks.chain?.detail ?? ''),
        )
        expect(halted.checks.chain?.state).toBe('degraded')
      }
      world.clock.advance(-AHEAD_MS)
    } finally {
      await chain.resume(new Date())
    }
    for (const ask of Object.values(both))
      await eventually('blocks come again', ask, (one) => one.status === 'ready')
  })

  it('refuse work while the clock is five seconds off', async () => {
    for (const milliseconds of [5_000, -5_000]) {
      world.clock.advance(milliseconds)
      for (const ask of Object.values(both)) {
        const off = await eventually('it is seen', ask, failsBy('clocks'))
        expect(off.code).toBe(503)
        expect(off.checks.clocks?.detail).toMatch(
          milliseconds > 0
            ? /^this process is [45]\.\d s ahead/
            : /^this process is [45]\.\d s behind/,
        )
      }
      world.clock.advance(-milliseconds)
      for (const ask of Object.values(both))
        await eventually('it is right again', ask, (one) => one.status === 'ready')
    }
  })

  it('see a lane without coins for gas, and name it', async () => {
    const [relayer] = world.deps.signers
    if (relayer === undefined) throw new Error('no lane')
    const balance = await world.deps.chain.balance(relayer.address)
    const value = balance - 2n * 10n ** 15n
    await callAndWait(world.deps.chain, relayer, [
      { to: world.chain.owner.address, data: '0x', gas: 21_000n, value },
    ])
    const dry = await eventually('it is seen', worker, failsBy('lanes'))
    expect(dry.code).toBe(503)
    expect(dry.checks.lanes?.detail).toContain(relayer.address)
    await callAndWait(world.deps.chain, world.chain.owner, [
      { to: relayer.address, data: '0x', gas: 21_000n, value: value / 4n },
    ])
    const low = await eventually('there is some again', worker, (one) => one.code === 200)
    expect(low.checks.lanes?.state).toBe('degraded')
  })

  it('see a lane whose batches the token refuses, and a node of another chain', async () => {
    const other = await startAnvil({ chainId: 4_242 })
    onTestFinished(() => other.stop())
    const deps = { ...world.deps, signers: [freshSigner(), ...world.deps.signers] }
    const chainRpcUrls = [other.url, world.chain.rpcUrl]
    const some = await workerReadiness({ ...world.config, chainRpcUrls }, deps, queue)()
    expect(some.checks.nodes?.state).toBe('degraded')
    expect(some.checks.nodes?.detail).toMatch(/^node 0: .*4242/)
    expect(some.checks.batches?.state).toBe('degraded')
    expect(some.checks.batches?.detail).toContain(deps.signers[0]?.address)
    const all = { ...world.config, chainRpcUrls: [other.url] }
    const none = await workerReadiness(all, { ...deps, signers: [freshSigner()] }, queue)()
    expect(none.status).toBe('not_ready')
    for (const name of ['nodes', 'batches', 'lanes'])
      expect([name, none.checks[name]?.state]).toEqual([name, 'failed'])
  })
})

describe('the probes of a database of their own', { timeout: LIMIT_MS }, () => {
  it('see it unmigrated, forgetful, reading only, gone, and back', async () => {
    const world = await openWorld()
    const folder = temporaryFolder()
    const options = { dataDir: folder.path, log: () => {} }
    let postgres = await startPostgres(options)
    // Also when the test fails: its server would outlive the run.
    onTestFinished(async () => {
      await postgres.stop()
      folder.remove()
      await world.close()
    })
    const config = { ...world.config, databaseUrl: secret(postgres.url) }
    const platform = await openPlatform(config, 'test', { log: world.deps.log })
    const { deps } = platform
    const database = async () => (await gatewayReadiness(deps)()).checks.database
    expect((await database())?.detail).toMatch(/^lacks \d+ migrations, 0001_init\.sql first/)
    await migrate(postgres.url, MIGRATIONS)
    expect(await database()).toMatchObject({ state: 'ok' })

    // Also where sessions only read by now.
    const set = (setting: string) =>
      deps.db.transaction(async (tx) => {
        await tx.many({ text: 'set transaction read write', values: [] })
        await tx.many({ text: `alter role current_user set ${setting}`, values: [] })
      })
    const reopened = async <T>(look: (again: typeof deps) => Promise<T>): Promise<T> => {
      const again = await openPlatform(config, 'again', { log: world.deps.log })
      return look(again.deps).finally(() => again.close())
    }
    await reopened(refuseForgetfulDatabase)
    await set('synchronous_commit = off')
    await expect(reopened(refuseForgetfulDatabase)).rejects.toThrow(/synchronous_commit = off/)
    await set('synchronous_commit = on')
    await set('default_transaction_read_only = on')
    const onlyReads = await reopened((again) => gatewayReadiness(again)())
    expect(onlyReads.checks.database?.detail).toContain('point DATABASE_URL at the primary')
    await set('default_transaction_read_only = off')

    const queue = await openQueue({ ...config, databaseUrl: world.config.databaseUrl }, deps.log)
    await postgres.stop()
    const gone = await workerReadiness(config, deps, queue)()
    expect(gone.status).toBe('not_ready')
    expect(gone.checks.database).toMatchObject({ state: 'failed' })
    expect(gone.checks.chain).toMatchObject({ state: 'ok' })
    expect(JSON.stringify(gone)).not.toContain('postgres://')
    postgres = await startPostgres({ ...options, port: postgres.port })
    await until('it is back', async () => (await database())?.state === 'ok')
    await queue.close()
    await platform.close()
  })
})

describe('the probe of life', () => {
  it('fails when a loop hangs for a minute, and not when it only waits or was stopped', async () => {
    let now = 0
    const rounds = openRounds(() => now)
    const log = { debug() {}, info() {}, warn() {}, error() {}, child: () => log }
    const readiness = async () => ({ status: 'ready', checks: {} }) as const
    const live = internalRoutes({ metrics: openMetrics(), rounds, readiness })['/health/live']
    const status = async () => (await live?.())?.status
    let letGo = () => {}
    const held = new Promise<void>((resolve) => {
      letGo = resolve
    })
    const well = startLoop({ log, rounds }, 'well', async () => 1)
    const hung = startLoop({ log, rounds }, 'hung', () => held.then(() => 1))
    now = 59_000
    await until('the good loop comes round', async () => (rounds.ages().well ?? 99) === 0)
    expect(await status()).toBe(200)
    now = 61_000
    await until('the good loop comes round', async () => (rounds.ages().well ?? 99) === 0)
    expect(await status()).toBe(503)
    expect((await live?.())?.body).toContain('"hung":["hung"]')
    letGo()
    await until('it turns again', async () => (await status()) === 200)
    await Promise.all([well.stop(), hung.stop()])
    now = 500_000
    expect(await status()).toBe(200)
  })
})
