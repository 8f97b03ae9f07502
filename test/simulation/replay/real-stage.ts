import { openAuthoriser } from '../../../src/flows/authorise-payment.ts'
import { createInvoice } from '../../../src/flows/create-invoice.ts'
import type { Deps } from '../../../src/flows/deps.ts'
import { offerTerms } from '../../../src/flows/offer-terms.ts'
import type { Hex } from '../../../src/kernel/hex.ts'
import { won } from '../../../src/kernel/money.ts'
import type { Signer } from '../../../src/kernel/signer.ts'
import { paymentDigest } from '../../../src/platform/chain/typed-data.ts'
import type { Row } from '../../../src/platform/db/db.ts'
import { askNode as rpc } from '../../../src/platform/embedded/rpc.ts'
import { walletSignature } from '../../support/sale.ts'
import { goBroke, pause, unpause } from '../../support/token-calls.ts'
import type { World } from '../../support/world.ts'
import { lyingChain } from './lying-chain.ts'
import type { Happening, Snapshot } from './script.ts'
import type { Stage } from './stage.ts'

const CALM_BASE_FEE = '0x5d21dba00'

/** PostgreSQL and a chain whose blocks the test makes, counted from where they are now. */
export async function openRealStage(world: World, shopperCount: number): Promise<Stage> {
  const url = world.chain.rpcUrl
  const [signer] = world.deps.signers
  if (signer === undefined) throw new Error('no lane')
  const many = <T extends Row>(text: string, ...values: unknown[]) =>
    world.deps.db.many<T>({ text, values })
  const byThemselves = async <T>(work: () => Promise<T>): Promise<T> => {
    await rpc(url, 'evm_setAutomine', [true])
    const result = await work()
    await rpc(url, 'evm_setAutomine', [false])
    return result
  }
  const shoppers = await byThemselves(() => world.fundShoppers(shopperCount))
  await many(`update leases set expires_at = now() - interval '1 second'`)
  const since = new Date(world.clock.now().getTime())
  const base = {
    block: (await world.deps.chain.head()).number,
    nonce: await world.deps.chain.nonce(signer.address),
  }
  // Whoever lags shows the nonce of an older block.
  const nonces = new Map<bigint, bigint>()
  const note = async () => {
    const { number } = await world.deps.chain.head()
    nonces.set(number, await world.deps.chain.nonce(signer.address))
  }
  const nonceAt = (_address: string, block: bigint) => nonces.get(block) ?? base.nonce
  const { chain, lie } = lyingChain(world.deps.chain, nonceAt)
  const deps: Deps = { ...world.deps, chain }
  const mine = async () => {
    await rpc(url, 'anvil_setNextBlockBaseFeePerGas', [CALM_BASE_FEE])
    await rpc(url, 'evm_mine', [])
    await note()
  }
  const authorise = openAuthoriser(deps)
  const confirm = async (shopper: Signer | undefined, amount: number) => {
    if (shopper === undefined) throw new Error('no such shopper')
    const { merchant, terminal } = world.shop
    const invoice = await createInvoice(deps, {
      ...{ merchantId: merchant.id, terminalId: terminal.id, amount: won(BigInt(amount)) },
      ...{ taxFreeAmount: won(0n), orderId: undefined, description: undefined, metadata: {} },
      lifetimeSeconds: 3_600,
    })
    const payer = shopper.address
    const { message } = await offerTerms(deps, invoice.code, payer)
    const signature = await walletSignature(shopper, paymentDigest(chain.domain, message))
    await authorise({ code: invoice.code, payer, signature, chainState: 'live' })
  }
  const happen = async (step: Happening) => {
    switch (step.does) {
      case 'confirm':
        return confirm(shoppers[step.shopper], step.amount)
      case 'block':
        for (let made = 0; made < (step.count ?? 1); made++) await mine()
        return
      case 'wipe_pool':
        await rpc(url, 'anvil_dropAllTransactions', [])
        return
      case 'node':
        return lie(step.lie ?? undefined)
      case 'roll_back':
        await rpc(url, 'anvil_rollback', [step.blocks])
        await rpc(url, 'anvil_dropAllTransactions', [])
        return note()
      case 'goes_broke': {
        const shopper = shoppers[step.shopper]
        if (shopper === undefined) throw new Error('no such shopper')
        await byThemselves(() => goBroke(world, shopper))
        return note()
      }
      case 'pause':
        await byThemselves(() => pause(world))
        return note()
      case 'unpause':
        await byThemselves(() => unpause(world))
        return note()
    }
  }
  return {
    ...{ deps, lie, happen },
    wait: async (milliseconds) => {
      world.clock.advance(milliseconds)
      await many(
        `update leases set expires_at = expires_at - $1 * interval '1 millisecond'`,
        milliseconds,
      )
    },
    snapshot: () => snapshotOf(world, { ...base, since, lane: signer.address }),
  }
}

type Base = {
  readonly block: bigint
  readonly nonce: bigint
  readonly since: Date
  readonly lane: Hex
}

async function snapshotOf({ deps }: World, base: Base): Promise<Snapshot> {
  const values = [base.since, base.lane]
  const many = <T extends Row>(text: string, used = values.slice(0, 1)) =>
    deps.db.many<T>({ text, values: used })
  const block = (number: bigint | null) => (number === null ? null : Number(number - base.block))
  const batches = await many<{
    id: string
    nonce: bigint
    status: string
    block_number: bigint | null
    attempts: number
    payments: number
  }>(`select b.id, b.nonce, b.status, b.block_number,
      (select count(*)::int from batch_attempts a where a.batch_id = b.id) as attempts,
      (select count(*)::int from batch_payments p where p.batch_id = b.id) as payments
    from settlement_batches b where created_at >= $1 order by created_at, id`)
  const payments = await many<{
    status: string
    reason: string | null
    batch_id: string | null
    block_number: bigint | null
  }>('select * from payments where created_at >= $1 order by created_at, id')
  const invoices = await many<{ status: string }>(
    'select status from invoices where created_at >= $1 order by created_at, id',
  )
  const [counts] = await many<{ logs: number; ledger: number; events: number }>(
    `select
      (select count(*)::int from chain_events e join payments p on p.id = e.payment_id
        where p.created_at >= $1) as logs,
      (select count(*)::int from ledger_transactions t join payments p on p.id = t.payment_id
        where p.created_at >= $1) as ledger,
      (select count(*)::int from events where created_at >= $1) as events`,
  )
  const [lane] = await deps.db.many<{ next_nonce: bigint }>({
    text: 'select next_nonce from lanes where address = $1',
    values: [base.lane],
  })
  const [cursor] = await deps.db.many<{ block_number: bigint }>({
    text: 'select block_number from chain_cursors',
    values: [],
  })
  return {
    payments: payments.map((one) => ({
      status: one.status,
      reason: one.reason,
      batch: one.batch_id === null ? null : batches.findIndex(({ id }) => id === one.batch_id),
      block: block(one.block_number),
    })),
    batches: batches.map((one) => ({
      nonce: Number(one.nonce - base.nonce),
      status: one.status,
      block: block(one.block_number),
      attempts: one.attempts,
      payments: one.payments,
    })),
    invoices: invoices.map((one) => one.status),
    nextNonce: Number((lane?.next_nonce ?? base.nonce) - base.nonce),
    spent: Number((await deps.chain.nonce(base.lane)) - base.nonce),
    cursor:
      cursor === undefined || cursor.block_number < base.block ? null : block(cursor.block_number),
    ...(counts ?? { logs: 0, ledger: 0, events: 0 }),
  }
}
