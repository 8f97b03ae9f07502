import fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { EVENT_TYPES, eventIdOf, eventOf } from '../../src/domains/webhooks/event.ts'
import { RETRY_SECONDS, retryDelaySeconds } from '../../src/domains/webhooks/schedule.ts'
import { newWebhookSecret, signatureHeaders } from '../../src/domains/webhooks/signature.ts'

const DAY_SECONDS = 86_400
const AT = new Date(1_700_000_000_000)
const K1 = 'whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8='
const K2 = 'whsec_//79/Pv6+fj39vX08/Lx8O/u7ezr6uno5+bl5OPi4eA='
const A = '{"type":"payment.settled","data":{"amount":"5500"}}'
const B = '{"type":"payment.settled","data":{"shop":"서울 커피 ☕","amount":"5500"}}'

describe('a signature', () => {
  it.each([
    ['plain text, first secret', A, K1, 'v1,2oorsBwg9M6Cuzpbe6fV4hscJ0p004CE7FH+vrm14sw='],
    ['plain text, second secret', A, K2, 'v1,EW8WKCLdQ46uhI9wz0O2zx5koX7Gb4JkqOignITaihM='],
    ['Korean text, first secret', B, K1, 'v1,IcOIsAHipFDwRTvWW5zVvlULLZA7zO3PVF8N7PkybM0='],
    ['Korean text, second secret', B, K2, 'v1,G/CdZFw8/P5MjuevVBc7Bg+tsCCyb5Q99Hrlm7djWP4='],
    ['no text, first secret', '', K1, 'v1,7/ndnTan4E1y7NqZGHH/kemJVGpxukTz/I5X7VLEuhQ='],
    ['no text, second secret', '', K2, 'v1,93SZk4rvkYaGqbN1yLkqUO9U0/1PhW/MoefkJAUjIm8='],
  ])('equals the vector of %s', (_name, body, secret, signature) => {
    expect(signatureHeaders({ secret, id: 'evt_0001', at: AT, body })).toEqual({
      'webhook-id': 'evt_0001',
      'webhook-timestamp': '1700000000',
      'webhook-signature': signature,
    })
    expect(new Webhook(secret).sign('evt_0001', AT, body)).toBe(signature)
  })

  it('is what the library of the standard makes, for any secret, body and time', () => {
    const secrets = fc.uint8Array({ minLength: 24, maxLength: 64 })
    fc.assert(
      fc.property(
        secrets,
        fc.string({ unit: 'grapheme' }),
        fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }),
        (bytes, body, at) => {
          const secret = `whsec_${Buffer.from(bytes).toString('base64')}`
          const headers = signatureHeaders({ secret, id: 'evt_1', at, body })
          expect(headers['webhook-signature']).toBe(new Webhook(secret).sign('evt_1', at, body))
        },
      ),
    )
  })

  it('verifies with its own secret only, for its own body, id and time', () => {
    const now = new Date()
    const secret = newWebhookSecret()
    const body = JSON.stringify({ id: 'evt_1' })
    const headers = signatureHeaders({ secret, id: 'evt_1', at: now, body })
    const verify = (with_: string, text: string, changed: Record<string, string> = {}) =>
      new Webhook(with_).verify(text, { ...headers, ...changed })
    expect(verify(secret, body)).toEqual({ id: 'evt_1' })
    expect(() => verify(newWebhookSecret(), body)).toThrow()
    expect(() => verify(secret, `${body} `)).toThrow()
    expect(() => verify(secret, body, { 'webhook-id': 'evt_2' })).toThrow()
    const later = String(Number(headers['webhook-timestamp']) + 1)
    expect(() => verify(secret, body, { 'webhook-timestamp': later })).toThrow()
    const fine = `v2,other ${headers['webhook-signature']}`
    expect(verify(secret, body, { 'webhook-signature': fine })).toEqual({ id: 'evt_1' })
  })

  it.each([
    [-301, false],
    [-299, true],
    [299, true],
    [301, false],
  ])('that is %i seconds off is accepted: %s', (seconds, isAccepted) => {
    const at = new Date(Date.now() + seconds * 1_000)
    const headers = signatureHeaders({ secret: K1, id: 'evt_1', at, body: '{}' })
    const verify = () => new Webhook(K1).verify('{}', headers)
    if (isAccepted) expect(verify()).toEqual({})
    else expect(verify).toThrow('timestamp')
  })

  it('has secrets of 32 random bytes', () => {
    const secrets = Array.from({ length: 100 }, newWebhookSecret)
    expect(new Set(secrets).size).toBe(100)
    for (const secret of secrets) expect(Buffer.from(secret.slice(6), 'base64')).toHaveLength(32)
  })
})

