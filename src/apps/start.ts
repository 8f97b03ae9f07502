import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { reveal } from '../kernel/secret.ts'
import { readOwnNode } from './config.ts'
import { type Development, startDevelopment } from './development.ts'
import { runMain } from './main.ts'
import { apiOf, playSale } from './play-sale.ts'
import { trailText } from './trail.ts'

const USAGE = `npm start -- [options]

  --no-demo          do not play a sale first
  --port PORT        listen here (also PORT; otherwise the port of the last run, or a free one)
  --host HOST        listen on this address (also HOST; 127.0.0.1 unless told; 0.0.0.0 for the shop's network)
  --data-dir FOLDER  keep everything here (also BARO_DATA_DIR; .baro unless told)

PUBLIC_URL is what the QR codes say, where phones reach this machine by another name. With KAIA_RPC_URL and
KAIA_FUNDED_KEY it plays on that node instead of a development chain of its own.
`
const COFFEE_WON = 4_500
const TRY_OUT_SECONDS = 3_600

const say = (line = '') => process.stdout.write(`${line}\n`)

await runMain('npm start', async () => {
  const options = readOptions()
  if (options === undefined) {
    say(USAGE)
    return
  }
  const startedAt = performance.now()
  say('\n  바로 Baro: a café is paid by QR\n')
  const ending = endOnce()
  const development = await startDevelopment({
    ...options,
    environment: process.env,
    node: readOwnNode(process.env),
    log: (line) =>
      say(`  ${((performance.now() - startedAt) / 1_000).toFixed(1).padStart(5)} s  ${line}`),
  })
  ending.arm(development)
  if (options.isDemo) await showSale(development)
  await showAddresses(development)
})

async function showSale(development: Development): Promise<void> {
  say('\n  One sale:\n')
  const trail = await playSale(
    {
      url: development.localUrl,
      merchantKey: reveal(development.shop.merchantKey),
      terminalKey: reveal(development.shop.terminalKey),
      shopper: development.shopper,
      receiver: development.receiver,
    },
    COFFEE_WON,
  )
  say(trailText(trail))
  say(
    `\n  From the start of this process to the first settled sale: ${(trail.settledAt / 1_000).toFixed(1)} s`,
  )
}

async function showAddresses(development: Development): Promise<void> {
  const { url, localUrl, metricsUrls, shop } = development
  const api = apiOf({ url: localUrl })
  const terminalKey = reveal(shop.terminalKey)
  const open = await api.post<{ pay_url: string }>(
    '/v1/invoices',
    { amount: COFFEE_WON, lifetime_seconds: TRY_OUT_SECONDS, description: '아메리카노' },
    terminalKey,
  )
  say(`
  Cashier    ${url}/pos#key=${terminalKey}
  Checkout   ${open.pay_url}   (4,500 won, open for an hour)
  API docs   ${url}/docs
  Metrics    ${metricsUrls.gateway}/metrics (gateway), ${metricsUrls.worker}/metrics (worker)

  For curl (test keys):
    export BARO_URL=${localUrl}
    export BARO_KEY=${reveal(shop.merchantKey)}
    export BARO_TERMINAL=${shop.terminal.id}
`)
  if (/\/\/(127\.|localhost|\[::1\])/.test(url))
    say(
      '  A phone cannot reach this machine yet: start with `npm start -- --host 0.0.0.0`,\n  and PUBLIC_URL where it has another name.\n',
    )
  say('  Ctrl-C stops everything; the data stays.\n')
}

/** Ctrl-C stops everything once, also while it starts; a second one does not wait. */
function endOnce() {
  let running: Development | undefined
  let isEnding = false
  const end = async () => {
    if (isEnding) process.exit(130)
    isEnding = true
    say('\n  Stopping …')
    if (running === undefined) return
    await running.stop()
    process.exit(0)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => void end())
  return {
    arm: (development: Development) => {
      running = development
      if (isEnding) void development.stop().then(() => process.exit(0))
    },
  }
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      'no-demo': { type: 'boolean', default: false },
      port: { type: 'string' },
      host: { type: 'string' },
      'data-dir': { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return undefined
  const { env } = process
  const portText = values.port ?? env.PORT
  const port = portText === undefined ? undefined : Number(portText)
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535))
    throw new Error(`The port must be a whole number from 0 to 65535, not ${portText}`)
  const publicUrl = env.PUBLIC_URL?.replace(/\/+$/, '')
  const project = join(dirname(fileURLToPath(import.meta.url)), '../..')
  return {
    isDemo: !values['no-demo'],
    host: values.host ?? env.HOST ?? '127.0.0.1',
    port,
    publicUrl,
    dataDir: resolve(values['data-dir'] ?? env.BARO_DATA_DIR ?? join(project, '.baro')),
  }
}
