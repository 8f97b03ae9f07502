import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newId } from '../../src/kernel/ids.ts'
import { addShop, expectRefused, send } from '../support/http.ts'
import { openWorld, type World } from '../support/world.ts'

/** JSON text whose numbers stand as written, and the field and reason that the refusal names. */
const BAD_BODIES: readonly [name: string, text: string, field: string, why?: string][] = [
  ['an amount in digits', '{"amount":"4500"}', '/amount', 'type'],
  ['a negative amount', '{"amount":-1}', '/amount', 'minimum'],
  ['an amount of zero', '{"amount":0}', '/amount', 'minimum'],
  ['an amount of minus zero', '{"amount":-0}', '/amount', 'minimum'],
  ['a fraction of a won', '{"amount":4500.5}', '/amount', 'type'],
  ['a fraction below one', '{"amount":1e-3}', '/amount', 'type'],
  ['one more than a safe integer', '{"amount":9007199254740992}', '/amount', 'maximum'],
  ['a number that JSON.parse rounds', '{"amount":9007199254740993}', '/amount', 'maximum'],
  ['an amount of 2^256', `{"amount":${2n ** 256n}}`, '/amount', 'maximum'],
  ['a number beyond every double', '{"amount":1e400}', '/amount', 'type'],
  ['full-width digits', '{"amount":"４５００"}', '/amount', 'type'],
  ['a hexadecimal string', '{"amount":"0x10"}', '/amount', 'type'],
  ['an amount of null', '{"amount":null}', '/amount', 'type'],
  ['an amount of true', '{"amount":true}', '/amount', 'type'],
  ['a list of amounts', '{"amount":[4500]}', '/amount', 'type'],
  ['an amount in an object', '{"amount":{"total":4500}}', '/amount', 'type'],
  ['no amount', '{}', '/amount', 'missing'],
  ['an unknown field', '{"amount":1,"tip":1}', '/tip', 'unknown_field'],
  ['a status of its own', '{"amount":1,"status":"paid"}', '/status', 'unknown_field'],
  ['a merchant of its own', '{"amount":1,"merchant_id":"mer_1"}', '/merchant_id', 'unknown_field'],
  ['a fee of its own', '{"amount":1,"fee_basis_points":0}', '/fee_basis_points', 'unknown_field'],
  ['a currency', '{"amount":1,"currency":"USD"}', '/currency', 'unknown_field'],
  ['a body that is a number', '4500', '/', 'type'],
  ['a body that is text', '"4500"', '/', 'type'],
  ['a body that is null', 'null', '/', 'type'],
  ['a body that is a list', '[{"amount":4500}]', '/', 'type'],
  ['a body that is true', 'true', '/', 'type'],
  ['a terminal that is no id', '{"amount":1,"terminal_id":"1"}', '/terminal_id', 'pattern'],
  ['a terminal of another kind', '{"amount":1,"terminal_id":"inv_1"}', '/terminal_id', 'pattern'],
  ['an order of no letters', '{"amount":1,"order_id":""}', '/order_id', 'minLength'],
  [
    'an order of 65 letters',
    `{"amount":1,"order_id":"${'x'.repeat(65)}"}`,
    '/order_id',
    'maxLength',
  ],
  ['a NUL in the order', '{"amount":1,"order_id":"a\\u0000b"}', '/order_id', 'pattern'],
  ['a line break in the order', '{"amount":1,"order_id":"a\\r\\nb"}', '/order_id', 'pattern'],
  ['half of a surrogate pair', '{"amount":1,"order_id":"a\\ud800"}', '/order_id', 'pattern'],
  ['an override of direction', '{"amount":1,"description":"a\\u202eb"}', '/description', 'pattern'],
  ['an isolate of direction', '{"amount":1,"description":"a\\u2066b"}', '/description', 'pattern'],
  ['an escape sequence', '{"amount":1,"description":"\\u001b[31m"}', '/description', 'pattern'],
  [
    'a control of the second row',
    '{"amount":1,"description":"\\u009b31m"}',
    '/description',
    'pattern',
  ],
  [
    'a description of 10 kB',
    `{"amount":1,"description":"${'가'.repeat(3_000)}"}`,
    '/description',
    'maxLength',
  ],
  ['a description that is a number', '{"amount":1,"description":1}', '/description', 'type'],
  [
    'a tax-free part above the amount',
    '{"amount":1,"tax_free_amount":2}',
    '/tax_free_amount',
    'too_large',
  ],
  ['a negative tax-free part', '{"amount":1,"tax_free_amount":-1}', '/tax_free_amount', 'minimum'],
  ['a tax-free fraction', '{"amount":9,"tax_free_amount":0.5}', '/tax_free_amount', 'type'],
  [
    'a lifetime below ten seconds',
    '{"amount":1,"lifetime_seconds":9}',
    '/lifetime_seconds',
    'minimum',
  ],
  [
    'a lifetime above an hour',
    '{"amount":1,"lifetime_seconds":3601}',
    '/lifetime_seconds',
    'maximum',
  ],
  ['a lifetime in digits', '{"amount":1,"lifetime_seconds":"60"}', '/lifetime_seconds', 'type'],
  ['metadata that is a list', '{"amount":1,"metadata":[]}', '/metadata', 'type'],
  ['a number in metadata', '{"amount":1,"metadata":{"a":1}}', '/metadata/a', 'type'],
  ['an object in metadata', '{"amount":1,"metadata":{"a":{"b":"c"}}}', '/metadata/a', 'type'],
  ['a NUL in metadata', '{"amount":1,"metadata":{"a":"\\u0000"}}', '/metadata/a', 'pattern'],
  ['half a pair in metadata', '{"amount":1,"metadata":{"a":"\\udc00"}}', '/metadata/a', 'pattern'],
  ['a long note', `{"amount":1,"metadata":{"a":"${'x'.repeat(501)}"}}`, '/metadata/a', 'maxLength'],
  [
    'a name with a space in metadata',
    '{"amount":1,"metadata":{"a b":"c"}}',
    '/metadata',
    'propertyNames',
  ],
  [
    'a Korean name in metadata',
    '{"amount":1,"metadata":{"메모":"c"}}',
    '/metadata',
    'propertyNames',
  ],
  [
    '21 notes',
    `{"amount":1,"metadata":${JSON.stringify(notes(21))}}`,
    '/metadata',
    'maxProperties',
  ],
]

