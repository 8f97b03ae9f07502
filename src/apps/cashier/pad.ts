import { type Won, won } from '../../kernel/money.ts'
import { element, setText } from '../browser/elements.ts'
import { type Key, keyOf, LIMIT_WON, press } from './amount.ts'
import type { Charge } from './attempt.ts'
import type { Words } from './language.ts'
import type { Refusal } from './sale.ts'

export type Pad = {
  press(key: Key): void
  clear(): void
  refuse(refusal: Refusal): void
  focus(): void
  render(): void
}

/** The amount, its keys and the two notes of a sale. */
export function openPad(words: Words, onCharge: (charge: Charge) => void): Pad {
  const form = element('charge-form', HTMLFormElement)
  const output = element('amount', HTMLElement)
  const problem = element('charge-problem', HTMLElement)
  const charge = element('charge', HTMLButtonElement)
  const order = element('order', HTMLInputElement)
  const memo = element('memo', HTMLInputElement)
  // The focus rests here, so that Enter charges; Tab passes it by.
  output.tabIndex = -1
  let amount: Won = won(0n)
  let say: (() => string) | undefined
  const render = () => {
    const text = words.won(amount)
    setText(output, text)
    output.dataset.empty = String(amount === 0n)
    output.style.setProperty('--letters', String(Math.max(7, text.length)))
    setText(
      charge,
      amount === 0n ? words.say('charge') : words.say('charge_amount', { amount: text }),
    )
    charge.setAttribute('aria-disabled', String(amount === 0n))
    setText(problem, say?.() ?? '')
  }
  const tell = (what: (() => string) | undefined) => {
    say = what
    render()
  }
  const pressKey = (key: Key) => {
    const next = press(amount, key)
    amount = next.amount
    tell(next.isOver ? () => words.say('over_limit', { amount: words.won(LIMIT_WON) }) : undefined)
  }
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    if (amount === 0n) return tell(() => words.say('need_amount'))
    onCharge({ amount, orderId: order.value, memo: memo.value })
  })
  for (const button of form.querySelectorAll<HTMLButtonElement>('[data-key]')) {
    // A finger on a key does not move the focus, so that Enter goes on charging.
    button.addEventListener('pointerdown', (event) => event.preventDefault())
    button.addEventListener('click', () => pressKey(button.dataset.key as Key))
  }
  return {
    press: pressKey,
    clear: () => {
      amount = won(0n)
      order.value = ''
      memo.value = ''
      tell(undefined)
    },
    refuse: (refusal) => tell(() => refusalText(words, refusal, order.value.trim())),
    focus: () => output.focus({ preventScroll: true }),
    render,
  }
}

function refusalText(words: Words, refusal: Refusal, order: string): string {
  if (refusal.code === 'order_exists') return words.say('order_exists', { order })
  if (refusal.fields.includes('/terminal_id') || refusal.code === 'forbidden')
    return words.say('no_terminal')
  return words.say('charge_refused', { code: refusal.code })
}

/** Lets a keyboard work the pad, except where the key already means something: in a field, on a button. */
export function listenToKeyboard(pad: Pad, isActive: () => boolean): void {
  document.addEventListener('keydown', (event) => {
    if (!isActive() || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return
    const target = event.target
    if (target instanceof HTMLInputElement) return
    if (event.key === 'Enter') {
      if (target instanceof HTMLButtonElement || target instanceof HTMLAnchorElement) return
      event.preventDefault()
      // Holding the key down is one press.
      if (!event.repeat) element('charge-form', HTMLFormElement).requestSubmit()
      return
    }
    const key = keyOf(event.key)
    if (key === undefined) return
    event.preventDefault()
    pad.press(key)
  })
}
