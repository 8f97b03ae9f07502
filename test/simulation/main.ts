import { drawPlan } from './plan.ts'
import { runPlan } from './run.ts'
import { tellStory } from './story.ts'

export async function main(words: readonly string[]): Promise<number> {
  const number = (name: string, otherwise: number) => {
    const at = words.indexOf(name)
    return at < 0 ? otherwise : Number(words[at + 1])
  }
  const seeds = number('--seeds', 100)
  const first = number('--seed', 1)
  const begun = Date.now()
  let events = 0
  let virtual = 0
  for (let seed = first; seed < first + seeds; seed++) {
    const outcome = await runPlan(drawPlan(seed))
    events += outcome.told.length
    virtual += outcome.lastedMs
    if (outcome.breach !== undefined) {
      console.log(seed, outcome.breach)
      if (seeds === 1) console.log(tellStory(outcome.told))
    } else if (seeds===1) console.log(tellStory(outcome.told))
  }
  console.log({ seeds, events: events / seeds, virtual: virtual / seeds, ms: (Date.now() - begun) / seeds })
  return 0
}
