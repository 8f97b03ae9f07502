import { systemClock } from '../../kernel/time.ts'
import { element, setText } from '../browser/elements.ts'
import { openApi } from './api.ts'
import type { Words } from './language.ts'
import type { TextKey } from './text.ts'

const KEY_FORM = /^baro_[0-9A-HJKMNP-TV-Z]{38}$/

/** The key in what was typed or pasted, which may be the whole pairing address; undefined when there is none. */
export function keyIn(text: string): string | undefined {
  const [found = ''] = /baro_[0-9a-z]+/i.exec(text.replace(/\s/g, '')) ?? []
  const key = `baro_${found.slice(5).toUpperCase()}`
  return KEY_FORM.test(key) ? key : undefined
}

/** Takes the key out of the address, so that it is in no history, no bookmark and on no photo of the screen. */
export function takeKeyFromAddress(): string | undefined {
  const fragment = location.hash
  if (!fragment.startsWith('#key=')) return undefined
  history.replaceState(null, '', location.pathname + location.search)
  return decodeURIComponent(fragment.slice('#key='.length))
}

/** Why a key does not work, or undefined when it does. */
async function troubleWith(key: string): Promise<TextKey | undefined> {
  const answer = await openApi(key, systemClock).checkKey()
  if (answer.outcome === 'ok') return undefined
  if (answer.outcome === 'unreachable') return 'pair_unreachable'
  return answer.status === 403 ? 'pair_forbidden' : 'pair_unknown'
}

export type Pairing = {
  show(reason?: TextKey): void
  /** Checks a key with the gateway and, when it is good, hands it on. */
  offer(text: string): Promise<void>
  render(): void
}

/** The screen that asks for the till's key. */
export function openPairing(words: Words, onKey: (key: string) => void): Pairing {
  const form = element('pairing', HTMLFormElement)
  const input = element('pairing-key', HTMLInputElement)
  const problem = element('pairing-problem', HTMLElement)
  const go = element('pairing-go', HTMLButtonElement)
  let reason: TextKey | undefined
  let isBusy = false
  const render = () => {
    setText(problem, reason === undefined ? '' : words.say(reason))
    input.setAttribute('aria-invalid', String(reason !== undefined))
    setText(go, words.say(isBusy ? 'pair_checking' : 'pair_go'))
    go.disabled = isBusy
  }
  const fail = (why: TextKey) => {
    reason = why
    render()
    input.focus()
  }
  const offer = async (text: string) => {
    if (isBusy) return
    if (text.trim() === '') return fail('pair_empty')
    const key = keyIn(text)
    if (key === undefined) return fail('pair_form')
    isBusy = true
    reason = undefined
    render()
    const trouble = await troubleWith(key)
    isBusy = false
    render()
    if (trouble !== undefined) return fail(trouble)
    input.value = ''
    onKey(key)
  }
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    void offer(input.value)
  })
  return {
    show: (why) => {
      reason = why
      render()
      input.focus()
    },
    offer,
    render,
  }
}
