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
  /** The share of questions that the older chain answers; all of them when absent. Less is a balancer before two nodes. */
  readonly behindShare?: number
}

/** One kind of weather from second `from` on, until the next begins. */
export type Phase = { readonly from: number; readonly weather: Weather }

const ROUGH = { refused: 0.04, cut: 0.08, delayed: 0.04, doubled: 0.12, limited: 0.03 } as const

const FAIR: Weather = { name: 'fair' }

/** Lies that no reader can see through while every node tells them: one node at a time. */
const EXCLUSIVE = ['forging', 'hiding']

type Draw = (random: Random) => Weather

/** Kinds in which a node says what is not so. */
const LYING: readonly Draw[] = [
  () => ({ name: 'hiding', emptyLogs: 1, missingReceipts: 0.5 }),
  () => ({ name: 'forging', forgedReceipts: 0.4, emptyLogs: 0.6, wrongNonces: 0.1 }),
  () => ({ name: 'stammering', ...ROUGH, emptyLogs: 0.2, missingReceipts: 0.3, wrongNonces: 0.1 }),
  (random) => ({ name: 'far behind', behind: random.whole(13, 128) }),
  () => ({ name: 'stuck', behind: 'stuck', cut: 0.05 }),
  (random) => ({ name: 'balancing', behind: random.whole(1, 12), behindShare: 0.5 }),
]
/** Kinds in which it is only hard to reach. */
const ROUGHING: readonly Draw[] = [
  () => ({ name: 'rough', ...ROUGH, refusedSends: 0.1 }),
  (random) => ({ name: 'behind', behind: random.whole(1, 12) }),
  () => ({ name: 'crowded', limited: 0.8 }),
  () => ({ name: 'refusing', refusedSends: 0.8, cut: 0.05 }),
  () => ({ name: 'slow', delayed: 0.5, cut: 0.05 }),
  () => ({ name: 'down', refused: 1 }),
]
const SHORTEST_SECONDS = 2
const LONGEST_SECONDS = 7
const FAIR_SHARE = 0.35

/**
 * The weather of the two nodes over so many seconds. Every kind comes in turn, so that a short run sees lies too; beside
 * it the other node is fair, or misbehaves as well.
 */
export function drawWeather(random: Random, seconds: number): readonly [Phase[], Phase[]] {
  const first: Phase[] = [{ from: 0, weather: FAIR }]
  const second: Phase[] = [{ from: 0, weather: FAIR }]
  let deck: readonly Draw[] = []
  let from = 1
  while (from < seconds) {
    if (deck.length === 0) deck = drawDeck(random)
    const [draw = () => FAIR, ...rest] = deck
    deck = rest
    const one = draw(random)
    const other = drawBeside(random, one)
    const isSwapped = random.chance(0.5)
    first.push({ from, weather: isSwapped ? other : one })
    second.push({ from, weather: isSwapped ? one : other })
    from = round(from + random.between(SHORTEST_SECONDS, LONGEST_SECONDS))
  }
  return [first, second]
}

/** Every lie once, in any order, each followed by something rough. */
function drawDeck(random: Random): Draw[] {
  const rough = shuffled(random, ROUGHING)
  return shuffled(random, LYING).flatMap((draw, at) => [draw, rough[at] ?? draw])
}

function drawBeside(random: Random, beside: Weather): Weather {
  if (random.chance(FAIR_SHARE)) return FAIR
  const [draw = () => FAIR] = shuffled(random, [...LYING, ...ROUGHING])
  const drawn = draw(random)
  const isTooMuch = EXCLUSIVE.includes(beside.name) && EXCLUSIVE.includes(drawn.name)
  return isTooMuch ? FAIR : drawn
}

function shuffled<One>(random: Random, list: readonly One[]): One[] {
  return list
    .map((one) => ({ one, place: random.next() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ one }) => one)
}

/** The phase of this second. */
export function phaseAt(phases: readonly Phase[], second: number): Phase {
  return phases.findLast((phase) => phase.from <= second) ?? { from: 0, weather: FAIR }
}

export function round(seconds: number): number {
  return Math.round(seconds * 10) / 10
}
