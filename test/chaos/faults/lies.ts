import type { Climate } from './faulty-node.ts'
import { answerFrom } from './old-view.ts'
import type { Random } from './random.ts'
import type { Call, Reply } from './rpc.ts'
import type { Weather } from './weather.ts'

const SEND = 'eth_sendRawTransaction'
const MOST_WRONG_NONCES = 5
const EMPTY_BLOOM = `0x${'00'.repeat(256)}`

/** What a Kaia node may say to a raw transaction, true or not. */
const KAIA_WORDS = [
  'nonce too low',
  'there is another tx which has the same nonce in the tx pool',
  'txpool is full',
  'insufficient funds of the sender for value ',
  'invalid gas fee cap. It must be set to value greater than or equal to baseFee',
  'context deadline exceeded',
] as const

/** Answers one call, truly or not, as the weather has it. `view` is the block that this node is at. */
export async function lie(climate: Climate, view: number | undefined, call: Call): Promise<Reply> {
  const { node, memory, counts } = climate
  const { weather } = climate.phase()
  if (call.method === SEND) return takeSend(climate, weather, call)
  if (view !== undefined && view < memory.head()) counts.add('rpc_old_views')
  const reply =
    view === undefined ? await node.ask(call) : await answerFrom(node, memory, view, call)
  return distort(climate, weather, call, reply)
}

async function takeSend(climate: Climate, weather: Weather, call: Call): Promise<Reply> {
  const { node, random, counts } = climate
  if (climate.isClosedToSends()) {
    counts.add('rpc_refused_sends')
    return { error: { code: -32_000, message: 'txpool is full' } }
  }
  if (random.chance(weather.refusedSends ?? 0)) {
    counts.add('rpc_refused_sends')
    if (random.chance(0.4)) await node.ask(call)
    return { error: { code: -32_000, message: random.pick(KAIA_WORDS) } }
  }
  const reply = await node.ask(call)
  if (!random.chance(weather.doubled ?? 0)) return reply
  counts.add('rpc_doubled')
  const second = await node.ask(call)
  return random.chance(0.5) ? reply : second
}

function distort(climate: Climate, weather: Weather, call: Call, reply: Reply): Reply {
  const { random, counts } = climate
  if (reply.error !== undefined || reply.result === null) return reply
  switch (call.method) {
    case 'eth_getTransactionReceipt':
      if (random.chance(weather.missingReceipts ?? 0)) {
        counts.add('rpc_missing_receipts')
        return { result: null }
      }
      if (!random.chance(weather.forgedReceipts ?? 0)) return reply
      counts.add('rpc_forged_receipts')
      return { result: { ...reply.result, status: '0x0', logs: [], logsBloom: EMPTY_BLOOM } }
    case 'eth_getLogs':
      if ((reply.result as readonly unknown[]).length === 0) return reply
      if (!random.chance(weather.emptyLogs ?? 0)) return reply
      counts.add('rpc_hidden_logs')
      return { result: [] }
    case 'eth_getTransactionCount':
      if (!random.chance(weather.wrongNonces ?? 0)) return reply
      counts.add('rpc_wrong_nonces')
      return { result: wrongNonce(random, Number(reply.result)) }
    default:
      return reply
  }
}

function wrongNonce(random: Random, nonce: number): string {
  const off = random.whole(1, MOST_WRONG_NONCES) * (random.chance(0.5) ? 1 : -1)
  return `0x${Math.max(0, nonce + off).toString(16)}`
}
