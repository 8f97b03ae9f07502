import { decodeFunctionResult, encodeFunctionData } from 'viem'
import type { Hex } from '../../kernel/hex.ts'
import type { ChainAccount } from './chain.ts'
import { krwTokenAbi } from './contracts/krw-token.ts'
import { gather } from './gather.ts'
import { openKept } from './kept.ts'
import type { Nodes } from './nodes.ts'
import { type Call, NodeError, type Reply, resultOf } from './rpc.ts'
import { callOf, decoded } from './token.ts'

const GATHER_MS = 20
/** With a question about each one's key, a request of a hundred at most: some services take no more. */
const MAX_ACCOUNTS_A_CALL = 99
const KEPT_KEYS = 50_000
const KEY_MS = 600_000
const LEGACY_KEY = 1

const ACCOUNTS = { abi: krwTokenAbi, functionName: 'accounts' } as const

/** Reads accounts of the token, many at a time, and on Kaia whether each one's own key still signs for it. */
export function openAccounts(nodes: Nodes, token: Hex): (address: Hex) => Promise<ChainAccount> {
  const ownKeys = openKept<Hex, boolean>(KEPT_KEYS, KEY_MS)
  /** Nodes without Kaia's methods: every account there has the key of its address. Asked again after a while. */
  const withoutKeys = openKept<number, true>(KEPT_KEYS, KEY_MS)

  return gather(GATHER_MS, MAX_ACCOUNTS_A_CALL, (addresses) =>
    nodes.work('accounts', async (here, { place }) => {
      const known = new Map(addresses.map((address) => [address, ownKeys.get(address)]))
      const unknown = withoutKeys.get(place)
        ? []
        : addresses.filter((address) => known.get(address) === undefined)
      const [states, ...answers] = await here([
        accountsCall(token, addresses),
        ...unknown.map(keyCall),
      ])
      for (const [index, address] of unknown.entries()) {
        const isOwn = isOwnKey(answers[index])
        if (isOwn === undefined) withoutKeys.set(place, true)
        else {
          ownKeys.set(address, isOwn)
          known.set(address, isOwn)
        }
      }
      return decodeAccounts(addresses, states, (address) => known.get(address) ?? true)
    }),
  )
}

function accountsCall(token: Hex, addresses: readonly Hex[]): Call {
  return callOf(token, encodeFunctionData({ ...ACCOUNTS, args: [addresses] }))
}

function keyCall(address: Hex): Call {
  return { method: 'kaia_getAccountKey', params: [address, 'latest'], mayBeMissing: true }
}

/** `null` is an account that never changed its key. Undefined where the node knows no such method. */
function isOwnKey(reply: Reply | undefined): boolean | undefined {
  if (reply !== undefined && 'error' in reply) return undefined
  const key = resultOf<{ keyType?: unknown } | null>(reply)
  if (key === null) return true
  if (typeof key?.keyType !== 'number') throw new NodeError('down', 'a key without its kind')
  return key.keyType === LEGACY_KEY
}

function decodeAccounts(
  addresses: readonly Hex[],
  reply: Reply | undefined,
  hasOwnKey: (address: Hex) => boolean,
): ReadonlyMap<Hex, ChainAccount> {
  const states = decoded(reply, (data) => decodeFunctionResult({ ...ACCOUNTS, data }))
  return new Map(
    addresses.flatMap((address, index) => {
      const state = states[index]
      if (state === undefined) return []
      const window = { base: BigInt(state.base), used: state.window }
      const { balance, frozen: isFrozen } = state
      return [[address, { balance, window, isFrozen, hasOwnKey: hasOwnKey(address) }]]
    }),
  )
}
