import type { Hex } from '../../kernel/hex.ts'
import type { MerchantId, StoreId } from '../../kernel/ids.ts'
import type { BasisPoints } from '../../kernel/money.ts'

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
}
