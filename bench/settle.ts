import { setTimeout as sleep } from 'node:timers/promises'
import type { InvoiceId } from '../src/kernel/ids.ts'
import { sql } from '../src/platform/db/sql.ts'
import { prepareRuin, strew } from './settle/bad-payers.ts'
import { type Confirmed, drain, pacePayments, pushPayments } from './settle/load.ts'
import { measure } from './settle/measure.ts'
import { type Observer, openObserver } from './settle/observer.ts'
import { newPayers, type Payer, preparePayments, type SignedPayment } from './settle/payments.ts'
import { measurePeer } from './settle/peer.ts'
import { type SaleStack, startSaleStack, webhooksOf } from './settle/sale-stack.ts'
import { fund } from './settle/token.ts'
import { type Client, openClient } from './stack/client.ts'
import { percentile, progress, report, round } from './stack/figures.ts'
import { openCpuMeter, startStack, type Tools, toolsOf } from './stack/stack.ts'
import { forgetStatements, showStatements } from './stack/statements.ts'

type Size = {
  readonly seconds: number
  /** More than any run has settled so far: a run that confirms them all ends early. */
  readonly mostPerSecond: number
  readonly payers: number
  readonly pacedSeconds: number
  readonly peerSeconds: number
}
const WHOLE: Size = {
  seconds: 30,
  mostPerSecond: 700,
  payers: 1_000,
  pacedSeconds: 20,
  peerSeconds: 25,
}
/** With `--quick`: to see what a change does, or whether everything runs. Its figures show nothing. */
const QUICK: Size = { seconds: 8, mostPerSecond: 250, payers: 200, pacedSeconds: 4, peerSeconds: 5 }
const PACED_RATE = 50
const PEER_MOST_PER_SECOND = 120
const CONNECTIONS = 160
const AT_ONCE = 128
/** Confirmed and not yet settled: what about two blocks of the load are. */
const WINDOW = 1_200
const PAYER_WON = 10_000_000n
/** Of all payments, those of payers who go broke or are frozen after their 202. */
const BAD_SHARE = 0.1
const BAD_PAYMENTS_EACH = 8
const BAD_PAYER_WON = 100_000n
const WEBHOOKS_LIMIT_MS = 60_000

const MIN_PER_SECOND = 400
const MAX_PACED_P50_MS = 750
const MAX_PACED_P99_MS = 1_600
const MAX_RPC_CALLS = 0.2
const MIN_RATIO = 5
const MIN_SHARE_WITH_BAD_PAYERS = 0.72

/** `npm run -s bench -- settle [--json]`: from the HTTP confirmation to the webhook row, everything on one machine. */
export async function main(flags: readonly string[]): Promise<number> {
  const size = flags.includes('--quick') ? QUICK : WHOLE
  const tools = toolsOf(flags)
  const stack = await startStack(tools)
  try {
    const sale = await startSaleStack(stack)
    progress('gateway and worker serve')
    const baro = await measureBaro(sale, size, tools)
    await sale.stop()
    progress('measuring the peer on the same chain')
    const peer = await measurePeer(stack.chainUrl, size.peerSeconds, PEER_MOST_PER_SECOND)
    progress(`peer: ${JSON.stringify(peer)}`)
    const ratio = round(baro.settled_per_second / peer.settled_per_second, 2)
    const share = round(baro.with_bad_payers.settled_per_second / baro.settled_per_second, 3)
    return report(flags, { name: 'settle', ...baro, peer, ratio }, [
      [baro.settled_per_second >= MIN_PER_SECOND, `${baro.settled_per_second} settled a second`],
      [baro.seconds >= 0.8 * WHOLE.seconds, `only ${baro.seconds} s were measured`],
      [baro.refused === 0, `${baro.refused} good payments were not settled`],
      [baro.paced.p50_ms <= MAX_PACED_P50_MS, `p50 of ${baro.paced.p50_ms} ms at a steady rate`],
      [baro.paced.p99_ms <= MAX_PACED_P99_MS, `p99 of ${baro.paced.p99_ms} ms at a steady rate`],
      [baro.rpc_calls_per_payment <= MAX_RPC_CALLS, `${baro.rpc_calls_per_payment} RPC calls each`],
      [baro.with_bad_payers.good_failed === 0, `${baro.with_bad_payers.good_failed} good failed`],
      [baro.with_bad_payers.bad_refused > 0, 'no bad payer was refused: nothing was tried'],
      [share >= MIN_SHARE_WITH_BAD_PAYERS, `with bad payers only ${share} of the rate without`],
      [baro.webhooks.waiting === 0, `${baro.webhooks.waiting} webhooks were not delivered`],
      [ratio >= MIN_RATIO, `${ratio} times the peer`],
    ])
  } finally {
    await stack.stop()
  }
}

