import { drawPlan } from './plan.ts'
import { type Outcome, runPlan } from './run.ts'
import { shrink } from './shrink.ts'
import { linesOf } from './story.ts'
import { EVERY_SAFETY } from './switches.ts'

const USAGE = 'usage: npm run -s simulate -- [--seeds N] [--seed S] [--json]'
const DEFAULT_SEEDS = 1_000
const TELL_EVERY = 100

/** Runs many seeds. 0 when no rule was broken by any of them. */
export async function main(words: readonly string[]): Promise<number> {
  const seeds = numberAfter(words, '--seeds') ?? DEFAULT_SEEDS
  const first = numberAfter(words, '--seed') ?? 1
  const begun = performance.now()
  let [events, violations] = [0, 0]
  let broken: { readonly seed: number; readonly outcome: Outcome } | undefined
  for (let seed = first; seed < first + seeds; seed++) {
    const outcome = await runPlan(drawPlan(seed), EVERY_SAFETY)
    events += outcome.told.length
    if (outcome.breach !== undefined) {
      violations++
      broken ??= { seed, outcome }
      say(`seed ${seed}: ${outcome.breach}`)
    }
    const done = seed - first + 1
    if (done % TELL_EVERY === 0) say(`${done} of ${seeds} seeds, ${violations} violations`)
  }
  const result = {
    ...{ seeds, violations, events_per_seed: Math.round(events / seeds) },
    seconds: Math.round((performance.now() - begun) / 100) / 10,
    ...(broken === undefined ? {} : { first_violation: await explain(broken.seed) }),
  }
  process.stdout.write(`${JSON.stringify(result, null, words.includes('--json') ? 0 : 2)}\n`)
  return violations === 0 ? 0 : 1
}

/** The shortest story of a broken rule that was found. */
async function explain(seed: number) {
  say(`looking for a shorter story of seed ${seed}`)
  const { plan, outcome } = await shrink(drawPlan(seed), EVERY_SAFETY)
  const trace = linesOf(outcome.told)
  for (const line of trace) say(line)
  return { seed, breach: outcome.breach, trace, plan }
}

function numberAfter(words: readonly string[], name: string): number | undefined {
  const at = words.indexOf(name)
  if (at < 0) return undefined
  const number = Number(words[at + 1])
  if (!Number.isSafeInteger(number) || number < 1) throw new Error(USAGE)
  return number
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}
