import { parseArgs } from 'node:util'
import { REDIS_HERE } from '../../queue/servers.ts'
import { BACKENDS } from './plan.ts'
import { runChaos } from './run.ts'

const USAGE = `npm run -s chaos -- [--payments N] [--seed S] [--backend redis|postgres] [--json]

Sells until N confirmations were answered 202 while everything around the product fails, heals it, and compares rows,
chain, statements and webhooks. Ends with 0 only when all of them agree. The same seed draws the same plan.
`

/** What the servers need to end. */
const GIVE_UP_MS = 10_000

/** The command: progress and failures to stderr, the result to stdout. */
export async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      payments: { type: 'string', default: '500' },
      seed: { type: 'string', default: '1' },
      backend: { type: 'string', default: 'postgres' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const [payments, seed] = [Number(values.payments), Number(values.seed)]
  const backend = BACKENDS.find((one) => one === values.backend)
  const isUsable = Number.isInteger(payments) && payments > 0 && Number.isInteger(seed)
  if (values.help || backend === undefined || !isUsable) {
    process.stderr.write(USAGE)
    return values.help ? 0 : 2
  }
  const say = (line: string) => process.stderr.write(`chaos: ${line}\n`)
  if (backend === 'redis' && !REDIS_HERE) {
    process.stderr.write('chaos: --backend redis needs a redis-server on PATH\n')
    return 2
  }
  const giveUp = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => {
      giveUp.abort()
      setTimeout(() => process.exit(1), GIVE_UP_MS)
    })
  const signal = giveUp.signal
  const { result, failures } = await runChaos({ payments, seed, backend, say, signal })
  for (const line of failures) process.stderr.write(`${line}\n`)
  process.stdout.write(`${JSON.stringify(result, null, values.json ? 0 : 2)}\n`)
  return failures.length === 0 ? 0 : 1
}
