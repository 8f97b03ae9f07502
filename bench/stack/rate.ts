import type { Client } from './client.ts'

/** Sends requests, so many at a time, for so long. Returns how many a second were answered with `status`, and how many were not. */
export async function rateOf(
  client: Client,
  options: {
    readonly milliseconds: number
    readonly atOnce: number
    readonly status: number
    request(at: number): string
  },
): Promise<{ readonly perSecond: number; readonly failed: number }> {
  const begin = performance.now()
  let sent = 0
  let answered = 0
  let failed = 0
  const sender = async () => {
    while (performance.now() - begin < options.milliseconds) {
      const { status } = await client.send(options.request(sent++))
      if (status === options.status) answered += 1
      else failed += 1
    }
  }
  await Promise.all(Array.from({ length: options.atOnce }, sender))
  return { perSecond: (1_000 * answered) / (performance.now() - begin), failed }
}

/** The middle one. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
