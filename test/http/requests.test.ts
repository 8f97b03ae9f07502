import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectProblem, expectRefused, operations, send, serverOver } from '../support/http.ts'
import { openWorld, type World } from '../support/world.ts'

const SECRET = 'hunter2-and-more'

describe('the HTTP face', () => {
  let world: World
  beforeAll(async () => {
    world = await openWorld()
  })
  afterAll(() => world.close())

  const invoice = (headers: Record<string, string>, text = '{"amount":1}') => ({
    method: 'post' as const,
    path: '/v1/invoices',
    key: world.terminalKey,
    text,
    headers,
  })

  it('refuses a body of more than 32 KiB', async () => {
    const text = JSON.stringify({ amount: 1, description: 'x'.repeat(33 * 1_024) })
    await expectRefused(world, invoice({}, text), { status: 413, code: 'payload_too_large' })
  })

  it.each([
    'text/plain',
    'text/plain; charset=utf-8',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
    'application/jsonp',
    'json',
    'application/json, text/plain',
    '\tapplication/ json',
  ])('refuses a body of type %s', async (type) => {
    await expectRefused(world, invoice({ 'content-type': type }), {
      status: 415,
      code: 'unsupported_media_type',
    })
  })

  it('refuses a body without a type', async () => {
    const answer = await fetch(`${world.url}/v1/invoices`, {
      method: 'POST',
      headers: { authorization: `Bearer ${world.terminalKey}` },
      body: Buffer.from('{"amount":1}'),
    })
    expect(answer.status).toBe(415)
    expect(await answer.json()).toMatchObject({ code: 'unsupported_media_type' })
  })

  it.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON'])(
    'reads a body of type %s',
    async (type) => {
      expect((await send(world, invoice({ 'content-type': type }))).status).toBe(201)
    },
  )

  it('does not unpack a compressed body', async () => {
    const answer = await fetch(`${world.url}/v1/invoices`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${world.terminalKey}`,
        'content-type': 'application/json',
        'content-encoding': 'gzip',
      },
      body: gzipSync('{"amount":1}'),
    })
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ code: 'invalid_request' })
  })

  it('refuses a body of ten thousand levels at once', async () => {
    const text = `{"amount":1,"metadata":{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}}`
    const begin = performance.now()
    await expectRefused(world, invoice({}, text), { status: 400, code: 'invalid_request' })
    expect(performance.now() - begin).toBeLessThan(1_000)
  })

  it.each([
    '/v1',
    '/v1/refunds',
    '/v1/invoices/x/y',
    '/metrics',
    '/.env',
    '/health',
    '/%2e%2e/etc',
  ])('has nothing at %s', async (path) => {
    expectProblem(await send(world, { path }), { status: 404, code: 'not_found' })
  })

  it('does not mind a slash at the end or the case of a path', async () => {
    for (const path of ['/v1/invoices/', '/V1/Invoices'])
      expect((await send(world, { path, key: world.merchantKey })).status).toBe(200)
  })

  it.each(operations().map(({ path }) => path))(
    'has no PUT, PATCH or DELETE at %s',
    async (path) => {
      for (const method of ['put', 'patch', 'delete'] as const) {
        const answer = await send(world, { method, path, key: world.merchantKey })
        expectProblem(answer, { status: 405, code: 'method_not_allowed' })
        expect(answer.headers.allow).toMatch(/^(GET|POST)(, POST)?$/)
      }
    },
  )

  it.each(['/v1/invoices/1', '/v1/invoices/inv_1', '/v1/invoices/%00', "/v1/invoices/inv_'--"])(
    'refuses the id in %s',
    async (path) => {
      await expectRefused(
        world,
        { path, key: world.merchantKey },
        { status: 400, code: 'invalid_request', field: 'id' },
      )
    },
  )

  it.each([
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['limit=-1', 'limit'],
    ['limit=1e1', 'limit'],
    ['starting_after=1', 'starting_after'],
    ["starting_after=inv_'%20or%201=1", 'starting_after'],
    ['status=frozen', 'status'],
    ['day=2026-02-30', 'day'],
    ['day=2026-13-01', 'day'],
    ['day=20261121', 'day'],
    ['terminal_id=x', 'terminal_id'],
    ['order_id=%00', 'order_id'],
    ['amount=1', 'amount'],
  ])('refuses the query %s and names its parameter', async (query, field) => {
    await expectRefused(
      world,
      { path: `/v1/invoices?${query}`, key: world.merchantKey },
      { status: 400, code: 'invalid_request', field },
    )
  })

  it.each(['2026-02-29', '2026-11-31', '2026-00-10', 'today', '2026-1-1', '2026-11-21T00:00'])(
    'has no statement of %s',
    async (day) => {
      await expectRefused(
        world,
        { path: `/v1/statements/${day}`, key: world.merchantKey },
        { status: 400, code: 'invalid_request', field: 'day' },
      )
    },
  )

  it.each([
    'after_version=-1',
    'after_version=x',
    'after_version=1&wait_seconds=31',
    'after_version=1&wait_seconds=1.5',
    'wait=1',
  ])('refuses to wait for %s', async (query) => {
    const { body } = await send(world, invoice({}))
    await expectRefused(
      world,
      { path: `/v1/invoices/${body.id}?${query}`, key: world.merchantKey },
      { status: 400, code: 'invalid_request' },
    )
  })

  it('sends the headers that protect a browser, on answers and on refusals', async () => {
    const paths = ['/health/live', '/v1/invoices', '/nothing']
    for (const path of paths) {
      const { headers } = await send(world, { path })
      expect(headers['content-security-policy']).toContain("default-src 'none'")
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
      expect(headers['content-security-policy']).not.toMatch(/unsafe|\*/)
      expect(headers['x-content-type-options']).toBe('nosniff')
      expect(headers['referrer-policy']).toBe('no-referrer')
      expect(headers['x-frame-options']).toMatch(/^(SAMEORIGIN|DENY)$/)
      expect(headers['x-powered-by']).toBeUndefined()
      expect(headers.server).toBeUndefined()
    }
  })

  it('echoes no origin and lets no other site read an answer', async () => {
    for (const method of ['get', 'post'] as const) {
      const answer = await send(world, {
        method,
        path: '/v1/invoices',
        key: world.terminalKey,
        headers: { origin: 'https://evil.example' },
        ...(method === 'post' && { body: { amount: 1 } }),
      })
      expect(JSON.stringify(answer.headers)).not.toContain('evil')
      expect(answer.headers['access-control-allow-origin']).toBeUndefined()
      expect(answer.headers['access-control-allow-credentials']).toBeUndefined()
    }
  })

  it('takes no request id from outside', async () => {
    const answer = await send(world, {
      path: '/nothing',
      headers: { 'x-request-id': 'mine', 'request-id': 'mine' },
    })
    expect(answer.body.request_id).toMatch(/^req_/)
    expect(JSON.stringify(answer.headers)).not.toContain('mine')
  })

  it('says nothing about what broke inside', async () => {
    const broken = async () => {
      throw new Error(`cannot use postgres://baro:${SECRET}@db/baro`)
    }
    const db = {
      ...{ many: broken, one: broken, transaction: broken, snapshot: broken },
      onCommit: () => {},
    }
    const server = await serverOver(world, { ...world.deps, db, log: silent() })
    for (const path of ['/v1/invoices', `/v1/checkout/${'A'.repeat(26)}`]) {
      const answer = await send(server, { path, key: world.merchantKey })
      expectProblem(answer, { status: 500, code: 'internal' })
      expect(answer.text + JSON.stringify(answer.headers)).not.toContain(SECRET)
    }
    const ready = await send(server, { path: '/health/ready' })
    expect(ready.status).toBe(503)
    expect(ready.body).toMatchObject({
      status: 'not_ready',
      checks: { database: { state: 'failed' }, chain: { state: 'ok' } },
    })
    expect(ready.text).not.toContain(SECRET)
    await server.close()
  })

  it('is live and ready', async () => {
    expect((await send(world, { path: '/health/live' })).body).toEqual({ status: 'live' })
    const ready = await send(world, { path: '/health/ready' })
    expect(ready.status).toBe(200)
    expect(ready.body).toMatchObject({
      status: 'ready',
      checks: { database: { state: 'ok' }, chain: { state: 'ok' }, clocks: { state: 'ok' } },
    })
  })
})

function silent() {
  const log = { debug() {}, info() {}, warn() {}, error() {}, child: () => log }
  return log
}
