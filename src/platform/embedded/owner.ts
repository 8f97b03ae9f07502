import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { dataFolder, writeWhole } from './folders.ts'
import { isSameProcess, markOf, type ProcessMark } from './process.ts'

export type Ownership = {
  /** Gives the folder free; a process that ends without it leaves a claim that the next start clears. */
  release(): void
}

const ATTEMPTS = 4
const LONGEST_PAUSE_MS = 120

function readClaim(file: string): ProcessMark | undefined {
  try {
    const { pid, startedAt } = JSON.parse(readFileSync(file, 'utf8'))
    return typeof pid === 'number' ? { pid, startedAt: startedAt ?? undefined } : undefined
  } catch {
    return undefined
  }
}

/** The live owner beside `own`; claims of dead ones are removed on the way. Each claim has a name of its own, so none but a dead one's can be hit. */
function otherOwner(folder: string, own: string): ProcessMark | undefined {
  for (const name of readdirSync(folder)) {
    if (name === own || !name.endsWith('.json')) continue
    const file = join(folder, name)
    const claim = readClaim(file)
    if (claim !== undefined && isSameProcess(claim)) return claim
    rmSync(file, { force: true })
  }
  return undefined
}

/** Makes this process the one Baro of `dataDir`; throws, naming the other process, where there is a live one. */
export async function ownFolder(dataDir: string): Promise<Ownership> {
  const folder = join(dataFolder(dataDir), 'owner')
  mkdirSync(folder, { recursive: true })
  const name = `${process.pid}-${Math.random().toString(36).slice(2, 10)}.json`
  const file = join(folder, name)
  let other: ProcessMark | undefined
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    // First claim, then look: of two that start at once, at least one sees the other.
    writeWhole(file, JSON.stringify(markOf(process.pid)))
    other = otherOwner(folder, name)
    if (other === undefined) return { release: () => rmSync(file, { force: true }) }
    rmSync(file, { force: true })
    // Two that step back for each other at once come again at different times.
    await delay(Math.random() * LONGEST_PAUSE_MS)
  }
  throw new Error(
    `${dataDir} is in use by another Baro (pid ${other?.pid}): stop that one, or choose another folder with --data-dir`,
  )
}
