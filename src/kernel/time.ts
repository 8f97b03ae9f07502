export type Clock = { now(): Date }

export const systemClock: Clock = { now: () => new Date() }

export const SECOND_MS = 1_000
export const DAY_MS = 86_400_000
const SEOUL_OFFSET_MS = 9 * 3_600_000

/** The Seoul calendar day of an instant, `2026-11-20`. Korea keeps no summer time. */
export function seoulDay(at: Date): string {
  return new Date(at.getTime() + SEOUL_OFFSET_MS).toISOString().slice(0, 10)
}

/** The instants at which a Seoul day begins (inclusive) and ends (exclusive). Undefined when there is no such day. */
export function seoulDayBounds(
  day: string,
): { readonly from: Date; readonly to: Date } | undefined {
  const midnightUtc = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN
  const from = new Date(midnightUtc - SEOUL_OFFSET_MS)
  if (Number.isNaN(midnightUtc) || seoulDay(from) !== day) return undefined
  return { from, to: new Date(from.getTime() + DAY_MS) }
}

/** Seoul wall-clock time with its offset, `2026-11-20T18:05:03+09:00` (RFC 3339), for reports that people read. */
export function seoulTime(at: Date): string {
  return `${new Date(at.getTime() + SEOUL_OFFSET_MS).toISOString().slice(0, 19)}+09:00`
}

export function secondsAfter(at: Date, seconds: number): Date {
  return new Date(at.getTime() + seconds * SECOND_MS)
}

/** Unix seconds, rounded down. */
export function unixSeconds(at: Date): number {
  return Math.floor(at.getTime() / SECOND_MS)
}
