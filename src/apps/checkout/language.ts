import { groupDigits } from '../../kernel/money.ts'
import { recall, remember } from './memory.ts'
import { DICTIONARIES, type Language, type TextKey } from './text.ts'

const LANGUAGE = 'language'

/** The page's words in the shopper's language. */
export type Words = {
  say(key: TextKey, values?: Readonly<Record<string, string>>): string
  /** `4,500원` or `₩4,500`. */
  won(amount: bigint): string
  /** Seoul date and wall-clock time, as on a Korean receipt. */
  time(at: Date): string
  toggle(): void
}

/** Korean or English: as chosen before, or else as the browser says. */
export function openWords(): Words {
  let language: Language = firstLanguage()
  const say: Words['say'] = (key, values = {}) =>
    DICTIONARIES[language][key].replace(/\{(\w+)\}/g, (hole, name: string) => values[name] ?? hole)
  const apply = () => {
    document.documentElement.lang = language
    document.title = say('title')
    for (const one of document.querySelectorAll<HTMLElement>('[data-text]'))
      one.textContent = say(one.dataset.text as TextKey)
    for (const one of document.querySelectorAll<HTMLElement>('[data-label]'))
      one.setAttribute('aria-label', say(one.dataset.label as TextKey))
  }
  apply()
  return {
    say,
    won: (amount) => say('won', { amount: groupDigits(amount) }),
    time: (at) => timeIn(language, at),
    toggle: () => {
      language = language === 'ko' ? 'en' : 'ko'
      remember(LANGUAGE, language)
      apply()
    },
  }
}

function firstLanguage(): Language {
  const chosen = recall(LANGUAGE)
  if (chosen === 'ko' || chosen === 'en') return chosen
  return navigator.language.toLowerCase().startsWith('ko') ? 'ko' : 'en'
}

function timeIn(language: Language, at: Date): string {
  return new Intl.DateTimeFormat(language === 'ko' ? 'ko-KR' : 'en-GB', {
    timeZone: 'Asia/Seoul',
    dateStyle: 'medium',
    timeStyle: 'medium',
    hourCycle: 'h23',
  }).format(at)
}
