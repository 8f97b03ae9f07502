import type { Hex } from '../../kernel/hex.ts'

/** The first block of the public Kaia networks, by chain id: a node that claims the id but has another is no node of it. */
const GENESIS: Readonly<Record<number, Hex>> = {
  8217: '0xc72e5293c3c3ba38ed8ae910f780e4caaa9fb95e79784f7ab74c3c262ea7137e',
  1001: '0xe33ff05ceec2581ca9496f38a2bf9baad5d4eed629e896ccb33d1dc991bc4b4a',
}

/** The hash of block 0 of a network that everybody knows, or undefined. */
export function knownGenesis(chainId: number): Hex | undefined {
  return GENESIS[chainId]
}
