/** A line of progress; stdout is the result's. */
export function progress(line: string): void {
  process.stderr.write(`${(performance.now() / 1_000).toFixed(0).padStart(5)} s  ${line}\n`)
}

/** The value that `share` (0 to 1) of the values do not exceed; 0 when there are none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
}

export function round(value: number, digits = 1): number {
  return Math.round(value * 10 ** digits) / 10 ** digits
}

/** What must hold, each with the words that are printed when it does not. */
export type Promises = readonly (readonly [holds: boolean, words: string])[]

/** Prints the result, one JSON object on one line with `--json`, and what does not hold. Returns the exit code. */
export function report(flags: readonly string[], result: object, promises: Promises): number {
  const broken = promises.filter(([holds]) => !holds)
  for (const [, words] of broken) progress(`does not hold: ${words}`)
  const text = flags.includes('--json') ? JSON.stringify(result) : JSON.stringify(result, null, 2)
  process.stdout.write(`${text}\n`)
  return broken.length === 0 ? 0 : 1
}
