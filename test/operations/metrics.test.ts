import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { registerEndpoint } from '../../src/flows/register-endpoint.ts'
import { openReceiver, type Receiver } from '../support/receiver.ts'
import { confirm, openInvoice, pay, signTerms, waitForEnd } from '../support/sale.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'
import { sampleValue } from './exposition.ts'
import { type Watching, watchWorld } from './watch.ts'

// One story: each part counts on what came before.
describe('the metrics', { shuffle: false }, () => {
  let world: World
  let receiver: Receiver
  let watching: Watching
  const scrape = () => watching.scrape()

  beforeAll(async () => {
    world = await openWorld()
    receiver = await openReceiver()
    await registerEndpoint(world.deps, world.shop.merchant.id, receiver.url)
    watching = await watchWorld(world)
  })
  afterAll(async () => {
    await watching.close()
    await world.close()
    await receiver.close()
  })

  it('count one real sale from the 202 to the webhook', async () => {
    const lane = world.deps.signers[0]?.address ?? ''
    const first = await openInvoice(world)
    await pay(world, first.code, world.shopper)
    const waiting = await watching.freshScrape()
    expect(sampleValue(waiting, 'baro_payments_authorised_total')).toBe(1)
    expect(sampleValue(waiting, 'baro_payments_waiting')).toBe(1)
    expect(sampleValue(waiting, 'baro_payments_waiting_oldest_seconds')).toBeGreaterThan(1)
    expect(sampleValue(waiting, 'baro_outbox_jobs')).toBe(1)
    expect(sampleValue(waiting, 'baro_payments_settled_total')).toBe(0)

    await world.startWorker()
    await waitForEnd(world, first)
    await receiver.waitFor(1)
    await until('the delivery is done', async () => {
      const families = await scrape()
      return sampleValue(families, 'baro_webhook_attempts_total', { outcome: 'delivered' }) === 1
    })
    const done = await watching.freshScrape()
    const values = {
      baro_payments_settled_total: 1,
      baro_payments_held_total: 0,
      baro_payment_settle_seconds_count: 1,
      baro_payments_waiting: 0,
      baro_payments_waiting_oldest_seconds: 0,
      baro_payments_settling: 0,
      baro_payments_review: 0,
      baro_batches_journaled_total: 1,
      baro_batches_mined_total: 1,
      baro_batches_failed_total: 0,
      baro_batch_payments_sum: 1,
      baro_outbox_jobs: 0,
      baro_webhooks_due: 0,
      baro_webhooks_pending: 0,
      baro_webhooks_parked: 0,
      baro_db_pool_max_connections: 10,
    }
    for (const [name, value] of Object.entries(values))
      expect([name, sampleValue(done, name)]).toEqual([name, value])
    expect(sampleValue(done, 'baro_payment_settle_seconds_sum')).toBeLessThan(30)
    expect(sampleValue(done, 'baro_webhook_delay_seconds_count', { type: 'payment.settled' })).toBe(
      1,
    )
    expect(sampleValue(done, 'baro_batch_attempts_total', { kind: 'first' })).toBe(1)
    expect(sampleValue(done, 'baro_payments_refused_total', { reason: 'funds' })).toBe(0)
    expect(sampleValue(done, 'baro_broadcasts_total', { answer: 'accepted' })).toBeGreaterThan(0)
    expect(sampleValue(done, 'baro_lane_led', { lane })).toBe(1)
    expect(sampleValue(done, 'baro_lane_in_flight', { lane })).toBe(0)
    expect(sampleValue(done, 'baro_lane_next_nonce', { lane })).toBe(1)
    expect(sampleValue(done, 'baro_lane_chain_nonce', { lane })).toBe(1)
    expect(sampleValue(done, 'baro_lane_balance_wei', { lane })).toBe(
      Number(await world.deps.chain.balance(world.deps.signers[0]?.address ?? '0x')),
    )
    expect(sampleValue(done, 'baro_chain_head_age_seconds')).toBeLessThan(10)
    expect(sampleValue(done, 'baro_chain_cursor_lag_blocks')).toBeLessThan(10)
    for (const source of ['rows', 'chain'])
      expect(sampleValue(done, 'baro_scrape_ok', { source })).toBe(1)
    expect(
      sampleValue(done, 'baro_rpc_request_seconds_count', {
        method: 'eth_sendRawTransaction',
        outcome: 'ok',
      }),
    ).toBeGreaterThan(0)
  })

  it('count requests by the template of their route, and problems by their code', async () => {
    const { code } = await openInvoice(world, { amount: 2_000_000 })
    const poor = await confirm(
      world,
      code,
      world.shopper.address,
      await signTerms(world, code, world.shopper),
    )
    expect(poor.body.code).toBe('insufficient_funds')
    await fetch(`${world.url}/nothing/${code}`)
    const families = await scrape()
    const request = (labels: Record<string, string>) =>
      sampleValue(families, 'baro_http_request_seconds_count', labels)
    const route = '/v1/checkout/:code/payments'
    expect(request({ method: 'POST', route, status: '422' })).toBe(1)
    expect(request({ method: 'POST', route, status: '202' })).toBe(1)
    expect(request({ method: 'GET', route: 'none', status: '404' })).toBe(1)
    expect(sampleValue(families, 'baro_http_problems_total', { code: 'insufficient_funds' })).toBe(
      1,
    )
    expect(sampleValue(families, 'baro_http_long_polls_total', { status: '200' })).toBeGreaterThan(
      0,
    )
    const text = await (await fetch(`${watching.url}/metrics`)).text()
    expect(text, 'no code of a sale is a label').not.toContain(code)
    expect(text, 'no name of a payer is a label').not.toContain(world.shopper.address)
  })

  it('are of the process too, each with a help and a type', async () => {
    const families = await scrape()
    for (const name of ['process_cpu_user_seconds_total', 'nodejs_eventloop_lag_p99_seconds'])
      expect(families.get(name)?.samples.length).toBeGreaterThan(0)
    expect(sampleValue(families, 'baro_build_info', { process: 'worker' })).toBe(1)
  })

  it('are on their own port and not on the public one', async () => {
    const internal = await fetch(`${watching.url}/metrics`)
    expect(internal.headers.get('content-type')).toContain('text/plain; version=0.0.4')
    expect((await fetch(`${watching.url}/v1/invoices`)).status).toBe(404)
    expect((await fetch(`${watching.url}/metrics`, { method: 'POST' })).status).toBe(405)
    expect((await fetch(`${world.url}/metrics`)).status).toBe(404)
  })
})

describe('a scrape', () => {
  it('shows no rows rather than old ones while every connection is taken, and takes none', async () => {
    const world = await openWorld()
    const watching = await watchWorld(world)
    expect(sampleValue(await watching.scrape(), 'baro_payments_waiting')).toBe(0)
    let letGo = () => {}
    const held = new Promise<void>((resolve) => {
      letGo = resolve
    })
    const busy = Array.from({ length: 11 }, () => world.deps.db.transaction(() => held))
    const during = await watching.freshScrape()
    expect(sampleValue(during, 'baro_db_pool_waiting')).toBe(1)
    expect(sampleValue(during, 'baro_scrape_ok', { source: 'rows' })).toBe(0)
    expect(sampleValue(during, 'baro_scrape_ok', { source: 'chain' })).toBe(1)
    expect(sampleValue(during, 'baro_payments_waiting')).toBeUndefined()
    letGo()
    await Promise.all(busy)
    expect(sampleValue(await watching.freshScrape(), 'baro_payments_waiting')).toBe(0)
    await watching.close()
    await world.close()
  })
})
