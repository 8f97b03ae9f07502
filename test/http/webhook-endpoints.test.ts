import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addShop, expectRefused, send, serverOver } from '../support/http.ts'
import { openWorld, type World } from '../support/world.ts'

const PATH = '/v1/webhook-endpoints'
/** Where no event of a stranger may ever go, with the reason that the answer names. */
const REFUSED: readonly [url: string, why: string][] = [
  ['not a url', 'malformed'],
  ['https://', 'malformed'],
  ['//example.com/hook', 'malformed'],
  ['http://example.com/hook', 'scheme'],
  ['ftp://example.com/hook', 'scheme'],
  ['file:///etc/passwd', 'scheme'],
  ['gopher://example.com', 'scheme'],
  ['javascript:alert(1)', 'scheme'],
  ['https://user@example.com/hook', 'credentials'],
  ['https://user:pass@example.com/hook', 'credentials'],
  ['https://example.com/hook#part', 'fragment'],
  ['https://example.com:22/hook', 'port'],
  ['https://example.com:6379/', 'port'],
  ['https://localhost/hook', 'private_name'],
  ['https://printer.local/hook', 'private_name'],
  ['https://metadata.google.internal/', 'private_name'],
  ['https://intranet/', 'private_name'],
  ['https://127.0.0.1/hook', 'blocked_address'],
  ['https://127.1/hook', 'blocked_address'],
  ['https://0x7f000001/hook', 'blocked_address'],
  ['https://2130706433/hook', 'blocked_address'],
  ['https://0177.0.0.1/hook', 'blocked_address'],
  ['https://0.0.0.0/', 'blocked_address'],
  ['https://10.0.0.1/', 'blocked_address'],
  ['https://172.16.0.1/', 'blocked_address'],
  ['https://192.168.1.1/', 'blocked_address'],
  ['https://169.254.169.254/latest/meta-data/', 'blocked_address'],
  ['https://100.64.0.1/', 'blocked_address'],
  ['https://168.63.129.16/', 'blocked_address'],
  ['https://224.0.0.1/', 'blocked_address'],
  ['https://[::1]/', 'blocked_address'],
  ['https://[::ffff:127.0.0.1]/', 'blocked_address'],
  ['https://[fe80::1]/', 'blocked_address'],
  ['https://[fd00:ec2::254]/', 'blocked_address'],
  ['https://[64:ff9b::7f00:1]/', 'blocked_address'],
  ['https://[2002:7f00:1::]/', 'blocked_address'],
]

describe('naming where events go', () => {
  let world: World
  let live: Awaited<ReturnType<typeof serverOver>>
  beforeAll(async () => {
    world = await openWorld()
    const webhookPolicy = { allowCidrs: [], requireHttps: true }
    live = await serverOver(world, { ...world.deps, webhookPolicy })
  })
  afterAll(async () => {
    await live.close()
    await world.close()
  })

  it.each(REFUSED)('refuses %s: %s', async (url, why) => {
    await expectRefused(
      { ...world, app: live.app },
      { method: 'post', path: PATH, key: world.merchantKey, body: { url } },
      { status: 400, code: 'invalid_request', field: '/url', fieldCode: why },
    )
  })

  it.each([
    ['no URL', {}, '/url'],
    ['an empty URL', { url: '' }, '/url'],
    ['a URL of 2,049 letters', { url: `https://example.com/${'x'.repeat(2_029)}` }, '/url'],
    ['a URL that is a list', { url: ['https://example.com'] }, '/url'],
    ['a secret of its own', { url: 'https://example.com', secret: 'whsec_x' }, '/secret'],
  ])('refuses %s', async (_name, body, field) => {
    await expectRefused(
      world,
      { method: 'post', path: PATH, key: world.merchantKey, body },
      { status: 400, code: 'invalid_request', field },
    )
  })

  it('shows the secret once and never again', async () => {
    const shop = await addShop(world)
    const made = await send(live, {
      method: 'post',
      path: PATH,
      key: shop.keyText,
      body: { url: 'https://example.com/hook' },
    })
    expect(made.status).toBe(201)
    expect(made.body.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    const { body } = await send(live, { path: PATH, key: shop.keyText })
    expect(body.data).toEqual([
      {
        id: made.body.id,
        object: 'webhook_endpoint',
        url: 'https://example.com/hook',
        created_at: made.body.created_at,
      },
    ])
  })

  it('keeps a merchant to ten endpoints, also when they come at one instant', async () => {
    const shop = await addShop(world)
    const answers = await Promise.all(
      Array.from({ length: 14 }, (_, index) =>
        send(live, {
          method: 'post',
          path: PATH,
          key: shop.keyText,
          body: { url: `https://example.com/${index}` },
        }),
      ),
    )
    expect(answers.filter((one) => one.status === 201)).toHaveLength(10)
    const { body } = await send(live, { path: PATH, key: shop.keyText })
    expect(body.data).toHaveLength(10)
  })
})
