import pg from 'pg'
import { Fault } from '../../kernel/errors.ts'

/** A migration has added a column to a table whose rows a prepared statement returns whole. */
export function isOutdatedPlan(error: unknown): boolean {
  return (
    error instanceof pg.DatabaseError &&
    error.code === '0A000' &&
    error.message === 'cached plan must not change result type'
  )
}

/** Throws `database_unavailable` for a lost connection, and anything else as it is. */
export function throwFault(error: unknown): never {
  throw isConnectionLoss(error)
    ? new Fault('database_unavailable', undefined, { cause: error })
    : error
}

/**
 * SQLSTATE class 57P is a server that is going down or coming up, 25P03 one that has given up a transaction in which
 * nothing happened; a socket error has no SQLSTATE at all.
 */
export function isConnectionLoss(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof Fault) return false
  const code = 'code' in error ? String(error.code) : ''
  return (
    /^(57P0[123]|25P03|08|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND)/.test(code) ||
    /Connection terminated|timeout exceeded when trying to connect|not queryable|Query read timeout/.test(
      error.message,
    )
  )
}

/** What the values or the rows of a statement brought about (SQLSTATE classes 22, 23, 40, P0; a plan): others go on. */
export function isOfTheStatement(error: unknown): boolean {
  return error instanceof pg.DatabaseError && /^(22|23|40|P0|0A000)/.test(error.code ?? '')
}

/** The constraint that a statement broke (SQLSTATE 23505, unique), or undefined for any other error. */
export function brokenUniqueConstraint(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError && error.code === '23505' ? error.constraint : undefined
}
