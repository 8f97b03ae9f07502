import type { MerchantId, StoreId, TerminalId } from '../../kernel/ids.ts'

/** One till, kiosk or printer of a store. */
export type Terminal = {
  readonly id: TerminalId
  readonly merchantId: MerchantId
  readonly storeId: StoreId
  readonly label: string
}
