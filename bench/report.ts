import { settlementStream } from '../src/domains/settlement/chain-store.ts'
import { DAY_MS, seoulDay, seoulDayBounds } from '../src/kernel/time.ts'
import { sql } from '../src/platform/db/sql.ts'
import { writeDay } from './report/day.ts'
import { keyOf, type SaleStack, startSaleStack } from './settle/sale-stack.ts'
import { progress, report, round } from './stack/figures.ts'
import { median } from './stack/rate.ts'
import { startStack, toolsOf } from './stack/stack.ts'

const PAYMENTS = 20_000
/** Of other shops on the same day, so that nothing can be read by reading everything. */
const OTHER_SHOPS = 5
const OTHER_PAYMENTS = 8_000
const ROUNDS = 7
/** The statement reads every row three times over, and writes each as JSON: a bare sum does neither. */
const MIN_RATIO = 0.005

type Answer = { status: string; matches: boolean; totals: { count: number; gross: number } }

/** `npm run -s bench -- report [--json]`: the statement of a day, beside a bare sum over the same rows. */
export async function main(flags: readonly string[]): Promise<number> {
  const stack = await startStack(toolsOf(flags))
  try {
    const sale = await startSaleStack(stack, 1 + OTHER_SHOPS)
    const day = seoulDay(new Date(Date.now() - DAY_MS))
    const bounds = seoulDayBounds(day)
    const [shop] = sale.shops
    if (bounds === undefined || shop === undefined) throw new Error('there is no day, or no shop')
    const { database } = stack
    const chain = sale.token.chain
    for (const [at, one] of sale.shops.entries()) {
      const payments = at === 0 ? PAYMENTS : OTHER_PAYMENTS
      await writeDay(database, { shop: one, chainId: chain.chainId, from: bounds.from, payments })
    }
    await database.many(sql`
      insert into chain_cursors (stream, block_number, block_time)
      values (${settlementStream(chain)}, 1000000, now())
      on conflict (stream) do update set block_number = 1000000, block_time = now()`)
    await database.many(sql`vacuum analyze`)
    progress(`${PAYMENTS + OTHER_SHOPS * OTHER_PAYMENTS} payments of ${day} are written`)

    const rounds: { json: number; csv: number; bare: number }[] = []
    let answer: Answer | undefined
    for (let at = 0; at <= ROUNDS; at++) {
      const json = await timed(() => get(sale, `/v1/statements/${day}`))
      answer = JSON.parse(json.result)
      const csv = await timed(() => get(sale, `/v1/statements/${day}?format=csv`))
      const bare = await timed(() =>
        database.one(sql`
          select count(*)::int as count, sum(amount)::bigint as gross, sum(fee)::bigint as fee from payments
          where merchant_id = ${shop.merchant.id} and status = 'settled'
            and settled_at >= ${bounds.from} and settled_at < ${bounds.to}`),
      )
      // The first round warms everything up.
      if (at > 0) rounds.push({ json: json.ms, csv: csv.ms, bare: bare.ms })
    }
    await sale.stop()
    const ratio = round(median(rounds.map((one) => one.bare / one.json)), 4)
    const result = {
      name: 'report',
      payments: PAYMENTS,
      json_ms: round(median(rounds.map((one) => one.json))),
      csv_ms: round(median(rounds.map((one) => one.csv))),
      status: answer?.status,
      matches: answer?.matches,
      peer: { name: 'a bare sum in SQL', ms: round(median(rounds.map((one) => one.bare))) },
      ratio,
    }
    return report(flags, result, [
      [answer?.matches === true, 'rows, ledger and chain differ'],
      [answer?.totals.count === PAYMENTS, `${answer?.totals.count} rows instead of ${PAYMENTS}`],
      [answer?.status === 'closed', 'the day is not closed'],
      [ratio >= MIN_RATIO, `${ratio} of the bare sum's speed`],
    ])
  } finally {
    await stack.stop()
  }
}

async function get({ url, shops: [shop] }: SaleStack, path: string): Promise<string> {
  if (shop === undefined) throw new Error('there is no shop')
  const answer = await fetch(`${url}${path}`, {
    headers: { authorization: `Bearer ${keyOf(shop)}` },
  })
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
  return answer.text()
}

async function timed<Result>(work: () => Promise<Result>) {
  const begin = performance.now()
  const result = await work()
  return { result, ms: performance.now() - begin }
}
