import { Fault } from '../../kernel/errors.ts'
import type { Hex } from '../../kernel/hex.ts'
import type { BroadcastAnswer, NodeHealth } from './chain.ts'
import { broadcastAnswerOf, meansOtherChain, readMeaningOf } from './errors.ts'
import {
  afterAnswer,
  afterFailure,
  afterHead,
  afterLimit,
  afterProof,
  askingOrder,
  bestHead,
  healthOf,
  looksAhead,
  type NodeRecord,
  newRecord,
} from './health.ts'
import { firstBlockOf, isKnownByFirstBlock } from './networks.ts'
import { type Call, NodeError, type OnCall, openRpc, type Reply, resultOf } from './rpc.ts'

/** How one node is asked: a reply for each question, repeated on passing confusion. Throws NodeError. */
export type AskHere = (calls: readonly Call[]) => Promise<readonly Reply[]>
/** Some questions that one node must answer together. Whatever it throws as NodeError is tried at the next node. */
export type Work<Answer> = (here: AskHere, node: NodeView) => Promise<Answer>
export type NodeView = { readonly place: number; readonly head: bigint | undefined }

/** The configured nodes as one. Every call throws `chain_unavailable` when none of them answers. */
export type Nodes = {
  ask<Answer>(method: string, params: readonly unknown[]): Promise<Answer>
  /** Does some work at the preferred node that is well, or at the next one when that fails. */
  work<Answer>(what: string, work: Work<Answer>, otherThan?: number): Promise<Answer>
  broadcast(raw: Hex): Promise<{ readonly answer: BroadcastAnswer; readonly text: string }>
  /** Somebody showed this head: who is behind it by more than two blocks rests. */
  sawHead(head: bigint, place?: number): void
  list(): readonly NodeHealth[]
  close(): void
}

type NodesOptions = {
  readonly rpcUrls: readonly string[]
  readonly chainId: number
  readonly onCall?: OnCall | undefined
  /** Is told when a node loses its health and when it is well again. */
  readonly onHealth?: ((node: NodeHealth) => void) | undefined
}

const SEND = 'eth_sendRawTransaction'
const TIMEOUT_MS = 5_000
/** What the silence of a node may cost while another one is well. */
const SHORT_TIMEOUT_MS = 2_000
const ATTEMPTS = 3
const PAUSE_MS = 20
const IN_USE_MS = 10_000
const LEAST_TIMER_MS = 20
/** Codes of JSON-RPC and of a revert: the question is at fault, and no other node answers it better. */
const OF_THE_QUESTION: readonly (number | undefined)[] = [3, -32_600, -32_602]
const INTERNAL_ERROR = -32_603

