import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

type SpawnedWorker = {
  readonly child: ChildProcessByStdio<null, Readable, null>
  readonly lines: AsyncIterator<string>
}

/** A worker in a process of its own, from `dist/`, which the global set-up has built. */
export function spawnWorker(
  backend: 'redis' | 'postgres',
  url: string,
  name: string,
): SpawnedWorker {
  const module = new URL(`../../dist/platform/queue/${backend}.js`, import.meta.url).href
  const script = fileURLToPath(new URL('worker-child.mjs', import.meta.url))
  const child = spawn(process.execPath, [script, module, url, name], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() }
}
