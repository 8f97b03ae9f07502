import { startWatching } from '../../src/apps/watching.ts'
import type { Readiness } from '../../src/kernel/health.ts'
import type { Queue } from '../../src/platform/queue/queue.ts'
import type { World } from '../support/world.ts'
import { type Family, readExposition } from './exposition.ts'

/** The operator's port of a world. */
export type Watching = {
  readonly url: string
  scrape(): Promise<ReadonlyMap<string, Family>>
  /** A scrape that shows nothing from before this call: what is read at a scrape may be a second old. */
  freshScrape(): Promise<ReadonlyMap<string, Family>>
  close(): Promise<void>
}

const FRESH_MS = 1_100

/** Serves what a world counts, as gateway and worker in one process. */
export async function watchWorld(
  world: World,
  parts: { readonly readiness?: () => Promise<Readiness>; readonly queue?: Queue } = {},
): Promise<Watching> {
  const server = await startWatching({
    readiness: async () => ({ status: 'ready', checks: {} }),
    ...world,
    ...parts,
    config: { metricsHost: '127.0.0.1', metricsPort: 0 },
    process: 'worker',
  })
  if (server === undefined) throw new Error('nothing is served')
  const scrape = async () => readExposition(await (await fetch(`${server.url}/metrics`)).text())
  return {
    url: server.url,
    scrape,
    freshScrape: async () => {
      await new Promise((resolve) => setTimeout(resolve, FRESH_MS))
      return scrape()
    },
    close: () => server.close(),
  }
}
