import type { Authorise } from '../../src/flows/authorise-payment.ts'
import type { Deps } from '../../src/flows/deps.ts'
import { offerTerms } from '../../src/flows/offer-terms.ts'
import { FAULTS, Fault } from '../../src/kernel/errors.ts'
import { newId, newPayCode } from '../../src/kernel/ids.ts'
import { chainInvoiceOf } from '../../src/platform/chain/chain-invoice.ts'
import { paymentDigest } from '../../src/platform/chain/typed-data.ts'
import { DOMAIN } from './chain/port.ts'
import type { PlannedEvent } from './plan.ts'
import type { InvoiceRow } from './rows/rows.ts'
import type { Process } from './scheduler.ts'
import type { Shopper } from './shop.ts'
import type { World } from './world.ts'

const TRIES = 6
const AGAIN_MS = 1_500

type Sale = Extract<PlannedEvent, { kind: 'sale' }>
/** The process that answers tills and phones. */
export type Gateway = {
  readonly process: Process
  readonly deps: Deps
  readonly authorise: Authorise
}

type Hears = { accepted(paymentId: string): void }

/** One sale: a till opens an invoice, and each shopper asks for terms, signs and confirms, as often as they press. */
export function startSale(world: World, gateway: Gateway, sale: Sale, hears: Hears): InvoiceRow {
  const invoice = newInvoice(world, sale)
  for (const index of sale.shoppers) {
    const shopper = world.shop.shoppers[index]
    if (shopper === undefined) continue
    world.scheduler.start(gateway.process, async () => {
      const presses = Array.from({ length: sale.presses }, () =>
        pay(world, gateway, shopper, invoice).catch((error) => refused(world, error)),
      )
      for (const paymentId of await Promise.all(presses))
        if (paymentId !== undefined) hears.accepted(paymentId)
    })
  }
  return invoice
}

/** A refusal is the end of it for this shopper. Anything that is not ours to refuse with is a fault of the run. */
function refused({ surprises }: World, error: unknown): undefined {
  if (!(error instanceof Fault)) surprises.push(error)
  return undefined
}

async function pay(
  world: World,
  { process, deps, authorise }: Gateway,
  shopper: Shopper,
  invoice: InvoiceRow,
): Promise<string | undefined> {
  const payer = shopper.address
  const { message } = await again(world, process, () => offerTerms(deps, invoice.code, payer))
  const signature = shopper.sign(paymentDigest(DOMAIN, message))
  const { payment } = await again(world, process, () =>
    authorise({ code: invoice.code, payer, signature, chainState: 'live' }),
  )
  return payment.id
}

/** Asks again where the answer says that it may be worth it. */
async function again<T>(world: World, process: Process, ask: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++)
    try {
      return await ask()
    } catch (error) {
      const isWorthIt = error instanceof Fault && FAULTS[error.code].retry && attempt < TRIES
      if (!isWorthIt) throw error
      await world.scheduler.sleep(process, AGAIN_MS).over
    }
}

/** Writes an open invoice, as a till's request does. */
export function newInvoice(
  world: Pick<World, 'rows' | 'shop' | 'trueTime'>,
  sale: Pick<Sale, 'amount' | 'lifetimeSeconds'>,
): InvoiceRow {
  const now = new Date(world.trueTime())
  const id = newId('inv', now)
  const invoice: InvoiceRow = {
    ...{ id, code: newPayCode(), chain_invoice: chainInvoiceOf(id) },
    merchant_id: String(world.shop.merchant.id),
    ...{ store_id: 'sto_1', terminal_id: 'ter_1', order_id: null, description: null, metadata: {} },
    ...{ amount: BigInt(sale.amount), tax_free_amount: 0n, status: 'open', version: 1 },
    expires_at: new Date(now.getTime() + sale.lifetimeSeconds * 1_000),
    ...{ created_at: now, paid_at: null },
  }
  return world.rows.invoices.set(id, invoice)
}