async function measureBaro(sale: SaleStack, size: Size, tools: Tools) {
  const { stack, token } = sale
  const db = stack.database
  const { seconds } = size
  const payers = newPayers(size.payers)
  const count = size.mostPerSecond * seconds
  const badCount = Math.floor(count * BAD_SHARE)
  const badPayers = newPayers(Math.floor(badCount / BAD_PAYMENTS_EACH))
  const fundAll = (who: readonly Payer[], won: bigint) =>
    fund(
      token,
      who.map(({ address }) => address),
      won,
    )
  await fundAll(payers, PAYER_WON)
  await fundAll(badPayers, BAD_PAYER_WON)
  const prepare = (who: readonly Payer[], howMany: number, firstNonce: number) =>
    preparePayments(db, token.chain, {
      ...{ shops: sale.shops, payers: who, count: howMany, firstNonce },
    })
  const rounds = (howMany: number) => Math.ceil(howMany / payers.length)
  const paced = await prepare(payers, PACED_RATE * size.pacedSeconds, 0)
  const pushed = await prepare(payers, count, rounds(paced.length))
  const good = await prepare(payers, count, rounds(paced.length) + rounds(count))
  const bad = await prepare(badPayers, badPayers.length * BAD_PAYMENTS_EACH, 0)
  await db.many(sql`analyze`)
  progress(`${paced.length + pushed.length + good.length + bad.length} payments are signed`)

  const phase = async <T>(work: (client: Client, observer: Observer) => Promise<T>): Promise<T> => {
    const client = openClient(sale.url, CONNECTIONS)
    const observer = await openObserver(db)
    try {
      return await work(client, observer)
    } finally {
      await observer.stop()
      client.close()
    }
  }
  const pacedFigures = await phase((client, observer) => pacedRun(client, observer, paced))
  progress(`${PACED_RATE} a second: ${JSON.stringify(pacedFigures)}`)
  if (tools.statements) await forgetStatements(db)
  const pushedFigures = await phase((client, observer) =>
    pushedRun(sale, client, observer, pushed, seconds),
  )
  if (tools.statements) await showStatements(db)
  progress(`as many as it takes: ${JSON.stringify(pushedFigures)}`)
  const withBad = await phase((client, observer) =>
    badRun(sale, client, observer, { good, bad, badPayers, seconds }),
  )
  progress(`with bad payers: ${JSON.stringify(withBad)}`)
  const webhooks = await awaitWebhooks(sale)
  progress(`webhooks: ${JSON.stringify(webhooks)}`)
  return { ...pushedFigures, paced: pacedFigures, with_bad_payers: withBad, webhooks }
}

async function pacedRun(client: Client, observer: Observer, payments: readonly SignedPayment[]) {
  const confirmed = await pacePayments(client, payments, PACED_RATE)
  await drain(observer, confirmed)
  const { p50_ms, p99_ms } = measure(observer, confirmed)
  return {
    rate_per_second: PACED_RATE,
    ...{ p50_ms, p99_ms },
    confirm_p50_ms: round(percentile(confirmTimes(confirmed), 0.5)),
    payments: confirmed.length,
    refused: refusedOf(observer, confirmed),
  }
}

