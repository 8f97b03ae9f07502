import { reasonOf } from '../browser/refusal.ts'
import type { Words } from './language.ts'
import type { Invoice } from './model.ts'
import type { TextKey } from './text.ts'

/** What the sale screen shows: an attempt that has no answer yet, or an invoice. */
export type Shown =
  | { readonly kind: 'sending'; readonly amount: bigint | undefined; readonly isLost: boolean }
  | {
      readonly kind: 'invoice'
      readonly invoice: Invoice
      /** Opened from the list, so nobody should take its tick for the sale at hand. */
      readonly isPast: boolean
      /** The countdown is over and the gateway has not said yet what became of the invoice. */
      readonly isOver: boolean
    }

export type Stage =
  | 'sending'
  | 'open'
  | 'checking'
  | 'paying'
  | 'received'
  | 'approved'
  | 'review'
  | 'paid'
  | 'expired'
  | 'cancelled'

/** Which screen it is. Only the gateway's own word makes it `paid`. */
export function stageOf(shown: Shown): Stage {
  if (shown.kind === 'sending') return 'sending'
  const { status, payment, chainState } = shown.invoice
  if (status === 'open' && shown.isOver) return 'checking'
  if (status !== 'paying') return status
  if (payment?.status === 'review') return 'review'
  if (payment?.approvedAt !== undefined) return 'approved'
  // Blocks may be hours away: the till says what it has, and goes on with the next sale.
  return chainState === 'halted' ? 'received' : 'paying'
}

/** Whether the shop was told to hand over on a payment that was then refused. */
export function isLost({ status, payment }: Invoice): boolean {
  return status !== 'paid' && payment?.status === 'refused' && payment.approvedAt !== undefined
}

const TITLES: Readonly<Record<Stage, TextKey>> = {
  sending: 'sending_title',
  open: 'open_title',
  checking: 'checking_title',
  paying: 'paying_title',
  received: 'received_title',
  approved: 'approved_title',
  review: 'review_title',
  paid: 'paid_title',
  expired: 'expired_title',
  cancelled: 'cancelled_title',
}

export function titleOf(words: Words, stage: Stage): string {
  return words.say(TITLES[stage])
}

/** The sentence under the title: what happened and what to do next. */
export function detailOf(words: Words, shown: Shown): string {
  if (shown.kind === 'sending') return shown.isLost ? words.say('sending_lost') : ''
  const { payment } = shown.invoice
  const reason = payment?.status === 'refused' ? reasonOf(words, payment) : undefined
  const stage = stageOf(shown)
  if (reason !== undefined && isLost(shown.invoice) && stage !== 'checking')
    return words.say('lost_detail', { reason })
  switch (stage) {
    case 'sending':
      return ''
    case 'open':
      return reason === undefined ? words.say('open_detail') : words.say('open_refused', { reason })
    case 'expired':
      return reason === undefined
        ? words.say('expired_detail')
        : words.say('expired_refused', { reason })
    case 'checking':
      return words.say('checking_detail')
    case 'paying':
      return words.say(shown.invoice.chainState === 'slow' ? 'paying_slow' : 'paying_detail')
    case 'received':
      return words.say('received_detail')
    case 'approved':
      return words.say('approved_detail')
    case 'review':
      return words.say('review_detail')
    case 'paid':
      return words.say('paid_detail')
    case 'cancelled':
      return words.say('cancelled_detail')
  }
}

/** Whether the sentence under the title tells of a payment that did not go through. */
export function isRefusal(shown: Shown): boolean {
  if (shown.kind === 'sending' || shown.invoice.payment?.status !== 'refused') return false
  const stage = stageOf(shown)
  return stage === 'open' || stage === 'expired' || (stage === 'cancelled' && isLost(shown.invoice))
}
