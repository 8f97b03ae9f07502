/** Bytes as hex digits after `0x`. Addresses and hashes are kept in lower case. */
export type Hex = `0x${string}`
