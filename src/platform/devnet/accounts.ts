import type { Hex } from '../../kernel/hex.ts'
import type { AccountState } from './admission.ts'
import { amountOf } from './hex.ts'
import type { Producer } from './producer.ts'
import type { Upstream } from './upstream.ts'

/** Reads accounts at the head, each once a block however often it is asked for. */
export function openAccounts(
  upstream: Upstream,
  producer: Producer,
): (address: Hex) => Promise<AccountState> {
  const known = new Map<Hex, Promise<AccountState>>()
  producer.onHead(() => known.clear())

  async function read(address: Hex): Promise<AccountState> {
    await producer.quiet()
    const [nonce, balance, code] = await upstream.askAll(
      ['eth_getTransactionCount', 'eth_getBalance', 'eth_getCode'].map((method) => ({
        method,
        params: [address, 'latest'],
      })),
    )
    const failed = nonce?.error ?? balance?.error ?? code?.error
    if (failed !== undefined) throw failed
    return {
      nonce: Number(nonce?.result),
      balance: amountOf(balance?.result),
      hasCode: code?.result !== '0x',
    }
  }

  return (address) => {
    const found = known.get(address)
    if (found !== undefined) return found
    const asked = read(address)
    known.set(address, asked)
    // A failure is not kept.
    asked.catch(() => known.delete(address))
    return asked
  }
}
