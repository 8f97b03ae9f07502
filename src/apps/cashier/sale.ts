import { wonFromJson } from '../../kernel/money.ts'
import { element } from '../browser/elements.ts'
import { isFinal } from '../browser/invoice.ts'
import { fieldsOf } from '../browser/json.ts'
import type { Api, Attempt } from './api.ts'
import { type Charge, newAttempt, nextOrderId, storedAttempt } from './attempt.ts'
import type { Words } from './language.ts'
import type { Memory } from './memory.ts'
import type { Invoice, Place } from './model.ts'
import { openSaleView } from './sale-view.ts'
import type { Shown } from './stage.ts'
import { askUntilAnswered, watchInvoice } from './watch.ts'

/** Why no invoice came of a charge. */
export type Refusal = {
  readonly status: number
  readonly code: string
  readonly fields: readonly string[]
}

/** What the sale screen needs from the till around it. */
export type SaleContext = {
  readonly api: () => Api
  readonly memory: Memory
  readonly words: Words
  readonly place: () => Place | undefined
  onReach(isReached: boolean): void
  /** An invoice is new or has changed. */
  onInvoice(invoice: Invoice): void
  /** A charge has its invoice. */
  onOpened(): void
  onChargeRefused(refusal: Refusal): void
  onKeyRefused(): void
  onShow(): void
  onClose(): void
}

export type Sale = {
  begin(charge: Charge): void
  /** Goes on with what a reload interrupted. */
  resume(): void
  /** Shows an earlier sale. */
  look(invoice: Invoice): void
  isShown(): boolean
  /** Ends with the sale at hand. */
  close(): void
  /** Puts it aside: `resume` goes on with it. */
  pause(): void
  render(): void
}

/** What the sale screen can do, for the steps that lead to it. */
type Screen = {
  show(shown: Shown): void
  follow(first: Invoice, isPast: boolean, signal: AbortSignal): void
  close(): void
}

/** The sale at hand: opens its invoice exactly once, follows it, and tells what became of it. */
export function openSale(context: SaleContext): Sale {
  let shown: Shown | undefined
  let work = new AbortController()
  const view = openSaleView(context.words, () => {
    if (shown?.kind === 'invoice') screen.show({ ...shown, isOver: true })
  })
  const render = () => {
    if (shown !== undefined) view.render(shown, context.place())
  }
  const pause = () => {
    work.abort()
    shown = undefined
  }
  const screen: Screen = {
    show: (next) => {
      const isFirst = shown === undefined
      shown = next
      if (isFirst) context.onShow()
      render()
    },
    follow: (first, isPast, signal) => followInvoice(context, screen, first, isPast, signal),
    close: () => {
      pause()
      context.memory.forget('attempt', 'sale')
      context.onClose()
    },
  }
  const startOver = (): AbortSignal => {
    work.abort()
    work = new AbortController()
    return work.signal
  }
  const begin = (charge: Charge) => {
    const attempt = newAttempt(charge, context.api().now())
    // Kept before it is sent: whatever happens next, only this key is used for this charge.
    context.memory.set('attempt', JSON.stringify(attempt))
    context.memory.forget('sale')
    void sendAttempt(context, screen, attempt, startOver(), false)
  }
  listenToButtons(context, screen, () => shown, begin, view.note)
  return {
    begin,
    resume: () => resumeWhatWas(context, screen, startOver),
    look: (invoice) => {
      if (isFinal(invoice)) context.memory.forget('sale')
      else context.memory.set('sale', invoice.id)
      screen.follow(invoice, isFinal(invoice), startOver())
    },
    isShown: () => shown !== undefined,
    close: screen.close,
    pause,
    render,
  }
}

function followInvoice(
  context: SaleContext,
  screen: Screen,
  first: Invoice,
  isPast: boolean,
  signal: AbortSignal,
): void {
  const take = (invoice: Invoice) => {
    screen.show({ kind: 'invoice', invoice, isPast, isOver: invoice.expiresInSeconds <= 0 })
    context.onInvoice(invoice)
  }
  take(first)
  void watchInvoice(
    context.api(),
    first,
    { onInvoice: take, onReach: context.onReach, onRefused: context.onKeyRefused },
    signal,
  )
}

