import { randomBytes } from 'node:crypto'
import { pointFromScalar, signRecoverable } from 'tiny-secp256k1'
import { bytesToHex, type Hex, hexToBytes, keccak256 } from 'viem'
import type { Shop } from '../../src/flows/seed-shop.ts'
import { type InvoiceId, newId, newPayCode } from '../../src/kernel/ids.ts'
import { unixSeconds } from '../../src/kernel/time.ts'
import type { Chain } from '../../src/platform/chain/chain.ts'
import { chainInvoiceOf } from '../../src/platform/chain/chain-invoice.ts'
import { paymentDigest } from '../../src/platform/chain/typed-data.ts'
import type { Queryable } from '../../src/platform/db/db.ts'
import { sql } from '../../src/platform/db/sql.ts'
import { jsonPost } from '../stack/client.ts'

export type Payer = { readonly key: Uint8Array; readonly address: Hex }

/** An invoice whose terms a payer has signed: all that is left to do is to hand them in. */
export type SignedPayment = {
  readonly invoiceId: InvoiceId
  readonly payer: Payer
  /** The whole HTTP request that hands it in. */
  readonly request: string
}

const INVOICE_LIFETIME_MS = 3_600_000
const VALID_MS = 7 * 24 * 3_600_000
const ROWS_A_STATEMENT = 2_000

export function newPayers(count: number): Payer[] {
  return Array.from({ length: count }, () => {
    const key = randomBytes(32)
    const point = pointFromScalar(key, false)
    if (point === null) throw new Error('not a private key')
    return { key, address: `0x${keccak256(bytesToHex(point.subarray(1))).slice(26)}` as Hex }
  })
}

/** r, s, v over a digest, as a wallet gives them back. */
export function signDigest(key: Uint8Array, digest: Hex): Hex {
  const { signature, recoveryId } = signRecoverable(hexToBytes(digest), key)
  return `${bytesToHex(signature)}${recoveryId === 0 ? '1b' : '1c'}`
}

/**
 * Writes open invoices and the terms offered for them as the API would have, only in bulk, and signs them:
 * `count` payments of `payers` in turn, from `firstNonce` on, to `shops` in turn.
 */
export async function preparePayments(
  db: Queryable,
  chain: Chain,
  plan: {
    readonly shops: readonly Shop[]
    readonly payers: readonly Payer[]
    readonly count: number
    readonly firstNonce: number
  },
): Promise<SignedPayment[]> {
  const prepared: SignedPayment[] = []
  for (let begin = 0; begin < plan.count; begin += ROWS_A_STATEMENT) {
    const size = Math.min(ROWS_A_STATEMENT, plan.count - begin)
    const rows = Array.from({ length: size }, (_, at) => rowOf(chain, plan, begin + at))
    await writeInvoices(db, rows)
    await writeTerms(db, chain.chainId, rows)
    prepared.push(...rows.map(({ signed }) => signed))
  }
  return prepared
}

type Row = ReturnType<typeof rowOf>

function rowOf(
  chain: Chain,
  plan: { shops: readonly Shop[]; payers: readonly Payer[]; firstNonce: number },
  at: number,
) {
  const shop = plan.shops[at % plan.shops.length]
  const payer = plan.payers[at % plan.payers.length]
  if (shop === undefined || payer === undefined) throw new Error('nobody buys, or nobody sells')
  const now = new Date()
  const id = newId('inv', now)
  const code = newPayCode()
  const chainInvoice = chainInvoiceOf(id)
  const amount = 1_000 + (at % 9_000)
  const nonce = plan.firstNonce + Math.floor(at / plan.payers.length)
  const validBefore = new Date(unixSeconds(new Date(now.getTime() + VALID_MS)) * 1_000)
  const digest = paymentDigest(chain.domain, {
    merchant: shop.merchant.settlementAddress,
    amount: BigInt(amount),
    nonce,
    validBefore: unixSeconds(validBefore),
    invoice: chainInvoice,
  })
  const body = { payer: payer.address, signature: signDigest(payer.key, digest) }
  const request = jsonPost(`/v1/checkout/${code}/payments`, body)
  const signed: SignedPayment = { invoiceId: id, payer, request }
  return { shop, payer, id, code, chainInvoice, amount, nonce, validBefore, now, signed }
}

async function writeInvoices(db: Queryable, rows: readonly Row[]): Promise<void> {
  const expiresAt = new Date(Date.now() + INVOICE_LIFETIME_MS)
  await db.many(sql`
    insert into invoices (id, code, chain_invoice, merchant_id, store_id, terminal_id, amount, tax_free_amount,
      metadata, status, version, expires_at, created_at)
    select id, code, chain_invoice, merchant_id, store_id, terminal_id, amount, 0, '{}'::jsonb, 'open', 1,
      ${expiresAt}, created_at
    from unnest(${rows.map((row) => row.id)}::text[], ${rows.map((row) => row.code)}::text[],
      ${rows.map((row) => row.chainInvoice)}::text[], ${rows.map((row) => row.shop.merchant.id)}::text[],
      ${rows.map((row) => row.shop.store.id)}::text[], ${rows.map((row) => row.shop.terminal.id)}::text[],
      ${rows.map((row) => row.amount)}::bigint[], ${rows.map((row) => row.now)}::timestamptz[])
      as r (id, code, chain_invoice, merchant_id, store_id, terminal_id, amount, created_at)`)
}

async function writeTerms(db: Queryable, chainId: number, rows: readonly Row[]): Promise<void> {
  await db.many(sql`
    insert into payer_nonces (chain_id, payer, nonce, invoice_id, valid_before)
    select ${chainId}, payer, nonce, invoice_id, valid_before
    from unnest(${rows.map((row) => row.payer.address)}::text[], ${rows.map((row) => row.nonce)}::bigint[],
      ${rows.map((row) => row.id)}::text[], ${rows.map((row) => row.validBefore)}::timestamptz[])
      as r (payer, nonce, invoice_id, valid_before)`)
}
