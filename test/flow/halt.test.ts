import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import supertest from 'supertest'
import { encodeFunctionData, keccak256, toHex } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { advanceCursor, settlementStream } from '../../src/domains/settlement/chain-store.ts'
import { registerEndpoint } from '../../src/flows/register-endpoint.ts'
import { openChainWatch } from '../../src/flows/watch-chain.ts'
import type { Signer } from '../../src/kernel/signer.ts'
import { seoulDay } from '../../src/kernel/time.ts'
import { callAndWait } from '../../src/platform/chain/call.ts'
import { krwTokenAbi } from '../../src/platform/chain/contracts/krw-token.ts'
import { openEvmChain } from '../../src/platform/chain/evm.ts'
import { sql } from '../../src/platform/db/sql.ts'
import { openLog } from '../../src/platform/log/log.ts'
import { addTill, expectProblem } from '../support/http.ts'
import { type OwnChain, openOwnChain } from '../support/own-chain.ts'
import { openReceiver, type Receiver } from '../support/receiver.ts'
import { bearer, confirm, openInvoice, pay, signTerms, waitForEnd } from '../support/sale.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'

const PRICE = 4_500n
const HOUR_MS = 3_600_000
const SLOW_ANSWER_MS = 700

// One story of one chain: each part goes on where the last one left it.
describe('a chain that stands still', { shuffle: false }, () => {
  let chain: OwnChain
  let world: World
  let receiver: Receiver
  let worker: { stop(): Promise<void> } | undefined
  const lines: string[] = []

  beforeAll(async () => {
    chain = await openOwnChain()
    const destination = { write: (line: string) => lines.push(line) }
    const log = openLog({ level: 'info', name: 'test', destination })
    world = await openWorld({ chainUrl: chain.url, log })
    receiver = await openReceiver()
    await registerEndpoint(world.deps, world.shop.merchant.id, receiver.url)
    worker = await world.startWorker()
  })
  afterAll(async () => {
    await world.close()
    await receiver.close()
    await chain.stop()
  })

  const pass = (milliseconds: number) => world.clock.advance(milliseconds)
  const halt = async () => {
    await chain.halt()
    pass(61_000)
  }
  const resume = () => chain.resume(world.clock.now())
  const read = async (id: string) =>
    (await supertest(world.app.server).get(`/v1/invoices/${id}`).set(bearer(world.terminalKey)))
      .body
  const setLimit = (won: bigint | null) =>
    world.deps.db.many(
      sql`update stores set risk_limit_won = ${won} where id = ${world.shop.store.id}`,
    )
  const eventsOf = (paymentId: string) =>
    world.deps.db.many<{ type: string; sequence: number; body: string }>(sql`
      select type, sequence, body from events where aggregate_id = ${paymentId}
      order by position`)
  const said = (message: string) =>
    lines.map((line) => JSON.parse(line)).filter((line) => line.msg === message)
  const signed = async (count: number) => {
    const shoppers = await world.fundShoppers(count)
    return Promise.all(
      shoppers.map(async (shopper) => {
        const invoice = await openInvoice(world)
        return { shopper, invoice, signature: await signTerms(world, invoice.code, shopper) }
      }),
    )
  }
  const sell = async (shopper: Signer) => {
    const invoice = await openInvoice(world)
    await pay(world, invoice.code, shopper)
    return read(invoice.id)
  }
  const allSettled = () =>
    until('all settle', async () => {
      const waiting = sql`select 1 from payments where status in ('authorised', 'settling')`
      return (await world.deps.db.many(waiting)).length === 0
    })
  /** Rows, ledger and token say the same about what this shop has earned. */
  const expectBalanced = async () => {
    const days = [seoulDay(new Date()), seoulDay(world.clock.now())]
    const nets = await Promise.all(
      [...new Set(days)].map(async (day) => {
        const { body } = await supertest(world.app.server)
          .get(`/v1/statements/${day}`)
          .set(bearer(world.merchantKey))
        expect(body).toMatchObject({ matches: true })
        return BigInt(body.totals.net)
      }),
    )
    const { balance } = await world.deps.chain.account(world.shop.merchant.settlementAddress)
    expect(nets.reduce((sum, net) => sum + net, 0n)).toBe(balance)
  }

  it('takes payments, approves none of them while the limit is 0, and settles all when it goes on', async () => {
    const shoppers = await world.fundShoppers(3)
    const invoice = await openInvoice(world)
    expect(invoice.chain_state).toBe('live')
    await chain.halt()
    pass(11_000)
    expect((await read(invoice.id)).chain_state).toBe('slow')
    pass(51_000)
    const { body: list } = await supertest(world.app.server)
      .get('/v1/invoices')
      .set(bearer(world.terminalKey))
    expect(list).toMatchObject({ chain_state: 'halted', data: [{ chain_state: 'halted' }] })
    const { body: bill } = await supertest(world.app.server).get(`/v1/checkout/${invoice.code}`)
    expect(bill.chain.state).toBe('halted')

    const sold = []
    for (const shopper of shoppers) sold.push(await sell(shopper))
    for (const one of sold)
      expect(one).toMatchObject({ status: 'paying', payment: { approved_at: null } })
    expect((await read(invoice.id)).status).toBe('open')
    await resume()
    for (const one of sold) {
      expect(await waitForEnd(world, one)).toMatchObject({
        status: 'paid',
        payment: { status: 'settled', approved_at: null },
      })
      expect((await eventsOf(one.payment.id)).map((event) => event.type)).toEqual([
        'payment.settled',
      ])
    }
    expect((await read(invoice.id)).chain_state).toBe('live')
    await expectBalanced()
    await until(
      'the operator is told of both ends',
      async () => said('the chain goes on').length > 0,
    )
    // The gateway says it as it sees it, the worker as it does: each once.
    for (const message of ['the chain stands still: no block for a minute', 'the chain goes on'])
      expect(said(message).length).toBeLessThanOrEqual(2)
  })

  it('has one of two sales approved that come at one instant, where the limit has room for one', async () => {
    await setLimit(PRICE + 1_000n)
    for (let round = 0; round < 3; round++) {
      const sales = await signed(4)
      await halt()
      const answers = await Promise.all(
        sales.map(({ invoice, shopper, signature }) =>
          confirm(world, invoice.code, shopper.address, signature),
        ),
      )
      for (const answer of answers) expect(answer.status, answer.text).toBe(202)
      const approved = answers.filter((one) => one.body.payment.approved_at !== null)
      expect(approved).toHaveLength(1)
      const after = await Promise.all(sales.map(({ invoice }) => read(invoice.id)))
      await resume()
      for (const one of after) {
        const end = await waitForEnd(world, one)
        // Approved stays approved, and settles like the others.
        const { approved_at } = one.payment
        expect(end).toMatchObject({ status: 'paid', payment: { status: 'settled', approved_at } })
        const events = await eventsOf(one.payment.id)
        expect(events.map((event) => [event.type, event.sequence])).toEqual(
          one.payment.approved_at === null
            ? [['payment.settled', 1]]
            : [
                ['payment.approved', 0],
                ['payment.settled', 1],
              ],
        )
      }
    }
    await expectBalanced()
    await setLimit(null)
  })

  it('tells the merchant of an approval, by webhook and on request, before any block has it', async () => {
    await setLimit(PRICE)
    const [shopper] = await world.fundShoppers(1)
    if (shopper === undefined) throw new Error('no shopper')
    await halt()
    const sold = await sell(shopper)
    expect(sold).toMatchObject({ status: 'paying', paid_at: null })
    expect(Date.parse(sold.payment.approved_at)).toBe(Date.parse(sold.payment.created_at))
    const received = await until('the webhook of the approval', async () =>
      receiver.received.find(
        (one) => one.body.includes(`"payment.approved"`) && one.body.includes(sold.payment.id),
      ),
    )
    const event = JSON.parse(received.body)
    expect(event).toMatchObject({ type: 'payment.approved', sequence: 0 })
    expect(event.data.object).toEqual(sold.payment)
    const { body: pulled } = await supertest(world.app.server)
      .get('/v1/events')
      .set(bearer(world.merchantKey))
    expect(pulled.data).toContainEqual(event)
    const ledger = await world.deps.db.many(
      sql`select 1 from ledger_transactions where payment_id = ${sold.payment.id}`,
    )
    expect(ledger, 'approved is not settled').toEqual([])
    await resume()
    expect(await waitForEnd(world, sold)).toMatchObject({ status: 'paid' })
    await setLimit(null)
  })

  it('gives room back as payments settle, counts both tills of a store, and forgets after an hour', async () => {
    await setLimit(2n * PRICE)
    const shoppers = await world.fundShoppers(6)
    const till = await addTill(world, world.shop)
    const isApproved = async (at: number, key?: string) => {
      const shopper = shoppers[at]
      if (shopper === undefined) throw new Error('no shopper')
      const invoice = await openInvoice(key === undefined ? world : { ...world, terminalKey: key })
      await pay(world, invoice.code, shopper)
      const payment = await world.deps.db.one<{ approved_at: Date | null }>(
        sql`select approved_at from payments where invoice_id = ${invoice.id}`,
      )
      return payment?.approved_at != null
    }
    await halt()
    expect(await isApproved(0)).toBe(true)
    expect(await isApproved(1, till.key)).toBe(true)
    expect(await isApproved(2)).toBe(false)
    pass(HOUR_MS - 60_000)
    expect(await isApproved(3), 'the hour is not over').toBe(false)
    pass(61_000)
    expect(await isApproved(4), 'the first two are an hour old').toBe(true)
    await resume()
    await allSettled()
    await halt()
    expect(await isApproved(5), 'what settled is no risk').toBe(true)
    await resume()
    await allSettled()
    await expectBalanced()
    await setLimit(null)
  })

  it('is loud about an approved payment that is refused later, which keeps its part of the limit', async () => {
    await setLimit(PRICE)
    const [bad, good] = await world.fundShoppers(2)
    if (bad === undefined || good === undefined) throw new Error('no shopper')
    await worker?.stop()
    await halt()
    const sold = await sell(bad)
    expect(sold.payment.approved_at).not.toBeNull()
    await resume()
    await callAndWait(world.deps.chain, world.chain.freezer, [
      {
        to: world.chain.token,
        gas: 200_000n,
        data: encodeFunctionData({
          abi: krwTokenAbi,
          functionName: 'setFrozen',
          args: [bad.address, true, keccak256(toHex('case 1'))],
        }),
      },
    ])
    worker = await world.startWorker()
    const refused = await until('the refusal', async () => {
      const now = await read(sold.id)
      return now.payment.status === 'refused' && now
    })
    expect(refused.payment).toMatchObject({
      reason: 'frozen_payer',
      approved_at: sold.payment.approved_at,
    })
    const events = await eventsOf(sold.payment.id)
    expect(events.map((event) => event.type)).toEqual(['payment.approved', 'payment.refused'])
    expect(JSON.parse(events[1]?.body ?? '').data.object.approved_at).toBe(sold.payment.approved_at)
    expect(said('a payment was refused after the store had handed over on it')).toMatchObject([
      { level: 'error', paymentId: sold.payment.id, amountWon: '4500', reason: 'frozen_payer' },
    ])
    await halt()
    const next = await sell(good)
    expect(next.payment.approved_at, 'the goods are gone').toBeNull()
    await resume()
    expect(await waitForEnd(world, next)).toMatchObject({ status: 'paid' })
    await setLimit(null)
  })

  it('is heard of from the rows where no node answers, and told once', async () => {
    const told: string[] = []
    const destination = { write: (line: string) => told.push(line) }
    const log = openLog({ level: 'info', name: 'test', destination })
    const { clock, db } = world.deps
    const token = `0x${'77'.repeat(20)}` as const
    const nowhere = openEvmChain({ rpcUrls: ['http://127.0.0.1:9'], chainId: 77, token })
    const watch = openChainWatch({ db, clock, log, chain: nowhere })
    const cursor = (ageMs: number, blockNumber: bigint) => ({
      blockNumber,
      blockTime: new Date(clock.now().getTime() - ageMs),
    })
    expect(await watch.state(), 'nobody has seen a block').toBe('halted')
    await advanceCursor(db, settlementStream(nowhere), cursor(0, 7n))
    await until('the worker’s block is seen', async () => (await watch.state()) === 'live')
    world.clock.advance(11_000)
    for (let asked = 0; asked < 5; asked++) expect(await watch.state()).toBe('slow')
    nowhere.close()
    expect(
      told.map((line) => JSON.parse(line)).map(({ level, before }) => [level, before]),
    ).toEqual([
      ['error', 'live'],
      ['info', 'halted'],
      ['warn', 'live'],
    ])
  })

  it('is not called late because the first look at it takes long', async () => {
    const slow = createServer(async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk)
      setTimeout(async () => {
        const headers = { 'content-type': 'application/json' }
        const body = Buffer.concat(chunks)
        const answer = await fetch(chain.url, { method: 'POST', headers, body })
        response.writeHead(200, headers).end(await answer.text())
      }, SLOW_ANSWER_MS)
    }).listen(0, '127.0.0.1')
    await once(slow, 'listening')
    await resume()
    const { port } = slow.address() as AddressInfo
    // A token that no worker has ever read: the node alone can tell.
    const token = `0x${'78'.repeat(20)}` as const
    const { chainId } = world.deps.chain
    const own = openEvmChain({ rpcUrls: [`http://127.0.0.1:${port}`], chainId, token })
    expect(await openChainWatch({ ...world.deps, chain: own }).state()).toBe('live')
    own.close()
    slow.closeAllConnections()
    slow.close()
  })

  it('answers at once while no node does, refuses payments for now, and says halted after a minute', async () => {
    const [sale] = await signed(1)
    if (sale === undefined) throw new Error('no sale')
    await worker?.stop()
    await chain.stop()
    const answer = await confirm(world, sale.invoice.code, sale.shopper.address, sale.signature)
    expectProblem(answer, { status: 503, code: 'chain_unavailable' })
    expect(answer.headers['retry-after']).toMatch(/^\d+$/)
    pass(61_000)
    const start = performance.now()
    expect((await read(sale.invoice.id)).chain_state).toBe('halted')
    expect(performance.now() - start).toBeLessThan(2_000)
  })
})
