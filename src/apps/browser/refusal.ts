import type { Payment } from './invoice.ts'
import type { WordsOf } from './language.ts'

type ReasonKey =
  `reason_${'funds' | 'expired' | 'bad_signature' | 'frozen_payer' | 'frozen_merchant' | 'replay'}`

const REASONS: Readonly<Record<string, ReasonKey>> = {
  funds: 'reason_funds',
  expired: 'reason_expired',
  bad_signature: 'reason_bad_signature',
  frozen_payer: 'reason_frozen_payer',
  frozen_merchant: 'reason_frozen_merchant',
  replay: 'reason_replay',
}

/** Why the chain refused a payment, in the words that the page has for it. */
export function reasonOf(
  words: Pick<WordsOf<ReasonKey | 'reason_other'>, 'say'>,
  { reason = '?' }: Payment,
): string {
  const key = REASONS[reason]
  return key === undefined ? words.say('reason_other', { code: reason }) : words.say(key)
}
