import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { ownFolder } from '../platform/embedded/owner.ts'
import { temporaryFolder } from '../platform/embedded/temporary.ts'
import { openLog } from '../platform/log/log.ts'
import { keepDevelopmentChain } from './development-chain.ts'
import { runMain } from './main.ts'
import { endOnSignal, openLife } from './shutdown.ts'

/** The development chain alone, HTTP and WebSocket on one port, until it is stopped. Its URL is the first line. */
await runMain('npm run devnet', async () => {
  const { values } = parseArgs({
    options: {
      port: { type: 'string' },
      host: { type: 'string', default: '127.0.0.1' },
      'data-dir': { type: 'string' },
    },
  })
  const port = values.port === undefined ? undefined : Number(values.port)
  if (port !== undefined && !(Number.isInteger(port) && port > 0 && port <= 65_535))
    throw new Error(`--port must be a whole number from 1 to 65535, not ${values.port}`)
  const kept = values['data-dir']
  const throwaway = kept === undefined ? temporaryFolder() : undefined
  const dataDir = throwaway?.path ?? resolve(join(kept ?? ''))
  const owner = await ownFolder(dataDir)
  const chain = await keepDevelopmentChain({
    dataDir,
    host: values.host,
    persist: kept !== undefined,
    ...(port === undefined ? {} : { port }),
    log: (line) => process.stderr.write(`${line}\n`),
  })
  process.stdout.write(`${chain.url}\n`)
  const log = openLog({ level: 'error', name: 'devnet' })
  endOnSignal({ log, life: openLife(), drainMs: 0 }, [
    { name: 'stop the chain', run: () => chain.stop() },
    {
      name: 'leave the folder',
      run: async () => {
        owner.release()
        throwaway?.remove()
      },
    },
  ])
})
