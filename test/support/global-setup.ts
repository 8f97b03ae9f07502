import type { TestProject } from 'vitest/node'
import { build } from '../../scripts/build.mjs'
import { startPostgres } from '../../src/platform/embedded/postgres.ts'
import { temporaryFolder } from '../../src/platform/embedded/temporary.ts'
import { openTestChain } from './chain.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** An embedded PostgreSQL's superuser; every test file makes its own database in it. */
    postgresUrl: string
    /** The node named by KAIA_RPC_URL, or the development chain: no `evm_*`, `anvil_*` or `debug_*` there either. */
    chainUrl: string
    /** Its WebSocket; empty for a node that KAIA_WS_URL says nothing about. */
    chainWsUrl: string
    /** An account of that chain with coins for gas. A test key, worth nothing. */
    funderKey: string
  }
}

/** One PostgreSQL and one chain for all suites. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const folder = temporaryFolder()
  const log = () => {}
  // A mutated copy of the project need not compile: the tests that run on one start no process of their own.
  if (process.env.BARO_TESTS_BUILD !== 'no') await build()
  const postgres = await startPostgres({ dataDir: folder.path, log })
  const chain = await openTestChain(folder.path).catch(async (error: unknown) => {
    await postgres.stop()
    folder.remove()
    throw error
  })
  project.provide('postgresUrl', postgres.url)
  project.provide('chainUrl', chain.url)
  project.provide('chainWsUrl', chain.wsUrl)
  project.provide('funderKey', chain.funderKey)
  return async () => {
    await chain.stop()
    await postgres.stop()
    folder.remove()
  }
}
