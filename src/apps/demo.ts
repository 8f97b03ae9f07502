import { balanceOf, grandTotal } from '../domains/ledger/store.ts'
import { reveal } from '../kernel/secret.ts'
import { temporaryFolder } from '../platform/embedded/temporary.ts'
import { readOwnNode } from './config.ts'
import { type Development, startDevelopment } from './development.ts'
import { runMain } from './main.ts'
import { apiOf, playSale, type Trail } from './play-sale.ts'
import { trailText } from './trail.ts'

const COFFEE_WON = 4_500
const isJson = process.argv.includes('--json')
const say = (line: string) => process.stderr.write(`${line}\n`)

/** One sale on a throwaway stack, then a restart of it. Exit 0 only if all that it shows holds. */
await runMain('npm run demo', async () => {
  const folder = temporaryFolder()
  let running: Development | undefined
  const interrupted = (signal: string) => {
    say(`${signal}: stopping`)
    void (running?.stop() ?? Promise.resolve()).finally(() => process.exit(1))
  }
  process.once('SIGINT', interrupted)
  process.once('SIGTERM', interrupted)
  try {
    running = await start(folder.path)
    const trail = await playSale(stageOf(running), COFFEE_WON)
    const isBalanced = await agrees(running)
    await running.stop()
    const restartAt = performance.now()
    running = await start(folder.path)
    const restartMs = performance.now() - restartAt
    await checkKept(running, trail)
    await running.stop()
    report(trail, isBalanced, restartMs)
  } finally {
    await running?.stop()
    folder.remove()
  }
})

function start(dataDir: string): Promise<Development> {
  return startDevelopment({
    dataDir,
    host: '127.0.0.1',
    port: undefined,
    publicUrl: undefined,
    // A throwaway stack brings its own database, whatever the shell has set.
    environment: { ...process.env, DATABASE_URL: undefined, REDIS_URL: undefined },
    node: readOwnNode(process.env),
    log: (line) => say(`  ${(performance.now() / 1_000).toFixed(1).padStart(5)} s  ${line}`),
  })
}

function stageOf(development: Development) {
  const { localUrl, shop, shopper, receiver } = development
  return {
    url: localUrl,
    merchantKey: reveal(shop.merchantKey),
    terminalKey: reveal(shop.terminalKey),
    shopper,
    receiver,
  }
}

/** Whether the ledger sums to zero and its merchant account is what the chain says. */
async function agrees({ database, shop, chain }: Development): Promise<boolean> {
  const { merchant } = shop
  const ledger = await balanceOf(database, `merchant:${merchant.id}`)
  const account = await chain.account(merchant.settlementAddress)
  return (await grandTotal(database)) === 0n && ledger === account.balance
}

/** After a restart the sale is still there, paid, under the same hash, in the database and on the chain. */
async function checkKept(development: Development, { invoice, payment }: Trail): Promise<void> {
  const kept = await apiOf({ url: development.localUrl }).get<Trail['invoice']>(
    `/v1/invoices/${invoice.id}`,
    reveal(development.shop.merchantKey),
  )
  if (kept.status !== 'paid' || kept.payment?.tx_hash !== payment.tx_hash)
    throw new Error('The restart lost the sale')
  if (!(await agrees(development))) throw new Error('After the restart ledger and chain differ')
}

function report(trail: Trail, isBalanced: boolean, restartMs: number): void {
  const { invoice, payment, statement, webhook } = trail
  say(`\n${trailText(trail)}\n`)
  const result = {
    invoice_id: invoice.id,
    payment_id: payment.id,
    tx_hash: payment.tx_hash,
    block_number: payment.block_number,
    amount_won: invoice.amount,
    webhook,
    statement: {
      gross_won: statement.totals.gross,
      fee_won: statement.totals.fee,
      net_won: statement.totals.net,
      matches: statement.matches,
    },
    ledger: { balanced: isBalanced },
    boot_ms: Math.round(trail.settledAt),
    restart_ms: Math.round(restartMs),
    confirm_to_settled_ms: Math.round(trail.confirmToSettledMs),
    settled_to_webhook_ms: Math.round(trail.settledToWebhookMs),
  }
  if (isJson) process.stdout.write(`${JSON.stringify(result)}\n`)
  else
    say(
      `  boot to settled ${(result.boot_ms / 1_000).toFixed(1)} s, restart ${(result.restart_ms / 1_000).toFixed(1)} s`,
    )
  const holds =
    isBalanced &&
    webhook.signature_valid &&
    statement.matches &&
    statement.totals.gross === COFFEE_WON &&
    statement.totals.net === COFFEE_WON - statement.totals.fee
  if (!holds) throw new Error('Something that the demo shows does not hold')
}
