// Installs the locked packages when they are missing or are not those of the lock.
import { spawn } from 'node:child_process'
import { existsSync, lstatSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { claim, ExpectedError, ROOT, readText, say, sha256 } from './support.mjs'

const LOCK = join(ROOT, 'package-lock.json')
const MODULES = join(ROOT, 'node_modules')
/** Beside the packages: the hash of the lock that they were installed from. */
const MARK = join(MODULES, '.baro-lock-sha256')
const PROGRESS_MS = 5_000
const INTERRUPTED = 130
const NO_NETWORK =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|ENOTCACHED|ERR_SOCKET_TIMEOUT/

/** Sees to it that node_modules is what the lock says. */
export async function installPackages() {
  if (isInstalled()) return
  refuseLink()
  const release = await waitForTurn()
  try {
    // Whoever had the turn before may have done it.
    if (isInstalled()) return
    await runInstall()
    writeMark()
  } finally {
    release()
  }
}

/** npm would empty the folder that a link leads to, which is another checkout's. */
function refuseLink() {
  if (!lstatSync(MODULES, { throwIfNoEntry: false })?.isSymbolicLink()) return
  throw new ExpectedError(
    `node_modules is a link to ${readlinkSync(MODULES)}, whose packages are not those of this lock: remove the link, or run npm ci there`,
  )
}

async function waitForTurn() {
  let told = false
  for (;;) {
    const release = claim('install', (pid) => {
      if (!told) say(`another install in this folder is under way (pid ${pid}); waiting for it`)
      told = true
    })
    if (release !== undefined) return release
    await delay(200 + Math.random() * 300)
  }
}

function isInstalled() {
  if (!existsSync(MODULES)) return false
  const lock = readFileSync(LOCK)
  const mark = readText(MARK)
  if (mark !== undefined) return mark.trim() === sha256(lock)
  // Installed by npm itself: its own list of what it has put there must hold all that the lock asks for.
  const list = readText(join(MODULES, '.package-lock.json'))
  if (list === undefined) return false
  const present = JSON.parse(list).packages
  const holds = Object.entries(JSON.parse(lock).packages).every(
    ([path, entry]) =>
      path === '' ||
      entry.optional ||
      entry.devOptional ||
      present[path]?.version === entry.version,
  )
  if (holds) writeMark()
  return holds
}

function writeMark() {
  try {
    writeFileSync(MARK, `${sha256(readFileSync(LOCK))}\n`)
  } catch (error) {
    // Packages that we may not write to are checked at length each time.
    if (error.code !== 'EACCES' && error.code !== 'EROFS' && error.code !== 'EPERM') throw error
  }
}

function launchNpm() {
  const args = [
    'ci',
    '--include=dev',
    '--no-audit',
    '--no-fund',
    '--loglevel=http',
    '--no-progress',
  ]
  // A network that is away shall be told within seconds, not minutes.
  args.push('--fetch-retries=3', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=8000')
  const options = { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] }
  const npm = process.env.npm_execpath
  if (/\.c?js$/.test(npm ?? '') && existsSync(npm))
    return spawn(process.execPath, [npm, ...args], options)
  const isWindows = process.platform === 'win32'
  return spawn(isWindows ? 'npm.cmd' : 'npm', args, { ...options, shell: isWindows })
}

/** Runs `npm ci`; every few seconds a line says how long it has been at it, and at what. */
async function runInstall() {
  const count = Object.keys(JSON.parse(readFileSync(LOCK)).packages).length - 1
  say(`installing the locked packages (up to ${count}) with npm; this happens once`)
  const begin = performance.now()
  const seconds = () => Math.round((performance.now() - begin) / 1000)
  let output = ''
  let fetched = 0
  let problem
  const npm = launchNpm()
  const read = (chunk) => {
    output = (output + chunk).slice(-20_000)
    const news = chunk.match(/http (?:fetch|cache) .*?\.tgz(?! attempt)/g)?.length ?? 0
    fetched += news
    if (news > 0) problem = undefined
    problem = chunk.match(/attempt \d+ failed with (\S+)/)?.[1] ?? problem
  }
  npm.stdout.setEncoding('utf8').on('data', read)
  npm.stderr.setEncoding('utf8').on('data', read)
  const timer = setInterval(() => {
    const doing = fetched > 0 ? `${fetched} packages fetched` : 'asking the registry'
    say(
      `installing, ${seconds()} s: ${problem ? `no answer from the registry (${problem}), trying again` : doing}`,
    )
  }, PROGRESS_MS)
  const code = await endOf(npm).finally(() => clearInterval(timer))
  if (code === 0) return say(`packages installed in ${seconds()} s`)
  throw code === INTERRUPTED
    ? new ExpectedError('the install was interrupted', code)
    : failure(output, code)
}

function endOf(npm) {
  const stop = (signal) => npm.kill(signal)
  process.on('SIGINT', stop).on('SIGTERM', stop)
  return new Promise((resolve, reject) => {
    npm.once('error', (error) =>
      reject(
        new ExpectedError(
          `npm cannot be started (${error.message}): install npm, or run npm ci by hand`,
        ),
      ),
    )
    npm.once('close', (code) => resolve(code ?? INTERRUPTED))
  }).finally(() => process.off('SIGINT', stop).off('SIGTERM', stop))
}

function failure(output, code) {
  const network = output.match(NO_NETWORK)?.[0]
  if (network !== undefined) {
    const registry = output.match(/https?:\/\/[^/\s]+/)?.[0] ?? 'the npm registry'
    return new ExpectedError(
      `no network? ${registry} could not be reached (${network}). The packages are needed once: connect, or set npm's registry or proxy, and start again`,
      code,
    )
  }
  const words = output
    .split('\n')
    .filter((line) => line.startsWith('npm error') || line.startsWith('npm ERR!'))
  return new ExpectedError(
    `npm ci failed:\n${(words.length > 0 ? words : output.split('\n')).slice(-20).join('\n')}`,
    code,
  )
}
