import { describe, expect, it } from 'vitest'
import { drawPlan, type Plan, type PlannedEvent } from './plan.ts'
import { runPlan } from './run.ts'
import { shrink } from './shrink.ts'
import { linesOf } from './story.ts'
import { EVERY_SAFETY, type Switches } from './switches.ts'

const SEEDS = 60
const LEAST_EVENTS = 50

/** A calm world, in which only these things happen. */
function calm(events: readonly PlannedEvent[]): Plan {
  return {
    ...{ seed: 1, lanes: 1, nodes: 1, shoppers: 2, money: 60_000, agreeAbove: undefined },
    ...{ laneWindow: 16, latencyMs: 5, healAt: 20_000, events },
    workers: [{ aheadMs: 0, steadyMs: 0, paceMs: 400 }],
  }
}

const sale = (at: number, shopper = 0): PlannedEvent => ({
  ...{ at, kind: 'sale', shoppers: [shopper], amount: 4_500, presses: 1, lifetimeSeconds: 180 },
})

const statusesOf = async (plan: Plan) => {
  const { breach, world } = await runPlan(plan)
  expect(breach).toBeUndefined()
  return world.rows.payments.all().map(({ status, reason }) => reason ?? status)
}

describe('the simulation of settlement', () => {
  it(`breaks no rule in ${SEEDS} seeds, with much happening in each`, async () => {
    let events = 0
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { breach, told } = await runPlan(drawPlan(seed))
      expect({ seed, breach }).toEqual({ seed, breach: undefined })
      events += told.length
    }
    expect(events / SEEDS).toBeGreaterThan(LEAST_EVENTS)
  }, 120_000)

  it('tells the same story for the same seed', async () => {
    const [first, second] = [await runPlan(drawPlan(7)), await runPlan(drawPlan(7))]
    expect(linesOf(second.told)).toEqual(linesOf(first.told))
  })

  it('leaves the clock of this process as it was', async () => {
    const before = performance.now()
    await runPlan(calm([sale(1_000)]))
    expect(performance.now()).toBeGreaterThanOrEqual(before)
    expect(Object.hasOwn(performance, 'now')).toBe(false)
  })

  it('settles a calm sale', async () => {
    expect(await statusesOf(calm([sale(1_000)]))).toEqual(['settled'])
  })

  it('refuses, with its reason, a payment whose payer went broke after signing', async () => {
    const events: PlannedEvent[] = [
      { at: 500, kind: 'halts', forMs: 4_000 },
      sale(1_000),
      sale(1_000, 1),
      { at: 2_000, kind: 'goes_broke', shopper: 1 },
    ]
    expect((await statusesOf(calm(events))).toSorted()).toEqual(['funds', 'settled'])
  })

  it('fills the nonce of a foreign transaction that a roll-back has lost', async () => {
    const events: PlannedEvent[] = [
      { at: 500, kind: 'key_used_elsewhere', lane: 0, times: 1 },
      sale(2_000),
      { at: 16_000, kind: 'rolls_back', blocks: 128 },
      sale(18_000),
    ]
    expect(await statusesOf(calm(events))).toEqual(['settled', 'settled'])
  })

  it('settles a payment that another settler submitted while it waited for a batch', async () => {
    const events: PlannedEvent[] = [
      { at: 500, kind: 'runs_dry', lane: 0, forMs: 8_000 },
      sale(2_000),
      { at: 3_000, kind: 'submitted_elsewhere', shopper: 0 },
    ]
    expect(await statusesOf(calm(events))).toEqual(['settled'])
  })
})

describe('a simulation without', () => {
  const without = (...names: (keyof Switches)[]): Switches => ({
    ...EVERY_SAFETY,
    ...Object.fromEntries(names.map((name) => [name, false])),
  })

  /** The first of a hundred seeds that breaks a rule. */
  const firstBroken = async (switches: Switches, first: number) => {
    for (let seed = first; seed < first + 100; seed++) {
      const { breach } = await runPlan(drawPlan(seed), switches)
      if (breach !== undefined) return { seed, breach }
    }
    throw new Error(`no seed from ${first} on breaks a rule`)
  }

  it.each<[string, Switches, number, RegExp]>([
    ['both locks of an invoice', without('oneLive', 'invoiceTakenOnce'), 1, /two live payments/],
    ['the journal before the first byte', without('journalFirst'), 1, /not in the journal/],
    ['the epoch of the lease', without('leaseEpoch'), 40, /although its lease was over/],
    ["the lane's own look", without('ownLook'), 1, /still|a lane counts/],
    ['reading hidden logs again', without('rereading'), 10, /still settling/],
    ['a second node that agrees', without('agreement'), 10, /no block ever had/],
    ['filling gaps', without('gapFill'), 35, /still|a lane counts/],
    ['raising fees', without('feeBump'), 10, /still/],
  ])(
    '%s finds a broken rule',
    async (_what, switches, first, words) => {
      expect((await firstBroken(switches, first)).breach).toMatch(words)
    },
    120_000,
  )

  it('a safety tells it shortly', async () => {
    const { seed } = await firstBroken(without('leaseEpoch'), 40)
    const { plan, outcome } = await shrink(drawPlan(seed), without('leaseEpoch'))
    expect(outcome.breach).toMatch(/although its lease was over/)
    expect(plan.events.length).toBeLessThan(drawPlan(seed).events.length)
    expect(plan.events.length).toBeLessThanOrEqual(8)
    expect(linesOf(outcome.told).at(-1)).toContain('RULE')
  }, 120_000)
})
