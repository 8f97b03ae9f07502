import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  realpathSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { isRoot } from './accounts.ts'

/** Root's own place for what another account must reach. */
export const PRIVATE_ROOT = '/var/lib/baro'

/** Makes `folder` as root's, open to pass through and closed to write; refuses one that somebody else made. */
export function privateFolder(folder: string): string {
  if (!existsSync(folder)) mkdirSync(folder, { recursive: true, mode: 0o711 })
  const { uid, mode } = lstatSync(folder)
  const isFolder = lstatSync(folder).isDirectory()
  if (!isFolder || uid !== process.getuid?.() || (mode & 0o022) !== 0) {
    throw new Error(`${folder} was made or can be changed by another account: remove it`)
  }
  // The creation mask of this process may have closed it.
  if ((mode & 0o111) !== 0o111) chmodSync(folder, mode | 0o711)
  return folder
}

/** Makes the data folder and answers its real path. An ordinary user's is theirs alone; root's can be passed through. */
export function dataFolder(dataDir: string): string {
  if (!existsSync(dataDir)) {
    mkdirSync(dataDir, { recursive: true })
    chmodSync(dataDir, isRoot() ? 0o711 : 0o700)
  }
  return realpathSync(dataDir)
}

/** A name for `dataDir` that is the same at every start. */
export function keyOf(dataDir: string): string {
  return createHash('sha256').update(dataDir).digest('hex').slice(0, 16)
}

/** Replaces `file` whole: a reader, or a kill, meets the old text or the new one. */
export function writeWhole(
  file: string,
  text: string | Uint8Array,
  { flush } = { flush: true },
): void {
  const fresh = join(dirname(file), `.${process.pid}-${Math.random().toString(36).slice(2)}.tmp`)
  writeFileSync(fresh, text, { mode: 0o600, flush })
  renameSync(fresh, file)
}
