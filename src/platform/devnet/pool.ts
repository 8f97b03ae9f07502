import type { Hex } from '../../kernel/hex.ts'
import { refusal } from './errors.ts'
import type { Transaction } from './transaction.ts'

const QUEUED_LIFETIME_MS = 300_000

/** How a transaction is to be mined: as it is, or as failed with all its gas burnt. */
export type Verdict = 'run' | 'burn'

/** A transaction that waits for its block. */
export type Entry = {
  readonly transaction: Transaction
  readonly since: number
  /** Undefined while its cost is not known. */
  verdict: Verdict | undefined
  /** Its hash in the node behind, once that has it. */
  handedAs: Hex | undefined
}

/** Kaia's pool: one transaction a nonce, replaced only by a strictly higher fee cap. */
export class Pool {
  readonly #bySender = new Map<Hex, Map<number, Entry>>()
  readonly #byHash = new Map<Hex, Entry>()
  /** Next nonce on chain of each sender that has something here. */
  readonly #nonces = new Map<Hex, number>()

  find(hash: Hex): Entry | undefined {
    return this.#byHash.get(hash)
  }

  refuseKnown({ hash }: Transaction): void {
    if (this.#byHash.has(hash)) throw refusal(`known transaction: ${hash.slice(2)}`)
  }

  /** Takes a transaction in; answers with the one that it pushed out. */
  add(
    transaction: Transaction,
    state: { readonly nonce: number; readonly now: number; readonly verdict: Verdict | undefined },
  ): { readonly entry: Entry; readonly replaced: Entry | undefined } {
    this.refuseKnown(transaction)
    const own = this.#bySender.get(transaction.from) ?? new Map<number, Entry>()
    const replaced = own.get(transaction.nonce)
    if (replaced !== undefined && transaction.feeCap <= replaced.transaction.feeCap)
      throw refusal('there is another tx which has the same nonce in the tx pool')
    if (replaced !== undefined) this.#byHash.delete(replaced.transaction.hash)
    const { verdict, now } = state
    const entry: Entry = { transaction, since: now, verdict, handedAs: undefined }
    own.set(transaction.nonce, entry)
    this.#bySender.set(transaction.from, own)
    this.#byHash.set(transaction.hash, entry)
    // A block may have come between the look at the account and this.
    this.#nonces.set(
      transaction.from,
      Math.max(state.nonce, this.#nonces.get(transaction.from) ?? 0),
    )
    return { entry, replaced }
  }

  remove(hash: Hex): void {
    const entry = this.#byHash.get(hash)
    if (entry === undefined) return
    const { from, nonce } = entry.transaction
    this.#byHash.delete(hash)
    const own = this.#bySender.get(from)
    own?.delete(nonce)
    if (own?.size !== 0) return
    this.#bySender.delete(from)
    this.#nonces.delete(from)
  }

  clear(): void {
    this.#bySender.clear()
    this.#byHash.clear()
    this.#nonces.clear()
  }

  senders(): readonly Hex[] {
    return [...this.#bySender.keys()]
  }

  /** The nonce after a sender's unbroken row, if it has anything here. */
  pendingNonce(sender: Hex): number | undefined {
    const own = this.#bySender.get(sender)
    let nonce = this.#nonces.get(sender)
    if (own === undefined || nonce === undefined) return undefined
    while (own.has(nonce)) nonce += 1
    return nonce
  }

  /** Notes a sender's nonce on chain and forgets what is below it. */
  settle(sender: Hex, nonce: number): void {
    if (this.#bySender.has(sender)) this.#nonces.set(sender, nonce)
    for (const [at, entry] of this.#bySender.get(sender) ?? [])
      if (at < nonce) this.remove(entry.transaction.hash)
  }

  /** What the next block can hold, in nonce order for each sender; a row ends at what pays too little or is not judged. */
  executable(baseFee: bigint): readonly Entry[] {
    return this.senders().flatMap((sender) => {
      const own = this.#bySender.get(sender)
      const row: Entry[] = []
      for (let nonce = this.#nonces.get(sender) ?? 0; ; nonce++) {
        const entry = own?.get(nonce)
        if (entry?.verdict === undefined || entry.transaction.feeCap < baseFee) return row
        row.push(entry)
      }
    })
  }

  /** Forgets what has waited too long behind a gap. */
  expire(now: number): void {
    for (const [hash, { transaction, since }] of this.#byHash) {
      const isQueued = transaction.nonce >= (this.pendingNonce(transaction.from) ?? 0)
      if (isQueued && now - since > QUEUED_LIFETIME_MS) this.remove(hash)
    }
  }

  /** Everything here, as `txpool_content` sorts it. */
  content(): { readonly pending: readonly Entry[]; readonly queued: readonly Entry[] } {
    const all = [...this.#byHash.values()]
    const isPending = ({ transaction }: Entry) =>
      transaction.nonce < (this.pendingNonce(transaction.from) ?? 0)
    return { pending: all.filter(isPending), queued: all.filter((entry) => !isPending(entry)) }
  }
}
