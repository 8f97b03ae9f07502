import { openCountdown } from '../browser/countdown.ts'
import { element, setText, writeRows } from '../browser/elements.ts'
import type { Words } from './language.ts'
import type { Invoice, Place } from './model.ts'
import { detailOf, isRefusal, type Shown, type Stage, stageOf, titleOf } from './stage.ts'

const QR_RETRY_MS = 1_500
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/

/** Where a customer or the operator may ask for the number of the sale. */
const WITH_RECEIPT: readonly Stage[] = ['paid', 'review', 'approved', 'received']

export type SaleView = {
  render(shown: Shown, place: Place | undefined): void
  /** A word beside the buttons: why a press did nothing. */
  note(text: string): void
}

type Parts = ReturnType<typeof findParts>

function findParts() {
  return {
    box: element('sale', HTMLElement),
    qr: element('qr', HTMLImageElement),
    place: element('sale-place', HTMLElement),
    amount: element('sale-amount', HTMLElement),
    order: element('sale-order', HTMLElement),
    title: element('sale-title', HTMLElement),
    detail: element('sale-detail', HTMLElement),
    past: element('sale-past', HTMLElement),
    receipt: element('receipt', HTMLElement),
    local: element('local', HTMLElement),
    localLink: element('local-link', HTMLAnchorElement),
    note: element('sale-note', HTMLElement),
    announcer: element('announcer', HTMLElement),
    cancel: element('cancel', HTMLButtonElement),
    renew: element('renew', HTMLButtonElement),
    next: element('next', HTMLButtonElement),
    stop: element('stop', HTMLButtonElement),
  }
}

/** The screen of one sale. */
export function openSaleView(words: Words, onOver: () => void): SaleView {
  const parts = findParts()
  const countdown = openCountdown(words, lifetimeMs, onOver)
  const keepQr = qrKeeper(parts, words)
  let last: string | undefined
  return {
    render: (shown, place) => {
      const stage = stageOf(shown)
      const invoice = shown.kind === 'invoice' ? shown.invoice : undefined
      const isPast = shown.kind === 'invoice' && shown.isPast
      parts.box.dataset.stage = stage
      parts.box.dataset.past = String(isPast)
      writeWords(parts, words, shown, place)
      writeReceipt(parts, words, invoice, stage)
      keepQr(invoice, stage)
      if (stage === 'open' && invoice !== undefined) countdown.show(invoice)
      else countdown.hide()
      parts.past.hidden = !isPast
      showButtons(parts, words, stage, isPast)
      // One key for "something new to look at": what is only drawn again keeps its focus and is not read out again.
      const current = `${invoice?.id} ${stage} ${invoice?.version}`
      if (current === last) return
      last = current
      setText(parts.note, '')
      const amount = invoice === undefined ? '' : words.won(invoice.amount)
      setText(parts.announcer, `${titleOf(words, stage)} ${amount} ${detailOf(words, shown)}`)
      focusFor(parts, stage)
    },
    note: (text) => setText(parts.note, text),
  }
}

function lifetimeMs({ createdAt, expiresAt }: Invoice): number {
  return expiresAt.getTime() - createdAt.getTime()
}

function writeWords(parts: Parts, words: Words, shown: Shown, place: Place | undefined): void {
  const amount = shown.kind === 'invoice' ? shown.invoice.amount : shown.amount
  setText(parts.amount, amount === undefined ? '' : words.won(amount))
  setText(
    parts.place,
    place === undefined ? '' : `${place.shop} ${place.store} · ${place.terminal}`,
  )
  const { orderId, description } = shown.kind === 'invoice' ? shown.invoice : {}
  const order = orderId === undefined ? undefined : `${words.say('order_label')} ${orderId}`
  setText(parts.order, [order, description].filter((one) => one !== undefined).join(' · '))
  setText(parts.title, titleOf(words, stageOf(shown)))
  setText(parts.detail, detailOf(words, shown))
  parts.detail.classList.toggle('refusal', isRefusal(shown))
}

function writeReceipt(
  parts: Parts,
  words: Words,
  invoice: Invoice | undefined,
  stage: Stage,
): void {
  parts.receipt.hidden = invoice === undefined || !WITH_RECEIPT.includes(stage)
  if (invoice === undefined || parts.receipt.hidden) return
  const { payment } = invoice
  const paidAt = payment?.settledAt ?? invoice.paidAt
  writeRows(parts.receipt, [
    [words.say('receipt_time'), paidAt && words.time(paidAt)],
    [words.say('receipt_block'), payment?.blockNumber?.toString()],
    [words.say('receipt_hash'), payment?.txHash],
    [words.say('receipt_id'), invoice.id],
  ])
}

/** Shows the symbol of an invoice, and loads it again when the network swallowed it. */
function qrKeeper(
  parts: Parts,
  words: Words,
): (invoice: Invoice | undefined, stage: Stage) => void {
  let shownCode: string | undefined
  const load = (code: string, attempt: number) => {
    const again = attempt === 0 ? '' : `?again=${attempt}`
    parts.qr.onload = () => setText(parts.note, '')
    parts.qr.onerror = () => {
      if (shownCode !== code) return
      setText(parts.note, words.say('qr_failed'))
      setTimeout(() => {
        if (shownCode === code) load(code, attempt + 1)
      }, QR_RETRY_MS)
    }
    parts.qr.src = `/p/${code}/qr.svg${again}`
  }
  return (invoice, stage) => {
    const isNeeded = invoice !== undefined && ['open', 'checking', 'paying'].includes(stage)
    if (!isNeeded) {
      shownCode = undefined
      parts.qr.removeAttribute('src')
      parts.local.hidden = true
      return
    }
    parts.qr.alt = words.say('qr_label', { amount: words.won(invoice.amount) })
    parts.local.hidden = stage !== 'open' || !LOOPBACK.test(new URL(invoice.payUrl).hostname)
    parts.localLink.href = invoice.payUrl
    if (shownCode === invoice.code) return
    shownCode = invoice.code
    load(invoice.code, 0)
  }
}

function showButtons(parts: Parts, words: Words, stage: Stage, isPast: boolean): void {
  const isOver = stage === 'paid' || stage === 'expired' || stage === 'cancelled'
  parts.stop.hidden = stage !== 'sending'
  parts.cancel.hidden = stage !== 'open'
  parts.renew.hidden = isPast || (stage !== 'expired' && stage !== 'cancelled')
  const isWaiting = stage === 'review' || stage === 'approved' || stage === 'received'
  parts.next.hidden = !isOver && !isWaiting && !isPast
  setText(parts.next, words.say(isPast ? 'back' : 'next'))
}

/** Puts the focus where Enter does what comes next; never on cancelling. */
function focusFor(parts: Parts, stage: Stage): void {
  const target = stage === 'expired' && !parts.renew.hidden ? parts.renew : parts.next
  // Goods are not to be handed over yet: Enter must not wipe that off the screen.
  if (target.hidden || stage === 'received') parts.title.focus()
  else target.focus()
}
