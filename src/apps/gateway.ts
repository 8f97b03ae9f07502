import { buildHttp } from '../entry/http/index.ts'
import { SECOND_MS } from '../kernel/time.ts'
import { reportReady } from '../platform/embedded/parent.ts'
import { closeServer } from '../platform/http/server.ts'
import { httpContext, openPlatform } from './compose.ts'
import { readConfig } from './config.ts'
import { runMain } from './main.ts'
import { endOnSignal, openLife } from './shutdown.ts'
import { gatewayReadiness, refuseForgetfulDatabase, startWatching } from './watching.ts'

/** The process that answers terminals, phones and merchants. Any number may run. */
await runMain('gateway', async () => {
  const config = readConfig(process.env, 'gateway')
  const platform = await openPlatform(config, 'gateway')
  const { deps, metrics } = platform
  const { log } = deps
  await refuseForgetfulDatabase(deps)
  const publicUrl = config.publicUrl ?? `http://${config.host}:${config.port}`
  const life = openLife()
  const readiness = life.guard(gatewayReadiness(deps))
  const context = httpContext(config, deps, publicUrl, readiness)
  const app = await buildHttp(context, { log, metrics, trustedProxies: config.trustedProxies })
  const watching = await startWatching({ ...platform, config, process: 'gateway', readiness })
  endOnSignal({ log, life, drainMs: config.shutdownDrainSeconds * SECOND_MS }, [
    { name: 'answer those who wait', run: async () => context.watch.end() },
    { name: 'close the listener', run: () => closeServer(app) },
    { name: 'close the platform', run: () => platform.close() },
    { name: 'close the metrics', run: async () => watching?.close() },
  ])
  await app.listen({ host: config.host, port: config.port })
  life.begin()
  log.info('gateway ready', { url: publicUrl })
  reportReady({ url: publicUrl })
})
