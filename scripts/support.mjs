// What the scripts of the first step share. Node's own modules only.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The checkout, wherever the command was given. */
export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))

const NPM_POLL_MS = 1_000

/** A failure that needs its sentence and no stack. */
export class ExpectedError extends Error {
  expected = true
  constructor(message, exitCode = 1) {
    super(message)
    this.exitCode = exitCode
  }
}

export function say(line) {
  process.stderr.write(`baro: ${line}\n`)
}

export function sha256(...parts) {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}

export function readText(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
    throw error
  }
}

/** Whether the module at `url` is the one that Node was started with. */
export function isMain(url) {
  return (
    process.argv[1] !== undefined &&
    realpathSync(process.argv[1]) === realpathSync(fileURLToPath(url))
  )
}

/** Runs Node on `args` in the checkout, with our outputs; answers its exit code. */
export function runNode(args) {
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: 'inherit' })
  return new Promise((resolve, reject) => {
    const forward = (signal) => {
      // A terminal has sent it to the child already.
      if (signal === 'SIGINT' && process.stdin.isTTY) return
      child.kill(signal)
    }
    process.on('SIGINT', forward).on('SIGTERM', forward)
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      process.off('SIGINT', forward).off('SIGTERM', forward)
      resolve(code ?? 128 + (SIGNAL_NUMBERS[signal] ?? 9))
    })
  })
}

const SIGNAL_NUMBERS = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGKILL: 9, SIGSEGV: 11, SIGTERM: 15 }

/** The state and the start of a process as Linux tells them; undefined elsewhere, or when it is gone. */
function statOf(pid) {
  const text = readText(`/proc/${pid}/stat`)
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ')
  return fields && { state: fields[0], parent: Number(fields[1]), startedAt: fields[19] }
}

export function isAlive(pid, startedAt) {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (error.code !== 'EPERM') return false
  }
  const stat = statOf(pid)
  if (stat?.state === 'Z') return false
  return stat === undefined || startedAt === undefined || stat.startedAt === startedAt
}

/** Ends this process in good order when the npm that runs it was killed, which npm cannot tell us any more. */
export function endWithNpm() {
  if (process.env.npm_lifecycle_event === undefined) return
  let npm = process.ppid
  // Between npm and us there may be a shell.
  for (let pid = npm, steps = 0; pid > 1 && steps < 3; steps++) {
    const command = readText(`/proc/${pid}/cmdline`)?.replaceAll('\0', ' ') ?? ''
    if (/\bnpm\b/.test(command) && !/\bsh -c\b/.test(command)) {
      npm = pid
      break
    }
    pid = statOf(pid)?.parent ?? 0
  }
  const startedAt = statOf(npm)?.startedAt
  const timer = setInterval(() => {
    if (isAlive(npm, startedAt)) return
    clearInterval(timer)
    process.kill(process.pid, 'SIGTERM')
  }, NPM_POLL_MS)
  timer.unref()
}

/** Claims `name` for this process. Undefined, with `busy` told the other's pid, while another live process has it. */
export function claim(name, busy) {
  const folder = join(ROOT, '.baro', name)
  mkdirSync(join(ROOT, '.baro'), { recursive: true, mode: 0o711 })
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${process.pid}.${statOf(process.pid)?.startedAt ?? ''}`)
  writeFileSync(file, '')
  // First claim, then look: of two that come at once, at least one sees the other.
  for (const other of readdirSync(folder)) {
    if (other === basename(file)) continue
    const [pid, startedAt] = other.split('.')
    if (isAlive(Number(pid), startedAt || undefined)) {
      rmSync(file, { force: true })
      busy(Number(pid))
      return undefined
    }
    rmSync(join(folder, other), { force: true })
  }
  return () => rmSync(file, { force: true })
}
