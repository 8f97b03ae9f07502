import { groupDigits } from '../../kernel/money.ts'
import type { Memory } from './memory.ts'
import { DICTIONARIES, type Language, type TextKey } from './text.ts'

/** The page's words in the language of the person at the till. */
export type Words = {
  say(key: TextKey, values?: Readonly<Record<string, string>>): string
  /** `4,500원` or `₩4,500`. */
  won(amount: bigint): string
  /** Seoul wall-clock time: the day of the list and the statement is a Seoul day too. */
  time(at: Date): string
  toggle(): void
}

/** Korean or English: as chosen before, or else as the browser says. */
export function openWords(memory: Memory): Words {
  let language: Language = firstLanguage(memory)
  const say: Words['say'] = (key, values = {}) =>
    DICTIONARIES[language][key].replace(/\{(\w+)\}/g, (hole, name: string) => values[name] ?? hole)
  const apply = () => {
    document.documentElement.lang = language
    document.title = say('title')
    for (const one of document.querySelectorAll<HTMLElement>('[data-text]'))
      one.textContent = say(one.dataset.text as TextKey)
    for (const one of document.querySelectorAll<HTMLElement>('[data-label]'))
      one.setAttribute('aria-label', say(one.dataset.label as TextKey))
    for (const one of document.querySelectorAll<HTMLInputElement>('[data-placeholder]'))
      one.placeholder = say(one.dataset.placeholder as TextKey)
  }
  apply()
  return {
    say,
    won: (amount) => say('won', { amount: groupDigits(amount) }),
    time: (at) => timeIn(language, at),
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

function timeIn(language: Language, at: Date): string {
  return new Intl.DateTimeFormat(language === 'ko' ? 'ko-KR' : 'en-GB', {
    timeZone: 'Asia/Seoul',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }).format(at)
}
