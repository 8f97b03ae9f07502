import { Fault } from '../../kernel/errors.ts'
import type { Hex } from '../../kernel/hex.ts'
import type { BroadcastAnswer, NodeHealth } from './chain.ts'
import { broadcastAnswerOf, meansOtherChain } from './errors.ts'
import type { NodeRecord } from './health.ts'
import { type Call, NodeError, type Reply, resultOf } from './rpc.ts'
import { type NodesOptions, openWatch, TIMEOUT_MS, type Watch } from './watch.ts'

/** How one node is asked: a reply for each question, repeated on passing confusion. Throws NodeError. */
export type AskHere = (calls: readonly Call[]) => Promise<readonly Reply[]>
/** Some questions that one node must answer together. Whatever it throws as NodeError is tried at the next node. */
export type Work<Answer> = (here: AskHere, node: NodeView) => Promise<Answer>
export type NodeView = { readonly place: number; readonly head: bigint | undefined }

type Said = { readonly answer: BroadcastAnswer; readonly text: string }

/** The configured nodes as one. Every call throws `chain_unavailable` when none of them answers. */
export type Nodes = {
  ask<Answer>(method: string, params: readonly unknown[]): Promise<Answer>
  /** Does some work at the preferred node that is well, or at the next one when that fails. */
  work<Answer>(what: string, work: Work<Answer>, otherThan?: number): Promise<Answer>
  broadcast(raw: Hex, to?: 'one' | 'all'): Promise<Said>
  /** Somebody showed this head: who is behind it by more than two blocks rests. */
  sawHead(head: bigint, place?: number): void
  list(): readonly NodeHealth[]
  close(): void
}

const SEND = 'eth_sendRawTransaction'
/** What the silence of a node may cost while another one is well. */
const SHORT_TIMEOUT_MS = 2_000
/** Codes of JSON-RPC and of a revert: the question is at fault, and no other node answers it better. */
const OF_THE_QUESTION: readonly (number | undefined)[] = [3, -32_600, -32_602]

export function openNodes(options: NodesOptions): Nodes {
  const watch = openWatch(options)
  return {
    work: (what, run, otherThan) => workAt(watch, what, run, otherThan),
    ask: (method, params) =>
      workAt(watch, method, async (here) => {
        const [reply] = await here([{ method, params }])
        return resultOf(reply)
      }),
    broadcast: (raw, to = 'one') => broadcast(watch, raw, to),
    sawHead: watch.sawHead,
    list: watch.list,
    close: watch.close,
  }
}

async function workAt<Answer>(
  watch: Watch,
  what: string,
  run: Work<Answer>,
  otherThan?: number,
): Promise<Answer> {
  const order = watch.order(otherThan)
  const doubtful: { readonly place: number; readonly text: string }[] = []
  let last = watch.nobody()
  for (const [index, { place }] of order.entries()) {
    const timeoutMs = isThereAnother(order[index + 1]) ? SHORT_TIMEOUT_MS : TIMEOUT_MS
    try {
      await watch.prove(place, timeoutMs)
      const here: AskHere = (calls) => watch.ask(place, calls, timeoutMs)
      const answer = await run(here, { place, head: watch.recordAt(place).head })
      watch.praise(place)
      // An error that another node does not share was the node's own.
      for (const one of doubtful) watch.fail(one.place, one.text)
      return answer
    } catch (error) {
      if (error instanceof Fault) throw error
      // What cannot be read is the node's fault as much as silence is.
      last = error instanceof NodeError ? error : new NodeError('down', `unreadable: ${error}`)
      if (last.trouble === 'said' && OF_THE_QUESTION.includes(last.code)) break
      if (watch.blame(place, last)) doubtful.push({ place, text: last.message })
    }
  }
  throw new Fault('chain_unavailable', `${what}: ${last.message}`, { cause: last })
}

async function broadcast(watch: Watch, raw: Hex, to: 'one' | 'all'): Promise<Said> {
  const order = watch.order()
  const said: Said[] = []
  let busy: string | undefined
  let last = watch.nobody()
  for (const [index, { place }] of order.entries()) {
    const timeoutMs = isThereAnother(order[index + 1]) ? SHORT_TIMEOUT_MS : TIMEOUT_MS
    try {
      await watch.prove(place, timeoutMs)
      // The same bytes twice are one transaction: a connection that broke may be tried again.
      await watch.ask(place, [{ method: SEND, params: [raw] }], timeoutMs)
      watch.praise(place)
      said.push({ answer: 'accepted', text: '' })
      if (to === 'one') break
    } catch (error) {
      if (!(error instanceof NodeError)) throw error
      last = error
      const answer = error.trouble === 'said' ? broadcastAnswerOf(error.message) : undefined
      if (meansOtherChain(error.message)) watch.fail(place, error.message)
      else if (answer !== undefined && answer !== 'busy') {
        said.push({ answer, text: error.message })
        if (to === 'one') break
      } else watch.blame(place, error)
      if (answer === 'busy' || error.trouble === 'limited') busy ??= error.message
    }
  }
  const best = said.find(({ answer }) => answer === 'accepted') ?? said[0]
  if (best !== undefined) return best
  if (busy === undefined && last.trouble === 'limited') busy = last.message
  if (busy !== undefined) return { answer: 'busy', text: busy }
  if (meansOtherChain(last.message)) return { answer: 'refused', text: last.message }
  throw new Fault('chain_unavailable', `${SEND}: ${last.message}`, { cause: last })
}

function isThereAnother(record: NodeRecord | undefined): boolean {
  return record !== undefined && record.state !== 'resting'
}
