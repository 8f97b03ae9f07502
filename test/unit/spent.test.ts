import { describe, expect, it } from 'vitest'
import { nextSpentStep, type SpentEvidence } from '../../src/domains/settlement/spent.ts'

const TX = `0x${'01'.repeat(32)}` as const
const known: SpentEvidence = {
  riders: 2,
  journaledAtBlock: 1_000n,
  cursor: 1_010n,
  isOld: true,
  isReread: false,
}
const mined = (succeeded: boolean, blockNumber = 1_005n) => ({ txHash: TX, blockNumber, succeeded })
const failedReceipt = { ...known, receipt: mined(false) }
const foreign = { blockNumber: 1_005n, isOurs: false }
const ours = { blockNumber: 1_005n, isOurs: true }

describe('a batch whose nonce is spent without a log of it', () => {
  it('is closed when nobody rides on it', () => {
    expect(nextSpentStep({ ...known, riders: 0 })).toEqual({ kind: 'close' })
  })

  it('is asked about, first by receipt', () => {
    expect(nextSpentStep(known)).toEqual({ kind: 'ask_receipts' })
  })

  it('is read again when a receipt says that it went through', () => {
    const step = { kind: 'reread', from: 1_005n }
    expect(nextSpentStep({ ...known, receipt: mined(true) })).toEqual(step)
  })

  it.each([true, false])('waits while its block is not read yet (succeeded: %s)', (succeeded) => {
    expect(nextSpentStep({ ...known, receipt: mined(succeeded, 1_011n) })).toEqual({ kind: 'wait' })
  })

  it('is not given up by a missing receipt: blocks are read whole, after a while', () => {
    const none = { ...known, receipt: 'none' } as const
    expect(nextSpentStep({ ...none, isOld: false })).toEqual({ kind: 'wait' })
    expect(nextSpentStep(none)).toEqual({ kind: 'ask_blocks', from: 744n, to: 1_010n })
    expect(nextSpentStep({ ...none, taker: 'nobody' })).toEqual({ kind: 'wait' })
    expect(nextSpentStep({ ...none, taker: ours })).toEqual({ kind: 'reread', from: 1_005n })
  })

  it('is not given up by a receipt of failure alone', () => {
    const block = { kind: 'ask_blocks', from: 1_005n, to: 1_005n }
    expect(nextSpentStep(failedReceipt)).toEqual(block)
    expect(nextSpentStep({ ...failedReceipt, taker: 'nobody' })).toEqual({ kind: 'wait' })
    const taken = { ...failedReceipt, taker: ours }
    expect(nextSpentStep(taken)).toEqual({ kind: 'ask_logs', blockNumber: 1_005n })
    expect(nextSpentStep({ ...taken, logs: 1 })).toEqual({ kind: 'reread', from: 1_005n })
    expect(nextSpentStep({ ...taken, logs: 0 })).toEqual({ kind: 'ask_authorisations' })
  })

  it('is not given up while a second node does not show who took its nonce', () => {
    const alone = { ...failedReceipt, taker: foreign, logs: 0, used: 0, isShared: false }
    expect(nextSpentStep(alone)).toEqual({ kind: 'wait' })
  })

  it('is read again, once, when the chain counts an authorisation of it as used', () => {
    const used = { ...failedReceipt, taker: ours, logs: 0, used: 1 }
    expect(nextSpentStep(used)).toEqual({ kind: 'reread', from: 744n })
    expect(nextSpentStep({ ...used, isReread: true })).toMatchObject({ kind: 'failed' })
  })

  it.each([
    ['its own transaction', ours],
    ['another transaction of its key', foreign],
  ])(
    'has failed when %s took the nonce without a log and every authorisation is free',
    (_, taker) => {
      const proof = { ...failedReceipt, taker, logs: 0, used: 0 }
      expect(nextSpentStep(proof)).toEqual({ kind: 'failed', blockNumber: 1_005n })
    },
  )
})
