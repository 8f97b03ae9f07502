/** Everything for which a fee-delegated call is not sponsored: a name for machines, a sentence for people. */
export const DELEGATION_REFUSALS = {
  not_hex: 'The bytes are not hex after 0x',
  too_long: 'A transaction has 128 KiB at most',
  wrong_type: 'The bytes are no fee-delegated contract call (0x31)',
  rlp_cut_off: 'The RLP ends before its lengths say so',
  rlp_trailing_bytes: 'Something stands after the RLP',
  rlp_not_canonical: 'A length of the RLP is longer than it need be',
  rlp_too_deep: 'The RLP has more lists in lists than a transaction has',
  wrong_fields: 'The fields are not those of a fee-delegated contract call',
  integer_not_minimal: 'A number begins with a zero byte',
  integer_too_large: 'A number is larger than its field',
  not_one_signature: 'There is not exactly one signature of a party',
  payer_named: 'A payer stands in what only the sender should have signed',
  wrong_chain: 'The signature is for another chain',
  wrong_signer: "The sender's signature is not canonical or not of the sender's own key",
  wrong_contract: 'The call is not to the token',
  value_not_zero: 'The call would move KAIA',
  wrong_function: 'The function is none that is sponsored',
  wrong_arguments: 'The arguments are not exactly an address and an amount above zero',
  wrong_receiver: 'The money would go to an account that is not known',
  gas_too_high: 'The gas limit is above the cap',
  gas_price_too_high: 'The gas price is above the cap',
  gas_price_too_low: 'The gas price is below the base fee',
  wrong_nonce: "The nonce is not the sender's next",
  key_changed: 'The account of the sender has another key than that of its address',
  already_sponsored: 'This call was sponsored before',
  would_fail: 'The call would fail on chain, and its fee would be lost',
} as const

export type DelegationRefusal = keyof typeof DELEGATION_REFUSALS

export class DelegationRefused extends Error {
  override readonly name = 'DelegationRefused'
  readonly reason: DelegationRefusal

  constructor(reason: DelegationRefusal) {
    super(DELEGATION_REFUSALS[reason])
    this.reason = reason
  }
}
