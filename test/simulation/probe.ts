import { drawPlan } from './plan.ts'
import { runPlan } from './run.ts'
import { EVERY_SAFETY } from './switches.ts'
export async function probe(words: string[]) {
  const n = Number(words[0])
  for (const name of words.slice(1)) {
    const off = Object.fromEntries(name.split('+').map((k) => [k, false]))
    const hits: string[] = []
    for (let seed = 1; seed <= n && hits.length < 4; seed++) {
      const o = await runPlan(drawPlan(seed), { ...EVERY_SAFETY, ...off })
      if (o.breach) hits.push(`${seed}: ${o.breach}`)
    }
    console.log(name, hits)
  }
}
