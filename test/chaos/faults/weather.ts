import type { Random } from './random.ts'

/** How one node misbehaves for a while: shares of requests (0 to 1), and the block that it is stuck at. */
export type Weather = {
  readonly name: string
  /** Connections cut before anything is forwarded. */
  readonly refused?: number
  /** Connections cut after the node has done what it was asked. */
  readonly cut?: number
  /** Answers that come half a second to three seconds later. */
  readonly delayed?: number
  /** HTTP 429. */
  readonly limited?: number
  /** Raw transactions handed over twice. */
  readonly doubled?: number
  /** Raw transactions answered with one of Kaia's error texts, handed over or not. */
  readonly refusedSends?: number
  readonly missingReceipts?: number
  /** A success shown as a failure without logs. */
  readonly forgedReceipts?: number
  readonly emptyLogs?: number
  readonly wrongNonces?: number
  /** A whole, consistent, older chain: so many blocks behind, or stuck at the head of the moment when it began. */
  readonly behind?: number | 'stuck'
}

/** One kind of weather from second `from` on, until the next begins. */
export type Phase = { readonly from: number; readonly weather: Weather }

const ROUGH = { refused: 0.04, cut: 0.08, delayed: 0.04, doubled: 0.12, limited: 0.03 } as const

const FAIR: Weather = { name: 'fair' }

/** Lies that no reader can see through while every node tells them: one node at a time. */
const EXCLUSIVE = ['forging', 'hiding']

type Draw = (random: Random) => Weather
const KINDS: readonly [Draw, ...Draw[]] = [
  () => FAIR,
  () => ({ name: 'rough', ...ROUGH }),
  () => ({ name: 'rough', ...ROUGH, refusedSends: 0.1 }),
  () => ({ name: 'stammering', ...ROUGH, emptyLogs: 0.2, missingReceipts: 0.3, wrongNonces: 0.1 }),
  () => ({ name: 'hiding', emptyLogs: 1, missingReceipts: 0.5 }),
  () => ({ name: 'forging', forgedReceipts: 0.4, emptyLogs: 0.6, wrongNonces: 0.1 }),
  (random) => ({ name: 'behind', behind: random.whole(1, 12) }),
  (random) => ({ name: 'far behind', behind: random.whole(13, 128) }),
  () => ({ name: 'stuck', behind: 'stuck', cut: 0.05 }),
  () => ({ name: 'crowded', limited: 0.8 }),
  () => ({ name: 'refusing', refusedSends: 0.8, cut: 0.05 }),
  () => ({ name: 'slow', delayed: 0.5, cut: 0.05 }),
  () => ({ name: 'down', refused: 1 }),
]
const SHORTEST_SECONDS = 2
const LONGEST_SECONDS = 7

/** The weather of the two nodes over so many seconds: now and then one is fair while the other lies, now and then both misbehave. */
export function drawWeather(random: Random, seconds: number): readonly [Phase[], Phase[]] {
  const first: Phase[] = [{ from: 0, weather: FAIR }]
  const second: Phase[] = [{ from: 0, weather: FAIR }]
  let from = 1
  while (from < seconds) {
    const a = random.pick(KINDS)(random)
    const b = drawBeside(random, a)
    const [one, other]: readonly Weather[] = random.chance(0.5) ? [a, b] : [b, a]
    first.push({ from, weather: one ?? FAIR })
    second.push({ from, weather: other ?? FAIR })
    from = round(from + random.between(SHORTEST_SECONDS, LONGEST_SECONDS))
  }
  return [first, second]
}

function drawBeside(random: Random, beside: Weather): Weather {
  if (random.chance(0.35)) return FAIR
  const drawn = random.pick(KINDS)(random)
  const isTooMuch = EXCLUSIVE.includes(beside.name) && EXCLUSIVE.includes(drawn.name)
  return isTooMuch ? FAIR : drawn
}

/** The phase of this second. */
export function phaseAt(phases: readonly Phase[], second: number): Phase {
  return phases.findLast((phase) => phase.from <= second) ?? { from: 0, weather: FAIR }
}

export function round(seconds: number): number {
  return Math.round(seconds * 10) / 10
}
