import type { Hex } from '../../kernel/hex.ts'
import type { InvoiceId } from '../../kernel/ids.ts'
import type { Db, Queryable } from '../../platform/db/db.ts'
import { sql } from '../../platform/db/sql.ts'
import { lowestFreeNonce, type ReplayWindow } from './nonce.ts'

/** The nonce that one payer keeps for one invoice, and until when its authorisation may settle. */
export type Terms = { readonly nonce: number; readonly validBefore: Date }

type Offer = {
  readonly chainId: number
  readonly payer: Hex
  readonly invoiceId: InvoiceId
  readonly window: ReplayWindow
  readonly validBefore: Date
}

/**
 * Reserves the lowest free nonce of the payer for the invoice, or returns the one reserved before.
 * Where 64 offers are open, the oldest
 * one without a payment makes room; undefined when all have one. Offers of one payer wait for each other.
 */
export async function reserveNonce(db: Db, offer: Offer): Promise<Terms | undefined> {
  return db.transaction(async (tx) => {
    await tx.many(
      sql`select pg_advisory_xact_lock(hashtextextended(${`nonce ${offer.chainId} ${offer.payer}`}, 0))`,
    )
    const known = await findTerms(tx, offer.invoiceId, offer.payer)
    if (known !== undefined) return known
    const rows = await tx.many<{ nonce: bigint }>(sql`
      select nonce from payer_nonces
      where chain_id = ${offer.chainId} and payer = ${offer.payer} and nonce >= ${offer.window.base}`)
    const free = lowestFreeNonce(offer.window, new Set(rows.map((row) => row.nonce)))
    const nonce = free ?? (await takeOverOffer(tx, offer))
    if (nonce === undefined) return undefined
    await tx.many(sql`
      insert into payer_nonces (chain_id, payer, nonce, invoice_id, valid_before)
      values (${offer.chainId}, ${offer.payer}, ${nonce}, ${offer.invoiceId}, ${offer.validBefore})`)
    return { nonce: Number(nonce), validBefore: offer.validBefore }
  })
}

/**
 * Takes the nonce of the payer's oldest offer that nobody has paid by. Anyone may ask for terms in anyone's name, so
 * open offers must not keep an account from paying; whoever loses one asks again.
 */
async function takeOverOffer(tx: Queryable, offer: Offer): Promise<bigint | undefined> {
  const row = await tx.one<{ nonce: bigint }>(sql`
    delete from payer_nonces where (chain_id, payer, nonce) = (
      select n.chain_id, n.payer, n.nonce from payer_nonces n
      where n.chain_id = ${offer.chainId} and n.payer = ${offer.payer}
        and n.nonce >= ${offer.window.base} and not exists (
          select from payments p
          where p.chain_id = n.chain_id and p.payer = n.payer and p.nonce = n.nonce
            and p.status <> 'refused')
      order by n.valid_before, n.nonce limit 1)
    returning nonce`)
  return row?.nonce
}

export async function findTerms(
  db: Queryable,
  invoiceId: InvoiceId,
  payer: Hex,
): Promise<Terms | undefined> {
  const row = await db.one<{ nonce: bigint; valid_before: Date }>(sql`
    select nonce, valid_before from payer_nonces
    where invoice_id = ${invoiceId} and payer = ${payer}`)
  return row === undefined ? undefined : { nonce: Number(row.nonce), validBefore: row.valid_before }
}

/** The terms that any of these payers was offered for any of these invoices, as `INVOICE_ID PAYER`. */
export async function termsOf(
  db: Queryable,
  invoiceIds: readonly InvoiceId[],
  payers: readonly Hex[],
): Promise<Map<string, Terms>> {
  const rows = await db.many<{ key: string; nonce: bigint; valid_before: Date }>(sql`
    select invoice_id || ' ' || payer as key, nonce, valid_before from payer_nonces
    where invoice_id = any(${invoiceIds}) and payer = any(${payers})`)
  return new Map(
    rows.map((row) => [row.key, { nonce: Number(row.nonce), validBefore: row.valid_before }]),
  )
}

/** Lets go of every nonce of these invoices that no payment uses or has used. */
export async function releaseNonces(
  db: Queryable,
  invoiceIds: readonly InvoiceId[],
): Promise<void> {
  await db.many(sql`
    delete from payer_nonces n where n.invoice_id = any(${invoiceIds}) and not exists (
      select from payments p
      where p.chain_id = n.chain_id and p.payer = n.payer and p.nonce = n.nonce
        and p.status <> 'refused')`)
}
