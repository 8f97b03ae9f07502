import type { ChainEventRow } from './rows.ts'
import { type Statement, statement, unnest } from './statement.ts'

type WrittenEvent = Omit<ChainEventRow, 'block_number' | 'amount'> & {
  readonly block_number: string
  readonly amount: string | null
}

/** Statements about what the chain said, what it was worth, and who hears of it. */
export const BOOK_STATEMENTS: readonly Statement[] = [
  statement<[string]>('select block_number, block_time from chain_cursors', (rows, [stream]) => {
    const cursor = rows.cursors.get(stream)
    return cursor && [cursor]
  }),
  statement<[string, bigint, Date]>('insert into chain_cursors', ({ cursors }, values) => {
    const [stream, block_number, block_time] = values
    const known = cursors.get(stream)
    if (known === undefined || known.block_number < block_number)
      cursors.set(stream, { block_number, block_time })
    return []
  }),
  statement<[number, readonly string[]]>(
    'select tx_hash as "txHash", kind, chain_invoice as invoice, payer from chain_events',
    (rows, [, hashes]) =>
      rows.chainEvents
        .filter((one) => hashes.includes(one.tx_hash))
        .map((one) => ({ ...one, txHash: one.tx_hash, invoice: one.chain_invoice })),
  ),
  statement<[string]>('insert into chain_events', ({ chainEvents }, [json]) => {
    for (const one of JSON.parse(json) as readonly WrittenEvent[]) {
      const key = `${one.tx_hash}:${one.log_index}`
      const amount = one.amount === null ? null : BigInt(one.amount)
      if (!chainEvents.has(key))
        chainEvents.set(key, { ...one, block_number: BigInt(one.block_number), amount })
    }
    return []
  }),
  statement<[string[], string[], string[], string[], Date[]]>(
    'insert into ledger_transactions',
    ({ ledger }, [ids, , , paymentIds]) => {
      for (const [id, payment_id] of unnest<[string, string]>(ids, paymentIds)) {
        if (ledger.has(id)) throw new Error(`duplicate key: ledger transaction ${id}`)
        ledger.set(id, { id, payment_id })
      }
      return []
    },
  ),
  statement<[string[], number[], string[], bigint[]]>(
    'insert into ledger_postings',
    ({ postings }, columns) => {
      const lines = unnest<[string, number, string, bigint]>(...columns)
      for (const [id, line, account, amount] of lines)
        postings.set(`${id} ${line}`, { id, account, amount })
      return []
    },
  ),
  statement<[string[], string[], string[], string[], number[], string[], Date[]]>(
    'insert into events',
    ({ events }, [ids, , types, aggregates, sequences]) =>
      unnest<[string, string, string, number]>(ids, types, aggregates, sequences).flatMap(
        ([id, type, aggregate_id, sequence]) =>
          events.has(id) ? [] : [events.set(id, { id, type, aggregate_id, sequence })],
      ),
  ),
  // The shop of the simulation has no endpoint: webhooks are another engine, with tests of its own.
  statement('insert into webhook_deliveries', () => []),
  statement<[string, string[]]>('insert into outbox', ({ outbox }, [job, payloads]) => {
    for (const payload of payloads) outbox.set(`${outbox.size} ${payload}`, { job })
    return []
  }),
]
