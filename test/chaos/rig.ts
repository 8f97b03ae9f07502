import { setTimeout as sleep } from 'node:timers/promises'
import { eventIdOf } from '../../src/domains/webhooks/event.ts'
import { registerEndpoint } from '../../src/flows/register-endpoint.ts'
import type { Hex } from '../../src/kernel/hex.ts'
import type { PaymentId } from '../../src/kernel/ids.ts'
import { sql } from '../../src/platform/db/sql.ts'
import { openInvoice, pay } from '../support/sale.ts'
import { openWorld, type World } from '../support/world.ts'
import { eventually } from './eventually.ts'
import type { Exchange, Gate } from './exchange.ts'
import { type Delivery, openMerchant } from './merchant.ts'
import { openRecogniser } from './recogniser.ts'
import type { Scene, Step } from './steps.ts'
import { startWorkerProcess, type WorkerProcess } from './worker-process.ts'

const HOLD_MS = 5
const GONE_MS = 5_000
const QUIET_MS = 45_000
const FEE_BASIS_POINTS = 80n
/** The selector of ERC-20's balanceOf(address). */
const BALANCE_OF = '0x70a08231'

/** A place in the life of a worker where it dies: a step that did not go out, or one whose answer did not come in. */
export type KillPoint = { readonly step: Step; readonly side: 'before' | 'after' }

export type Sale = {
  readonly invoice: Awaited<ReturnType<typeof openInvoice>>
  readonly paymentId: PaymentId
  readonly eventId: string
  readonly chainInvoice: Hex
  readonly net: bigint
  readonly balanceBefore: bigint
}

/** Looks on, and may stop the worker at any exchange. */
type Watch = {
  before?(exchange: Exchange, step: Step | undefined): Promise<'pass' | 'stop'>
  after(exchange: Exchange, step: Step | 'routine' | undefined): Promise<'pass' | 'stop'>
}

const IDLE: Watch = { after: async () => 'pass' }

/** A Baro whose only worker is a real process behind proxies. One sale at a time. */
export type Rig = {
  readonly world: World
  readonly secret: string
  readonly deliveries: readonly Delivery[]
  /** Whether no worker has run here yet. */
  isVirgin(): boolean
  watch(watch: Watch): void
  /** Arms a kill point. Resolves when the worker is dead. */
  arm(point: KillPoint): Promise<void>
  /** Opens an invoice. What runs before it is confirmed sees no work yet. */
  openSale(): Promise<Invoice>
  confirm(invoice: Invoice): Promise<Sale>
  scene(sale: Sale): Scene
  /** Starts a worker through new proxies unless one runs. Resolves when it serves, or at once with `isAwaited` false. */
  startWorker(isAwaited?: boolean): Promise<void>
  killWorker(): Promise<void>
  /** Lets every lease of a dead worker run out now, as it would within seconds. */
  expireLeases(): Promise<void>
  /** Waits until nothing is left to do: no outbox row, no job, no batch in flight, no delivery that waits. */
  quiet(): Promise<void>
  output(): string
  close(): Promise<void>
}

type Invoice = {
  readonly opened: Sale['invoice']
  readonly chainInvoice: Hex
  readonly amount: bigint
}

export async function openRig(options: { readonly redisUrl?: string } = {}): Promise<Rig> {
  const world = await openWorld({ feeBasisPoints: Number(FEE_BASIS_POINTS), ...options })
  const { db } = world.deps
  const [signer] = world.deps.signers
  if (signer === undefined) throw new Error('no lane')
  const lane = signer.address
  let watch = IDLE
  let chainInvoice: Hex | undefined
  let gate: Gate = { before: async () => 'stop', after: async () => 'stop' }
  let worker: WorkerProcess | undefined
  let workers = 0
  let sales = 0
  let said = ''
  const merchant = await openMerchant(() => gate)
  const endpoint = await registerEndpoint(world.deps, world.shop.merchant.id, merchant.url)

  const newGate = (): Gate => {
    const recogniser = openRecogniser(() => chainInvoice)
    return {
      before: async (exchange) => {
        const step = recogniser.asked(exchange)
        return (await watch.before?.(exchange, step)) ?? 'pass'
      },
      after: (exchange) => watch.after(exchange, recogniser.answered(exchange)),
    }
  }
  const killWorker = async () => {
    const dead = worker
    worker = undefined
    await dead?.kill()
    said += dead?.output() ?? ''
  }

  const rig: Rig = {
    world,
    secret: endpoint.secret,
    deliveries: merchant.deliveries,
    isVirgin: () => workers === 0,
    watch: (next) => {
      watch = next
    },
    arm: (point) =>
      new Promise((resolve) => {
        watch = trap(
          point,
          (step) => step.isDue?.(db) ?? Promise.resolve(true),
          async () => {
            await killWorker()
            watch = IDLE
            resolve()
          },
        )
      }),
    openSale: async () => {
      sales += 1
      const amount = 4_500 + 7 * sales
      const opened = await openInvoice(world, { amount, order_id: `order ${sales}` })
      const row = await db.one<{ chain_invoice: Hex }>(
        sql`select chain_invoice from invoices where id = ${opened.id}`,
      )
      chainInvoice = row?.chain_invoice ?? '0x'
      return { opened, chainInvoice, amount: BigInt(amount) }
    },
    confirm: async ({ opened, chainInvoice: about, amount }) => {
      const balanceBefore = await merchantBalance(world)
      await payPatiently(world, opened.code)
      const row = await db.one<{ id: PaymentId }>(
        sql`select id from payments where invoice_id = ${opened.id}`,
      )
      const paymentId = row?.id ?? 'pay_'
      return {
        invoice: opened,
        paymentId,
        eventId: eventIdOf(paymentId, 'payment.settled', 1),
        chainInvoice: about,
        net: amount - (amount * FEE_BASIS_POINTS) / 10_000n,
        balanceBefore,
      }
    },
    scene: ({ paymentId, eventId }) => ({
      db,
      paymentId,
      eventId,
      lane,
      isBroadcast: async () => {
        const row = await db.one<{ tx_hash: Hex }>(sql`
          select a.tx_hash from batch_attempts a join batch_payments p on p.batch_id = a.batch_id
          where p.payment_id = ${paymentId}`)
        return (await ask(world, 'eth_getTransactionByHash', [row?.tx_hash])) !== null
      },
      deliveries: () => merchant.deliveries.filter((one) => one.body.includes(paymentId)).length,
    }),
    startWorker: async (isAwaited = true) => {
      if (worker === undefined) {
        workers += 1
        gate = newGate()
        worker = await startWorkerProcess(world.config, gate)
      }
      if (isAwaited) await worker.ready
    },
    killWorker,
    expireLeases: async () => {
      await eventually('the sessions of a killed worker end', () => isAlone(world), GONE_MS)
      await db.many(sql`update leases set expires_at = now() - interval '1 millisecond'`)
      await db.many(sql`update outbox set lease_until = now() - interval '1 millisecond'`)
      await db.many(
        sql`update webhook_deliveries set lease_until = now() - interval '1 millisecond' where lease_until is not null`,
      )
      // What BullMQ itself does with a job whose lock has run out, two looks later.
      if (workers === 0) return
      await db.many(
        sql`update bullmq.job set state = 'waiting', lock_token = null, locked_until_ms = null where state = 'active'`,
      )
    },
    quiet: () => eventually('nothing is left to do', () => isQuiet(world), QUIET_MS),
    output: () => said + (worker?.output() ?? ''),
    close: async () => {
      await killWorker()
      merchant.close()
      await world.close()
    },
  }
  return rig
}

