import { element, setText } from '../browser/elements.ts'
import type { Words } from './language.ts'

const BACK_SHOWN_MS = 2_500

export type Connection = { reached(isReached: boolean): void; render(): void }

/** The banner that says when the page cannot hear the gateway. */
export function openConnection(words: Words, onBack: () => void): Connection {
  const banner = element('banner', HTMLElement)
  let isLost = false
  let timer: number | undefined
  const render = () => {
    if (isLost) setText(banner, words.say('no_network'))
    else if (!banner.hidden) setText(banner, words.say('back_online'))
  }
  const reached = (isReached: boolean) => {
    if (isReached !== isLost) return
    isLost = !isReached
    clearTimeout(timer)
    banner.hidden = false
    banner.dataset.state = isLost ? 'lost' : 'back'
    render()
    if (isLost) return
    timer = window.setTimeout(() => {
      banner.hidden = true
    }, BACK_SHOWN_MS)
    onBack()
  }
  window.addEventListener('offline', () => reached(false))
  return { reached, render }
}
