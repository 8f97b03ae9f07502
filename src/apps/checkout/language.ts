import { openWordsFrom, type WordsOf } from '../browser/language.ts'
import { recall, remember } from './memory.ts'
import { DICTIONARIES, type TextKey } from './text.ts'

/** Date and time, as on a Korean receipt. */
const TIME_FORM = { dateStyle: 'medium', timeStyle: 'medium' } as const

/** The page's words in the shopper's language. */
export type Words = WordsOf<TextKey>

/** The phone is the shopper's, so the language is chosen for this tab only. */
export function openWords(): Words {
  return openWordsFrom(DICTIONARIES, { get: recall, set: remember }, TIME_FORM)
}
