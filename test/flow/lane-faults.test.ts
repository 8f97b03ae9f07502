import { encodeFunctionData, parseTransaction } from 'viem'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { latestPayments } from '../../src/domains/payments/store.ts'
import { nextNonce } from '../../src/domains/settlement/lane-store.ts'
import { countOn } from '../../src/flows/mend-nonces.ts'
import { observeChain } from '../../src/flows/observe-chain.ts'
import type { Hex } from '../../src/kernel/hex.ts'
import { callAndWait } from '../../src/platform/chain/call.ts'
import type { Chain } from '../../src/platform/chain/chain.ts'
import { krwTokenAbi } from '../../src/platform/chain/contracts/krw-token.ts'
import { sql } from '../../src/platform/db/sql.ts'
import { leadLane } from '../support/lane.ts'
import { confirmedSale, openInvoice, pay, waitForEnd } from '../support/sale.ts'
import { freshSigner, openWorld, type World } from '../support/world.ts'

const LIMIT_MS = 90_000
/** Longer than a lane and the watcher need for what they try first. */
const LIES_MS = 6_000

/** What a node may do to a lane. The faults stand between the worker and the real chain. */
describe('a lane', () => {
  let world: World
  beforeAll(async () => {
    world = await openWorld()
  })
  afterAll(() => world.close())

  const sold = () => confirmedSale(world)
  const settlesWith = async (
    invoice: Awaited<ReturnType<typeof sold>>,
    faults: (chain: Chain) => Partial<Chain> = () => ({}),
  ) => {
    const { chain } = world.deps
    const worker = await world.startWorker({ change: { chain: { ...chain, ...faults(chain) } } })
    const end = await waitForEnd(world, invoice)
    await worker.stop()
    expect(end).toMatchObject({ status: 'paid', payment: { status: 'settled' } })
    expect(await timesSettled(invoice.id)).toBe(1)
  }
  const timesSettled = async (invoiceId: string) =>
    (
      await world.deps.db.many(sql`
        select 1 from chain_events e join payments p on p.id = e.payment_id
        where p.invoice_id = ${invoiceId} and e.kind = 'paid'`)
    ).length
  const batchesOf = (invoiceId: string) =>
    world.deps.db.many<{ status: string; attempts: number }>(sql`
      select b.status, (select count(*)::int from batch_attempts a where a.batch_id = b.id) as attempts
      from batch_payments bp join settlement_batches b on b.id = bp.batch_id
      join payments p on p.id = bp.payment_id where p.invoice_id = ${invoiceId} order by b.nonce`)
  const until = (milliseconds: number) => {
    const end = performance.now() + milliseconds
    return () => performance.now() < end
  }

  it(
    'raises the fee of a batch that is too low for a node, and keeps the first in the journal',
    async () => {
      const invoice = await sold()
      const refused = new Set<Hex>()
      const isWritten: boolean[] = []
      await settlesWith(invoice, (chain) => ({
        broadcast: async (raw) => {
          const { db } = world.deps
          const row = await db.one(sql`select 1 from batch_attempts where raw = ${raw}`)
          isWritten.push(row !== undefined)
          if (refused.size === 0 || refused.has(raw)) {
            refused.add(raw)
            return { answer: 'fee_too_low', text: 'a node with a higher base fee' }
          }
          return chain.broadcast(raw)
        },
      }))
      expect(await batchesOf(invoice.id)).toEqual([{ status: 'mined', attempts: 2 }])
      expect(isWritten).not.toContain(false)
    },
    LIMIT_MS,
  )

  it(
    'is not misled when an older attempt than its newest is mined',
    async () => {
      const invoice = await sold()
      let first: Hex | undefined
      await settlesWith(invoice, (chain) => ({
        broadcast: async (raw) => {
          first ??= raw
          await chain.broadcast(first)
          return { answer: 'fee_too_low', text: 'said of every attempt' }
        },
      }))
      expect((await batchesOf(invoice.id))[0]).toMatchObject({ status: 'mined' })
    },
    LIMIT_MS,
  )

  it(
    'closes a gap before its nonces',
    async () => {
      const { db } = world.deps
      await db.many(sql`update lanes set next_nonce = next_nonce + 1`)
      const invoice = await sold()
      await settlesWith(invoice)
      const fillers = await db.many(sql`
      select b.status from settlement_batches b
      where not exists (select from batch_payments where batch_id = b.id)`)
      expect(fillers).toHaveLength(1)
    },
    LIMIT_MS,
  )

  it(
    'rides again when its key was used elsewhere under the nonce of its batch',
    async () => {
      const { deps } = world
      const invoice = await sold()
      const lane = await leadLane(world)
      await lane.journal()
      await lane.drop()
      const self = { to: lane.signer.address, data: '0x', gas: 21_000n } as const
      await callAndWait(deps.chain, lane.signer, [self])
      await settlesWith(invoice)
      expect((await batchesOf(invoice.id)).map((one) => one.status)).toEqual(['failed', 'mined'])
    },
    LIMIT_MS,
  )

  it(
    'counts on when its key was used elsewhere while nothing was in flight',
    async () => {
      const lane = await leadLane(world)
      await lane.drop()
      const self = { to: lane.signer.address, data: '0x', gas: 21_000n } as const
      await callAndWait(world.deps.chain, lane.signer, [self, self])
      await settlesWith(await sold())
    },
    LIMIT_MS,
  )

  it(
    'finds logs that a node hid until the cursor was far past them',
    async () => {
      const isHiding = until(LIES_MS + 4_000)
      await settlesWith(await sold(), (chain) => ({
        settlements: async (...range) => {
          const answer = await chain.settlements(...range)
          return isHiding() ? { ...answer, logs: [] } : answer
        },
      }))
    },
    LIMIT_MS,
  )

  it(
    'believes no forged receipt of failure, even beside hidden logs',
    async () => {
      const invoice = await sold()
      const isLying = until(LIES_MS)
      await settlesWith(invoice, (chain) => ({
        settlements: async (...range) => {
          const answer = await chain.settlements(...range)
          return isLying() ? { ...answer, logs: [] } : answer
        },
        receipt: async (txHash) => {
          const receipt = await chain.receipt(txHash)
          return receipt && isLying() ? { ...receipt, succeeded: false } : receipt
        },
      }))
      expect(await batchesOf(invoice.id)).toHaveLength(1)
    },
    LIMIT_MS,
  )

  it(
    'settles what someone else submitted, though that log was hidden and its own batch was skipped',
    async () => {
      const { deps } = world
      const invoice = await sold()
      const lane = await leadLane(world)
      await lane.journal()
      const [own] = await lane.inFlight()
      const raws = await deps.db.many<{ raw: Hex }>(
        sql`select raw from batch_attempts where tx_hash = ${own?.txHash ?? ''}`,
      )
      await lane.drop()
      // The same calldata in another transaction: that is what a stranger with the signature could send.
      await settleAsStranger(world, parseTransaction(raws[0]?.raw ?? '0x').data ?? '0x')
      let isHiding = true
      await settlesWith(invoice, (chain) => ({
        settlements: async (...range) => {
          const answer = await chain.settlements(...range)
          const logs = answer.logs.filter((log) => log.txHash === own?.txHash)
          if (!isHiding) return answer
          isHiding = logs.length === 0
          return { ...answer, logs }
        },
      }))
    },
    LIMIT_MS,
  )

  it(
    'rides again by the word of no node alone, however much of it is forged',
    async () => {
      const { deps } = world
      const invoice = await sold()
      const { chain } = deps
      const liar: Chain = {
        ...chain,
        nodes: () => [...chain.nodes(), ...chain.nodes()],
        receipt: async (txHash) => {
          const receipt = await chain.receipt(txHash)
          return receipt && { ...receipt, succeeded: false }
        },
        settlements: async () => ({ node: 0, logs: [] }),
        account: async (payer) => ({
          ...(await chain.account(payer)),
          window: { base: 0n, used: 0n },
        }),
        // The other one is honest, and behind.
        transactionsOf: async (block, otherThan) =>
          otherThan === undefined ? chain.transactionsOf(block) : [],
      }
      const lane = await leadLane({ ...world, deps: { ...deps, chain: liar } })
      await lane.journal()
      const [batch] = await lane.inFlight()
      await lane.send()
      await vi.waitUntil(async () => (await chain.receipt(batch?.txHash ?? '0x')) !== undefined, {
        ...{ timeout: LIES_MS, interval: 100 },
      })
      await observeChain({ ...deps, chain: liar })
      expect(await lane.reconcile()).toMatchObject({ failed: 0 })
      expect((await batchesOf(invoice.id)).map((one) => one.status)).toEqual(['journaled'])
      await lane.drop()
      await settlesWith(invoice)
    },
    LIMIT_MS,
  )

  it(
    'is counted on by the word of two nodes, where there are two',
    async () => {
      const { deps } = world
      const { chain } = deps
      const lane = await leadLane(world)
      const { address } = lane.signer
      const next = await chain.nonce(address)
      const ahead = { from: next, to: next + 3n }
      const liar: Chain = {
        ...chain,
        nodes: () => [...chain.nodes(), ...chain.nodes()],
        nonce: async (_, otherThan) => (otherThan === 0 ? next : next + 3n),
      }
      expect(await countOn({ ...deps, chain: liar }, lane.signer, lane.lease, ahead)).toBe(false)
      expect(await nextNonce(deps.db, { chainId: chain.chainId, address })).toBe(next)
      const agreed = { ...ahead, to: next }
      expect(await countOn({ ...deps, chain: liar }, lane.signer, lane.lease, agreed)).toBe(true)
      await lane.drop()
    },
    LIMIT_MS,
  )

  it(
    'takes a node that fell back for what it is: behind',
    async () => {
      const isBehind = until(LIES_MS)
      await settlesWith(await sold(), (chain) => ({
        head: async () => {
          const head = await chain.head()
          return isBehind() ? chain.block(head.number - 5n) : head
        },
        nonce: async (address) => {
          const nonce = await chain.nonce(address)
          return isBehind() && nonce > 0n ? nonce - 1n : nonce
        },
        receipt: async (txHash) => (isBehind() ? undefined : chain.receipt(txHash)),
      }))
    },
    LIMIT_MS,
  )

  it(
    'settles a large payment only when a second node shows its log',
    async () => {
      const { deps } = world
      const invoice = await sold()
      const isAlone = until(LIES_MS)
      const limits = { ...deps.limits, agreeAbove: 1_000n }
      const chain: Chain = {
        ...deps.chain,
        settlements: async (from, to, otherThan) => {
          if (otherThan === undefined) return deps.chain.settlements(from, to)
          const answer = await deps.chain.settlements(from, to)
          return { node: 1, logs: isAlone() ? [] : answer.logs }
        },
      }
      const worker = await world.startWorker({ change: { chain, limits } })
      await new Promise((resolve) => setTimeout(resolve, LIES_MS - 1_000))
      const before = (await latestPayments(deps.db, [invoice.id])).get(invoice.id)?.status
      expect(before).toBe('settling')
      expect(await waitForEnd(world, invoice)).toMatchObject({ status: 'paid' })
      await worker.stop()
    },
    LIMIT_MS,
  )
})

