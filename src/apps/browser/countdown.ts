import { SECOND_MS } from '../../kernel/time.ts'
import { element, setText } from './elements.ts'
import type { WordsOf } from './language.ts'

const STEP_MS = 200
const HURRY_SECONDS = 20

/** What runs out, as the gateway's answer has it. */
type Ending = { readonly expiresInSeconds: number }

export type Countdown<One extends Ending> = { show(one: One): void; hide(): void }

/** The ring that empties. It runs on time passed since the answer, so that a wrong clock in a browser does not matter. */
export function openCountdown<One extends Ending>(
  words: Pick<WordsOf<'time_left'>, 'say'>,
  wholeMsOf: (one: One) => number,
  onOver: () => void,
): Countdown<One> {
  const box = element('countdown', HTMLElement)
  const ring = element('countdown-ring', SVGCircleElement)
  const text = element('countdown-text', HTMLElement)
  let running: { readonly endsAt: number; readonly wholeMs: number } | undefined
  let timer: number | undefined
  let shown: One | undefined
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
    show: (one) => {
      box.hidden = false
      // The seconds count from the answer, not from the last time that it was drawn.
      if (one === shown) return
      stop()
      shown = one
      running = {
        endsAt: performance.now() + one.expiresInSeconds * SECOND_MS,
        wholeMs: wholeMsOf(one),
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
