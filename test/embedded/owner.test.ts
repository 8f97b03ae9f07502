import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ownFolder } from '../../src/platform/embedded/owner.ts'
import { useBench } from './support.ts'

const bench = useBench()

function ownerScript(dataDir: string) {
  return bench.script(`
    import { ownFolder } from '@/owner.js'
    await ownFolder(${JSON.stringify(dataDir)}).then(
      () => { console.log('owner'); setInterval(() => {}, 1000) },
      (error) => console.log(error.message),
    )
  `)
}

describe('the owner of a data folder', () => {
  it('refuses a second live one, naming the first and the cure', async () => {
    const dataDir = bench.folder()
    const first = ownerScript(dataDir)
    expect(await first.line()).toBe('owner')
    await expect(ownFolder(dataDir)).rejects.toThrow(
      new RegExp(`in use by another Baro \\(pid ${first.child.pid}\\).*--data-dir`),
    )
  })

  it('takes over from one that was killed', async () => {
    const dataDir = bench.folder()
    const first = ownerScript(dataDir)
    expect(await first.line()).toBe('owner')
    first.child.kill('SIGKILL')
    await first.ended()
    const ownership = await ownFolder(dataDir)
    ownership.release()
  })

  it('is not kept out by another program that has the pid of a dead one', async () => {
    const dataDir = bench.folder()
    mkdirSync(join(dataDir, 'owner'))
    const claim = { pid: process.ppid, startedAt: 'an earlier start' }
    writeFileSync(join(dataDir, `owner/${process.ppid}-old.json`), JSON.stringify(claim))
    const ownership = await ownFolder(dataDir)
    ownership.release()
  })

  it('can be had again once it was given free', async () => {
    const dataDir = bench.folder()
    const ownership = await ownFolder(dataDir)
    await expect(ownFolder(dataDir)).rejects.toThrow(/in use/)
    ownership.release()
    const again = await ownFolder(dataDir)
    again.release()
  })

  it('is never more than one of many that start at once', async () => {
    const dataDir = bench.folder()
    const scripts = Array.from({ length: 6 }, () => ownerScript(dataDir))
    const lines = await Promise.all(scripts.map((script) => script.line()))
    expect(lines.filter((line) => line === 'owner').length).toBeLessThanOrEqual(1)
  })
})
