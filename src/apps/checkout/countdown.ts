import { SECOND_MS } from '../../kernel/time.ts'
import { element, setText } from './elements.ts'
import type { Words } from './language.ts'
import type { Checkout } from './model.ts'

const STEP_MS = 200
/** A shopper comes in the middle of it and is not told when it began. */
const USUAL_LIFETIME_MS = 180 * SECOND_MS
const HURRY_SECONDS = 20

export type Countdown = { show(checkout: Checkout): void; hide(): void }

/** The ring that empties. It runs on time passed since the answer, so that a wrong clock in a phone does not matter. */
export function openCountdown(words: Words, onOver: () => void): Countdown {
  const box = element('countdown', HTMLElement)
  const ring = element('countdown-ring', SVGCircleElement)
  const text = element('countdown-text', HTMLElement)
  let running: { readonly endsAt: number; readonly wholeMs: number } | undefined
  let timer: number | undefined
  let shown: Checkout | undefined
  const stop = () => {
    clearInterval(timer)
    timer = undefined
    running = undefined
  }
  const step = () => {
    if (running === undefined) return
    const leftMs = Math.max(0, running.endsAt - performance.now())
    const seconds = Math.ceil(leftMs / SECOND_MS)
    ring.style.strokeDashoffset = String(100 - (100 * leftMs) / running.wholeMs)
    const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
    setText(text, time)
    box.setAttribute('aria-label', words.say('time_left', { time }))
    box.classList.toggle('hurry', seconds <= HURRY_SECONDS)
    if (leftMs > 0) return
    stop()
    onOver()
  }
  return {
    show: (checkout) => {
      box.hidden = false
      // The seconds count from the answer, not from the last time that it was drawn.
      if (checkout === shown) return
      stop()
      shown = checkout
      running = {
        endsAt: performance.now() + checkout.expiresInSeconds * SECOND_MS,
        wholeMs: Math.max(USUAL_LIFETIME_MS, checkout.expiresInSeconds * SECOND_MS),
      }
      timer = window.setInterval(step, STEP_MS)
      step()
    },
    hide: () => {
      stop()
      shown = undefined
      box.hidden = true
    },
  }
}
