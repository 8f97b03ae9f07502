import type { Hex } from '../kernel/hex.ts'
import type { Signer } from '../kernel/signer.ts'
import { seoulDay } from '../kernel/time.ts'
import { paymentDigest, paymentDomain } from '../platform/chain/typed-data.ts'
import type { Receiver } from './receiver.ts'

const WAIT_ROUNDS = 6

/** What a sale is played with: the address of a gateway, two keys, a shopper with a wallet, a merchant's backend. */
export type Stage = {
  readonly url: string
  readonly terminalKey: string
  readonly merchantKey: string
  readonly shopper: Signer
  readonly receiver: Receiver
}

type InvoiceAnswer = {
  readonly id: string
  readonly status: string
  readonly version: number
  readonly code: string
  readonly amount: number
  readonly pay_url: string
  readonly qr: { readonly text: string }
  readonly payment: null | {
    readonly id: string
    readonly status: string
    readonly reason: string | null
    readonly tx_hash: string
    readonly block_number: number
  }
}
type StatementAnswer = {
  readonly day: string
  readonly matches: boolean
  readonly totals: { readonly gross: number; readonly fee: number; readonly net: number }
  readonly rows: readonly { readonly invoice_id: string }[]
}

/** The trail of one sale, with times in milliseconds. */
export type Trail = {
  readonly invoice: InvoiceAnswer
  readonly qrText: string
  readonly payment: NonNullable<InvoiceAnswer['payment']>
  readonly webhook: { readonly id: string; readonly signature_valid: boolean }
  readonly statement: StatementAnswer
  readonly invoiceMs: number
  readonly confirmMs: number
  readonly confirmToSettledMs: number
  readonly settledToWebhookMs: number
  readonly settledAt: number
}

/** Sells one coffee over HTTP, as a till, a phone and a merchant's backend do. Throws when any of it fails. */
export async function playSale(stage: Stage, amountWon: number): Promise<Trail> {
  const api = apiOf(stage)
  const start = performance.now()
  const invoice = await api.post<InvoiceAnswer>(
    '/v1/invoices',
    { amount: amountWon },
    stage.terminalKey,
  )
  const invoiceMs = performance.now() - start
  const qrText = await api.text(`/p/${invoice.code}/qr.txt`)
  const payer = stage.shopper.address
  const signature = await signAsWallet(stage, invoice.code)
  const confirmAt = performance.now()
  await api.post(`/v1/checkout/${invoice.code}/payments`, { payer, signature })
  const confirmMs = performance.now() - confirmAt
  const paid = await waitUntilPaid(stage, invoice)
  const settledAt = performance.now()
  const { payment } = paid
  if (payment === null) throw new Error('A paid invoice without a payment')
  const webhook = await stage.receiver.waitFor('payment.settled', payment.id)
  const statement = await api.get<StatementAnswer>(
    `/v1/statements/${seoulDay(new Date())}`,
    stage.merchantKey,
  )
  if (!statement.rows.some((row) => row.invoice_id === invoice.id))
    throw new Error(`The statement of ${statement.day} has no row of ${invoice.id}`)
  return {
    invoice: paid,
    qrText,
    payment,
    webhook: { id: webhook.id, signature_valid: webhook.isVerified },
    statement,
    invoiceMs,
    confirmMs,
    confirmToSettledMs: settledAt - confirmAt,
    settledToWebhookMs: Math.max(0, webhook.at - settledAt),
    settledAt,
  }
}

/** What a wallet does with `eth_signTypedData_v4`. */
async function signAsWallet(stage: Stage, code: string): Promise<Hex> {
  const { typed_data: typed } = await apiOf(stage).post<{
    typed_data: {
      domain: { chainId: number; verifyingContract: Hex }
      message: { merchant: Hex; amount: string; nonce: number; validBefore: number; invoice: Hex }
    }
  }>(`/v1/checkout/${code}/terms`, { payer: stage.shopper.address })
  const digest = paymentDigest(
    paymentDomain(typed.domain.chainId, typed.domain.verifyingContract),
    { ...typed.message, amount: BigInt(typed.message.amount) },
  )
  const { r, s, yParity } = await stage.shopper.sign(digest)
  return `0x${r.slice(2)}${s.slice(2)}${yParity === 0 ? '1b' : '1c'}`
}

async function waitUntilPaid(stage: Stage, invoice: InvoiceAnswer): Promise<InvoiceAnswer> {
  let current = invoice
  for (let round = 0; round < WAIT_ROUNDS && current.status !== 'paid'; round++) {
    const path = `/v1/invoices/${invoice.id}?after_version=${current.version}&wait_seconds=10`
    current = await apiOf(stage).get<InvoiceAnswer>(path, stage.terminalKey)
    if (current.payment?.status === 'refused')
      throw new Error(`The payment was refused: ${current.payment.reason}`)
  }
  if (current.status !== 'paid') throw new Error(`Invoice ${invoice.id} is still ${current.status}`)
  return current
}

/** A few calls of the API, each of which throws what the gateway refused. */
export function apiOf({ url }: Pick<Stage, 'url'>) {
  const call = async (path: string, init: RequestInit): Promise<Response> => {
    const answer = await fetch(`${url}${path}`, init)
    if (!answer.ok) throw new Error(`${init.method ?? 'GET'} ${path}: ${await answer.text()}`)
    return answer
  }
  const bearer = (key?: string) => (key === undefined ? {} : { authorization: `Bearer ${key}` })
  return {
    // The answers are the gateway's own, of this very build.
    get: async <Answer>(path: string, key?: string): Promise<Answer> =>
      (await (await call(path, { headers: bearer(key) })).json()) as Answer,
    post: async <Answer>(path: string, body: unknown, key?: string): Promise<Answer> =>
      (await (
        await call(path, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...bearer(key) },
          body: JSON.stringify(body),
        })
      ).json()) as Answer,
    text: async (path: string): Promise<string> => (await call(path, {})).text(),
  }
}
