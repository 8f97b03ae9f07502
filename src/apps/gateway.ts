import { buildHttp } from '../entry/http/index.ts'
import { reportReady } from '../platform/embedded/parent.ts'
import { httpContext, openPlatform } from './compose.ts'
import { readConfig } from './config.ts'
import { runMain } from './main.ts'
import { endOnSignal } from './shutdown.ts'

/** The process that answers terminals, phones and merchants. Any number may run. */
await runMain('gateway', async () => {
  const config = readConfig(process.env, 'gateway')
  const platform = await openPlatform(config, 'gateway')
  const { log } = platform.deps
  const publicUrl = config.publicUrl ?? `http://${config.host}:${config.port}`
  const app = await buildHttp(httpContext(config, platform.deps, publicUrl), {
    log,
    trustedProxies: config.trustedProxies,
  })
  endOnSignal(log, [
    { name: 'close the listener', run: () => app.close() },
    { name: 'close the platform', run: () => platform.close() },
  ])
  await app.listen({ host: config.host, port: config.port })
  log.info('gateway ready', { url: publicUrl })
  reportReady({ url: publicUrl })
})
