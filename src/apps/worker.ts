import { reportReady } from '../platform/embedded/parent.ts'
import { openPlatform, openQueue, startWork } from './compose.ts'
import { readConfig } from './config.ts'
import { runMain } from './main.ts'
import { endOnSignal } from './shutdown.ts'

/** The process that settles, watches the chain and tells merchants. Any number may run. */
await runMain('worker', async () => {
  const config = readConfig(process.env, 'worker')
  const platform = await openPlatform(config, 'worker')
  const { log } = platform.deps
  const queue = await openQueue(config, log)
  const work = await startWork(platform.deps, queue)
  endOnSignal(log, [
    { name: 'finish the work', run: () => work.stop() },
    { name: 'close the queue', run: () => queue.close() },
    { name: 'close the platform', run: () => platform.close() },
  ])
  log.info('worker ready', { lanes: platform.deps.signers.map((signer) => signer.address) })
  reportReady()
})
