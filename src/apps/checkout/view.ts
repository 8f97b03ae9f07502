import { SECOND_MS } from '../../kernel/time.ts'
import { openCountdown } from '../browser/countdown.ts'
import { element, made, setText, writeRows } from '../browser/elements.ts'
import type { Words } from './language.ts'
import type { Checkout } from './model.ts'
import type { Step } from './pay.ts'
import { detailOf, type Known, refusalOf, type Stage, stageOf, titleOf } from './stage.ts'
import type { Wallet } from './wallet.ts'

/** A shopper comes in the middle of it and is not told when it began. */
const USUAL_LIFETIME_MS = 180 * SECOND_MS

/** All that the page shows. */
export type Shown = {
  readonly known: Known
  readonly step: Step
  readonly wallets: readonly Wallet[]
}

export type ViewActions = {
  onWallet(wallet: Wallet): void
  onOver(): void
}

type Parts = ReturnType<typeof findParts>

function findParts() {
  return {
    box: element('bill', HTMLElement),
    shop: element('shop', HTMLElement),
    store: element('store', HTMLElement),
    amount: element('amount', HTMLElement),
    vat: element('vat', HTMLElement),
    memo: element('memo', HTMLElement),
    title: element('title', HTMLElement),
    detail: element('detail', HTMLElement),
    problem: element('problem', HTMLElement),
    busy: element('busy', HTMLElement),
    busyText: element('busy-text', HTMLElement),
    ways: element('ways', HTMLElement),
    wallets: element('wallets', HTMLElement),
    walletHint: element('wallet-hint', HTMLElement),
    noWallet: element('no-wallet', HTMLElement),
    demo: element('demo', HTMLElement),
    confirm: element('confirm', HTMLElement),
    confirmValues: element('confirm-values', HTMLElement),
    sign: element('sign', HTMLButtonElement),
    receipt: element('receipt', HTMLElement),
    announcer: element('announcer', HTMLElement),
  }
}

/** The one screen of the page, drawn from what is known. */
export function openView(words: Words, actions: ViewActions): (shown: Shown) => void {
  const parts = findParts()
  const countdown = openCountdown(words, lifetimeMs, actions.onOver)
  let last = ''
  return (shown) => {
    const { known, step } = shown
    const stage = stageOf(known)
    const checkout = known.kind === 'bill' ? known.checkout : undefined
    parts.box.dataset.stage = stage
    parts.box.dataset.step = step.kind
    writeBill(parts, words, checkout)
    const isConfirming = stage === 'open' && step.kind === 'confirm'
    setText(parts.title, isConfirming ? words.say('confirm_title') : titleOf(words, stage))
    setText(parts.detail, detailOf(words, known))
    if (stage === 'open' && checkout !== undefined) countdown.show(checkout)
    else countdown.hide()
    writeProblem(parts, words, shown, stage)
    writeWays(parts, words, shown, stage, actions)
    writeConfirmation(parts, words, step, checkout, stage)
    writeReceipt(parts, words, checkout, stage)
    const current = `${stage} ${step.kind}`
    if (current === last) return
    last = current
    if (stage !== 'open')
      setText(parts.announcer, `${titleOf(words, stage)} ${detailOf(words, known)}`)
    if (isConfirming) parts.sign.focus()
  }
}

function lifetimeMs({ expiresInSeconds }: Checkout): number {
  return Math.max(USUAL_LIFETIME_MS, expiresInSeconds * SECOND_MS)
}

function writeBill(parts: Parts, words: Words, checkout: Checkout | undefined): void {
  setText(parts.shop, checkout?.shop ?? '')
  setText(parts.store, checkout === undefined ? '' : `${checkout.store} · ${checkout.terminal}`)
  setText(parts.amount, checkout === undefined ? '' : words.won(checkout.amount))
  const hasVat = checkout !== undefined && checkout.vat > 0n
  setText(parts.vat, hasVat ? words.say('vat', { amount: words.won(checkout.vat) }) : '')
  setText(parts.memo, checkout?.description ?? '')
}

