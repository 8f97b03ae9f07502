import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runMain } from './main.ts'
import { openApiText } from './openapi-document.ts'

const FILE = join(dirname(fileURLToPath(import.meta.url)), '../../openapi/openapi.json')

/** Writes the OpenAPI document; with `--check` it only says, by its exit code, whether the written one is current. */
await runMain('openapi', async () => {
  const text = await openApiText()
  if (process.argv.includes('--check')) {
    if ((await readFile(FILE, 'utf8').catch(() => '')) !== text)
      throw new Error('openapi/openapi.json is not what the routes say; run npm run openapi')
    return
  }
  await mkdir(dirname(FILE), { recursive: true })
  await writeFile(FILE, text)
})
