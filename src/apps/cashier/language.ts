import { openWordsFrom, type WordsOf } from '../browser/language.ts'
import type { Memory } from './memory.ts'
import { DICTIONARIES, type TextKey } from './text.ts'

const TIME_FORM = { hour: '2-digit', minute: '2-digit', second: '2-digit' } as const

/** The page's words in the language of the person at the till. */
export type Words = WordsOf<TextKey>

/** The language is the till's, so it outlives the page. */
export function openWords(memory: Memory): Words {
  return openWordsFrom(DICTIONARIES, memory, TIME_FORM)
}
