import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { onTestFinished } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const BUILT = path.join(ROOT, 'node_modules/.cache/baro-queue')

/** The queue room as a plain Node process can import it. */
export async function buildRoom(): Promise<void> {
  const config = { extends: path.join(ROOT, 'tsconfig.build.json') }
  const compilerOptions = { outDir: BUILT, rootDir: path.join(ROOT, 'src'), sourceMap: false }
  await mkdir(BUILT, { recursive: true })
  const file = path.join(BUILT, 'tsconfig.json')
  const include = [path.join(ROOT, 'src/platform/queue')]
  await writeFile(file, JSON.stringify({ ...config, compilerOptions, include }))
  await promisify(execFile)(path.join(ROOT, 'node_modules/.bin/tsc'), ['-p', file])
}

type SpawnedWorker = {
  readonly child: ChildProcessByStdio<null, Readable, null>
  readonly lines: AsyncIterator<string>
}

/** A worker in a process of its own, on the compiled room: `redis` or `postgres`. */
export function spawnWorker(room: string, url: string, name: string): SpawnedWorker {
  const module = pathToFileURL(path.join(BUILT, `platform/queue/${room}.js`)).href
  const script = path.join(ROOT, 'test/queue/worker-child.mjs')
  const child = spawn(process.execPath, [script, module, url, name], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() }
}
