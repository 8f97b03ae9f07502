import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { askNode as rpc } from '../../../src/platform/embedded/rpc.ts'
import { type Anvil, startAnvil } from '../../support/anvil.ts'
import { openWorld, type World } from '../../support/world.ts'
import { openMemoryStage } from './memory-stage.ts'
import { openRealStage } from './real-stage.ts'
import type { Script, Snapshot, Step } from './script.ts'
import { play, type Stage } from './stage.ts'

const TRACES = join(import.meta.dirname, '../traces')
const scripts = readdirSync(TRACES).map((file) => ({
  name: file.replace('.json', ''),
  ...(JSON.parse(readFileSync(join(TRACES, file), 'utf8')) as Script),
}))

/** Plays a script with a steady clock that jumps with every wait. */
async function playOnClock(stage: Stage, steps: readonly Step[]): Promise<Snapshot[]> {
  const own = Object.getOwnPropertyDescriptor(performance, 'now')
  const now = performance.now.bind(performance)
  let ahead = 0
  performance.now = () => now() + ahead
  const wait = (milliseconds: number) => {
    ahead += milliseconds
    return stage.wait(milliseconds)
  }
  try {
    return await play({ ...stage, wait }, steps)
  } finally {
    if (own === undefined) Reflect.deleteProperty(performance, 'now')
    else Object.defineProperty(performance, 'now', own)
  }
}

describe('a recorded trace', () => {
  let anvil: Anvil
  let world: World
  beforeAll(async () => {
    anvil = await startAnvil()
    world = await openWorld({ chainUrl: anvil.url })
    await rpc(anvil.url, 'evm_setAutomine', [false])
  }, 120_000)
  afterAll(async () => {
    await world.close()
    await anvil.stop()
  })

  it.each(scripts)(
    'leaves the same rows in PostgreSQL as in memory: $name',
    async (script) => {
      const inMemory = await playOnClock(openMemoryStage(script.shoppers), script.steps)
      const inPostgres = await playOnClock(
        await openRealStage(world, script.shoppers),
        script.steps,
      )
      for (const [index, step] of script.steps.entries())
        expect({ after: index, step, rows: inPostgres[index] }).toEqual({
          after: index,
          step,
          rows: inMemory[index],
        })
      // A trace that ends in the middle would hand its batches to the next.
      const end = inMemory.at(-1)
      for (const { status } of end?.payments ?? []) expect(['settled', 'refused']).toContain(status)
      expect(end?.batches.map((one) => one.status)).not.toContain('journaled')
      expect(end?.spent).toBe(end?.nextNonce)
    },
    60_000,
  )
})
