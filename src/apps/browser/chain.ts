import { element, setText } from './elements.ts'
import type { WordsOf } from './language.ts'

const STATES = ['live', 'slow', 'halted'] as const

/** Whether blocks come: `slow` is late, `halted` has stood still for a minute. */
export type ChainState = (typeof STATES)[number]

/** Reads the state of the chain. What these pages do not know is no reason to worry a person. */
export function readChainState(json: unknown): ChainState {
  return STATES.find((one) => one === json) ?? 'live'
}

export type ChainNotice = { show(state: ChainState): void; render(): void }

/** The line that says, calmly, that the chain is late or stands still, and what that means here. */
export function openChainNotice(
  words: Pick<WordsOf<'chain_slow' | 'chain_halted'>, 'say'>,
): ChainNotice {
  const box = element('chain', HTMLElement)
  const text = element('chain-text', HTMLElement)
  let shown: ChainState = 'live'
  const render = () => {
    box.dataset.state = shown
    setText(text, shown === 'live' ? '' : words.say(`chain_${shown}`))
  }
  return {
    show: (state) => {
      shown = state
      render()
    },
    render,
  }
}
