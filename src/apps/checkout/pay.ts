import type { Answer } from '../browser/ask.ts'
import { backOffMs, pause } from '../browser/retry.ts'
import type { Api } from './api.ts'
import { type Checkout, isOfBill, type Terms } from './model.ts'
import type { TextKey } from './text.ts'
import {
  connect,
  isOnChain,
  signTypedData,
  switchChain,
  type Wallet,
  WalletError,
} from './wallet.ts'

/** Where the shopper is on the way from a button to a payment. */
export type Step =
  | { readonly kind: 'idle'; readonly problem: Problem | undefined }
  | { readonly kind: 'busy'; readonly text: TextKey }
  | {
      readonly kind: 'confirm'
      readonly wallet: Wallet
      readonly payer: string
      readonly terms: Terms
    }

export type Problem = { readonly text: TextKey; readonly code?: string }

/** What a way of paying needs from the page. */
export type PayContext = {
  readonly api: Api
  readonly checkout: Checkout
  onStep(step: Step): void
  /** From here on a payment may be ours. */
  onHandIn(): void
  onCheckout(checkout: Checkout): void
}

/** First half: account, network and terms. It ends by showing what there is to sign. */
export async function prepare(context: PayContext, wallet: Wallet): Promise<void> {
  const { api, checkout, onStep } = context
  await withWallet(context, async () => {
    onStep({ kind: 'busy', text: 'step_connecting' })
    const payer = await connect(wallet)
    await moveToChain(context, wallet)
    onStep({ kind: 'busy', text: 'step_terms' })
    const answer = await api.getTerms(payer)
    if (answer.outcome !== 'ok') fail(context, answer)
    else if (isOfBill(answer.value, checkout))
      onStep({ kind: 'confirm', wallet, payer, terms: answer.value })
    else onStep({ kind: 'idle', problem: { text: 'problem_differ' } })
  })
}

/** Second half: the signature, and handing it in until there is an answer. */
export async function signAndPay(
  context: PayContext,
  { wallet, payer, terms }: Extract<Step, { kind: 'confirm' }>,
): Promise<void> {
  await withWallet(context, async () => {
    // The shopper may have changed the network while reading.
    await moveToChain(context, wallet)
    context.onStep({ kind: 'busy', text: 'step_signing' })
    const signature = await signTypedData(wallet, payer, terms.typedData)
    await handIn(context, () => context.api.pay(payer, signature))
  })
}

export async function payAsDemoShopper(context: PayContext): Promise<void> {
  await handIn(context, () => context.api.payAsDemoShopper())
}

async function moveToChain({ checkout, onStep }: PayContext, wallet: Wallet): Promise<void> {
  if (await isOnChain(wallet, checkout.chainId)) return
  onStep({ kind: 'busy', text: 'step_switching' })
  await switchChain(wallet, checkout.chainId)
}

/** Sends until there is an answer, because until then nobody knows: a doubled confirmation is answered with the same payment. */
async function handIn(context: PayContext, send: () => Promise<Answer<Checkout>>): Promise<void> {
  const never = new AbortController().signal
  context.onStep({ kind: 'busy', text: 'step_sending' })
  context.onHandIn()
  let answer = await send()
  for (let tries = 1; answer.outcome === 'unreachable'; tries++) {
    context.onStep({ kind: 'busy', text: 'step_resending' })
    await pause(backOffMs(tries, Math.random), never)
    answer = await send()
  }
  if (answer.outcome !== 'ok') {
    fail(context, answer)
    return
  }
  context.onCheckout(answer.value)
  context.onStep({ kind: 'idle', problem: undefined })
}

async function withWallet(context: PayContext, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof WalletError)) throw error
    context.onStep({ kind: 'idle', problem: { text: `problem_${error.trouble}` } })
  }
}

const REFUSALS: Readonly<Record<string, TextKey>> = {
  insufficient_funds: 'problem_insufficient_funds',
  payer_frozen: 'problem_payer_frozen',
  payer_key_changed: 'problem_payer_key_changed',
  signature_invalid: 'problem_signature_invalid',
  nonce_used: 'problem_nonce_used',
  terms_missing: 'problem_nonce_used',
}
/** The bill itself says these, and the page shows the bill. */
const OF_THE_BILL: readonly string[] = [
  'invoice_paying',
  'invoice_paid',
  'invoice_expired',
  'invoice_cancelled',
]

function fail({ onStep }: PayContext, answer: Exclude<Answer<unknown>, { outcome: 'ok' }>): void {
  onStep({ kind: 'idle', problem: problemOf(answer) })
}

function problemOf(answer: Exclude<Answer<unknown>, { outcome: 'ok' }>): Problem | undefined {
  if (answer.outcome === 'unreachable') return { text: 'problem_unreachable' }
  if (OF_THE_BILL.includes(answer.code)) return undefined
  return { text: REFUSALS[answer.code] ?? 'problem_other', code: answer.code }
}
