import pg from 'pg'
import type { Queryable } from '../../src/platform/db/db.ts'
import { sql } from '../../src/platform/db/sql.ts'
import { progress } from './figures.ts'

const SHOWN = 40
const RESTART_LIMIT_MS = 20_000

/** Has PostgreSQL count what each statement costs, which needs a restart; whoever keeps it brings it back. */
export async function countStatements(url: string, pid: number): Promise<void> {
  await run(url, [
    `alter system set shared_preload_libraries = 'pg_stat_statements'`,
    'alter system set pg_stat_statements.track_planning = on',
  ])
  process.kill(pid, 'SIGINT')
  const end = performance.now() + RESTART_LIMIT_MS
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 500))
    const error = await run(url, ['create extension pg_stat_statements']).catch((one) => one)
    if (error === undefined) return
    if (performance.now() > end) throw error
  }
}

export async function forgetStatements(db: Queryable): Promise<void> {
  await db.many(sql`select pg_stat_statements_reset()`)
}

/** Prints the statements that took longest since the last `forgetStatements`. */
export async function showStatements(db: Queryable): Promise<void> {
  const rows = await db.many<{ q: string; calls: number; ms: number; plan: number }>(sql`
    select left(regexp_replace(query, '\\s+', ' ', 'g'), 110) as q, calls::int,
      (total_exec_time + total_plan_time)::int as ms, total_plan_time::int as plan
    from pg_stat_statements order by total_exec_time + total_plan_time desc limit ${SHOWN}`)
  for (const { q, calls, ms, plan } of rows)
    progress(
      `${String(ms).padStart(6)} ms (${String(plan).padStart(5)} planning) ${String(calls).padStart(6)} x ${q}`,
    )
}

async function run(url: string, texts: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    for (const text of texts) await client.query(text)
  } finally {
    await client.end().catch(() => {})
  }
}
