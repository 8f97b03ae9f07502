import type { Hex } from '../../kernel/hex.ts'
import { checkAccounts, checkForm } from './admission.ts'
import type { Parts } from './parts.ts'
import type { Transaction } from './transaction.ts'

/** Takes a signed transaction into the pool, or says in Kaia's words why not. */
export async function admit(parts: Parts, transaction: Transaction): Promise<Hex> {
  const { pool, producer, judge, builder } = parts
  pool.refuseKnown(transaction)
  checkForm(transaction, parts.chainId, producer.baseFee)
  const { nonce } = await checkAccounts(transaction, parts.accountOf)
  const verdict = judge.atOnce(transaction)
  const { entry, replaced } = pool.add(transaction, { nonce, now: Date.now(), verdict })
  if (replaced !== undefined) await builder.withdraw(replaced)
  // It is pooled at once, and waits for its block until its cost is known.
  if (verdict === undefined)
    void judge.traced(transaction).then((found) => {
      entry.verdict = found
    })
  for (const listen of parts.pendingListeners) listen(transaction.hash)
  return transaction.hash
}
