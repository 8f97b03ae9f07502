import { chmodSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isRoot } from './accounts.ts'
import { keyOf, PRIVATE_ROOT } from './folders.ts'

export type TemporaryFolder = { readonly path: string; remove(): void }

/** A data folder for a run that leaves nothing, which PostgreSQL's account may enter also when root makes it. */
export function temporaryFolder(): TemporaryFolder {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'baro-')))
  if (isRoot()) chmodSync(path, 0o711)
  return {
    path,
    remove() {
      rmSync(path, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
      // Where even the system's temporary folder is closed to that account.
      if (isRoot()) rmSync(join(PRIVATE_ROOT, keyOf(path)), { recursive: true, force: true })
    },
  }
}
