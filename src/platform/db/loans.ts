import type pg from 'pg'
import { Fault } from '../../kernel/errors.ts'
import { isConnectionLoss } from './failures.ts'

const PLAN_MS = 2_000

/** Lends a connection of the pool for some work. `spoil` has it thrown away afterwards. */
export type Borrow = <T>(
  work: (client: pg.PoolClient, spoil: (error: Error) => void) => Promise<T>,
) => Promise<T>

/**
 * A plan that is kept is a plan for tables as large as they were: on a young database it reads whole tables later. So
 * none is kept for long; and what planning costs, with foreign keys once a row, is paid now and then.
 */
export function openLoans(pool: pg.Pool, planMs = PLAN_MS): Borrow {
  const plannedAt = new WeakMap<pg.PoolClient, number>()
  return async (work) => {
    const client = await pool.connect().catch((cause) => {
      throw new Fault('database_unavailable', undefined, { cause })
    })
    let broken: Error | undefined
    const spoil = (error: Error) => {
      broken = error
    }
    try {
      const now = performance.now()
      const since = plannedAt.get(client)
      if (since === undefined || now - since >= planMs) plannedAt.set(client, now)
      if (since !== undefined && now - since >= planMs) await client.query('discard plans')
      return await work(client, spoil)
    } catch (error) {
      if (error instanceof Error && isConnectionLoss(error)) spoil(error)
      throw error
    } finally {
      client.release(broken)
    }
  }
}
