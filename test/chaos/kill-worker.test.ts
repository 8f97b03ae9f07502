import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from './eventually.ts'
import { openPool, type Pool } from './pool.ts'
import type { KillPoint, Rig, Sale } from './rig.ts'
import { assertSold } from './sold.ts'
import { OPENING_STEPS, SALE_STEPS, type Step } from './steps.ts'

/** Rigs that work side by side: their databases, tokens, lanes and workers are their own. */
const RIGS = 4
const LIMIT_MS = 120_000
const KILL_MS = 20_000

/** The relay, the queue's worker and the rest work side by side; each of them keeps its order. */
const RELAY = /outbox|^adds/
const QUEUE = /from the queue|^finishes/
const STRANDS: readonly ((name: string) => boolean)[] = [
  (name) => RELAY.test(name),
  (name) => QUEUE.test(name),
  (name) => !RELAY.test(name) && !QUEUE.test(name),
]

/**
 * Every gap between two steps. A step that leaves nothing behind at once, because it only reads or can be rolled back,
 * has one side: dying before it is dying after the step before it.
 */
const pointsOf = (steps: readonly Step[]): KillPoint[] =>
  steps.flatMap((step) => [
    ...(step.isDone === undefined ? [] : [{ step, side: 'before' as const }]),
    { step, side: 'after' as const },
  ])
const named = (points: readonly KillPoint[]) =>
  points.map((point) => [`${point.side} it ${point.step.name}`, point] as const)

describe.concurrent('a worker that is killed', () => {
  let pool: Pool
  beforeAll(() => {
    pool = openPool(RIGS)
  })
  afterAll(() => pool.close(), LIMIT_MS)

  it('does nothing for a sale that has no name here', { timeout: LIMIT_MS }, () =>
    pool.use({ isVirgin: true }, async (rig) => {
      const seen: string[] = []
      const unknown: string[] = []
      let isServing = false
      rig.watch({
        after: async (exchange, step) => {
          // The queue's own migrations and greetings come before any sale can.
          const isGreeting = exchange.wire === 'queue' && !isServing
          if (step === undefined && !isGreeting) unknown.push(`${exchange.wire}: ${exchange.text}`)
          if (step !== undefined && step !== 'routine') seen.push(step.name)
          return 'pass'
        },
      })
      await rig.startWorker()
      isServing = true
      const sale = await rig.confirm(await rig.openSale())
      await assertSold(rig, sale)
      expect(unknown).toEqual([])
      const all = [...OPENING_STEPS, ...SALE_STEPS].map((step) => step.name)
      const firsts = [...new Set(seen)]
      expect(firsts.toSorted()).toEqual(all.toSorted())
      for (const isOf of STRANDS) expect(firsts.filter(isOf)).toEqual(all.filter(isOf))
    }),
  )

  it.each(named(pointsOf(OPENING_STEPS.toReversed())))(
    'as it starts, %s, leaves a sale to the next',
    { timeout: LIMIT_MS },
    (_words, point) =>
      pool.use({ isVirgin: point.step.isOnceForAll === true }, async (rig) => {
        await rig.killWorker()
        await rig.expireLeases()
        const sale = await rig.confirm(await rig.openSale())
        const killed = rig.arm(point)
        await rig.startWorker(false)
        await assertRecovered(rig, point, killed, sale)
      }),
  )

  it.each(named(pointsOf(SALE_STEPS)))(
    '%s leaves one settlement and one webhook-id',
    { timeout: LIMIT_MS },
    (_words, point) =>
      pool.use({}, async (rig) => {
        await rig.startWorker()
        const invoice = await rig.openSale()
        const killed = rig.arm(point)
        const sale = await rig.confirm(invoice)
        await assertRecovered(rig, point, killed, sale)
      }),
  )

  it.each(
    named(
      pointsOf(SALE_STEPS).filter(
        ({ step, side }) =>
          side === 'after' && /^(commits the journal|posts the webhook)$/.test(step.name),
      ),
    ),
  )(
    '%s is replaced when its leases run out by themselves',
    { timeout: LIMIT_MS },
    (_words, point) =>
      pool.use({}, async (rig) => {
        await rig.startWorker()
        const invoice = await rig.openSale()
        const killed = rig.arm(point)
        const sale = await rig.confirm(invoice)
        await assertRecovered(rig, point, killed, sale, 'in real time')
      }),
  )
})

async function assertRecovered(
  rig: Rig,
  { step, side }: KillPoint,
  killed: Promise<void>,
  sale: Sale,
  pace: 'at once' | 'in real time' = 'at once',
): Promise<void> {
  await within(KILL_MS, killed, () => `the worker never came to: ${step.name}; ${rig.output()}`)
  if (step.isDone !== undefined) expect(await step.isDone(rig.scene(sale))).toBe(side === 'after')
  if (pace === 'at once') await rig.expireLeases()
  await rig.startWorker()
  await assertSold(rig, sale)
}

async function within(limitMs: number, work: Promise<void>, words: () => string): Promise<void> {
  let isDone = false
  const done = work.then(() => {
    isDone = true
  })
  await Promise.race([done, eventually('', async () => isDone, limitMs).catch(() => {})])
  if (!isDone) throw new Error(words())
}
