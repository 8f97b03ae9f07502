import { describe, expect, it } from 'vitest'
import { REDIS_HERE } from '../queue/servers.ts'
import { BACKENDS } from './faults/plan.ts'
import { runChaos } from './faults/run.ts'

/** The short form of `npm run chaos`: a minute on a quiet machine, several on a busy one. */
const PAYMENTS = 60
const SEED = 2026
const LIMIT_MS = 300_000

describe.each(BACKENDS)('a Baro on %s around which everything fails', (backend) => {
  it.skipIf(backend === 'redis' && !REDIS_HERE)(
    'settles or refuses every accepted payment once, and rows, chain, webhooks and statements agree',
    { timeout: LIMIT_MS },
    async () => {
      const said: string[] = []
      const { result, failures } = await runChaos({
        ...{ payments: PAYMENTS, seed: SEED, backend },
        say: (line) => said.push(line),
      })
      expect(failures, said.join('\n')).toEqual([])
      expect(result).toMatchObject({
        ...{ payments: PAYMENTS, double: 0, lost: 0, stuck: 0, events_undelivered: 0 },
        ...{ ledger_equals_chain: true, statement_equals_ledger: true },
      })
    },
  )
})
