import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  hashApiKey,
  newApiKey,
  SCOPES,
  TERMINAL_SCOPES,
} from '../../src/domains/merchants/api-key.ts'
import { FAULTS, Fault, type FaultCode } from '../../src/kernel/errors.ts'
import { nameSchemas } from '../../src/platform/http/named-schemas.ts'
import { faultOf, problemOf, retryAfterOf } from '../../src/platform/http/problem.ts'

const CODES = Object.keys(FAULTS) as FaultCode[]

describe('an API key', () => {
  it('is one that scanners know, with 160 random bits and a checksum', () => {
    const keys = Array.from({ length: 200 }, newApiKey)
    expect(new Set(keys).size).toBe(200)
    for (const key of keys) {
      expect(key).toMatch(/^baro_[0-9A-HJKMNP-TV-Z]{38}$/)
      expect(hashApiKey(key)).toHaveLength(32)
      expect(hashApiKey(key)?.toString('latin1')).not.toContain(key)
    }
  })

  it('is known to be wrong when any one digit is another', () => {
    const digits = [...'0123456789ABCDEFGHJKMNPQRSTVWXYZ']
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 42 }), fc.constantFrom(...digits), (place, digit) => {
        const key = newApiKey()
        fc.pre(key[place] !== digit)
        expect(hashApiKey(`${key.slice(0, place)}${digit}${key.slice(place + 1)}`)).toBeUndefined()
      }),
    )
  })

  it('is known to be none by its form', () => {
    const key = newApiKey()
    for (const text of [
      '',
      'baro_',
      key.toLowerCase(),
      ` ${key}`,
      `${key}\n`,
      key.slice(1),
      `${key}0`,
    ])
      expect(hashApiKey(text)).toBeUndefined()
  })

  it('of a terminal may do a part of what a merchant’s may', () => {
    expect(SCOPES).toEqual(expect.arrayContaining([...TERMINAL_SCOPES]))
    expect(TERMINAL_SCOPES.length).toBeLessThan(SCOPES.length)
  })
})

describe('a problem', () => {
  it.each(CODES)('of code %s says its status, its title and its request', (code) => {
    const problem = problemOf(new Fault(code, 'what to do'), 'req_1')
    expect(problem).toEqual({
      type: `urn:baro:problem:${code}`,
      title: FAULTS[code].title,
      status: FAULTS[code].status,
      detail: FAULTS[code].status >= 500 ? FAULTS[code].title : 'what to do',
      instance: 'urn:baro:request:req_1',
      code,
      errors: [],
      request_id: 'req_1',
    })
    expect(FAULTS[code].status).toBeGreaterThanOrEqual(400)
  })

  it('invites a retry for those faults only whose row says so', () => {
    for (const code of CODES)
      expect(retryAfterOf(new Fault(code)) !== undefined).toBe(FAULTS[code].retry)
  })

  it('keeps the members that name what is in the way, and none of them replaces a standard one', () => {
    const fault = new Fault('order_exists', undefined, { extra: { invoice_id: 'inv_1' } })
    expect(problemOf(fault, 'req_1')).toMatchObject({ status: 409, invoice_id: 'inv_1' })
  })

  it('of anything unknown is internal and keeps its cause for the log alone', () => {
    for (const thrown of [new Error('secret'), 'text', undefined, null, { statusCode: 400 }]) {
      const fault = faultOf(thrown)
      expect(fault.code).toBe('internal')
      expect(fault.cause).toBe(thrown)
      expect(JSON.stringify(problemOf(fault, 'req_1'))).not.toContain('secret')
    }
  })

  it.each([
    [{ code: 'FST_ERR_CTP_BODY_TOO_LARGE', statusCode: 413 }, 'payload_too_large'],
    [{ code: 'FST_ERR_CTP_INVALID_MEDIA_TYPE', statusCode: 415 }, 'unsupported_media_type'],
    [{ code: 'FST_ERR_CTP_EMPTY_JSON_BODY', statusCode: 400 }, 'invalid_request'],
    [{ statusCode: 429 }, 'rate_limited'],
    [{ statusCode: 400 }, 'invalid_request'],
    [{ statusCode: 500 }, 'internal'],
    [{ code: '23505' }, 'internal'],
  ] as const)('of the server error %o is %s', (fields, code) => {
    expect(faultOf(Object.assign(new Error('x'), fields)).code).toBe(code)
  })

  it('is the fault itself when it was one', () => {
    const fault = new Fault('wrong_state')
    expect(faultOf(fault)).toBe(fault)
  })
})

describe('the schemas of the document', () => {
  const path = (schema: object) => ({
    paths: { '/a': { get: { responses: { 200: { schema } } } } },
  })

  it('become components under their title, each once, inner ones first', () => {
    const inner = { type: 'object', title: 'Inner', properties: { title: { type: 'string' } } }
    const outer = { type: 'object', title: 'Outer', properties: { inner, other: inner } }
    expect(nameSchemas(path(outer))).toEqual({
      components: {
        schemas: {
          Inner: inner,
          Outer: {
            type: 'object',
            title: 'Outer',
            properties: {
              inner: { $ref: '#/components/schemas/Inner' },
              other: { $ref: '#/components/schemas/Inner' },
            },
          },
        },
      },
      ...path({ $ref: '#/components/schemas/Outer' }),
    })
  })

  it('are refused when two of them have one title', () => {
    const two = [
      { type: 'object', title: 'Same', properties: {} },
      { type: 'string', title: 'Same' },
    ]
    expect(() => nameSchemas(path({ anyOf: two }))).toThrow('Two schemas are called Same')
  })
})