/** Text that is no JSON, or that hides a prototype. */
const UNREADABLE: readonly [name: string, text: string][] = [
  ['a body that is cut off', '{"amount":4500'],
  ['NaN', '{"amount":NaN}'],
  ['an amount with a leading zero', '{"amount":04500}'],
  ['a trailing comma', '{"amount":4500,}'],
  ['single quotes', "{'amount':4500}"],
  ['nothing at all', ''],
  ['a __proto__ key', '{"amount":4500,"__proto__":{"status":"paid"}}'],
  ['a deep __proto__ key', '{"amount":4500,"metadata":{"__proto__":{"a":"b"}}}'],
  ['a prototype behind a constructor', '{"amount":4500,"constructor":{"prototype":{"a":1}}}'],
]

function notes(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`n${index}`, 'x']))
}

describe('opening an invoice', () => {
  let world: World
  beforeAll(async () => {
    world = await openWorld()
  })
  afterAll(() => world.close())

  const post = (text: string) => ({
    method: 'post' as const,
    path: '/v1/invoices',
    key: world.terminalKey,
    text,
  })

  it.each(BAD_BODIES)(
    'refuses %s, names the field and writes nothing',
    async (_name, text, field, why) => {
      await expectRefused(world, post(text), {
        status: 400,
        code: 'invalid_request',
        field,
        ...(why !== undefined && { fieldCode: why }),
      })
    },
  )

  it.each(UNREADABLE)('refuses %s as unreadable', async (_name, text) => {
    await expectRefused(world, post(text), { status: 400, code: 'invalid_request' })
    expect(Object.hasOwn(Object.prototype, 'status')).toBe(false)
  })

  it.each([
    ['4500.0', 4_500],
    ['4.5e3', 4_500],
    ['1e3', 1_000],
    ['1', 1],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
  ])('reads the JSON number %s as a whole amount', async (spelling, amount) => {
    const answer = await send(world, post(`{"amount":${spelling}}`))
    expect(answer.status).toBe(201)
    expect(answer.body.amount).toBe(amount)
  })

  it('keeps emoji, Korean and long texts as they came', async () => {
    const body = {
      amount: 4_500,
      order_id: '주문 12 ☕️',
      description: `${'가'.repeat(190)} 👩‍👩‍👧`,
      metadata: { ...notes(19), 'a.b-c_D': '메모 '.repeat(100) },
    }
    const { body: made } = await send(world, { ...post(''), text: JSON.stringify(body) })
    const { body: read } = await send(world, {
      path: `/v1/invoices/${made.id}`,
      key: world.merchantKey,
    })
    expect(read).toMatchObject(body)
  })

  it('answers with the whole invoice, its VAT and its links', async () => {
    const answer = await send(world, post('{"amount":11000,"tax_free_amount":1100}'))
    expect(answer.body).toMatchObject({
      object: 'invoice',
      status: 'open',
      version: 1,
      vat: 900,
      currency: 'KRW',
      expires_in_seconds: 180,
      payment: null,
      pay_url: `${world.url}/p/${answer.body.code}`,
      terminal_id: world.shop.terminal.id,
    })
  })

  it('refuses a terminal that nobody has and a terminal of another merchant in the same words', async () => {
    const other = await addShop(world)
    const ask = (terminalId: string) =>
      expectRefused(
        world,
        { ...post(''), key: world.merchantKey, text: `{"amount":1,"terminal_id":"${terminalId}"}` },
        { status: 400, code: 'invalid_request', field: '/terminal_id', fieldCode: 'unknown' },
      )
    const nobodys = await ask(newId('ter', new Date()))
    const anothers = await ask(other.terminal.id)
    const words = ({ title, detail, errors }: typeof nobodys.body) => ({ title, detail, errors })
    expect(words(anothers.body)).toEqual(words(nobodys.body))
  })

  it('asks a merchant key for the terminal', async () => {
    await expectRefused(
      world,
      { ...post('{"amount":1}'), key: world.merchantKey },
      { status: 400, code: 'invalid_request', field: '/terminal_id', fieldCode: 'missing' },
    )
  })

  it('names the invoice in the way when an order comes twice', async () => {
    const first = await send(world, post('{"amount":1,"order_id":"twice"}'))
    const answer = await expectRefused(world, post('{"amount":2,"order_id":"twice"}'), {
      status: 409,
      code: 'order_exists',
      field: '/order_id',
    })
    expect(answer.body.invoice_id).toBe(first.body.id)
  })
})
