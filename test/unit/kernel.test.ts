import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { INVOICE_MOVES, INVOICE_STATUSES } from '../../src/domains/invoices/invoice.ts'
import { PAYMENT_MOVES } from '../../src/domains/payments/payment.ts'
import {
  ID_PATTERN,
  newId,
  newPayCode,
  normalPayCode,
  PAY_CODE_PATTERN,
} from '../../src/kernel/ids.ts'
import { sourcesOf } from '../../src/kernel/machine.ts'
import {
  DAY_MS,
  secondsAfter,
  seoulDay,
  seoulDayBounds,
  seoulTime,
  unixSeconds,
} from '../../src/kernel/time.ts'

const instants = fc.date({
  min: new Date('1970-01-02T00:00:00Z'),
  max: new Date('2099-12-31T00:00:00Z'),
  noInvalidDate: true,
})

describe('an id', () => {
  it('has its prefix, sorts by the millisecond it was made in, and is never made twice', () => {
    fc.assert(
      fc.property(instants, instants, (one, other) => {
        const [first, second] = [newId('inv', one), newId('inv', other)]
        expect(first).toMatch(new RegExp(`^inv_${ID_PATTERN}$`))
        expect(first).not.toBe(second)
        if (one.getTime() !== other.getTime()) expect(first < second).toBe(one < other)
      }),
    )
  })

  it('shows the public at least 128 random bits', () => {
    const at = new Date()
    const tails = Array.from({ length: 2_000 }, () => newId('inv', at).slice(14))
    expect(new Set(tails).size).toBe(2_000)
    expect((tails[0]?.length ?? 0) * 5).toBeGreaterThanOrEqual(128)
    for (let place = 0; place < 26; place++)
      expect(new Set(tails.map((tail) => tail[place])).size, `digit ${place}`).toBe(32)
  })
})

describe('a pay code', () => {
  it('is 26 digits of Crockford, without letters that look like others', () => {
    const codes = Array.from({ length: 500 }, newPayCode)
    expect(new Set(codes).size).toBe(500)
    for (const code of codes) {
      expect(code).toMatch(new RegExp(`^${PAY_CODE_PATTERN}$`))
      expect(code).not.toMatch(/[ILOUa-z]/)
      expect(normalPayCode(code.toLowerCase())).toBe(code)
    }
  })
})

describe('a machine', () => {
  it('lets an invoice and a payment move as the design says, and no other way', () => {
    expect(INVOICE_MOVES).toEqual({
      open: ['paying', 'expired', 'cancelled'],
      paying: ['paid', 'open', 'expired'],
      paid: [],
      expired: [],
      cancelled: [],
    })
    expect(PAYMENT_MOVES).toEqual({
      authorised: ['settling', 'settled', 'refused'],
      settling: ['settled', 'refused', 'review'],
      review: ['settled', 'refused'],
      settled: [],
      refused: [],
      excess: [],
    })
  })

  it('names for a state exactly those that may move to it', () => {
    for (const to of INVOICE_STATUSES)
      for (const from of INVOICE_STATUSES)
        expect(sourcesOf(INVOICE_MOVES, to).includes(from)).toBe(INVOICE_MOVES[from].includes(to))
  })

  it('lets nothing leave the states that are final', () => {
    const finals = ['paid', 'expired', 'cancelled'] as const
    for (const to of INVOICE_STATUSES)
      for (const from of finals) expect(sourcesOf(INVOICE_MOVES, to)).not.toContain(from)
  })
})

describe('a Seoul day', () => {
  it('holds every instant between its bounds, and each instant is in one day', () => {
    fc.assert(
      fc.property(instants, (at) => {
        const bounds = seoulDayBounds(seoulDay(at))
        if (bounds === undefined) throw new Error('no such day')
        expect(bounds.from <= at && at < bounds.to).toBe(true)
        expect(bounds.to.getTime() - bounds.from.getTime()).toBe(DAY_MS)
        expect(seoulDay(bounds.to)).not.toBe(seoulDay(at))
        expect(seoulDay(new Date(bounds.to.getTime() - 1))).toBe(seoulDay(at))
      }),
    )
  })

  it('is what the time zone database says, summer and winter', () => {
    const format = new Intl.DateTimeFormat('sv-SE', {
      timeZone: 'Asia/Seoul',
      dateStyle: 'short',
      timeStyle: 'medium',
    })
    // Korea kept summer time for the last time in 1988.
    const modern = instants.filter((at) => at >= new Date('1989-01-01T00:00:00Z'))
    fc.assert(
      fc.property(modern, (at) => {
        expect(seoulTime(at)).toBe(`${format.format(at).replace(' ', 'T')}+09:00`)
        expect(seoulDay(at)).toBe(seoulTime(at).slice(0, 10))
        expect(new Date(seoulTime(at)).getTime()).toBe(unixSeconds(at) * 1_000)
      }),
    )
  })

  it('begins at three in the afternoon of Greenwich', () => {
    expect(seoulDay(new Date('2026-11-20T14:59:59.999Z'))).toBe('2026-11-20')
    expect(seoulDay(new Date('2026-11-20T15:00:00.000Z'))).toBe('2026-11-21')
    expect(seoulDayBounds('2024-02-29')?.from.toISOString()).toBe('2024-02-28T15:00:00.000Z')
  })

  it.each([
    '2026-02-29',
    '2026-11-31',
    '2026-13-01',
    '2026-00-01',
    '2026-01-00',
    '2026-1-1',
    '',
    'x',
  ])('does not exist as %s', (day) => {
    expect(seoulDayBounds(day)).toBeUndefined()
  })

  it('has seconds that are added and rounded down', () => {
    expect(secondsAfter(new Date(0), -1.5).getTime()).toBe(-1_500)
    expect(unixSeconds(new Date(1_999))).toBe(1)
  })
})