async function pushedRun(
  sale: SaleStack,
  client: Client,
  observer: Observer,
  payments: readonly SignedPayment[],
  seconds: number,
) {
  const { stack, gateway, worker, counter } = sale
  const cpu = openCpuMeter({
    ...{ gateway: gateway.pid, worker: worker.pid },
    ...{ postgres: stack.postgresPid, chain: stack.chainPid },
  })
  const own = process.cpuUsage()
  const calls = counter.counts()
  const confirmed = await pushPayments(client, observer, payments, {
    ...{ milliseconds: seconds * 1_000, atOnce: AT_ONCE, window: WINDOW },
  })
  await drain(observer, confirmed)
  const spent = cpu()
  const generator = process.cpuUsage(own)
  const settled = settledOf(observer, confirmed)
  const each = (value: number, digits = 3) => round(value / settled, digits)
  const asked = [...counter.counts()].map(
    ([method, count]) => [method, count - (calls.get(method) ?? 0)] as const,
  )
  return {
    ...measure(observer, confirmed),
    payments: confirmed.length,
    refused: refusedOf(observer, confirmed),
    confirm_p50_ms: round(percentile(confirmTimes(confirmed), 0.5)),
    rpc_calls_per_payment: each(asked.reduce((sum, [, count]) => sum + count, 0)),
    rpc_calls: Object.fromEntries(asked.filter(([, count]) => count > 0)),
    /** Baro's own: gateway, worker and database. */
    cpu_ms_per_payment: each(spent.gateway + spent.worker + spent.postgres, 2),
    cpu_ms_of: {
      gateway: each(spent.gateway, 2),
      worker: each(spent.worker, 2),
      postgres: each(spent.postgres, 2),
      chain: each(spent.chain, 2),
      generator: each((generator.user + generator.system) / 1_000, 2),
    },
  }
}

async function badRun(
  sale: SaleStack,
  client: Client,
  observer: Observer,
  plan: {
    readonly good: readonly SignedPayment[]
    readonly bad: readonly SignedPayment[]
    readonly badPayers: readonly Payer[]
    readonly seconds: number
  },
) {
  const ruin = await prepareRuin({
    ...{ rpcUrl: sale.stack.chainUrl, token: sale.token, payers: plan.badPayers },
    ...{ paymentsEach: BAD_PAYMENTS_EACH, won: BAD_PAYER_WON },
  })
  const together = plan.bad.toSorted((a, b) => (a.payer.address < b.payer.address ? -1 : 1))
  const mixed = strew(plan.good, together, Math.round(1 / BAD_SHARE))
  const isBad = new Set<InvoiceId>(plan.bad.map(({ invoiceId }) => invoiceId))
  const confirmed = await pushPayments(client, observer, mixed, {
    ...{ milliseconds: plan.seconds * 1_000, atOnce: AT_ONCE, window: WINDOW },
    onAnswer: ruin.onAnswer,
  })
  await drain(observer, confirmed)
  const good = confirmed.filter(({ invoiceId }) => !isBad.has(invoiceId))
  const bad = confirmed.filter(({ invoiceId }) => isBad.has(invoiceId))
  const { settled_per_second, p50_ms, p99_ms } = measure(observer, good)
  return {
    ...{ settled_per_second, p50_ms, p99_ms },
    good_settled: settledOf(observer, good),
    good_failed: refusedOf(observer, good),
    bad_confirmed: bad.length,
    bad_refused: refusedOf(observer, bad),
    payers_ruined: await ruin.ruined(),
  }
}

/** Every webhook is to go out, also those that came in a crowd. */
async function awaitWebhooks(sale: SaleStack) {
  const begin = performance.now()
  let webhooks = await webhooksOf(sale)
  const waitingAtEnd = webhooks.waiting
  while (webhooks.waiting > 0 && performance.now() - begin < WEBHOOKS_LIMIT_MS) {
    await sleep(100)
    webhooks = await webhooksOf(sale)
  }
  return {
    ...webhooks,
    waiting_when_load_ended: waitingAtEnd,
    delivered_after_seconds: round((performance.now() - begin) / 1_000),
  }
}

function confirmTimes(confirmed: readonly Confirmed[]): number[] {
  return confirmed.map(({ dueAt, answeredAt }) => answeredAt - dueAt)
}

function settledOf(observer: Observer, confirmed: readonly Confirmed[]): number {
  return confirmed.filter(({ invoiceId }) => observer.endings.get(invoiceId)?.isSettled).length
}

/** Everything that was confirmed and did not settle: refused at once, refused on chain, or lost. */
function refusedOf(observer: Observer, confirmed: readonly Confirmed[]): number {
  return confirmed.length - settledOf(observer, confirmed)
}
