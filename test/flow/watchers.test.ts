import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { observeChain } from '../../src/flows/observe-chain.ts'
import { sql } from '../../src/platform/db/sql.ts'
import { leadLane } from '../support/lane.ts'
import { openInvoice, pay } from '../support/sale.ts'
import { openWorld, type World } from '../support/world.ts'

const WATCHERS = 8

describe('watchers side by side', () => {
  let world: World
  beforeAll(async () => {
    world = await openWorld()
  })
  afterAll(() => world.close())

  it('settle what they all read once: one ledger transaction, one event, one payment', async () => {
    const { deps } = world
    const invoice = await openInvoice(world)
    await pay(world, invoice.code, world.shopper)
    const lane = await leadLane(world)
    await lane.journal()
    await lane.send()
    await expect.poll(() => deps.chain.nonce(lane.signer.address), { timeout: 10_000 }).toBe(1n)

    await Promise.all(Array.from({ length: WATCHERS }, () => observeChain(deps)))

    const count = (table: string) =>
      deps.db.one<{ count: number }>({
        text: `select count(*)::int as count from ${table}`,
        values: [],
      })
    for (const table of ['ledger_transactions', 'events', 'chain_events', 'payments'])
      expect([table, await count(table)]).toEqual([table, { count: 1 }])
    const payment = await deps.db.one(sql`select status from payments`)
    expect(payment).toEqual({ status: 'settled' })
  })
})