/** Stops the worker at one point. A poll is held back until it would find something, so that no race decides. */
function trap(
  { step, side }: KillPoint,
  isDue: (step: Step) => Promise<boolean>,
  kill: () => Promise<void>,
): Watch {
  const seen = new Set<string>()
  let isSprung = false
  const spring = async () => {
    if (!isSprung) {
      isSprung = true
      await kill()
    }
    return 'stop' as const
  }
  return {
    before: async (exchange, asked) => {
      if (side === 'after') return 'pass'
      if (step.isDue === undefined) return asked === step ? spring() : 'pass'
      if (exchange.wire !== step.wire || !step.text.test(exchange.text)) return 'pass'
      if (step.heldFrom !== undefined && !seen.has(step.heldFrom)) return 'pass'
      while (!isSprung && !(await isDue(step))) await sleep(HOLD_MS)
      return spring()
    },
    after: async (_exchange, done) => {
      if (done !== undefined && done !== 'routine') seen.add(done.name)
      return side === 'after' && done === step ? spring() : 'pass'
    },
  }
}

type Reply<Answer> = { readonly result: Answer; readonly error?: { readonly message: string } }

/** Pays as a shopper's phone does: an answer of 503 says that the same confirmation may be sent again. */
async function payPatiently(world: World, code: string): Promise<void> {
  const isPaid = () =>
    pay(world, code, world.shopper).then(
      () => true,
      (error: Error) => {
        if (/"status":503/.test(error.message)) return false
        throw error
      },
    )
  await eventually('the gateway takes the payment', isPaid, GONE_MS)
}

/** What the merchant has on the token, asked of the node itself. */
export async function merchantBalance(world: World): Promise<bigint> {
  const account = world.shop.merchant.settlementAddress.slice(2).padStart(64, '0')
  const call = { to: world.chain.token, data: `${BALANCE_OF}${account}` }
  return BigInt(await ask<string>(world, 'eth_call', [call, 'latest']))
}

/** One JSON-RPC question to the node itself, asked again when a block came in between. */
export async function ask<Answer>(
  world: World,
  method: string,
  params: readonly unknown[],
): Promise<Answer> {
  for (;;) {
    const answer = await fetch(world.chain.rpcUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    })
    const { result, error } = (await answer.json()) as Reply<Answer>
    if (error === undefined) return result
    if (!/BlockOutOfRange/.test(error.message)) throw new Error(`${method}: ${error.message}`)
  }
}

/** Whether no worker has a session in the database. */
async function isAlone({ deps }: World): Promise<boolean> {
  const other = await deps.db.one(sql`
    select 1 from pg_stat_activity
    where datname = current_database() and backend_type = 'client backend'
      and application_name <> 'baro test' limit 1`)
  return other === undefined
}

async function isQuiet({ deps, config }: World): Promise<boolean> {
  const rest = await deps.db.one(sql`
    select 1 from outbox
    union all select 1 from webhook_deliveries where status = 'pending'
    union all select 1 from settlement_batches where status = 'journaled'
    union all select 1 from payments where status in ('authorised', 'settling')`)
  if (rest !== undefined || config.redisUrl !== undefined) return rest === undefined
  return (await deps.db.one(sql`select 1 from bullmq.job limit 1`)) === undefined
}
