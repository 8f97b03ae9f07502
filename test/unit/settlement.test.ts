import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  GATHER_MS,
  gatherDelayMs,
  LEAD_MS,
  MAX_BATCH_PAYMENTS,
} from '../../src/domains/settlement/batch.ts'
import { judge, type Known } from '../../src/domains/settlement/judge.ts'

const address = (digit: string) => `0x${digit.repeat(40)}` as const
const INVOICE = `0x${'ab'.repeat(16)}` as const
const OTHER_INVOICE = `0x${'cd'.repeat(16)}` as const
const TX = `0x${'01'.repeat(32)}` as const
const PAYMENT = {
  id: 'pay_1',
  payer: address('1'),
  merchantAddress: address('2'),
  amount: 4_500n,
} as const

const known = (rides = 1): Known => ({
  byInvoice: new Map([[INVOICE, PAYMENT]]),
  riders: [{ txHash: TX, chainInvoice: INVOICE, paymentId: 'pay_1' }],
  rides: new Map([['pay_1', rides]]),
})
const paid = {
  kind: 'paid',
  invoice: INVOICE,
  txHash: TX,
  payer: address('1'),
  merchant: address('2'),
  amount: 4_500n,
} as const
const skipped = { kind: 'skipped', invoice: INVOICE, txHash: TX, reason: 'funds' } as const

describe('what a log proves', () => {
  it('is a settlement when payer, merchant and amount are ours', () => {
    expect(judge(paid, known())).toEqual({ verdict: 'settle', paymentId: 'pay_1' })
  })

  it('is a settlement too when another transaction than ours carried it', () => {
    const log = { ...paid, txHash: `0x${'02'.repeat(32)}` as const }
    expect(judge(log, known())).toEqual({ verdict: 'settle', paymentId: 'pay_1' })
  })

  it.each([
    ['payer', { payer: address('9') }],
    ['merchant', { merchant: address('9') }],
    ['amount', { amount: 4_499n }],
  ])('holds the payment for a person when the %s is not ours', (_name, change) => {
    expect(judge({ ...paid, ...change }, known())).toEqual({
      verdict: 'hold',
      paymentId: 'pay_1',
      reason: 'paid_log_differs',
    })
  })

  it('is nothing of ours for an invoice that we do not know', () => {
    for (const log of [paid, skipped])
      expect(judge({ ...log, invoice: OTHER_INVOICE }, known())).toEqual({
        verdict: 'unmatched',
        txHash: TX,
        invoice: OTHER_INVOICE,
      })
  })

  it.each([
    'expired',
    'bad_signature',
    'frozen_payer',
    'funds',
    'replay',
    'frozen_merchant',
    'zero_amount',
  ])('is a refusal with its reason when our transaction skipped: %s', (reason) => {
    expect(judge({ ...skipped, reason }, known())).toEqual({
      verdict: 'refuse',
      paymentId: 'pay_1',
      reason,
    })
  })

  it('is no refusal when a transaction that is not ours skipped', () => {
    const log = { ...skipped, txHash: `0x${'02'.repeat(32)}` as const }
    expect(judge(log, known())).toMatchObject({ verdict: 'unmatched' })
  })

  it('holds a replay of a payment that rode twice: its first ride may have settled it', () => {
    const log = { ...skipped, reason: 'replay' }
    expect(judge(log, known(2))).toMatchObject({ verdict: 'hold' })
    expect(judge({ ...skipped, reason: 'funds' }, known(2))).toMatchObject({ verdict: 'refuse' })
  })
})

const WINDOW = 16

describe('when a lane gathers', () => {
  const views = fc.record({
    window: fc.constant(WINDOW),
    inFlight: fc.nat({ max: 40 }),
    waiting: fc.nat({ max: 400 }),
    oldestWaitedMs: fc.nat({ max: 10_000 }),
    blockDueMs: fc.option(fc.nat({ max: 1_000 }), { nil: undefined }),
  })

  it('is nothing while nobody waits or too many batches are out', () => {
    expect(
      gatherDelayMs({ window: WINDOW, inFlight: 0, waiting: 0, oldestWaitedMs: 0 }),
    ).toBeUndefined()
    expect(
      gatherDelayMs({ window: WINDOW, inFlight: WINDOW, waiting: 500, oldestWaitedMs: 9_999 }),
    ).toBeUndefined()
  })

  it('is a batch at once for the first, for two hundred, and for one that waited long enough', () => {
    expect(gatherDelayMs({ window: WINDOW, inFlight: 0, waiting: 1, oldestWaitedMs: 0 })).toBe(0)
    expect(
      gatherDelayMs({
        window: WINDOW,
        inFlight: 3,
        waiting: MAX_BATCH_PAYMENTS,
        oldestWaitedMs: 0,
      }),
    ).toBe(0)
    expect(
      gatherDelayMs({ window: WINDOW, inFlight: 3, waiting: 1, oldestWaitedMs: GATHER_MS }),
    ).toBe(0)
    expect(gatherDelayMs({ window: WINDOW, inFlight: 3, waiting: 1, oldestWaitedMs: 40 })).toBe(
      GATHER_MS - 40,
    )
  })

  it('ends in time for the next block', () => {
    const delay = (blockDueMs: number) =>
      gatherDelayMs({ window: WINDOW, inFlight: 3, waiting: 1, oldestWaitedMs: 40, blockDueMs })
    expect(delay(LEAD_MS + 500)).toBe(GATHER_MS - 40)
    expect(delay(LEAD_MS + 20)).toBe(20)
    expect(delay(LEAD_MS - 20)).toBe(0)
    expect(delay(LEAD_MS / 2)).toBe(GATHER_MS - 40)
  })

  it('never makes anyone wait longer than the time to gather', () => {
    fc.assert(
      fc.property(views, (view) => {
        const delay = gatherDelayMs(view)
        const mayNot = view.waiting === 0 || view.inFlight >= WINDOW
        expect(delay === undefined).toBe(mayNot)
        if (delay === undefined) return
        expect(delay).toBeGreaterThanOrEqual(0)
        expect(delay).toBeLessThanOrEqual(Math.max(0, GATHER_MS - view.oldestWaitedMs))
      }),
    )
  })
})
