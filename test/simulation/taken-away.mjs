import { join } from 'node:path'
import { runnerImport } from 'vite'
const load = async (f) => (await runnerImport(join(import.meta.dirname, f), { configFile: false, logLevel: 'error' })).module
const { probe } = await load('probe.ts')
await probe(process.argv.slice(2))
