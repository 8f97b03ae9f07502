import { type Address, type Hex, keccak256, toBytes, toFunctionSelector } from 'viem'
import { bytesCall, fixed, packItem, type SettlementItem, unsigned, whole } from './batch.ts'
import { type PaymentDomain, TOKEN_NAME, TOKEN_VERSION, typedDigest } from './typed-data.ts'

/** What a merchant's refund key signs. Amounts in won, `validBefore` in seconds since 1970. */
export interface RefundTerms {
  /** `paymentId` of the payment that is sent back. */
  readonly payment: Hex
  readonly amount: bigint
  /** Won sent back before; makes every signature good for one refund. */
  readonly refundedBefore: bigint
  readonly validBefore: number
}

/** A refund of a batch: the payer's signed payment again, and the refund key's signature (EIP-2098) over the terms. */
export interface RefundItem {
  readonly payment: SettlementItem
  readonly signature: Hex
  readonly amount: bigint
  readonly refundedBefore: bigint
  readonly validBefore: number
}

export interface RefundGroup {
  readonly merchant: Address
  readonly items: readonly RefundItem[]
}

export const REFUND_TYPES = {
  Refund: [
    { name: 'payment', type: 'bytes32' },
    { name: 'amount', type: 'uint64' },
    { name: 'refundedBefore', type: 'uint64' },
    { name: 'validBefore', type: 'uint32' },
  ],
} as const

/** What a merchant signs to name its refund key, when it holds no coin for gas. */
export const REGISTER_REFUND_KEY_TYPES = {
  RegisterRefundKey: [
    { name: 'merchant', type: 'address' },
    { name: 'key', type: 'address' },
    { name: 'dailyLimit', type: 'uint40' },
    { name: 'nonce', type: 'uint256' },
    { name: 'deadline', type: 'uint256' },
  ],
} as const

const REFUND_TYPEHASH = keccak256(
  toBytes('Refund(bytes32 payment,uint64 amount,uint64 refundedBefore,uint32 validBefore)'),
)
const REFUND_BATCH_SELECTOR = toFunctionSelector('refundBatch(bytes)')

/** How the contract names a payment: the struct hash of its terms and who signed them. */
export function paymentId(structHash: Hex, payer: Address): Hex {
  return keccak256(`${structHash}${fixed('payer', payer, 20).padStart(64, '0')}`)
}

/** The object for viem's `signTypedData`. */
export function refundTypedData(
  domain: Pick<PaymentDomain, 'chainId' | 'token'>,
  terms: RefundTerms,
) {
  return {
    domain: {
      name: TOKEN_NAME,
      version: TOKEN_VERSION,
      chainId: domain.chainId,
      verifyingContract: domain.token,
    },
    types: REFUND_TYPES,
    primaryType: 'Refund' as const,
    message: { ...terms },
  }
}

/** What the refund key signs; equal to viem's `hashTypedData`. */
export function refundDigest(domain: PaymentDomain, terms: RefundTerms): Hex {
  const structHash = keccak256(
    `${REFUND_TYPEHASH}${fixed('payment', terms.payment, 32)}${unsigned('amount', terms.amount, 32)}${unsigned('refundedBefore', terms.refundedBefore, 32)}${whole('validBefore', terms.validBefore, 32)}`,
  )
  return typedDigest(domain, structHash)
}

/** Calldata of `refundBatch`. Throws RangeError with the name of a field that does not fit. */
export function encodeRefundBatch(groups: readonly RefundGroup[]): Hex {
  return bytesCall(REFUND_BATCH_SELECTOR, groups.map(packGroup).join(''))
}

function packGroup(group: RefundGroup): string {
  if (group.items.length === 0) throw new RangeError('items must not be empty')
  return [
    fixed('merchant', group.merchant, 20),
    whole('items', group.items.length, 2),
    ...group.items.map(packRefund),
  ].join('')
}

function packRefund(item: RefundItem): string {
  if (item.amount === 0n) throw new RangeError('amount must be positive')
  return [
    packItem(item.payment),
    fixed('signature', item.signature, 64),
    unsigned('amount', item.amount, 8),
    unsigned('refundedBefore', item.refundedBefore, 8),
    whole('validBefore', item.validBefore, 4),
  ].join('')
}
