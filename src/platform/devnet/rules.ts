import type { Hex } from '../../kernel/hex.ts'

const GKEI = 1_000_000_000n
const LOWEST_BASE_FEE = 25n * GKEI
const HIGHEST_BASE_FEE = 750n * GKEI
const GAS_TARGET = 30_000_000n
const HIGHEST_COUNTED_GAS = 60_000_000n
const BASE_FEE_DENOMINATOR = 20n

export const HIGHEST_GAS_LIMIT = 500_000_000n
export const MAX_TRANSACTION_BYTES = 128 * 1024
export const MAX_REQUEST_BYTES = 512 * 1024
/** What fee delegation adds to a transaction's gas. */
export const DELEGATION_GAS = 10_000n

const TRANSACTION_GAS = 21_000n
const CREATION_GAS = 32_000n
const INITCODE_WORD_GAS = 2n
const ACCESS_ADDRESS_GAS = 2_400n
const ACCESS_KEY_GAS = 1_900n
const AUTHORISATION_GAS = 25_000n
const FLOOR_GAS_PER_TOKEN = 10n
const GAS_PER_TOKEN = 4n

/** Kaia's base fee of the block after one with this fee and use: at most 5 % apart, within bounds, an even number. */
export function nextBaseFee(baseFee: bigint, gasUsed: bigint): bigint {
  const counted = gasUsed > HIGHEST_COUNTED_GAS ? HIGHEST_COUNTED_GAS : gasUsed
  const isAbove = counted > GAS_TARGET
  const distance = isAbove ? counted - GAS_TARGET : GAS_TARGET - counted
  const step = (baseFee * distance) / GAS_TARGET / BASE_FEE_DENOMINATOR
  const moved = isAbove ? baseFee + (step === 0n ? 1n : step) : baseFee - step
  return even(within(moved))
}

export function isLowestBaseFee(baseFee: bigint): boolean {
  return baseFee <= LOWEST_BASE_FEE
}

function within(baseFee: bigint): bigint {
  if (baseFee < LOWEST_BASE_FEE) return LOWEST_BASE_FEE
  return baseFee > HIGHEST_BASE_FEE ? HIGHEST_BASE_FEE : baseFee
}

function even(value: bigint): bigint {
  return value - (value % 2n)
}

type Work = {
  readonly to: Hex | null
  readonly data: Hex
  readonly isDelegated: boolean
  readonly accessAddresses: number
  readonly accessKeys: number
  readonly authorisations: number
}

/** Gas that a transaction costs before its first step (EIP-2028, 2930, 3860, 7702). */
export function intrinsicGas(work: Work): bigint {
  const bytes = BigInt((work.data.length - 2) / 2)
  const creation = CREATION_GAS + ((bytes + 31n) / 32n) * INITCODE_WORD_GAS
  return (
    baseGas(work) +
    (work.to === null ? creation : 0n) +
    tokensOf(work.data) * GAS_PER_TOKEN +
    BigInt(work.accessAddresses) * ACCESS_ADDRESS_GAS +
    BigInt(work.accessKeys) * ACCESS_KEY_GAS +
    BigInt(work.authorisations) * AUTHORISATION_GAS
  )
}

/** The least that a transaction with this data pays (EIP-7623). */
export function floorGas(work: Work): bigint {
  return baseGas(work) + tokensOf(work.data) * FLOOR_GAS_PER_TOKEN
}

function baseGas({ isDelegated }: Work): bigint {
  return TRANSACTION_GAS + (isDelegated ? DELEGATION_GAS : 0n)
}

/** A zero byte is one token, any other four. */
function tokensOf(data: Hex): bigint {
  let tokens = 0
  for (let at = 2; at < data.length; at += 2)
    tokens += data.charCodeAt(at) === 48 && data.charCodeAt(at + 1) === 48 ? 1 : 4
  return BigInt(tokens)
}
