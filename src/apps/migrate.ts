import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { reveal } from '../kernel/secret.ts'
import { migrate } from '../platform/db/migrate.ts'
import { readConfig } from './config.ts'
import { runMain } from './main.ts'

/** Brings the database named by DATABASE_URL to this version. */
await runMain('migrate', async () => {
  const folder = join(dirname(fileURLToPath(import.meta.url)), '../../migrations')
  const applied = await migrate(reveal(readConfig(process.env, 'migrate').databaseUrl), folder)
  process.stdout.write(applied.length === 0 ? 'up to date\n' : `applied ${applied.join(', ')}\n`)
})