export function openNodes({ rpcUrls, chainId, onCall, onHealth }: NodesOptions): Nodes {
  const rpcs = rpcUrls.map((url) => openRpc(url, onCall))
  const records = rpcUrls.map((_, place) => newRecord(place))
  const looking = new Map<number, Promise<void>>()
  const toldUnwell = new Set<number>()
  /** Block 0 of the chain: that of the first node that was made sure of, where nobody knows it beforehand. */
  let genesis = firstBlockOf(chainId)
  /** The newest head of a subscription, which belongs to no node in particular. */
  let announced = newRecord(rpcUrls.length)
  let lastUsedAt = Number.NEGATIVE_INFINITY
  let timer: NodeJS.Timeout | undefined
  let isClosed = false

  const now = () => performance.now()
  const recordAt = (place: number) => records[place] ?? newRecord(place)
  const change = (place: number, next: (record: NodeRecord) => NodeRecord) => {
    const record = next(recordAt(place))
    records[place] = record
    const health = healthOf(record, now())
    if (health.isHealthy !== toldUnwell.has(place)) return
    if (health.isHealthy) toldUnwell.delete(place)
    else toldUnwell.add(place)
    onHealth?.(health)
  }
  const fail = (place: number, text: string) => {
    change(place, (record) => afterFailure(record, now(), text))
    plan()
  }
  const sawHead = (head: bigint, place?: number) => {
    const best = bestHead([...records, announced], now())
    if (place === undefined) announced = { ...announced, head, headAt: now() }
    else change(place, (record) => afterHead(record, now(), head, best))
  }

  async function askAt(
    place: number,
    calls: readonly Call[],
    timeoutMs: number,
  ): Promise<readonly Reply[]> {
    for (let attempt = 1; ; attempt++)
      try {
        const replies = (await rpcs[place]?.send(calls, timeoutMs)) ?? []
        for (const [index, reply] of replies.entries())
          if ('error' in reply && !isHandedOn(calls[index], reply.error)) throw reply.error
        return replies
      } catch (error) {
        // A block that lands between two halves of a read confuses a node for a moment, and a kept connection may end.
        if (!(error instanceof NodeError) || !isPassing(error) || attempt === ATTEMPTS) throw error
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
      }
  }

  async function prove(place: number, timeoutMs: number): Promise<void> {
    const under = looking.get(place)
    if (under !== undefined) return under
    const look = makeSure(place, timeoutMs).finally(() => {
      looking.delete(place)
      plan()
    })
    looking.set(place, look)
    return look
  }

  /** Asks a node which chain it is on, and how far. Throws when it does not say, and when it is another one. */
  async function makeSure(place: number, timeoutMs: number): Promise<void> {
    const one = async <Result>(call: Call) =>
      resultOf<Result>((await askAt(place, [call], timeoutMs))[0])
    const [id, first, head] = await Promise.all([
      one<Hex>({ method: 'eth_chainId', params: [] }),
      isKnownByFirstBlock(chainId)
        ? one<{ hash?: Hex } | null>(FIRST_BLOCK).catch(ifSaid)
        : undefined,
      records.length > 1 ? one<Hex>(HEAD) : undefined,
    ])
    const otherChain = differenceOf(Number(id), first?.hash)
    if (otherChain === undefined) genesis ??= first?.hash
    change(place, (record) => afterProof(record, now(), otherChain))
    if (otherChain !== undefined) throw new NodeError('down', otherChain)
    if (head !== undefined) sawHead(BigInt(head), place)
  }

  function differenceOf(id: number, first: Hex | undefined): string | undefined {
    if (id !== chainId) return `it is on chain ${id}, expected ${chainId}`
    if (genesis === undefined || first === undefined || first === genesis) return undefined
    return `its first block is ${first}, expected ${genesis}`
  }

  /** Takes account of what a node did instead of answering. Returns whether that may be the question's own fault. */
  function blame(place: number, error: NodeError): boolean {
    const meaning = error.trouble === 'said' ? readMeaningOf(error.message) : undefined
    if (error.trouble === 'limited' || meaning === 'limited')
      change(place, (record) => afterLimit(record, now(), error.message, error.retryAfterMs))
    else if (error.trouble !== 'said' || meaning === 'not_ready' || error.code === INTERNAL_ERROR)
      fail(place, error.message)
    else return meaning === undefined
    return false
  }

  async function work<Answer>(
    what: string,
    run: Work<Answer>,
    otherThan?: number,
  ): Promise<Answer> {
    const order = inOrder(otherThan)
    const doubtful: { readonly place: number; readonly text: string }[] = []
    let last = new NodeError('down', 'no node is there to be asked')
    for (const [index, { place }] of order.entries()) {
      const timeoutMs = isThereAnother(order[index + 1]) ? SHORT_TIMEOUT_MS : TIMEOUT_MS
      try {
        if (recordAt(place).provenAt === undefined) await prove(place, timeoutMs)
        const here: AskHere = (calls) => askAt(place, calls, timeoutMs)
        const answer = await run(here, { place, head: recordAt(place).head })
        change(place, afterAnswer)
        // An error that another node does not share was the node's own.
        for (const one of doubtful) fail(one.place, one.text)
        return answer
      } catch (error) {
        if (!(error instanceof NodeError)) throw error
        last = error
        if (error.trouble === 'said' && OF_THE_QUESTION.includes(error.code)) break
        if (blame(place, error)) doubtful.push({ place, text: error.message })
      }
    }
    throw new Fault('chain_unavailable', `${what}: ${last.message}`, { cause: last })
  }

  async function broadcast(raw: Hex): Promise<{ answer: BroadcastAnswer; text: string }> {
    const order = inOrder()
    let busy: string | undefined
    let last = new NodeError('down', 'no node is there to be asked')
    for (const [index, { place }] of order.entries()) {
      const timeoutMs = isThereAnother(order[index + 1]) ? SHORT_TIMEOUT_MS : TIMEOUT_MS
      try {
        if (recordAt(place).provenAt === undefined) await prove(place, timeoutMs)
        // The same bytes twice are one transaction: a connection that broke may be tried again.
        await askAt(place, [{ method: SEND, params: [raw] }], timeoutMs)
        change(place, afterAnswer)
        return { answer: 'accepted', text: '' }
      } catch (error) {
        if (!(error instanceof NodeError)) throw error
        last = error
        const answer = error.trouble === 'said' ? broadcastAnswerOf(error.message) : undefined
        if (meansOtherChain(error.message)) fail(place, error.message)
        else if (answer !== undefined && answer !== 'busy') return { answer, text: error.message }
        else blame(place, error)
        if (answer === 'busy' || error.trouble === 'limited') busy ??= error.message
      }
    }
    if (busy !== undefined) return { answer: 'busy', text: busy }
    if (meansOtherChain(last.message)) return { answer: 'refused', text: last.message }
    const limited = records.find((record) => now() < record.limitedUntil)
    if (order.length === 0 && limited !== undefined)
      return { answer: 'busy', text: limited.lastError ?? '' }
    throw new Fault('chain_unavailable', `${SEND}: ${last.message}`, { cause: last })
  }

  function inOrder(otherThan?: number): readonly NodeRecord[] {
    const wasInUse = isInUse()
    lastUsedAt = now()
    if (!wasInUse) plan()
    return askingOrder(records, now(), otherThan)
  }

  const isInUse = () => now() - lastUsedAt < IN_USE_MS

  /** Sets the clock for the next look at a node. The first question of all goes before any of them. */
  function plan(): void {
    clearTimeout(timer)
    if (isClosed || records.every(({ state }) => state === 'new')) return
    const at = Math.min(...looksAhead(records, isInUse()).map((look) => look.at))
    timer = setTimeout(lookAround, Math.max(at - now(), LEAST_TIMER_MS)).unref()
  }

  function lookAround(): void {
    const due = looksAhead(records, isInUse()).filter((look) => look.at <= now())
    void Promise.allSettled(
      due.map(async ({ place, kind }) => {
        try {
          if (kind === 'chain') await prove(place, TIMEOUT_MS)
          else {
            const [reply] = await askAt(place, [HEAD], TIMEOUT_MS)
            sawHead(BigInt(resultOf<Hex>(reply)), place)
          }
        } catch (error) {
          // Whatever it was, the next look must not come at once.
          if (!(error instanceof NodeError)) fail(place, String(error))
          else if (blame(place, error)) fail(place, error.message)
        }
      }),
    ).then(plan)
  }

  return {
    work,
    broadcast,
    sawHead,
    ask: (method, params) =>
      work(method, async (here) => {
        const [reply] = await here([{ method, params }])
        return resultOf(reply)
      }),
    list: () => records.map((record) => healthOf(record, now())),
    close() {
      isClosed = true
      clearTimeout(timer)
      for (const rpc of rpcs) rpc.close()
    },
  }
}

const HEAD: Call = { method: 'eth_blockNumber', params: [] }
const FIRST_BLOCK: Call = { method: 'eth_getBlockByNumber', params: ['0x0', false] }

/** A node that has forgotten its first block is judged by its chain id alone. */
function ifSaid(error: unknown): null {
  if (error instanceof NodeError && error.trouble === 'said') return null
  throw error
}

function isThereAnother(record: NodeRecord | undefined): boolean {
  return record !== undefined && record.state !== 'resting'
}

function isHandedOn(call: Call | undefined, error: NodeError): boolean {
  return call?.mayBeMissing === true && readMeaningOf(error.message) === 'no_method'
}

function isPassing(error: NodeError): boolean {
  return (
    error.trouble === 'broken' ||
    (error.trouble === 'said' && readMeaningOf(error.message) === 'behind')
  )
}