describe('the schedule', () => {
  it('has fifteen attempts, the last one after seven days', () => {
    const total = RETRY_SECONDS.reduce((sum, one) => sum + one, 0)
    expect(RETRY_SECONDS).toHaveLength(14)
    expect(total).toBe(7 * DAY_SECONDS + 3 * 3_600 + 36 * 60 + 5)
    expect(RETRY_SECONDS).toEqual([...RETRY_SECONDS].sort((a, b) => a - b))
    expect(retryDelaySeconds(14, 0.5)).toBe(DAY_SECONDS)
    expect(retryDelaySeconds(15, 0.5)).toBeUndefined()
  })

  it('spreads each wait by a fifth either way', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 13 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (attempts, random) => {
          const nominal = RETRY_SECONDS[attempts - 1] ?? 0
          const delay = retryDelaySeconds(attempts, random) ?? 0
          expect(delay).toBeGreaterThanOrEqual(nominal * 0.8 - 1e-6)
          expect(delay).toBeLessThanOrEqual(nominal * 1.2 + 1e-6)
        },
      ),
    )
    expect(retryDelaySeconds(1, 0)).toBe(4)
    expect(retryDelaySeconds(1, 1)).toBeCloseTo(6)
  })

  it('keeps what a receiver asks for between the schedule and twice the schedule', () => {
    const attempts = fc.integer({ min: 1, max: 13 })
    fc.assert(
      fc.property(attempts, fc.nat({ max: 1_000_000 }), (attempt, asked) => {
        const nominal = RETRY_SECONDS[attempt - 1] ?? 0
        const delay = retryDelaySeconds(attempt, 0.5, asked)
        if (asked < nominal) expect(delay).toBe(nominal)
        else expect(delay).toBe(Math.min(asked, 2 * nominal))
      }),
    )
    expect(retryDelaySeconds(15, 0.5, 5)).toBeUndefined()
  })
})

describe('an event', () => {
  it('has one id for one thing that happened, made anew it is the same', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.constantFrom(...EVENT_TYPES),
        fc.nat(),
        (aggregate, type, sequence) => {
          const id = eventIdOf(aggregate, type, sequence)
          expect(id).toMatch(/^evt_[0-9a-hjkmnp-tv-z]{26}$/)
          expect(eventIdOf(aggregate, type, sequence)).toBe(id)
          expect(eventIdOf(`${aggregate}x`, type, sequence)).not.toBe(id)
          expect(eventIdOf(aggregate, type, sequence + 1)).not.toBe(id)
        },
      ),
    )
    const ids = EVENT_TYPES.map((type) => eventIdOf('pay_1', type, 1))
    expect(new Set(ids).size).toBe(EVENT_TYPES.length)
  })

  it('has an id that stays the same from release to release', () => {
    expect(eventIdOf('pay_1', 'payment.settled', 1)).toBe('evt_q8tqqxfm9n1eeqy3j6374myj75')
  })

  it('carries the object whole in a body that is made once', () => {
    const event = eventOf({
      merchantId: 'mer_1',
      type: 'payment.settled',
      aggregateId: 'pay_1',
      sequence: 1,
      object: { id: 'pay_1', amount: 4_500 },
      at: AT,
    })
    expect(JSON.parse(event.body)).toEqual({
      id: event.id,
      type: 'payment.settled',
      timestamp: '2023-11-14T22:13:20.000Z',
      api_version: '2026-11-21',
      sequence: 1,
      data: { object: { id: 'pay_1', amount: 4_500 } },
    })
    expect(event.body.length).toBeLessThan(20_000)
  })
})
