import type { Row } from '../../../src/platform/db/db.ts'
import type { Rows } from './rows.ts'

type Values = readonly unknown[]

/** What one SQL statement of the stores does, said again in memory. */
export type Statement = {
  /** How its text begins, with single spaces. */
  readonly begins: string
  readonly run: (rows: Rows, values: Values) => readonly object[]
}

/** A statement by the beginning of its text. */
export function statement<T extends Values>(
  begins: string,
  run: (rows: Rows, values: T) => readonly object[] | undefined,
): Statement {
  return { begins, run: (rows, values) => run(rows, values as T) ?? [] }
}

export const NOTHING: readonly Row[] = []

/** The rows of `unnest(a, b, …)`. */
export function unnest<T extends readonly unknown[]>(
  ...columns: { readonly [K in keyof T]: readonly T[K][] }
): T[] {
  const [first] = columns
  return (first ?? []).map((_, index) => columns.map((column) => column[index]) as unknown as T)
}