/** Another settler of the token hands in a batch that is not its own. */
async function settleAsStranger(world: World, data: Hex): Promise<void> {
  const stranger = freshSigner()
  const setSettler = encodeFunctionData({
    abi: krwTokenAbi,
    functionName: 'setSettler',
    args: [stranger.address, 10n ** 9n],
  })
  await callAndWait(world.deps.chain, world.chain.owner, [
    { to: world.chain.token, data: setSettler, gas: 150_000n },
    { to: stranger.address, data: '0x', gas: 21_000n, value: 10n ** 17n },
  ])
  await callAndWait(world.deps.chain, stranger, [{ to: world.chain.token, data, gas: 500_000n }])
}

describe('two lanes', () => {
  let world: World
  beforeAll(async () => {
    world = await openWorld({ lanes: 2 })
  })
  afterAll(() => world.close())

  const sell = async (count: number) => {
    const shoppers = await world.fundShoppers(count)
    return Promise.all(
      shoppers.map(async (shopper) => {
        const invoice = await openInvoice(world)
        await pay(world, invoice.code, shopper)
        return invoice
      }),
    )
  }
  const ridesByLane = () =>
    world.deps.db.many<{ lane: Hex; rides: number }>(sql`
      select b.lane, count(*)::int as rides from batch_payments bp
      join settlement_batches b on b.id = bp.batch_id group by b.lane order by b.lane`)

  it(
    'share what waits, and each payment rides once',
    async () => {
      const worker = await world.startWorker()
      let sold = 0
      // A lane alone has everything; the second learns of its share within a second or so of leading.
      for (let round = 0; round < 6 && (await ridesByLane()).length < 2; round++) {
        const invoices = await sell(12)
        for (const invoice of invoices)
          expect(await waitForEnd(world, invoice)).toMatchObject({ status: 'paid' })
        sold += invoices.length
      }
      await worker.stop()
      const rides = await ridesByLane()
      expect(rides).toHaveLength(2)
      expect(rides.reduce((sum, one) => sum + one.rides, 0)).toBe(sold)
    },
    LIMIT_MS,
  )

  it(
    'leave everything to the one that can pay for gas',
    async () => {
      const [poor] = world.deps.signers
      if (poor === undefined) throw new Error('no lane')
      const balance = await world.deps.chain.balance(poor.address)
      await callAndWait(world.deps.chain, poor, [
        {
          to: world.chain.owner.address,
          data: '0x',
          gas: 21_000n,
          value: balance - 3n * 10n ** 15n,
        },
      ])
      const before = await ridesByLane()
      const worker = await world.startWorker()
      for (const invoice of await sell(6))
        expect(await waitForEnd(world, invoice)).toMatchObject({ status: 'paid' })
      await worker.stop()
      const ridesOf = (rows: typeof before, lane: Hex) =>
        rows.find((one) => one.lane === lane)?.rides ?? 0
      expect(ridesOf(await ridesByLane(), poor.address)).toBe(ridesOf(before, poor.address))
      const dry = await world.deps.db.many(sql`select address from lanes where is_dry`)
      expect(dry).toEqual([{ address: poor.address }])
    },
    LIMIT_MS,
  )
})