function resumeWhatWas(context: SaleContext, screen: Screen, startOver: () => AbortSignal): void {
  const attempt = storedAttempt(context.memory.get('attempt'))
  const id = context.memory.get('sale')
  if (attempt !== undefined) void sendAttempt(context, screen, attempt, startOver(), true)
  else if (id !== undefined) void resumeSale(context, screen, id, startOver())
}

async function sendAttempt(
  context: SaleContext,
  screen: Screen,
  attempt: Attempt,
  signal: AbortSignal,
  isAgain: boolean,
): Promise<void> {
  const amount = wonFromJson(Number(fieldsOf(JSON.parse(attempt.body)).amount))
  let isLost = isAgain
  screen.show({ kind: 'sending', amount, isLost: false })
  const api = context.api()
  const answer = await askUntilAnswered(
    () => api.createInvoice(attempt, signal),
    (isReached) => {
      context.onReach(isReached)
      if (isReached) return
      isLost = true
      screen.show({ kind: 'sending', amount, isLost })
    },
    signal,
  )
  if (answer === undefined) return
  if (answer.outcome === 'refused') {
    screen.close()
    if (answer.status === 401) context.onKeyRefused()
    else context.onChargeRefused(answer)
    return
  }
  context.memory.set('sale', answer.value.id)
  context.memory.forget('attempt')
  context.onOpened()
  // The answer to a repeated charge is the first one, word for word: it may be old.
  if (isLost) await resumeSale(context, screen, answer.value.id, signal)
  else screen.follow(answer.value, false, signal)
}

async function resumeSale(
  context: SaleContext,
  screen: Screen,
  id: string,
  signal: AbortSignal,
): Promise<void> {
  const api = context.api()
  screen.show({ kind: 'sending', amount: undefined, isLost: false })
  const answer = await askUntilAnswered(() => api.getInvoice(id, signal), context.onReach, signal)
  if (answer === undefined) return
  if (answer.outcome === 'ok') {
    screen.follow(answer.value, false, signal)
    return
  }
  screen.close()
  if (answer.status === 401) context.onKeyRefused()
}

function listenToButtons(
  context: SaleContext,
  { show, close }: Screen,
  current: () => Shown | undefined,
  begin: (charge: Charge) => void,
  note: (text: string) => void,
): void {
  const cancel = element('cancel', HTMLButtonElement)
  element('next', HTMLButtonElement).onclick = close
  element('stop', HTMLButtonElement).onclick = close
  element('renew', HTMLButtonElement).onclick = () => {
    const shown = current()
    if (shown?.kind !== 'invoice') return
    const { amount, orderId, description = '' } = shown.invoice
    begin({ amount, orderId: orderId === undefined ? '' : nextOrderId(orderId), memo: description })
  }
  cancel.onclick = () => {
    const shown = current()
    if (shown?.kind !== 'invoice' || cancel.disabled) return
    cancel.disabled = true
    note(context.words.say('cancelling'))
    void cancelSale(context, shown.invoice).then(({ text, invoice }) => {
      cancel.disabled = false
      const now = current()
      // The till may show another sale by now.
      if (now?.kind !== 'invoice' || now.invoice.id !== shown.invoice.id) return
      if (invoice !== undefined && invoice.version >= now.invoice.version) show({ ...now, invoice })
      if (invoice === undefined) note(text)
    })
  }
}

async function cancelSale(
  { api, words, onInvoice }: SaleContext,
  invoice: Invoice,
): Promise<{ text: string; invoice?: Invoice }> {
  const answer = await api().cancelInvoice(invoice.id)
  if (answer.outcome === 'unreachable') return { text: words.say('cancel_unreachable') }
  if (answer.outcome === 'refused') {
    const isPaying = answer.code === 'invoice_paying' || answer.code === 'invoice_paid'
    // What else it may be, expired say, the long poll is about to tell.
    return { text: isPaying ? words.say('cancel_paying') : '' }
  }
  onInvoice(answer.value)
  return { text: '', invoice: answer.value }
}
