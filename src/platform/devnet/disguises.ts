import type { Hex } from '../../kernel/hex.ts'
import type { Transaction } from './transaction.ts'

/** A transaction that the node behind mines in another form, because it does not know the real one. */
export type Disguise = {
  readonly shown: Transaction
  /** Its hash in the node behind. */
  readonly hidden: Hex
  /** Gas that the node behind does not see. */
  readonly addedGas: bigint
  readonly isBurnt: boolean
}

const HASH = /0x[0-9a-f]{64}/g

/** What was mined in another form, by both its names. In memory only: a restart shows the other form. */
export class Disguises {
  readonly #byShown = new Map<Hex, Disguise>()
  readonly #byHidden = new Map<Hex, Disguise>()
  readonly #bySenderTxHash = new Map<Hex, Hex>()
  readonly #addedByBlock = new Map<number, readonly bigint[]>()

  add(disguise: Disguise): void {
    this.#byShown.set(disguise.shown.hash, disguise)
    this.#byHidden.set(disguise.hidden, disguise)
    this.#bySenderTxHash.set(disguise.shown.senderTxHash, disguise.shown.hash)
  }

  byShown(hash: Hex): Disguise | undefined {
    return this.#byShown.get(hash)
  }

  byHidden(hash: Hex): Disguise | undefined {
    return this.#byHidden.get(hash)
  }

  hashOfSenderTxHash(hash: Hex): Hex {
    return this.#bySenderTxHash.get(hash) ?? hash
  }

  /** Notes the transactions of a block, by the names that the node behind gave them. */
  noteBlock(block: number, hashes: readonly Hex[]): void {
    const added = hashes.map((hash) => this.#byHidden.get(hash)?.addedGas ?? 0n)
    if (added.some((gas) => gas > 0n)) this.#addedByBlock.set(block, added)
  }

  /** Gas that a block's transactions up to one of them used beside what the node behind counts. */
  gasAdded(block: number, upTo = Number.POSITIVE_INFINITY): bigint {
    const added = this.#addedByBlock.get(block) ?? []
    return added.slice(0, upTo + 1).reduce((sum, gas) => sum + gas, 0n)
  }

  /** The same answer with every hash by the name that was sent. */
  reveal(text: string): string {
    if (this.#byHidden.size === 0) return text
    return text.replace(HASH, (hash) => this.#byHidden.get(hash as Hex)?.shown.hash ?? hash)
  }

  /** The name under which the node behind knows a hash. */
  hide(hash: Hex): Hex {
    return this.#byShown.get(hash)?.hidden ?? hash
  }
}
