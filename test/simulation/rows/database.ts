import type { Db, Row } from '../../../src/platform/db/db.ts'
import type { Sql } from '../../../src/platform/db/sql.ts'
import { BOOK_STATEMENTS } from './book-statements.ts'
import { PAYMENT_STATEMENTS } from './payment-statements.ts'
import type { Rows } from './rows.ts'
import { SALE_STATEMENTS } from './sale-statements.ts'
import { SETTLEMENT_STATEMENTS } from './settlement-statements.ts'
import type { Statement } from './statement.ts'

const STATEMENTS: readonly Statement[] = [
  ...SALE_STATEMENTS,
  ...PAYMENT_STATEMENTS,
  ...SETTLEMENT_STATEMENTS,
  ...BOOK_STATEMENTS,
]

/** What travels to the database at once, a statement or a whole transaction, to be done whole or not at all. */
export type Trip = <T>(work: () => Promise<T>, isTransaction: boolean) => Promise<T>

export type StatementFinder = (text: string) => Statement

/** Finds what a statement does by its text. Throws for one that the simulation does not know. */
export function openStatementFinder(): StatementFinder {
  const known = new Map<string, Statement>()
  return (text) => {
    const before = known.get(text)
    if (before !== undefined) return before
    const plain = text.replace(/\s+/g, ' ').trim()
    const found = STATEMENTS.find((one) => plain.startsWith(one.begins))
    if (found === undefined)
      throw new Error(`the simulation does not know this statement: ${plain.slice(0, 120)}`)
    known.set(text, found)
    return found
  }
}

/** A `Db` over rows in memory. Transactions run whole, one after another. */
export function openMemoryDb(rows: Rows, find: StatementFinder, trip: Trip): Db {
  const run = async <T extends Row>({ text, values }: Sql): Promise<T[]> =>
    find(text).run(rows, values) as T[]
  const tx: Db = {
    many: run,
    one: async <T extends Row>(query: Sql) => (await run<T>(query))[0],
    transaction: (work) => work(tx),
    snapshot: (work) => work(tx),
    // Only counting waits for a commit, and nobody counts here.
    onCommit: () => {},
  }
  const many = <T extends Row>(query: Sql) => trip<T[]>(() => run<T>(query), false)
  return {
    many,
    one: async <T extends Row>(query: Sql) => (await many<T>(query))[0],
    transaction: (work) => trip(() => work(tx), true),
    snapshot: (work) => trip(() => work(tx), true),
    onCommit: (work) => work(),
  }
}
