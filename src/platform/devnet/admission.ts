import type { Hex } from '../../kernel/hex.ts'
import { refusal } from './errors.ts'
import { floorGas, HIGHEST_GAS_LIMIT, intrinsicGas, MAX_TRANSACTION_BYTES } from './rules.ts'
import type { Transaction } from './transaction.ts'

/** What an account is at the head. */
export type AccountState = {
  readonly nonce: number
  readonly balance: bigint
  readonly hasCode: boolean
}

/** What Kaia's pool asks of a transaction by itself, in Kaia's order and words. */
export function checkForm(transaction: Transaction, chainId: number, baseFee: bigint): void {
  const { kind, feeCap, gas } = transaction
  if (transaction.chainId !== undefined && transaction.chainId !== chainId)
    throw refusal('invalid chain id')
  if ((transaction.raw.length - 2) / 2 > MAX_TRANSACTION_BYTES) throw refusal('oversized data')
  // Kaia's text is the wrong way round.
  if (transaction.tip > feeCap)
    throw refusal('max fee per gas higher than max priority fee per gas')
  if (feeCap < baseFee) {
    const isCapped = kind === 'eip1559' || kind === 'eip7702'
    const field = isCapped ? 'gas fee cap' : 'gas price'
    throw refusal(`invalid ${field}. It must be set to value greater than or equal to baseFee`)
  }
  if (gas > HIGHEST_GAS_LIMIT)
    throw refusal(`tx gas limit exceeds the upper limit: gas ${gas}, limit ${HIGHEST_GAS_LIMIT}`)
}

/** What Kaia's pool asks of the accounts behind a transaction. */
export async function checkAccounts(
  transaction: Transaction,
  accountOf: (address: Hex) => Promise<AccountState>,
): Promise<AccountState> {
  const { nonce, value, gas, feeCap, feePayer, to } = transaction
  const sender = await accountOf(transaction.from)
  if (nonce < sender.nonce) throw refusal('nonce too low')
  const fee = gas * feeCap
  if (value + (feePayer === undefined ? fee : 0n) > sender.balance)
    throw refusal('insufficient funds of the sender for value ')
  if (feePayer !== undefined) {
    const payer = await accountOf(feePayer.address)
    if (fee > payer.balance) throw refusal('insufficient funds of the fee payer for gas * price')
    if (to !== null && !(await accountOf(to)).hasCode)
      throw refusal('recipient must be an EOA with code or an SCA')
  }
  checkGas(transaction)
  return sender
}

function checkGas(transaction: Transaction): void {
  const { gas, to, data, accessList, authorisations } = transaction
  const work = {
    ...{ to, data, authorisations, isDelegated: transaction.feePayer !== undefined },
    accessAddresses: accessList.length,
    accessKeys: accessList.reduce((sum, { storageKeys }) => sum + storageKeys.length, 0),
  }
  if (gas < intrinsicGas(work)) throw refusal('intrinsic gas too low')
  const floor = floorGas(work)
  if (gas < floor)
    throw refusal(`insufficient gas for floor data gas cost: gas ${gas}, minimum needed ${floor}`)
}