function writeProblem(parts: Parts, words: Words, { known, step }: Shown, stage: Stage): void {
  const bill = known.kind === 'bill' ? known.checkout : undefined
  const values = {
    amount: bill === undefined ? '' : words.won(bill.amount),
    chain: String(bill?.chainId ?? ''),
  }
  const problem = step.kind === 'idle' ? step.problem : undefined
  const isPayable = stage === 'open' || stage === 'over'
  const refusal = refusalOf(words, known)
  const text =
    problem !== undefined && isPayable
      ? words.say(problem.text, { ...values, code: problem.code ?? '' })
      : (isPayable || stage === 'expired') && step.kind === 'idle'
        ? (refusal ?? '')
        : ''
  setText(parts.problem, text)
  parts.busy.hidden = step.kind !== 'busy' || !isPayable
  setText(parts.busyText, step.kind === 'busy' ? words.say(step.text, values) : '')
}

function writeWays(
  parts: Parts,
  words: Words,
  { known, step, wallets }: Shown,
  stage: Stage,
  actions: ViewActions,
): void {
  parts.ways.hidden = stage !== 'open' || step.kind !== 'idle'
  if (parts.ways.hidden) return
  parts.demo.hidden = known.kind !== 'bill' || !known.checkout.hasDemoShopper
  parts.noWallet.hidden = wallets.length > 0
  parts.walletHint.hidden = wallets.length === 0
  const focused = document.activeElement?.getAttribute('data-wallet')
  parts.wallets.replaceChildren(
    ...wallets.map((wallet) => {
      const name = wallet.name ?? words.say('this_wallet')
      const button = made(
        'button',
        'primary',
        ...iconOf(wallet),
        words.say('pay_wallet', { wallet: name }),
      )
      button.type = 'button'
      button.dataset.wallet = wallet.id
      button.addEventListener('click', () => actions.onWallet(wallet))
      return button
    }),
  )
  if (typeof focused === 'string')
    parts.wallets.querySelector<HTMLElement>(`[data-wallet="${CSS.escape(focused)}"]`)?.focus()
}

function iconOf(wallet: Wallet): Node[] {
  if (wallet.icon === undefined) return []
  const icon = made('img', 'wallet-icon')
  icon.src = wallet.icon
  icon.alt = ''
  return [icon]
}

function writeConfirmation(
  parts: Parts,
  words: Words,
  step: Step,
  checkout: Checkout | undefined,
  stage: Stage,
): void {
  parts.confirm.hidden = step.kind !== 'confirm' || stage !== 'open' || checkout === undefined
  if (step.kind !== 'confirm' || checkout === undefined) return
  const amount = words.won(checkout.amount)
  setText(parts.sign, words.say('confirm_go', { amount }))
  writeRows(parts.confirmValues, [
    [words.say('confirm_amount'), amount],
    [words.say('confirm_shop'), `${checkout.shop} ${checkout.store}`],
    [words.say('confirm_merchant'), step.terms.merchant],
    [words.say('confirm_invoice'), step.terms.invoice],
    [words.say('confirm_payer'), step.payer],
    [words.say('confirm_token'), `KRWToken ${checkout.token}`],
    [words.say('confirm_chain'), String(checkout.chainId)],
  ])
}

function writeReceipt(
  parts: Parts,
  words: Words,
  checkout: Checkout | undefined,
  stage: Stage,
): void {
  parts.receipt.hidden = stage !== 'paid'
  if (checkout === undefined || stage !== 'paid') return
  const { payment } = checkout
  writeRows(parts.receipt, [
    [words.say('receipt_time'), payment?.settledAt && words.time(payment.settledAt)],
    [words.say('receipt_block'), payment?.blockNumber?.toString()],
    [words.say('receipt_hash'), payment?.txHash],
  ])
}
