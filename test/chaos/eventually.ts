import { setTimeout as sleep } from 'node:timers/promises'

const LOOK_MS = 20

/** Looks until `look` holds, or says what did not come true in time. */
export async function eventually(
  what: string,
  look: () => Promise<boolean>,
  limitMs: number,
): Promise<void> {
  const end = performance.now() + limitMs
  while (!(await look())) {
    if (performance.now() > end) throw new Error(`not within ${limitMs} ms: ${what}`)
    await sleep(LOOK_MS)
  }
}
