/** Kaia's limit of one transaction since Cancun. */
export const COMPUTATION_COST_LIMIT = 150_000_000

/** No opcode costs more for one gas: PREVRANDAO, 1,498 for 2. */
const HIGHEST_COST_PER_GAS = 749
const LEAST_GAS = 21_000n

/** Kaia's computation cost of each opcode since Cancun (params/computation_cost_params.go, v2.2.1). */
const OPCODE_COST: ReadonlyMap<string, number> = new Map(
  Object.entries({
    ...{ STOP: 0, RETURN: 0, REVERT: 0, SELFDESTRUCT: 0, CLZ: 0, RETURNDATASIZE: 10, JUMPDEST: 10 },
    ...{ RETURNDATACOPY: 40, PUSH0: 80, CALLDATACOPY: 100, LOG0: 100, CHAINID: 120 },
    ...{ BLOBBASEFEE: 120, GASPRICE: 131, MSIZE: 137, POP: 140, CODESIZE: 145, PC: 147 },
    ...{ CALLVALUE: 149, ADD: 150, OR: 160, ISZERO: 165, BLOBHASH: 165, GASLIMIT: 166, SLT: 176 },
    ...{ JUMPI: 176, CALLER: 188, COINBASE: 189, CALLDATASIZE: 194, BASEFEE: 198, MUL: 200 },
    ...{ LT: 201, NUMBER: 202, ORIGIN: 210, SUB: 219, EQ: 220, TLOAD: 220, SGT: 222 },
    ...{ MSTORE8: 230, GAS: 230, MCOPY: 250, JUMP: 253, GT: 264, TIMESTAMP: 265, TSTORE: 280 },
    ...{ ADDRESS: 284, AND: 288, MSTORE: 288, MOD: 320, SDIV: 360, ADDMOD: 360, NOT: 364 },
    ...{ SELFBALANCE: 374, MLOAD: 376, DIV: 404, XOR: 454, SHL: 478, SIGNEXTEND: 481, SHR: 498 },
    ...{ LOG1: 500, LOG2: 500, LOG3: 500, LOG4: 500, BLOCKHASH: 500, KECCAK256: 560, SHA3: 560 },
    ...{ SMOD: 560, BYTE: 589, CALLDATALOAD: 596, DELEGATECALL: 696, MULMOD: 700, EXP: 720 },
    ...{ SAR: 834, CODECOPY: 898, EXTCODECOPY: 1_000, EXTCODEHASH: 1_000, BALANCE: 1_407 },
    ...{ EXTCODESIZE: 1_481, PREVRANDAO: 1_498, DIFFICULTY: 1_498, CREATE: 2_094 },
    ...{ SSTORE: 2_510, SLOAD: 2_550, CALLCODE: 4_000, CALL: 5_000, STATICCALL: 10_000 },
    ...{ CREATE2: 10_000, INVALID: 0 },
    ...numbered('PUSH', Array(32).fill(120)),
    ...numbered(
      'DUP',
      [190, 190, 176, 142, 177, 165, 147, 157, 138, 174, 141, 144, 157, 143, 237, 149],
    ),
    ...numbered(
      'SWAP',
      [141, 156, 145, 135, 115, 146, 199, 130, 160, 134, 147, 128, 121, 114, 197, 128],
    ),
  }),
)

/** What a precompiled contract costs, by its number and the bytes and gas of one call. */
const PRECOMPILE_COST: ReadonlyMap<number, (bytes: number, gas: number) => number> = new Map([
  [0x01, () => 113_150],
  [0x02, (bytes: number) => 1_000 + 100 * words(bytes)],
  [0x03, (bytes: number) => 100 + 10 * words(bytes)],
  [0x04, () => 0],
  [0x05, (_: number, gas: number) => Math.floor(gas / 100) + 100],
  [0x06, () => 8_000],
  [0x07, () => 100_000],
  [0x08, (bytes: number) => 2_000_000 + 1_000_000 * Math.floor(bytes / 192)],
  // A round costs one gas.
  [0x09, (_: number, gas: number) => 10_000 + 10 * gas],
  [0x0a, () => 2_200_000],
  [0x0b, () => 18_750],
  [0x0c, (bytes: number) => 600_000 * Math.floor(bytes / 160)],
  [0x0d, () => 30_000],
  [0x0e, (bytes: number) => 1_125_000 * Math.floor(bytes / 288)],
  [0x0f, (bytes: number) => 1_885_000 + 1_630_000 * Math.floor(bytes / 384)],
  [0x10, () => 275_000],
  [0x11, () => 1_190_000],
  [0x100, () => 235_000],
])

/** Whether so little gas can pay for a transaction over the limit at all. */
export function canExceedLimit(gas: bigint): boolean {
  return (gas - LEAST_GAS) * BigInt(HIGHEST_COST_PER_GAS) > BigInt(COMPUTATION_COST_LIMIT)
}

/** Cost of an opcode. Throws for one without a price. */
export function opcodeCost(opcode: string): number {
  const cost = OPCODE_COST.get(opcode)
  if (cost === undefined) throw new Error(`opcode ${opcode} has no computation cost`)
  return cost
}

/** Cost of one call of a precompiled contract beside the opcode that calls it; nothing for any other address. */
export function precompileCost(address: string, bytes: number, gas: number): number {
  return PRECOMPILE_COST.get(Number(address))?.(bytes, gas) ?? 0
}

function words(bytes: number): number {
  return Math.ceil(bytes / 32)
}

function numbered(name: string, costs: readonly number[]): Record<string, number> {
  return Object.fromEntries(costs.map((cost, at) => [`${name}${at + 1}`, cost]))
}
