import supertest from 'supertest'
import type { Hex } from '../../src/kernel/hex.ts'
import type { Signer } from '../../src/kernel/signer.ts'
import { paymentDigest } from '../../src/platform/chain/typed-data.ts'
import type { World } from './world.ts'

/** Signs a digest the way a wallet gives it back: r, s, v as 65 bytes. */
export async function walletSignature(signer: Signer, digest: Hex): Promise<Hex> {
  const { r, s, yParity } = await signer.sign(digest)
  return `0x${r.slice(2)}${s.slice(2)}${yParity === 0 ? '1b' : '1c'}`
}

export const bearer = (key: string) => ({ authorization: `Bearer ${key}` })

type InvoiceAnswer = {
  id: `inv_${string}`
  code: string
  status: string
  version: number
  [field: string]: unknown
}

/** Opens an invoice at the terminal of the world's shop. */
export async function openInvoice(
  world: World,
  body: Record<string, unknown> = {},
): Promise<InvoiceAnswer> {
  const answer = await supertest(world.app.server)
    .post('/v1/invoices')
    .set(bearer(world.terminalKey))
    .send({ amount: 4_500, ...body })
  if (answer.status !== 201) throw new Error(`invoice refused: ${answer.text}`)
  return answer.body
}

/** Asks for the terms of an invoice and signs them. */
export async function signTerms(world: World, code: string, signer: Signer): Promise<Hex> {
  const answer = await supertest(world.app.server)
    .post(`/v1/checkout/${code}/terms`)
    .send({ payer: signer.address })
  if (answer.status !== 200) throw new Error(`terms refused: ${answer.text}`)
  const { message } = answer.body.typed_data
  const digest = paymentDigest(world.deps.chain.domain, {
    ...message,
    amount: BigInt(message.amount),
  })
  return walletSignature(signer, digest)
}

/** A new invoice whose terms a new shopper with so much money has signed. */
export async function signedSale(world: World, won = 1_000_000n) {
  const [shopper] = await world.fundShoppers(1, won)
  if (shopper === undefined) throw new Error('no shopper')
  const invoice = await openInvoice(world)
  return { shopper, invoice, signature: await signTerms(world, invoice.code, shopper) }
}

/** Hands in signed terms. */
export function confirm(world: World, code: string, payer: string, signature: string) {
  return supertest(world.app.server)
    .post(`/v1/checkout/${code}/payments`)
    .send({ payer, signature })
}

/** Pays an invoice as a shopper with a wallet does. */
export async function pay(world: World, code: string, signer: Signer): Promise<void> {
  const answer = await confirm(world, code, signer.address, await signTerms(world, code, signer))
  if (answer.status !== 202) throw new Error(`payment refused: ${answer.text}`)
}

/** A new invoice that a new shopper with money has paid. No worker needs to run yet. */
export async function confirmedSale(world: World): Promise<InvoiceAnswer> {
  const { shopper, invoice, signature } = await signedSale(world)
  const answer = await confirm(world, invoice.code, shopper.address, signature)
  if (answer.status !== 202) throw new Error(`payment refused: ${answer.text}`)
  return invoice
}

/** Waits, on the API's own long poll, until an invoice is no longer open or being paid. */
export async function waitForEnd(world: World, invoice: InvoiceAnswer): Promise<InvoiceAnswer> {
  let current = invoice
  for (let round = 0; round < 10; round++) {
    const answer = await supertest(world.app.server)
      .get(`/v1/invoices/${invoice.id}?after_version=${current.version}&wait_seconds=10`)
      .set(bearer(world.merchantKey))
    current = answer.body
    if (current.status !== 'paying' && current.status !== 'open') return current
  }
  throw new Error(`invoice ${invoice.id} is still ${current.status}`)
}
