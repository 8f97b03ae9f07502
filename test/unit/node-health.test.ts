import { describe, expect, it } from 'vitest'
import {
  afterAnswer,
  afterFailure,
  afterHead,
  afterLimit,
  afterProof,
  askingOrder,
  bestHead,
  healthOf,
  looksAhead,
  type NodeRecord,
  newRecord,
} from '../../src/platform/chain/health.ts'

const well = (place: number, now = 0): NodeRecord => afterProof(newRecord(place), now)
const placesOf = (records: readonly { place: number }[]) => records.map((one) => one.place)
const orderOf = (records: readonly NodeRecord[], now: number, otherThan?: number) =>
  placesOf(askingOrder(records, now, otherThan))

describe('which node is asked', () => {
  it('is the first one configured, as long as it is well', () => {
    expect(orderOf([well(0), well(1), newRecord(2)], 0)).toEqual([0, 1, 2])
  })

  it('is the next one while the first rests; the first comes last, for it may be back', () => {
    expect(orderOf([afterFailure(well(0), 0, 'gone'), well(1), well(2)], 100)).toEqual([1, 2, 0])
  })

  it('is never one of another chain, nor the one that a second opinion is sought against', () => {
    const stranger = afterProof(newRecord(0), 0, 'it is on chain 1')
    expect(orderOf([stranger, well(1), well(2)], 0, 1)).toEqual([2])
    expect(orderOf([stranger], 0)).toEqual([])
    expect(orderOf([afterProof(stranger, 60_000)], 60_000)).toEqual([0])
  })

  it('is not one that asked to be left alone, even if no other is there, until its time is over', () => {
    const limited = afterLimit(well(0), 0, 'HTTP 429', 3_000)
    expect(orderOf([limited], 2_999)).toEqual([])
    expect(orderOf([limited], 3_000)).toEqual([0])
    expect(healthOf(limited, 2_999).isHealthy).toBe(false)
    expect(healthOf(limited, 3_000).isHealthy).toBe(true)
  })
})

describe('the rest of a node', () => {
  const restOf = (record: NodeRecord, now: number) => record.restsUntil - now

  it('doubles with every failure in a row, from half a second to half a minute', () => {
    let record = well(0)
    let now = 0
    const rests: number[] = []
    for (let failure = 0; failure < 9; failure++) {
      record = afterFailure(record, now, 'gone')
      rests.push(restOf(record, now))
      now = record.restsUntil
    }
    expect(rests).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000])
  })

  it('begins anew after an answer', () => {
    const twice = afterFailure(afterFailure(well(0), 0, 'gone'), 500, 'gone')
    const back = afterAnswer(afterProof(twice, 1_500))
    expect(restOf(afterFailure(back, 2_000, 'gone'), 2_000)).toBe(500)
  })

  it('is not made longer by the calls that were under way together', () => {
    let record = well(0)
    for (let call = 0; call < 20; call++) record = afterFailure(record, call, 'gone')
    expect(record.restsUntil).toBe(500)
  })

  it('is as long as a rate limit says, a minute at most, and grows where it says nothing', () => {
    expect(afterLimit(well(0), 0, '429', 7_000).limitedUntil).toBe(7_000)
    expect(afterLimit(well(0), 0, '429', 86_400_000).limitedUntil).toBe(60_000)
    const twice = afterLimit(afterLimit(well(0), 0, '429'), 500, '429')
    expect(twice.limitedUntil).toBe(1_500)
  })

  it('ends with a look at its chain, which a failure makes due and a rate limit does not', () => {
    expect(afterFailure(well(0), 0, 'gone').provenAt).toBeUndefined()
    expect(afterLimit(well(0), 0, '429').provenAt).toBe(0)
  })
})

describe('a head', () => {
  it('two blocks behind the best one is no harm, three are', () => {
    const near = afterHead(well(0), 0, 98n, 100n)
    expect(healthOf(near, 0)).toMatchObject({ isHealthy: true, head: 98n })
    const far = afterHead(well(0), 0, 97n, 100n)
    expect(healthOf(far, 0)).toEqual({
      place: 0,
      isHealthy: false,
      head: 97n,
      lastError: '3 blocks behind',
    })
  })

  it('that was seen more than ten seconds ago says nothing about who is behind', () => {
    const records = [
      afterHead(well(0), 0, 100n, undefined),
      afterHead(well(1), 9_000, 90n, undefined),
    ]
    expect(bestHead(records, 10_000)).toBe(100n)
    expect(bestHead(records, 10_001)).toBe(90n)
    expect(bestHead(records, 30_000)).toBeUndefined()
  })

  it('of a node that failed is forgotten: it may come back behind', () => {
    expect(afterFailure(afterHead(well(0), 0, 100n, undefined), 1, 'gone').head).toBeUndefined()
  })
})

describe('looks at nodes', () => {
  it('come when a rest is over, and at each chain once a minute', () => {
    const resting = afterFailure(well(0), 1_000, 'gone')
    const stranger = afterProof(newRecord(1), 2_000, 'it is on chain 1')
    expect(looksAhead([resting, stranger, well(2, 3_000), newRecord(3)], false)).toEqual([
      { place: 0, kind: 'chain', at: 1_500 },
      { place: 1, kind: 'chain', at: 62_000 },
      { place: 2, kind: 'chain', at: 63_000 },
      { place: 3, kind: 'chain', at: 0 },
    ])
  })

  it('compare heads every three seconds while somebody asks, where there is somebody to compare with', () => {
    const seen = afterHead(well(0), 5_000, 10n, undefined)
    expect(looksAhead([seen, well(1)], true)).toEqual([
      { place: 0, kind: 'head', at: 8_000 },
      { place: 1, kind: 'head', at: 3_000 },
    ])
    expect(looksAhead([seen], true)).toEqual([{ place: 0, kind: 'chain', at: 60_000 }])
  })

  it('wait for the end of a rate limit', () => {
    const limited = afterLimit(well(0), 0, '429', 59_000)
    expect(looksAhead([limited, well(1)], true)[0]).toEqual({ place: 0, kind: 'head', at: 59_000 })
  })
})
