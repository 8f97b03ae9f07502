import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { type Account, accountOf, closedFolder, isRoot, unprivilegedAccount } from './accounts.ts'
import { keyOf, PRIVATE_ROOT, privateFolder, writeWhole } from './folders.ts'
import type { Log } from './process.ts'

/** The folder of PostgreSQL's files, and the account that its programs run as (undefined: this process's own). */
export type Cluster = { readonly folder: string; readonly account: Account | undefined }

const MAJOR_VERSION = '18'
const PASSWORD_BYTES = 24

/** The password of the database, made once and readable by this account alone. */
export function databasePassword(dataDir: string): string {
  const file = join(dataDir, 'postgres-password')
  if (!existsSync(file)) writeWhole(file, randomBytes(PASSWORD_BYTES).toString('base64url'))
  return readFileSync(file, 'utf8').trim()
}

function isComplete(folder: string): boolean {
  return existsSync(join(folder, 'PG_VERSION')) && existsSync(join(folder, 'global/pg_control'))
}

/** Root meets files of any owner and runs PostgreSQL as that owner. */
function existingCluster(folder: string): Cluster {
  const { uid, gid } = statSync(folder)
  if (!isRoot()) {
    if (process.getuid !== undefined && uid !== process.getuid()) {
      throw new Error(`${folder} belongs to another account (uid ${uid}): start Baro as that one`)
    }
    return { folder, account: undefined }
  }
  const account = accountOf(uid, gid)
  const closed = closedFolder(folder, account)
  if (closed !== undefined) {
    throw new Error(
      `the database in ${folder} belongs to the account ${account.name}, which may not enter ${closed}: run chmod o+x on that folder`,
    )
  }
  return { folder, account }
}

/** Where the database of `dataDir` is or shall be. Root's goes to a place of its own when PostgreSQL's account cannot enter `dataDir`. */
export function placeCluster(dataDir: string, log: Log): Cluster {
  const own = join(dataDir, 'postgres')
  if (!isRoot()) return existsSync(own) ? existingCluster(own) : { folder: own, account: undefined }
  const outside = join(PRIVATE_ROOT, keyOf(dataDir), 'postgres')
  if (isComplete(own)) return existingCluster(own)
  if (isComplete(outside)) return existingCluster(outside)
  const account = unprivilegedAccount()
  const closed = closedFolder(dataDir, account)
  if (closed === undefined) return { folder: own, account }
  const folder = join(privateFolder(PRIVATE_ROOT), keyOf(dataDir))
  log(`PostgreSQL's account may not enter ${closed}: the database is kept in ${folder}`)
  return { folder: join(privateFolder(folder), 'postgres'), account }
}

function giveTo(account: Account | undefined, path: string): void {
  if (account !== undefined) chownSync(path, account.uid, account.gid)
}

/** Removes what a killed first start left, and sets aside files that are no whole database. */
function clearHalfMade(folder: string, log: Log): void {
  const parent = dirname(folder)
  for (const name of readdirSync(parent)) {
    if (name.startsWith('postgres.new-')) rmSync(join(parent, name), { recursive: true })
  }
  if (!existsSync(folder) || isComplete(folder)) return
  if (readdirSync(folder).length === 0) {
    rmSync(folder, { recursive: true })
    return
  }
  let aside = `${folder}.incomplete`
  for (let n = 2; existsSync(aside); n++) aside = `${folder}.incomplete-${n}`
  renameSync(folder, aside)
  log(`${folder} is not a whole database: it was set aside as ${aside}`)
}

/** Makes the database files where there are none. They appear under their name only when they are whole. */
export function createCluster(cluster: Cluster, initdb: string, password: string, log: Log): void {
  const { folder, account } = cluster
  clearHalfMade(folder, log)
  if (isComplete(folder)) {
    const version = readFileSync(join(folder, 'PG_VERSION'), 'utf8').trim()
    if (version === MAJOR_VERSION) return
    throw new Error(`${folder} is of PostgreSQL ${version}; this Baro runs ${MAJOR_VERSION}`)
  }
  const fresh = `${folder}.new-${process.pid}`
  const passwordFile = join(fresh, 'password')
  const data = join(fresh, 'data')
  for (const path of [fresh, data]) {
    mkdirSync(path)
    chmodSync(path, 0o700)
    giveTo(account, path)
  }
  writeFileSync(passwordFile, password, { mode: 0o600 })
  giveTo(account, passwordFile)
  const made = spawnSync(
    initdb,
    [
      ...['-D', data, '-U', 'postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`],
      // Its own C.UTF-8: the same order of text on every system, whichever locales that has.
      ...['--encoding=UTF8', '--locale=C', '--locale-provider=builtin'],
      '--builtin-locale=C.UTF-8',
    ],
    {
      ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
      cwd: data,
      encoding: 'utf8',
    },
  )
  if (made.status !== 0) {
    const reason = made.error?.message ?? made.stderr.trim()
    rmSync(fresh, { recursive: true, force: true })
    throw new Error(`PostgreSQL's files could not be made in ${dirname(folder)}: ${reason}`)
  }
  renameSync(data, folder)
  rmSync(fresh, { recursive: true, force: true })
}
