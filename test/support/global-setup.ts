import type { TestProject } from 'vitest/node'
import { build } from '../../scripts/build.mjs'
import { keepDevelopmentChain } from '../../src/apps/development-chain.ts'
import { startPostgres } from '../../src/platform/embedded/postgres.ts'
import { temporaryFolder } from '../../src/platform/embedded/temporary.ts'
import { FUNDED_KEYS } from './anvil.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** An embedded PostgreSQL's superuser; every test file makes its own database in it. */
    postgresUrl: string
    /** The development chain, or the node named by KAIA_RPC_URL. */
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
  await build()
  const postgres = await startPostgres({ dataDir: folder.path, log })
  const ownChain = process.env.KAIA_RPC_URL
  const anvil = ownChain
    ? undefined
    : await keepDevelopmentChain({ dataDir: folder.path, log, persist: false })
  project.provide('postgresUrl', postgres.url)
  project.provide('chainUrl', ownChain ?? anvil?.url ?? '')
  project.provide('chainWsUrl', ownChain ? (process.env.KAIA_WS_URL ?? '') : (anvil?.wsUrl ?? ''))
  project.provide('funderKey', process.env.KAIA_FUNDED_KEY ?? FUNDED_KEYS[0])
  return async () => {
    await anvil?.stop()
    await postgres.stop()
    folder.remove()
  }
}
