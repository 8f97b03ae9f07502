import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type InFlight, LEAD_MS } from '../../src/domains/settlement/batch.ts'
import { firstFee, higherFee } from '../../src/domains/settlement/fee.ts'
import {
  DOUBT_MS,
  doubtfulNonce,
  type LaneView,
  planLane,
  REBROADCAST_MS,
} from '../../src/domains/settlement/lane-plan.ts'
import type { Hex } from '../../src/kernel/hex.ts'

const GKEI = 1_000_000_000n
const hash = (n: number): Hex => `0x${n.toString(16).padStart(64, '0')}`
const batch = (nonce: number, change: Partial<InFlight> = {}): InFlight => ({
  batchId: `bat_${nonce}`,
  nonce: BigInt(nonce),
  journaledAtBlock: 100n,
  txHash: hash(nonce),
  attempt: 1,
  gas: 100_000n,
  maxFeePerGas: 50n * GKEI,
  ...change,
})
const view = (change: Partial<LaneView> = {}): LaneView => ({
  now: 100_000,
  facts: { spent: 5n, head: 110n, baseFeePerGas: 25n * GKEI, gasMoney: 10n ** 18n },
  nextNonce: 5n,
  inFlight: [],
  hasLost: false,
  sent: new Map(),
  doubtSince: undefined,
  waiting: 0,
  oldestWaitedMs: 0,
  window: 16,
  feeCeiling: 750n * GKEI,
  ...change,
})
const kinds = (change: Partial<LaneView>) => planLane(view(change)).actions.map((one) => one.kind)
const sentAt = (at: number, answer = 'accepted', firstHead = 110n) =>
  new Map([[hash(5), { at, firstHead, answer }]])
const inFlight = [batch(5)]
const facts = view().facts

describe('the plan of a lane', () => {
  it('is to gather what waits, and nothing while nothing does', () => {
    expect(kinds({})).toEqual([])
    expect(kinds({ waiting: 1 })).toEqual(['gather'])
  })

  it('lets a crowd gather behind a batch that is out, but not past the next block', () => {
    const behind = { inFlight, nextNonce: 6n, sent: sentAt(99_999), waiting: 1 }
    expect(kinds(behind)).toEqual([])
    expect(planLane(view({ ...behind, blockDueMs: LEAD_MS + 30 })).waitMs).toBe(30)
    expect(kinds({ ...behind, blockDueMs: LEAD_MS })).toEqual(['gather'])
  })

  it('sends what was not sent by this process, lowest nonce first, and again after a while', () => {
    const both = { inFlight: [batch(5), batch(6)], nextNonce: 7n }
    expect(planLane(view(both)).actions).toEqual([
      { kind: 'send', batch: batch(5) },
      { kind: 'send', batch: batch(6) },
    ])
    const one = { inFlight, nextNonce: 6n }
    expect(kinds({ ...one, sent: sentAt(99_999) })).toEqual([])
    expect(kinds({ ...one, sent: sentAt(100_000 - REBROADCAST_MS) })).toEqual(['send'])
  })

  it('does not send what a block has taken', () => {
    expect(kinds({ inFlight, nextNonce: 6n, facts: { ...facts, spent: 6n } })).toEqual([])
  })

  it.each([
    ['the base fee has risen above it', { facts: { ...facts, baseFeePerGas: 51n * GKEI } }],
    ['a node says that it is too low', { sent: sentAt(99_999, 'fee_too_low') }],
    ['it is next and in no block for ten blocks', { sent: sentAt(99_999, 'accepted', 100n) }],
  ])('raises a fee when %s', (_words, change) => {
    expect(kinds({ inFlight, nextNonce: 6n, ...change })).toEqual(['bump'])
  })

  it('does not raise the fee of a transaction that waits behind another', () => {
    const two = [batch(5), batch(6)]
    const sent = new Map(
      two.map((one) => [one.txHash, { at: 99_999, firstHead: 100n, answer: 'accepted' }]),
    )
    expect(planLane(view({ inFlight: two, nextNonce: 7n, sent })).actions).toMatchObject([
      { kind: 'bump', batch: { nonce: 5n } },
    ])
  })

  it('pays no more than the ceiling: then payments wait', () => {
    const dear = { ...facts, baseFeePerGas: 751n * GKEI }
    expect(kinds({ inFlight, nextNonce: 6n, facts: dear, waiting: 1 })).toEqual(['send'])
    expect(planLane(view({ facts: dear })).isTooDear).toBe(true)
  })

  it('reminds a node that has lost what was mined', () => {
    expect(kinds({ nextNonce: 9n, hasLost: true })).toEqual(['remind'])
  })

  it('fills a gap only when it has been there for long, and gathers nothing behind it', () => {
    const gap = { nextNonce: 7n, inFlight: [batch(6)], sent: sentAt(0), waiting: 1 }
    expect(doubtfulNonce(view(gap))).toBe(5n)
    expect(kinds(gap)).toEqual(['send'])
    expect(kinds({ ...gap, doubtSince: 100_000 - DOUBT_MS + 1 })).toEqual(['send'])
    expect(kinds({ ...gap, doubtSince: 100_000 - DOUBT_MS })).toEqual(['send', 'fill'])
  })

  it('counts on when the chain is ahead for long, and does not before', () => {
    const ahead = { facts: { ...facts, spent: 8n }, waiting: 1 }
    expect(kinds(ahead)).toEqual([])
    expect(planLane(view({ ...ahead, doubtSince: 0 })).actions).toEqual([
      { kind: 'advance', from: 5n, to: 8n },
    ])
  })

  it('takes nothing when it has no money for gas beside what is in flight', () => {
    const poor = (gasMoney: bigint) => ({ facts: { ...facts, gasMoney }, waiting: 1 })
    expect(planLane(view(poor(10n ** 15n)))).toMatchObject({ gas: 'dry', actions: [] })
    expect(planLane(view(poor(10n ** 17n))).gas).toBe('low')
    expect(planLane(view(poor(10n ** 18n))).gas).toBe('enough')
    const reserved = { inFlight: [batch(5, { gas: 10n ** 7n })], nextNonce: 6n }
    expect(planLane(view({ ...poor(10n ** 17n), ...reserved })).gas).toBe('dry')
  })
})

describe('a fee cap', () => {
  const fees = fc.bigInt({ min: 1n, max: 2_000n * GKEI })

  it('covers the base fee and keeps to the ceiling', () => {
    fc.assert(
      fc.property(fees, fees, (baseFee, ceiling) => {
        const fee = firstFee(baseFee, ceiling)
        expect(fee === undefined).toBe(baseFee > ceiling)
        if (fee === undefined) return
        expect(fee >= baseFee && fee <= ceiling).toBe(true)
      }),
    )
  })

  it('of another attempt is higher than the last one, or there is none', () => {
    fc.assert(
      fc.property(fees, fees, fees, (last, baseFee, ceiling) => {
        const fee = higherFee(last, baseFee, ceiling)
        if (fee !== undefined) expect(fee > last && fee >= baseFee && fee <= ceiling).toBe(true)
      }),
    )
    expect(higherFee(50n * GKEI, 25n * GKEI, 750n * GKEI)).toBe(62_500_000_001n)
  })
})
