import { isFinal } from '../browser/invoice.ts'
import { backOffMs, pause } from '../browser/retry.ts'
import type { Api } from './api.ts'
import type { Checkout } from './model.ts'

type Watcher = {
  onCheckout(checkout: Checkout): void
  onReach(isReached: boolean): void
  onRefused(code: string): void
}

/** Follows a bill until nothing can happen to it any more. A phone that wakes up asks at once: its connections slept too. */
export async function watchCheckout(api: Api, watcher: Watcher): Promise<void> {
  let known: Checkout | undefined
  let failures = 0
  let round = new AbortController()
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') round.abort()
  })
  while (known === undefined || !isFinal(known)) {
    round = new AbortController()
    const isSure = known !== undefined && failures === 0
    const answer = await (isSure && known !== undefined
      ? api.waitForCheckout(known.version, round.signal)
      : api.getCheckout(round.signal))
    if (answer.outcome === 'refused') {
      watcher.onRefused(answer.code)
      return
    }
    // Woken up: what was cut off says nothing about the network.
    if (answer.outcome === 'unreachable' && round.signal.aborted) continue
    watcher.onReach(answer.outcome === 'ok')
    if (answer.outcome === 'unreachable') {
      failures++
      await pause(backOffMs(failures, Math.random), round.signal)
      continue
    }
    failures = 0
    if (known !== undefined && answer.value.version < known.version) continue
    known = answer.value
    watcher.onCheckout(known)
  }
}
