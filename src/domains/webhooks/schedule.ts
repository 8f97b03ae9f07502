const MINUTE = 60
const HOUR = 3_600

/** Seconds to wait after each failed attempt: fifteen attempts over seven days. */
export const RETRY_SECONDS: readonly number[] = [
  5,
  MINUTE,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
  24 * HOUR,
  24 * HOUR,
  24 * HOUR,
  24 * HOUR,
]

/** Requests to one endpoint at a time. */
export const MAX_AT_ONE_ENDPOINT = 8

/** Longer than a request may take, so that a living sender never loses its delivery to another. */
export const DELIVERY_LEASE_SECONDS = 20

/**
 * Seconds until the next attempt after `attempts` failed ones, or undefined when the last one has failed.
 * `random` (0 to 1) spreads it by a fifth either way. `retryAfterSeconds` of the receiver is kept between
 * the schedule and twice the schedule.
 */
export function retryDelaySeconds(
  attempts: number,
  random: number,
  retryAfterSeconds?: number,
): number | undefined {
  const nominal = RETRY_SECONDS[attempts - 1]
  if (nominal === undefined) return undefined
  if (retryAfterSeconds !== undefined)
    return Math.min(Math.max(retryAfterSeconds, nominal), 2 * nominal)
  return nominal * (0.8 + 0.4 * random)
}
