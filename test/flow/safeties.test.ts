import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { insertPayments, latestPayments } from '../../src/domains/payments/store.ts'
import { broadcastBatches } from '../../src/flows/broadcast-batches.ts'
import { observeChain } from '../../src/flows/observe-chain.ts'
import type { Hex } from '../../src/kernel/hex.ts'
import { newId } from '../../src/kernel/ids.ts'
import type { Chain } from '../../src/platform/chain/chain.ts'
import { takeLease } from '../../src/platform/db/leases.ts'
import { sql } from '../../src/platform/db/sql.ts'
import { leadLane } from '../support/lane.ts'
import { confirmedSale, waitForEnd } from '../support/sale.ts'
import { openWorld, type World } from '../support/world.ts'

/** What the engine relies on, each alone. Taking one away must make one of these fail. */
describe('the engine', () => {
  let world: World
  beforeAll(async () => {
    world = await openWorld()
  })
  afterAll(() => world.close())

  const sold = () => confirmedSale(world)
  const statusOf = async (invoiceId: `inv_${string}`) =>
    (await latestPayments(world.deps.db, [invoiceId])).get(invoiceId)?.status

  it('inserts no second live payment of an invoice', async () => {
    const { db } = world.deps
    const invoice = await sold()
    const payment = (await latestPayments(db, [invoice.id])).get(invoice.id)
    if (payment === undefined) throw new Error('no payment')
    const other = { ...payment, id: newId('pay', new Date()), nonce: payment.nonce + 1 }
    await expect(insertPayments(db, [other])).rejects.toMatchObject({ code: 'invoice_paying' })
  })

  it('sends nothing before its row, and nothing else than its row', async () => {
    const { deps } = world
    const isWritten: boolean[] = []
    const chain: Chain = {
      ...deps.chain,
      broadcast: async (raw) => {
        const row = await deps.db.one(sql`select 1 from batch_attempts where raw = ${raw}`)
        isWritten.push(row !== undefined)
        return deps.chain.broadcast(raw)
      },
    }
    const worker = await world.startWorker({ change: { chain } })
    expect(await waitForEnd(world, await sold())).toMatchObject({ status: 'paid' })
    await worker.stop()
    expect(isWritten.length).toBeGreaterThan(0)
    expect(isWritten).not.toContain(false)
  })

  it('sends and writes nothing under a lease that another has taken since', async () => {
    const { deps } = world
    await sold()
    const lane = await leadLane(world, 'one that freezes')
    const [before, sent] = [await lane.inFlight(), [] as Hex[]]
    await lane.journal()
    expect(await lane.inFlight()).toHaveLength(before.length + 1)
    await lane.drop()
    const next = await takeLease(deps.db, lane.lease.name, 'the next', 60)
    expect(next?.epoch).toBe(lane.lease.epoch + 1n)

    const chain = { ...deps.chain, broadcast: deps.chain.broadcast.bind(undefined) }
    const watched: Chain = {
      ...chain,
      broadcast: (raw) => {
        sent.push(raw)
        return deps.chain.broadcast(raw)
      },
    }
    await broadcastBatches({ ...deps, chain: watched }, lane.lease, await lane.inFlight())
    await sold()
    expect(await lane.journal()).toBe('overtaken')
    expect(sent).toEqual([])

    const late = { ...(next ?? lane.lease), endsAt: performance.now() - 1 }
    await broadcastBatches({ ...deps, chain: watched }, late, await lane.inFlight())
    expect(sent).toEqual([])
    if (next !== undefined)
      await broadcastBatches({ ...deps, chain: watched }, next, await lane.inFlight())
    expect(sent).toHaveLength(1)

    // It leads again by now, under another epoch: what it took up before it froze is stale all the same.
    await deps.db.many(sql`update leases set expires_at = now()`)
    const again = await leadLane(world, 'one that freezes')
    expect(again.lease.epoch).toBe(lane.lease.epoch + 2n)
    await broadcastBatches({ ...deps, chain: watched }, lane.lease, await lane.inFlight())
    expect(await lane.journal()).toBe('overtaken')
    expect(sent).toHaveLength(1)
    await deps.db.many(sql`update leases set expires_at = now()`)
  })

  it('settles a sale whose job no queue remembers within two seconds of a block', async () => {
    const worker = await world.startWorker({
      queueOf: (queue) => ({ ...queue, add: async () => {} }),
    })
    await expect
      .poll(() => world.deps.db.one(sql`select from payments where batch_id is null`))
      .toBeUndefined()
    // What waited is done, so that the lane comes to rest.
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    const invoice = await sold()
    await expect
      .poll(
        () =>
          world.deps.db.one(sql`
        select 1 as "isJournaled" from payments where invoice_id = ${invoice.id} and batch_id is not null`),
        { timeout: 2_000, interval: 20 },
      )
      .toEqual({ isJournaled: 1 })
    expect(await waitForEnd(world, invoice)).toMatchObject({ status: 'paid' })
    await worker.stop()
  })

  it('finds a log that a node shows five blocks late', async () => {
    const { deps } = world
    const invoice = await sold()
    const lane = await leadLane(world)
    await lane.journal()
    await lane.send()
    const chain: Chain = {
      ...deps.chain,
      settlements: async (from, to, otherThan) => {
        const answer = await deps.chain.settlements(from, to, otherThan)
        return { ...answer, logs: answer.logs.filter((log) => log.blockNumber + 5n <= to) }
      },
    }
    await expect
      .poll(
        async () => {
          await observeChain({ ...deps, chain })
          return statusOf(invoice.id)
        },
        { timeout: 15_000 },
      )
      .toBe('settled')
    await lane.drop()
  })
})
