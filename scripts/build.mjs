// Builds dist/ from src/ when it is not up to date: TypeScript by tsc, the pages' other files by copying.
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { ExpectedError, isAlive, isMain, ROOT, readText, say, sha256 } from './support.mjs'

const DIST = join(ROOT, 'dist')
const SRC = join(ROOT, 'src')
const SWAP_ATTEMPTS = 20

function filesUnder(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort()
}

/** One hash of all that the build is made from. */
function sourceHash() {
  const settings = readdirSync(ROOT).filter((name) => /^tsconfig.*\.json$/.test(name))
  const files = [...filesUnder(SRC), ...settings.sort().map((name) => join(ROOT, name))]
  return sha256(...files.flatMap((file) => [relative(ROOT, file), '\0', readFileSync(file), '\0']))
}

/** Builds dist/ unless it is of these very sources, or `force` is set. Answers whether it built. */
export async function build({ force = false } = {}) {
  const hash = sourceHash()
  if (!force && readText(join(DIST, '.sha256'))?.trim() === hash) return false
  const begin = performance.now()
  clearLeftovers()
  const fresh = join(ROOT, `dist.new-${process.pid}`)
  try {
    compile(fresh)
    copyAssets(fresh)
    writeFileSync(join(fresh, '.sha256'), `${hash}\n`)
    swapIn(fresh)
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
  say(`built dist/ in ${((performance.now() - begin) / 1000).toFixed(1)} s`)
  return true
}

/** Folders of builds that were killed. */
function clearLeftovers() {
  for (const name of readdirSync(ROOT)) {
    const pid = /^dist\.(?:new|old)-(\d+)$/.exec(name)?.[1]
    if (pid !== undefined && !isAlive(Number(pid)))
      rmSync(join(ROOT, name), { recursive: true, force: true })
  }
}

function compile(fresh) {
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
  const made = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', fresh], {
    cwd: ROOT,
    // tsc's words about a broken source are ours to show, and stdout belongs to the command.
    stdio: ['ignore', 2, 2],
  })
  if (made.error) throw new ExpectedError(`tsc cannot be started: ${made.error.message}`)
  if (made.status !== 0)
    throw new ExpectedError('the sources do not compile, dist/ is as it was', made.status ?? 1)
}

function copyAssets(fresh) {
  const apps = join(SRC, 'apps')
  if (!existsSync(apps)) return
  for (const file of filesUnder(apps)) {
    if (
      file.endsWith('.ts') ||
      relative(apps, file)
        .split(sep)
        .some((part) => part.startsWith('.'))
    )
      continue
    const target = join(fresh, relative(SRC, file))
    mkdirSync(dirname(target), { recursive: true })
    cpSync(file, target)
  }
}

/** Puts the whole new folder in the old one's place; another build that does so at the same moment only makes us try again. */
function swapIn(fresh) {
  const old = join(ROOT, `dist.old-${process.pid}`)
  for (let attempt = 1; ; attempt++) {
    try {
      if (existsSync(DIST)) renameSync(DIST, old)
      renameSync(fresh, DIST)
      break
    } catch (error) {
      if (attempt === SWAP_ATTEMPTS) throw error
    } finally {
      rmSync(old, { recursive: true, force: true })
    }
  }
}

if (isMain(import.meta.url)) {
  try {
    const built = await build({ force: process.argv.includes('--force') })
    if (!built) say('dist/ is up to date')
  } catch (error) {
    console.error(error.expected ? `baro: ${error.message}` : error)
    process.exitCode = error.exitCode ?? 1
  }
}
