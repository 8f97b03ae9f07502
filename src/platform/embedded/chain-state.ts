import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { writeWhole } from './folders.ts'

/** Where the chain's state came from at a start. `none` with `lost` set: copies were there, and no one could be read. */
export type Restored = { readonly from: 'current' | 'previous' | 'none'; readonly lost: boolean }

/** The chain's files: two copies of its state, of which one is always whole, and the height that was last seen. */
export type ChainState = {
  /** Writes the newest readable copy as plain JSON to `loadFile`, for the node to read. */
  restore(): Restored
  readonly loadFile: string
  /** Keeps a dump as `anvil_dumpState` answers it: the current copy becomes the previous one. */
  save(dump: string): void
  /** The highest block that anyone can have seen; -1 before the first. */
  height(): number
  saveHeight(height: number): void
}

const NEVER = -1

function readState(file: string): Buffer | undefined {
  try {
    // The check sum inside tells a torn copy from a whole one.
    const json = gunzipSync(readFileSync(file))
    JSON.parse(json.toString('utf8'))
    return json
  } catch {
    return undefined
  }
}

export function openChainState(folder: string): ChainState {
  mkdirSync(folder, { recursive: true })
  const current = join(folder, 'state.json.gz')
  const previous = join(folder, 'state.previous.json.gz')
  const heightFile = join(folder, 'height')
  const loadFile = join(folder, 'loading.json')
  let isCurrentWhole: boolean | undefined

  function restore(): Restored {
    rmSync(loadFile, { force: true })
    for (const [from, file] of [
      ['current', current],
      ['previous', previous],
    ] as const) {
      const json = readState(file)
      if (json === undefined) continue
      writeWhole(loadFile, json)
      isCurrentWhole = from === 'current'
      return { from, lost: false }
    }
    const lost = existsSync(current) || existsSync(previous)
    return { from: 'none', lost }
  }

  function save(dump: string): void {
    const bytes = Buffer.from(dump.slice(2), 'hex')
    isCurrentWhole ??= readState(current) !== undefined
    // Only a whole copy may push out the one before it.
    if (isCurrentWhole) renameSync(current, previous)
    writeWhole(current, bytes)
    isCurrentWhole = true
  }

  function height(): number {
    try {
      const seen = Number(readFileSync(heightFile, 'utf8'))
      return Number.isSafeInteger(seen) ? seen : NEVER
    } catch {
      return NEVER
    }
  }

  return {
    restore,
    loadFile,
    save,
    height,
    saveHeight: (seen) => writeWhole(heightFile, `${seen}\n`, { flush: false }),
  }
}
