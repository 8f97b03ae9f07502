import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type DevelopmentChain, keepDevelopmentChain } from '../../src/apps/development-chain.ts'
import { temporaryFolder } from '../../src/platform/embedded/temporary.ts'
import { askAboutDelegation } from './about-delegation.ts'
import { askAboutReading } from './about-reading.ts'
import { askAboutSending } from './about-sending.ts'
import { askAboutWork } from './about-work.ts'
import { Node } from './node.ts'

const LIMIT_MS = 180_000

/** What a Kaia v2.2.1 node answered: one validator, every fork through Osaka at block 0, chain id 1001. */
const RECORDED = JSON.parse(
  readFileSync(join(import.meta.dirname, 'answers.json'), 'utf8'),
) as Readonly<Record<string, unknown>>

describe('the development chain answers as a Kaia node did', () => {
  const folder = temporaryFolder()
  const answers: Record<string, unknown> = {}
  let chain: DevelopmentChain
  beforeAll(async () => {
    chain = await keepDevelopmentChain({ dataDir: folder.path, log: () => {}, persist: false })
    const node = await Node.open(chain.url)
    for (const ask of [askAboutSending, askAboutReading, askAboutWork, askAboutDelegation])
      Object.assign(answers, await ask(node))
  }, LIMIT_MS)
  afterAll(async () => {
    await chain.stop()
    folder.remove()
  })

  it.each(Object.keys(RECORDED))('%s', (name) => {
    expect(answers[name]).toEqual(RECORDED[name])
  })

  it('to every question that was asked', () => {
    expect(Object.keys(answers).sort()).toEqual(Object.keys(RECORDED).sort())
  })
})
