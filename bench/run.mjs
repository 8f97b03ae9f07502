// Runs a TypeScript file of this folder without a build: `node bench/run.mjs gas --json`.
import { join } from 'node:path'
import { runnerImport } from 'vite'

const name = process.argv[2]
if (!/^[a-z0-9/-]+$/.test(name ?? '')) throw new Error('usage: node bench/run.mjs NAME')
const { module } = await runnerImport(join(import.meta.dirname, `${name}.ts`), {
  configFile: false,
  logLevel: 'error',
})
process.exitCode = await module.main(process.argv.slice(3))
