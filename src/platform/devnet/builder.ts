import type { Hex } from '../../kernel/hex.ts'
import type { Disguises } from './disguises.ts'
import { amountOf, quantity } from './hex.ts'
import type { Entry, Pool } from './pool.ts'
import { DELEGATION_GAS } from './rules.ts'
import type { Transaction } from './transaction.ts'
import type { Question, Upstream } from './upstream.ts'

/** Code that ends every call with all its gas burnt. */
const BURNER: Hex = '0x0000000000000000000000000000000000fe00fe'
const INVALID_OPCODE = '0xfe'
const HAS_IT = /already|known/i

type Parts = {
  readonly upstream: Upstream
  readonly pool: Pool
  readonly disguises: Disguises
  readonly log: (line: string) => void
}

/** Brings what waits in Kaia's pool into a block of the node behind. */
export class Builder {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async prepare(): Promise<void> {
    await this.#parts.upstream.ask('anvil_setCode', [BURNER, INVALID_OPCODE])
  }

  /** Hands over what the node behind may have before the block begins: all but fee-delegated ones. */
  async handOver(entries: readonly Entry[]): Promise<void> {
    const fresh = entries.filter(
      ({ handedAs, transaction }) => handedAs === undefined && transaction.kind !== 'delegated',
    )
    const plain = fresh.filter(({ verdict }) => verdict === 'run')
    const outcomes = await this.#parts.upstream.askAll(
      plain.map(({ transaction }) => question('eth_sendRawTransaction', transaction.raw)),
    )
    for (const [at, entry] of plain.entries()) {
      const { error } = outcomes[at] ?? {}
      if (error === undefined || HAS_IT.test(error.message)) entry.handedAs = entry.transaction.hash
      else this.#drop(entry, error.message)
    }
    await this.#impersonate(fresh.filter(({ verdict }) => verdict === 'burn'))
  }

  /** Lends the senders of fee-delegated transactions what the node behind will charge them, at the payers' cost. */
  async fund(entries: readonly Entry[]): Promise<readonly Entry[]> {
    const delegated = entries.filter(({ transaction }) => transaction.kind === 'delegated')
    if (delegated.length === 0) return []
    const balances = await this.#balances(delegated)
    const funded = delegated.filter((entry) => {
      const { from, payer, price, gas } = delegation(entry.transaction)
      const owned = balances.get(payer) ?? 0n
      if (owned < gas * price) {
        this.#drop(entry, 'its payer has spent the money')
        return false
      }
      balances.set(payer, owned - gas * price)
      balances.set(from, (balances.get(from) ?? 0n) + (gas - DELEGATION_GAS) * price)
      return true
    })
    await this.#setBalances(balances)
    await this.#impersonate(funded)
    return funded
  }

  /** Takes from the senders what they were lent and did not use, and gives it back to the payers. */
  async refund(funded: readonly Entry[]): Promise<void> {
    if (funded.length === 0) return
    const { upstream, disguises } = this.#parts
    const receipts = await upstream.askAll(
      funded.map(({ transaction }) =>
        question('eth_getTransactionReceipt', disguises.hide(transaction.hash)),
      ),
    )
    const balances = await this.#balances(funded)
    for (const [at, entry] of funded.entries()) {
      const receipt = receipts[at]?.result as { gasUsed: Hex } | null | undefined
      const { from, payer, price, gas } = delegation(entry.transaction)
      const lent = (gas - DELEGATION_GAS) * price
      const unused = receipt ? lent - amountOf(receipt.gasUsed) * price : lent
      balances.set(from, (balances.get(from) ?? 0n) - unused)
      const toPayer = receipt ? unused : gas * price
      balances.set(payer, (balances.get(payer) ?? 0n) + toPayer)
      if (!receipt) await this.withdraw(entry)
    }
    await this.#setBalances(balances)
  }

  /** Takes a transaction back from the node behind. */
  async withdraw(entry: Entry): Promise<void> {
    const { handedAs } = entry
    entry.handedAs = undefined
    if (handedAs !== undefined)
      await this.#parts.upstream.askAll([question('anvil_dropTransaction', handedAs)])
  }

  async #impersonate(entries: readonly Entry[]): Promise<void> {
    if (entries.length === 0) return
    const { upstream, disguises } = this.#parts
    const senders = new Set(entries.map(({ transaction }) => transaction.from))
    await upstream.askAll([...senders].map((from) => question('anvil_impersonateAccount', from)))
    const outcomes = await upstream.askAll(
      entries.map((entry) => question('eth_sendTransaction', disguiseOf(entry))),
    )
    for (const [at, entry] of entries.entries()) {
      const { result, error } = outcomes[at] ?? {}
      if (typeof result === 'string') {
        entry.handedAs = result as Hex
        const addedGas = entry.transaction.kind === 'delegated' ? DELEGATION_GAS : 0n
        const isBurnt = entry.verdict === 'burn'
        disguises.add({ shown: entry.transaction, hidden: entry.handedAs, addedGas, isBurnt })
      } else if (!HAS_IT.test(error?.message ?? '')) this.#drop(entry, error?.message ?? 'refused')
    }
  }

  async #balances(entries: readonly Entry[]): Promise<Map<Hex, bigint>> {
    const addresses = [
      ...new Set(
        entries.flatMap(({ transaction }) => [
          transaction.from,
          transaction.feePayer?.address ?? transaction.from,
        ]),
      ),
    ]
    const outcomes = await this.#parts.upstream.askAll(
      addresses.map((address) => question('eth_getBalance', address, 'latest')),
    )
    return new Map(addresses.map((address, at) => [address, amountOf(outcomes[at]?.result)]))
  }

  async #setBalances(balances: ReadonlyMap<Hex, bigint>): Promise<void> {
    await this.#parts.upstream.askAll(
      [...balances].map(([address, balance]) =>
        question('anvil_setBalance', address, quantity(balance)),
      ),
    )
  }

  #drop({ transaction }: Entry, reason: string): void {
    this.#parts.pool.remove(transaction.hash)
    this.#parts.log(`${transaction.hash} is dropped: ${reason}`)
  }
}

function question(method: string, ...params: readonly unknown[]): Question {
  return { method, params }
}

function delegation({ from, feePayer, feeCap: price, gas }: Transaction) {
  return { from, payer: feePayer?.address ?? from, price, gas }
}

/** The form in which the node behind can mine what it does not know: by impersonation of the sender. */
function disguiseOf({ transaction, verdict }: Entry): Readonly<Record<string, unknown>> {
  const { kind, from, to, nonce, feeCap, tip } = transaction
  const isCapped = kind === 'eip1559' || kind === 'eip7702'
  const gas = kind === 'delegated' ? transaction.gas - DELEGATION_GAS : transaction.gas
  return {
    ...{ from, nonce: quantity(nonce), gas: quantity(gas) },
    ...(isCapped
      ? { maxFeePerGas: quantity(feeCap), maxPriorityFeePerGas: quantity(tip) }
      : { gasPrice: quantity(feeCap) }),
    ...(verdict === 'burn'
      ? { to: BURNER, value: '0x0', data: '0x' }
      : { to, value: quantity(transaction.value), data: transaction.data }),
  }
}
