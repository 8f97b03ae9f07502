import { SECOND_MS } from '../kernel/time.ts'
import { reportReady } from '../platform/embedded/parent.ts'
import { openPlatform, openQueue, startWork } from './compose.ts'
import { readConfig } from './config.ts'
import { runMain } from './main.ts'
import { endOnSignal, openLife } from './shutdown.ts'
import { refuseForgetfulDatabase, startWatching, workerReadiness } from './watching.ts'

/** The process that settles, watches the chain and tells merchants. Any number may run. */
await runMain('worker', async () => {
  const config = readConfig(process.env, 'worker')
  const platform = await openPlatform(config, 'worker')
  const { deps } = platform
  const { log } = deps
  await refuseForgetfulDatabase(deps)
  const queue = await openQueue(config, log)
  const life = openLife()
  const readiness = life.guard(workerReadiness(config, deps, queue))
  const watching = await startWatching({ ...platform, config, process: 'worker', queue, readiness })
  const work = await startWork(deps, queue)
  endOnSignal({ log, life, drainMs: config.shutdownDrainSeconds * SECOND_MS }, [
    { name: 'finish the work', run: () => work.stop() },
    { name: 'close the queue', run: () => queue.close() },
    { name: 'close the platform', run: () => platform.close() },
    { name: 'close the metrics', run: async () => watching?.close() },
  ])
  life.begin()
  log.info('worker ready', { lanes: deps.signers.map((signer) => signer.address) })
  reportReady()
})
