import supertest from 'supertest'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { registerEndpoint } from '../../src/flows/register-endpoint.ts'
import { secret } from '../../src/kernel/secret.ts'
import { NO_TRACER, openTracer, readTraceparent } from '../../src/platform/trace/tracer.ts'
import { openReceiver, type Receiver } from '../support/receiver.ts'
import { openInvoice, pay, signTerms, waitForEnd } from '../support/sale.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'
import { type Collector, openCollector, type WireSpan } from './collector.ts'

const LIMIT_MS = 120_000
const SERVER = 2
const CLIENT = 3
const CONSUMER = 5
const hex = (digit: string, length: number) => digit.repeat(length)

describe('a trace', { timeout: LIMIT_MS }, () => {
  let world: World
  let receiver: Receiver
  let collector: Collector
  beforeAll(async () => {
    collector = await openCollector()
    const headers = secret('x-tenant=caf%C3%A9,x-key=1')
    world = await openWorld({ tracing: { endpoint: collector.endpoint, headers } })
    receiver = await openReceiver()
    await registerEndpoint(world.deps, world.shop.merchant.id, receiver.url)
    await world.startWorker()
  }, LIMIT_MS)
  afterAll(async () => {
    await world?.close()
    await receiver?.close()
    await collector?.close()
  }, LIMIT_MS)

  /** Sells one coffee; the phone sends this traceparent. Gives the traceparent that the merchant got. */
  const sell = async (traceparent: string): Promise<string | undefined> => {
    const before = receiver.received.length
    const invoice = await openInvoice(world)
    const signature = await signTerms(world, invoice.code, world.shopper)
    const answer = await supertest(world.app.server)
      .post(`/v1/checkout/${invoice.code}/payments`)
      .set('traceparent', traceparent)
      .send({ payer: world.shopper.address, signature })
    expect(answer.status).toBe(202)
    await waitForEnd(world, invoice)
    const received = await receiver.waitFor(before + 1)
    return received[before]?.headers.traceparent
  }
  const spansOf = (traceId: string) => collector.spans.filter((one) => one.traceId === traceId)

  it('follows one sale from the POST of a phone to the webhook, each part under the one before', async () => {
    const traceId = hex('a', 32)
    const told = await sell(`00-${traceId}-${hex('b', 16)}-01`)
    const names = [
      'POST /v1/checkout/:code/payments',
      'authorise payment',
      'settle-payment',
      'observe payment',
      'webhook attempt',
    ]
    await until('every span has come', async () => spansOf(traceId).length >= names.length)
    const spans = spansOf(traceId)
    expect(spans.map((one) => one.name).sort()).toEqual([...names].sort())
    const named = (name: string): WireSpan => {
      const span = spans.find((one) => one.name === name)
      if (span === undefined) throw new Error(`no span ${name}`)
      return span
    }
    const [post, authorise, settle, observe, webhook] = names.map(named)
    expect(post).toMatchObject({ parentSpanId: hex('b', 16), kind: SERVER })
    expect(authorise).toMatchObject({ parentSpanId: post?.spanId })
    expect(settle).toMatchObject({ parentSpanId: authorise?.spanId, kind: CONSUMER })
    expect(observe).toMatchObject({ parentSpanId: authorise?.spanId })
    expect(webhook).toMatchObject({ parentSpanId: observe?.spanId, kind: CLIENT })
    expect(told).toBe(`00-${traceId}-${webhook?.spanId}-01`)
    for (const [earlier, later] of [
      [post, authorise],
      [authorise, observe],
      [observe, webhook],
    ]) {
      expect(BigInt(earlier?.startTimeUnixNano ?? 0)).toBeLessThanOrEqual(
        BigInt(later?.startTimeUnixNano ?? 0),
      )
    }
    for (const { startTimeUnixNano, endTimeUnixNano } of spans)
      expect(BigInt(endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(startTimeUnixNano))

    const link = { traceId, spanId: authorise?.spanId }
    const journal = await until('the batch has come', async () =>
      collector.spans.find((one) => one.links.some((l) => l.spanId === link.spanId)),
    )
    expect(journal).toMatchObject({ name: 'journal batch', links: [link] })
    expect(journal.traceId).not.toBe(traceId)
    const broadcast = await until('the broadcast has come', async () =>
      collector.spans.find((one) => one.parentSpanId === journal.spanId),
    )
    expect(broadcast).toMatchObject({ name: 'broadcast batch', traceId: journal.traceId })
    expect(collector.requests[0]?.headers).toMatchObject({ 'x-tenant': 'café', 'x-key': '1' })
  })

  it('is passed on and not recorded when its caller says so', async () => {
    const traceId = hex('c', 32)
    expect(await sell(`00-${traceId}-${hex('d', 16)}-00`)).toMatch(
      new RegExp(`^00-${traceId}-[0-9a-f]{16}-00$`),
    )
    await sell(`00-${hex('e', 32)}-${hex('d', 16)}-01`)
    await until('a later one has come', async () => spansOf(hex('e', 32)).length > 0)
    expect(spansOf(traceId)).toEqual([])
  })

  it('begins anew where the caller sends no traceparent', async () => {
    const told = readTraceparent(await sell('ff-nonsense'))
    expect(told?.isSampled).toBe(true)
    await until('it has come', async () => spansOf(told?.traceId ?? '').length > 4)
    const roots = spansOf(told?.traceId ?? '').filter((one) => one.parentSpanId === undefined)
    expect(roots.map((one) => one.name)).toEqual(['POST /v1/checkout/:code/payments'])
  })
})

describe('a tracer', () => {
  it('takes a traceparent of version 00 and nothing that only looks like one', () => {
    const good = `00-${hex('1', 32)}-${hex('2', 16)}-01`
    expect(readTraceparent(good)).toEqual({
      traceId: hex('1', 32),
      spanId: hex('2', 16),
      isSampled: true,
    })
    for (const bad of [
      undefined,
      '',
      `01-${good.slice(3)}`,
      `${good}-`,
      good.replace('1', 'G'),
      `00-${hex('0', 32)}-${hex('2', 16)}-01`,
      `00-${hex('1', 32)}-${hex('0', 16)}-01`,
      good.toUpperCase().replace('1', 'A'),
    ])
      expect([bad, readTraceparent(bad)]).toEqual([bad, undefined])
  })

  it('notes an error by its code and hands it on', async () => {
    const finished: string[] = []
    const tracer = openTracer((span) => finished.push(`${span.name}: ${span.error}`))
    const failing = tracer.span('work', {}, async () => {
      throw Object.assign(new Error('postgres://baro:secret@db'), { code: 'ECONNRESET' })
    })
    await expect(failing).rejects.toThrow('secret')
    expect(finished).toEqual(['work: ECONNRESET'])
  })

  it('that is off leaves nothing in rows or headers', { timeout: LIMIT_MS }, async () => {
    const world = await openWorld()
    const receiver = await openReceiver()
    expect(world.deps.tracer).toBe(NO_TRACER)
    await registerEndpoint(world.deps, world.shop.merchant.id, receiver.url)
    await world.startWorker()
    const invoice = await openInvoice(world)
    await pay(world, invoice.code, world.shopper)
    await waitForEnd(world, invoice)
    const [received] = await receiver.waitFor(1)
    expect(received?.headers.traceparent).toBeUndefined()
    for (const table of ['payments', 'events', 'settlement_batches']) {
      const text = `select 1 from ${table} where traceparent is not null`
      expect([table, await world.deps.db.many({ text, values: [] })]).toEqual([table, []])
    }
    await receiver.close()
    await world.close()
  })
})
