import type { Hex } from '../../kernel/hex.ts'

/** Block 0 of the public Kaia networks: a node that claims their id but has another one is no node of them. */
const FIRST_BLOCKS: Readonly<Record<number, Hex>> = {
  8217: '0xc72e5293c3c3ba38ed8ae910f780e4caaa9fb95e79784f7ab74c3c262ea7137e',
  1001: '0xe33ff05ceec2581ca9496f38a2bf9baad5d4eed629e896ccb33d1dc991bc4b4a',
}
/** An anvil makes a new block 0 at every start, whatever state it loads. */
const ANVIL = 31_337

/** The hash of block 0 of a network that everybody knows, or undefined. */
export function firstBlockOf(chainId: number): Hex | undefined {
  return FIRST_BLOCKS[chainId]
}

/** Whether block 0 says which chain this is. */
export function isKnownByFirstBlock(chainId: number): boolean {
  return chainId !== ANVIL
}
