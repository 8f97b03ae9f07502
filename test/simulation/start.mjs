// Runs the simulation without a build: `npm run -s simulate -- --seeds 2000 [--seed S] [--json]`.
import { join } from 'node:path'
import { runnerImport } from 'vite'

const { module } = await runnerImport(join(import.meta.dirname, 'main.ts'), {
  configFile: false,
  logLevel: 'error',
})
process.exitCode = await module.main(process.argv.slice(2))
