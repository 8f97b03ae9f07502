/** The fields of a JSON object. This and its neighbours throw a TypeError when the value is of another kind. */
export function fieldsOf(json: unknown): Readonly<Record<string, unknown>> {
  if (typeof json !== 'object' || json === null) throw new TypeError('Not a JSON object')
  return json as Readonly<Record<string, unknown>>
}

export function textOf(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('Not a text')
  return value
}

export function numberOf(value: unknown): number {
  if (typeof value !== 'number') throw new TypeError('Not a number')
  return value
}

export function dateOf(value: unknown): Date {
  const date = new Date(textOf(value))
  if (Number.isNaN(date.getTime())) throw new TypeError('Not an instant')
  return date
}

/** Undefined for what is absent or null. */
export function maybe<Value>(value: unknown, read: (value: unknown) => Value): Value | undefined {
  return value === null || value === undefined ? undefined : read(value)
}
