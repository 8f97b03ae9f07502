import { reasonOf } from '../browser/refusal.ts'
import type { Words } from './language.ts'
import type { Checkout } from './model.ts'
import type { TextKey } from './text.ts'

/** What the page knows: the bill, or that there is none, or nothing yet. */
export type Known =
  | { readonly kind: 'loading' }
  | { readonly kind: 'missing' }
  | {
      readonly kind: 'bill'
      readonly checkout: Checkout
      /** This phone handed in a payment of it. */
      readonly isMine: boolean
      /** The countdown is over and the gateway has not said yet what became of the bill. */
      readonly isOver: boolean
    }

export type Stage =
  | 'loading'
  | 'missing'
  | 'open'
  | 'over'
  | 'mine'
  | 'received'
  | 'approved'
  | 'other'
  | 'review'
  | 'paid'
  | 'expired'
  | 'cancelled'

/** Which screen it is. Only the gateway's own word makes it `paid`. */
export function stageOf(known: Known): Stage {
  if (known.kind !== 'bill') return known.kind
  const { status, payment, chainState } = known.checkout
  if (status === 'open') return known.isOver ? 'over' : 'open'
  if (status !== 'paying') return status
  if (payment?.status === 'review') return 'review'
  if (!known.isMine) return 'other'
  if (payment?.approvedAt !== undefined) return 'approved'
  return chainState === 'halted' ? 'received' : 'mine'
}

const TITLES: Readonly<Record<Stage, TextKey>> = {
  loading: 'loading',
  missing: 'missing_title',
  open: 'open_title',
  over: 'over_title',
  mine: 'mine_title',
  received: 'received_title',
  approved: 'approved_title',
  other: 'other_title',
  review: 'review_title',
  paid: 'paid_title',
  expired: 'expired_title',
  cancelled: 'cancelled_title',
}

export function titleOf(words: Words, stage: Stage): string {
  return words.say(TITLES[stage])
}

/** The sentence under the title. */
export function detailOf(words: Words, known: Known): string {
  const stage = stageOf(known)
  switch (stage) {
    case 'loading':
    case 'open':
      return ''
    case 'missing':
      return words.say('missing_detail')
    case 'over':
      return words.say('over_detail')
    case 'mine':
      return words.say(isSlow(known) ? 'mine_slow' : 'mine_detail')
    case 'received':
      return words.say('received_detail')
    case 'approved':
      return words.say('approved_detail')
    case 'other':
      return words.say('other_detail')
    case 'review':
      return words.say('review_detail')
    case 'paid':
      return words.say(known.kind === 'bill' && known.isMine ? 'paid_detail' : 'paid_other')
    case 'expired':
      return words.say('expired_detail')
    case 'cancelled':
      return words.say('cancelled_detail')
  }
}

function isSlow(known: Known): boolean {
  return known.kind === 'bill' && known.checkout.chainState === 'slow'
}

/** Why this phone's last payment did not go through; undefined when that did not happen. */
export function refusalOf(words: Words, known: Known): string | undefined {
  if (known.kind !== 'bill' || !known.isMine) return undefined
  const { payment } = known.checkout
  if (payment?.status !== 'refused') return undefined
  return words.say('refused', { reason: reasonOf(words, payment) })
}
