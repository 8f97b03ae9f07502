import { isNonceFree } from '../../../src/domains/payments/nonce.ts'
import { Fault } from '../../../src/kernel/errors.ts'
import type { Hex } from '../../../src/kernel/hex.ts'
import type { Block, Chain } from '../../../src/platform/chain/chain.ts'
import { paymentDomain } from '../../../src/platform/chain/typed-data.ts'
import type { ChainModel, ModelBlock, Transaction } from './model.ts'
import type { ModelNode } from './nodes.ts'
import { NEW_ACCOUNT } from './token.ts'

export const CHAIN_ID = 31_337
export const TOKEN: Hex = `0x${'70'.repeat(20)}`
export const DOMAIN = paymentDomain(CHAIN_ID, TOKEN)

type Surroundings = {
  readonly model: ChainModel
  readonly nodes: readonly ModelNode[]
  /** In which order this question goes to the nodes. */
  readonly order: (nodes: readonly ModelNode[]) => readonly ModelNode[]
  /** One question to a node and its answer. */
  readonly trip: <T>(effect: () => T) => Promise<T>
  /** Called at the moment at which a process hands bytes to the network. */
  readonly sends: (raw: Hex, transaction: Transaction) => void
}

/** The chain as one process sees it, through nodes that may lag, lie or refuse. */
export function openModelChain(surroundings: Surroundings): Chain {
  const { model, nodes, trip } = surroundings
  const ask = <T>(question: (node: ModelNode) => T, otherThan?: number) =>
    trip(() => {
      const others = nodes.filter((one) => one.place !== otherThan && !one.isRefusing())
      const [node] = surroundings.order(others)
      if (node === undefined) throw new Fault('chain_unavailable', 'no node answers')
      return question(node)
    })
  return {
    chainId: CHAIN_ID,
    token: TOKEN,
    domain: DOMAIN,
    birth: () => ask(() => 0n),
    head: () => ask((node) => blockOf(node.head())),
    block: (number) => ask((node) => blockOf(node.block(number))),
    transactionsOf: (number) =>
      ask((node) => node.block(number).transactions.map((one) => ({ ...one, txHash: one.hash }))),
    settlements: (from, to, otherThan) =>
      ask((node) => ({ logs: node.logs(from, to), node: node.place }), otherThan),
    account: (address) =>
      ask((node) => {
        const account = node.head().after.accounts.get(address) ?? NEW_ACCOUNT
        const { base, used, balance, isFrozen } = account
        return { balance, isFrozen, window: { base, used }, hasOwnKey: true }
      }),
    nonce: (address) => ask((node) => node.nonce(address)),
    balance: (address) => ask((node) => node.head().after.gasMoney.get(address) ?? 0n),
    rehearse: () => ask((node) => (node.head().after.isPaused ? 'TokenPaused' : undefined)),
    rules: () => ask((node) => ({ feeCapBasisPoints: 300, isPaused: node.head().after.isPaused })),
    broadcast: (raw) => {
      const transaction = model.read(raw)
      surroundings.sends(raw, transaction)
      return ask((node) => {
        const answer = node.send(transaction)
        return { answer, text: answer === 'accepted' ? '' : answer }
      })
    },
    receipt: (hash) => ask((node) => node.receipt(hash)),
    onHead: () => () => {},
    nodes: () =>
      nodes.map(({ place }) => ({ place, isHealthy: true, head: undefined, lastError: undefined })),
    close: () => {},
  }
}

function blockOf({ number, seconds, baseFeePerGas }: ModelBlock): Block {
  return { number, time: new Date(seconds * 1_000), baseFeePerGas }
}

/** Whether the chain has used the authorisation of a payment. */
export function isUsed(model: ChainModel, payer: Hex, nonce: bigint): boolean {
  const account = model.head().after.accounts.get(payer) ?? NEW_ACCOUNT
  return !isNonceFree(account, nonce)
}
