/** One row that a transaction wrote. Undefined: there was none, or there is none any more. */
export type Change = {
  readonly table: string
  readonly key: string
  readonly before: unknown
  readonly after: unknown
  readonly undo: () => void
}

/** Rows by key, in the order of their first writing. A row is never changed: another takes its place. */
export class Table<Row> {
  readonly #name: string
  readonly #rows = new Map<string, Row>()
  readonly #changes: Change[]

  constructor(name: string, changes: Change[]) {
    this.#name = name
    this.#changes = changes
  }

  get(key: string): Row | undefined {
    return this.#rows.get(key)
  }

  has(key: string): boolean {
    return this.#rows.has(key)
  }

  get size(): number {
    return this.#rows.size
  }

  all(): Row[] {
    return [...this.#rows.values()]
  }

  filter(is: (row: Row) => boolean): Row[] {
    const found: Row[] = []
    for (const row of this.#rows.values()) if (is(row)) found.push(row)
    return found
  }

  find(is: (row: Row) => boolean): Row | undefined {
    for (const row of this.#rows.values()) if (is(row)) return row
    return undefined
  }

  set(key: string, row: Row): Row {
    const before = this.#rows.get(key)
    const undo = () => {
      if (before === undefined) this.#rows.delete(key)
      else this.#rows.set(key, before)
    }
    this.#changes.push({ table: this.#name, key, before, after: row, undo })
    this.#rows.set(key, row)
    return row
  }

  delete(key: string): void {
    const before = this.#rows.get(key)
    if (before === undefined) return
    const undo = () => this.#rows.set(key, before)
    this.#changes.push({ table: this.#name, key, before, after: undefined, undo })
    this.#rows.delete(key)
  }
}
