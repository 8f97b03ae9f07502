import type { Hex } from 'viem'

/** Kaia's limit of one transaction since Cancun. */
export const COMPUTATION_COST_LIMIT = 150_000_000

/** Kaia's computation cost of each opcode since Cancun (params/computation_cost_params.go, v2.2.1). */
const OPCODE_COST: Readonly<Record<string, number>> = {
  ...{ STOP: 0, RETURN: 0, REVERT: 0, SELFDESTRUCT: 0, CLZ: 0, RETURNDATASIZE: 10, JUMPDEST: 10 },
  ...{
    RETURNDATACOPY: 40,
    PUSH0: 80,
    CALLDATACOPY: 100,
    LOG0: 100,
    CHAINID: 120,
    BLOBBASEFEE: 120,
  },
  ...{ GASPRICE: 131, MSIZE: 137, POP: 140, CODESIZE: 145, PC: 147, CALLVALUE: 149, ADD: 150 },
  ...{ OR: 160, ISZERO: 165, BLOBHASH: 165, GASLIMIT: 166, SLT: 176, JUMPI: 176, CALLER: 188 },
  ...{
    COINBASE: 189,
    CALLDATASIZE: 194,
    BASEFEE: 198,
    MUL: 200,
    LT: 201,
    NUMBER: 202,
    ORIGIN: 210,
  },
  ...{ SUB: 219, EQ: 220, TLOAD: 220, SGT: 222, MSTORE8: 230, GAS: 230, MCOPY: 250, JUMP: 253 },
  ...{ GT: 264, TIMESTAMP: 265, TSTORE: 280, ADDRESS: 284, AND: 288, MSTORE: 288, MOD: 320 },
  ...{ SDIV: 360, ADDMOD: 360, NOT: 364, SELFBALANCE: 374, MLOAD: 376, DIV: 404, XOR: 454 },
  ...{ SHL: 478, SIGNEXTEND: 481, SHR: 498, LOG1: 500, LOG2: 500, LOG3: 500, LOG4: 500 },
  ...{ BLOCKHASH: 500, KECCAK256: 560, SMOD: 560, BYTE: 589, CALLDATALOAD: 596, DELEGATECALL: 696 },
  ...{ MULMOD: 700, EXP: 720, SAR: 834, CODECOPY: 898, EXTCODECOPY: 1_000, EXTCODEHASH: 1_000 },
  ...{ BALANCE: 1_407, EXTCODESIZE: 1_481, PREVRANDAO: 1_498, CREATE: 2_094, SSTORE: 2_510 },
  ...{ SLOAD: 2_550, CALLCODE: 4_000, CALL: 5_000, STATICCALL: 10_000, CREATE2: 10_000 },
  ...numbered('PUSH', Array(32).fill(120)),
  ...numbered(
    'DUP',
    [190, 190, 176, 142, 177, 165, 147, 157, 138, 174, 141, 144, 157, 143, 237, 149],
  ),
  ...numbered(
    'SWAP',
    [141, 156, 145, 135, 115, 146, 199, 130, 160, 134, 147, 128, 121, 114, 197, 128],
  ),
}
const ECRECOVER_COST = 113_150

// Counts each opcode, and the calls of precompile 1 beside it, inside the node.
const COUNTING_TRACER = `{
  counts: {},
  step: function (log) {
    var op = log.op.toString()
    this.counts[op] = (this.counts[op] || 0) + 1
    if (op === 'STATICCALL' && log.stack.peek(1).toString() === '1') {
      this.counts.ecrecover = (this.counts.ecrecover || 0) + 1
    }
  },
  fault: function () {},
  result: function () { return this.counts },
}`

/** Kaia's computation cost of a mined transaction, from an anvil trace. Throws for an opcode without a price. */
export async function computationCost(url: string, hash: Hex): Promise<number> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'debug_traceTransaction',
      params: [hash, { tracer: COUNTING_TRACER }],
    }),
  })
  const { result, error } = (await response.json()) as {
    readonly result?: Readonly<Record<string, number>>
    readonly error?: unknown
  }
  if (result === undefined) throw new Error(`no trace of ${hash}: ${JSON.stringify(error)}`)
  return Object.entries(result).reduce((sum, [op, count]) => sum + count * costOf(op), 0)
}

function costOf(op: string): number {
  const cost = op === 'ecrecover' ? ECRECOVER_COST : OPCODE_COST[op]
  if (cost === undefined) throw new Error(`opcode ${op} has no computation cost`)
  return cost
}

function numbered(name: string, costs: readonly number[]): Record<string, number> {
  return Object.fromEntries(costs.map((cost, at) => [`${name}${at + 1}`, cost]))
}
