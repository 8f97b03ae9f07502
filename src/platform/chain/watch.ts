import type { Hex } from '../../kernel/hex.ts'
import type { NodeHealth } from './chain.ts'
import { readMeaningOf } from './errors.ts'
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

export type NodesOptions = {
  readonly rpcUrls: readonly string[]
  readonly chainId: number
  readonly onCall?: OnCall | undefined
  /** Is told when a node loses its health and when it is well again. */
  readonly onHealth?: ((node: NodeHealth) => void) | undefined
}

/** The configured nodes and what is known of each. It looks at them by itself once something was asked. */
export type Watch = {
  /** Whom to ask now, in this order. */
  order(otherThan?: number): readonly NodeRecord[]
  /** Why nobody is asked, when nobody is. */
  nobody(): NodeError
  /** Asks one node, again on passing confusion. Throws NodeError. */
  ask(place: number, calls: readonly Call[], timeoutMs: number): Promise<readonly Reply[]>
  /** Makes sure that a node is on our chain, unless that is known. Throws NodeError when it is not. */
  prove(place: number, timeoutMs: number): Promise<void>
  /** After all that was asked of a node was answered. */
  praise(place: number): void
  /** Takes account of what a node did instead of answering. Whether that may be the question's own fault. */
  blame(place: number, error: NodeError): boolean
  fail(place: number, text: string): void
  sawHead(head: bigint, place?: number): void
  recordAt(place: number): NodeRecord
  list(): readonly NodeHealth[]
  close(): void
}

export const TIMEOUT_MS = 5_000
const ATTEMPTS = 3
const PAUSE_MS = 20
const IN_USE_MS = 10_000
const LEAST_TIMER_MS = 20
const INTERNAL_ERROR = -32_603

export function openWatch({ rpcUrls, chainId, onCall, onHealth }: NodesOptions): Watch {
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

  function blame(place: number, error: NodeError): boolean {
    const meaning = error.trouble === 'said' ? readMeaningOf(error.message) : undefined
    if (error.trouble === 'limited' || meaning === 'limited')
      change(place, (record) => afterLimit(record, now(), error.message, error.retryAfterMs))
    else if (error.trouble !== 'said' || meaning === 'not_ready' || error.code === INTERNAL_ERROR)
      fail(place, error.message)
    else return meaning === undefined
    return false
  }

  function order(otherThan?: number): readonly NodeRecord[] {
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

  function nobody(): NodeError {
    const limited = records.find((record) => now() < record.limitedUntil)
    return limited === undefined
      ? new NodeError('down', 'no node is there to be asked')
      : new NodeError('limited', limited.lastError ?? 'too many calls')
  }

  return {
    order,
    nobody,
    ask: askAt,
    prove: async (place, timeoutMs) => {
      if (recordAt(place).provenAt === undefined) await prove(place, timeoutMs)
    },
    praise: (place) => change(place, afterAnswer),
    blame,
    fail,
    sawHead,
    recordAt,
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

function isHandedOn(call: Call | undefined, error: NodeError): boolean {
  return call?.mayBeMissing === true && readMeaningOf(error.message) === 'no_method'
}

function isPassing(error: NodeError): boolean {
  return (
    error.trouble === 'broken' ||
    (error.trouble === 'said' && readMeaningOf(error.message) === 'behind')
  )
}
