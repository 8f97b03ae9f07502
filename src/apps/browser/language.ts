import { groupDigits } from '../../kernel/money.ts'
import type { Language } from './text.ts'

/** A page's words in the language of its reader. */
export type WordsOf<Key extends string> = {
  say(key: Key, values?: Readonly<Record<string, string>>): string
  /** `4,500원` or `₩4,500`. */
  won(amount: bigint): string
  /** Seoul wall-clock time: the day of the list and the statement is a Seoul day too. */
  time(at: Date): string
  toggle(): void
}

/** Where the choice of a language is kept. */
type Memory = {
  get(name: 'language'): string | undefined
  set(name: 'language', language: Language): void
}

type Dictionary<Key extends string> = Readonly<Record<Key | 'title' | 'won', string>>

/** Korean or English: as chosen before, or else as the browser says. */
export function openWordsFrom<Key extends string>(
  dictionaries: Readonly<Record<Language, Dictionary<Key>>>,
  memory: Memory,
  timeForm: Intl.DateTimeFormatOptions,
): WordsOf<Key> {
  let language: Language = firstLanguage(memory)
  const say = (key: Key | 'title' | 'won', values: Readonly<Record<string, string>> = {}) =>
    dictionaries[language][key].replace(/\{(\w+)\}/g, (hole, name: string) => values[name] ?? hole)
  const apply = () => {
    document.documentElement.lang = language
    document.title = say('title')
    for (const one of document.querySelectorAll<HTMLElement>('[data-text]'))
      one.textContent = say(one.dataset.text as Key)
    for (const one of document.querySelectorAll<HTMLElement>('[data-label]'))
      one.setAttribute('aria-label', say(one.dataset.label as Key))
    for (const one of document.querySelectorAll<HTMLInputElement>('[data-placeholder]'))
      one.placeholder = say(one.dataset.placeholder as Key)
  }
  apply()
  return {
    say,
    won: (amount) => say('won', { amount: groupDigits(amount) }),
    time: (at) => timeIn(language, at, timeForm),
    toggle: () => {
      language = language === 'ko' ? 'en' : 'ko'
      memory.set('language', language)
      apply()
    },
  }
}

function firstLanguage(memory: Memory): Language {
  const chosen = memory.get('language')
  if (chosen === 'ko' || chosen === 'en') return chosen
  return navigator.language.toLowerCase().startsWith('ko') ? 'ko' : 'en'
}

function timeIn(language: Language, at: Date, form: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(language === 'ko' ? 'ko-KR' : 'en-GB', {
    ...form,
    timeZone: 'Asia/Seoul',
    hourCycle: 'h23',
  }).format(at)
}
