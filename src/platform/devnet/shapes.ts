import type { Hex } from '../../kernel/hex.ts'
import type { Disguises } from './disguises.ts'
import { amountOf, quantity } from './hex.ts'
import type { Kind, Transaction } from './transaction.ts'

/** An object of a JSON-RPC answer. */
export type Fields = Readonly<Record<string, unknown>>

const RECEIPT_KEYS = [
  ...['blockHash', 'blockNumber', 'contractAddress', 'cumulativeGasUsed', 'effectiveGasPrice'],
  ...['from', 'gasUsed', 'logs', 'logsBloom', 'status', 'to', 'transactionHash'],
  ...['transactionIndex', 'type'],
]
const TYPES: Readonly<Record<Kind, readonly [ethereum: Hex, name: string, number: number]>> = {
  legacy: ['0x0', 'TxTypeLegacyTransaction', 0],
  eip2930: ['0x1', 'TxTypeEthereumAccessList', 0x7801],
  eip1559: ['0x2', 'TxTypeEthereumDynamicFee', 0x7802],
  eip7702: ['0x4', 'TxTypeEthereumSetCode', 0x7804],
  // Kaia's own kinds look like legacy ones to those who ask in Ethereum's words.
  delegated: ['0x0', 'TxTypeFeeDelegatedSmartContractExecution', 0x31],
}
/** Ethereum has these, and Kaia does not: it has no beacon chain, and tells the parity of a signature in `v`. */
const NOT_IN_BLOCK = ['parentBeaconBlockRoot', 'requestsHash', 'withdrawals', 'withdrawalsRoot']
const NOT_IN_TRANSACTION = ['blockTimestamp', 'yParity']
const OUT_OF_GAS = '0x7'
const REVERTED = '0x9'
const COST_LIMIT_REACHED = '0xa'

/** A receipt as Kaia gives it through `eth_`. */
export function ethereumReceipt(receipt: Fields, disguises: Disguises): Fields {
  const hidden = receipt.transactionHash as Hex
  const disguise = disguises.byHidden(hidden)
  const added = disguises.gasAdded(Number(receipt.blockNumber), Number(receipt.transactionIndex))
  const own = disguise?.addedGas ?? 0n
  const shown: Record<string, unknown> = {
    ...receipt,
    contractAddress: receipt.contractAddress ?? null,
    gasUsed: quantity(amountOf(receipt.gasUsed) + own),
    cumulativeGasUsed: quantity(amountOf(receipt.cumulativeGasUsed) + added),
    ...(disguise === undefined
      ? {}
      : { transactionHash: disguise.shown.hash, to: disguise.shown.to }),
    ...(disguise === undefined ? {} : { type: TYPES[disguise.shown.kind][0] }),
  }
  return Object.fromEntries(RECEIPT_KEYS.map((key) => [key, shown[key] ?? null]))
}

/** A receipt as Kaia gives it through `kaia_`: with the transaction in it. */
export function kaiaReceipt(
  receipt: Fields,
  transaction: Transaction,
  disguises: Disguises,
): Fields {
  const { cumulativeGasUsed: _, ...shown } = ethereumReceipt(receipt, disguises)
  const { hash: __, ...body } = kaiaTransaction(transaction)
  const isBurnt = disguises.byShown(transaction.hash)?.isBurnt ?? false
  const gaveOut = amountOf(shown.gasUsed) === transaction.gas ? OUT_OF_GAS : REVERTED
  return {
    ...shown,
    ...body,
    ...(shown.status === '0x1' ? {} : { txError: isBurnt ? COST_LIMIT_REACHED : gaveOut }),
  }
}

/** A transaction as Kaia gives it through `kaia_`, without its place. */
export function kaiaTransaction(transaction: Transaction): Fields {
  const { kind, signature, feePayer, chainId } = transaction
  const [, type, typeInt] = TYPES[kind]
  const isNative = kind === 'delegated'
  return {
    ...{ type, typeInt, hash: transaction.hash, senderTxHash: transaction.senderTxHash },
    ...bodyOf(transaction),
    ...(kind === 'legacy' || isNative ? {} : { accessList: transaction.accessList }),
    ...(kind === 'legacy' || isNative ? {} : { chainId: quantity(chainId ?? 0) }),
    signatures: [kaiaSignature(signature)],
    ...(feePayer === undefined
      ? {}
      : {
          feePayer: feePayer.address,
          feePayerSignatures: [kaiaSignature(feePayer.signature)],
        }),
  }
}

/** A transaction as Kaia gives it through `eth_`; `place` is empty while it waits. */
export function ethereumTransaction(transaction: Transaction, place: Fields): Fields {
  const { kind, signature, chainId, accessList } = transaction
  const isTyped = kind !== 'legacy' && kind !== 'delegated'
  return {
    ...{ blockHash: null, blockNumber: null, transactionIndex: null },
    ...place,
    ...{ hash: transaction.hash, type: TYPES[kind][0] },
    ...bodyOf(transaction),
    ...(chainId === undefined ? {} : { chainId: quantity(chainId) }),
    ...(isTyped ? { accessList } : {}),
    ...signature,
  }
}

/** A block as Kaia gives it through `eth_`. */
export function ethereumBlock(block: Fields, disguises: Disguises, isPending: boolean): Fields {
  const added = disguises.gasAdded(Number(block.number))
  return {
    ...without(block, NOT_IN_BLOCK),
    ...{ difficulty: '0x1', extraData: '0x' },
    gasUsed: quantity(amountOf(block.gasUsed) + added),
    ...(isPending ? { hash: null, nonce: null, miner: null } : {}),
    transactions: (block.transactions as readonly (Hex | Fields)[]).map((entry) =>
      typeof entry === 'string'
        ? (disguises.byHidden(entry)?.shown.hash ?? entry)
        : revealed(entry, disguises),
    ),
  }
}

/** A mined transaction in the form that was sent. */
export function revealed(found: Fields, disguises: Disguises): Fields {
  const disguise = disguises.byHidden(found.hash as Hex)
  if (disguise === undefined) return without(found, NOT_IN_TRANSACTION)
  const { blockHash, blockNumber, transactionIndex } = found
  return ethereumTransaction(disguise.shown, { blockHash, blockNumber, transactionIndex })
}

function without(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)))
}

function bodyOf({ kind, from, to, nonce, value, data, gas, feeCap, tip }: Transaction): Fields {
  const isCapped = kind === 'eip1559' || kind === 'eip7702'
  return {
    ...{ from, to, input: data },
    nonce: quantity(nonce),
    value: quantity(value),
    gas: quantity(gas),
    gasPrice: quantity(feeCap),
    ...(isCapped ? { maxFeePerGas: quantity(feeCap), maxPriorityFeePerGas: quantity(tip) } : {}),
  }
}

function kaiaSignature({ v, r, s }: { readonly v: Hex; readonly r: Hex; readonly s: Hex }): Fields {
  return { V: v, R: r, S: s }
}
