import type { Hex } from '../../kernel/hex.ts'
import type { MerchantId, StoreId } from '../../kernel/ids.ts'
import type { BasisPoints, Won } from '../../kernel/money.ts'

export type Merchant = {
  readonly id: MerchantId
  readonly name: string
  /** The merchant's own account on chain. Its key is never ours. */
  readonly settlementAddress: Hex
  readonly feeBasisPoints: BasisPoints
  readonly createdAt: Date
}

export type Store = {
  readonly id: StoreId
  readonly merchantId: MerchantId
  readonly name: string
  /** What it may hand over in an hour while the chain is late; undefined: as much as the operator says. */
  readonly riskLimit: Won | undefined
}
