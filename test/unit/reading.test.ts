import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  agreedLogs,
  OVERLAP_BLOCKS,
  planReading,
  READ_BLOCKS,
} from '../../src/domains/settlement/reading.ts'
import type { SettlementEvent } from '../../src/platform/chain/logs.ts'

const nothing = { birth: 0n, rereadFrom: undefined }

describe('which blocks are read', () => {
  it('is from a few before the cursor to the head, so that a late log is found', () => {
    expect(planReading({ ...nothing, cursor: 100n, head: 103n })).toEqual({ from: 95n, to: 103n })
  })

  it('is nothing while the node shows nothing new, or less than is known', () => {
    for (const head of [100n, 99n, 0n])
      expect(planReading({ ...nothing, cursor: 100n, head })).toBeUndefined()
  })

  it('begins at the birth of the token', () => {
    const place = { cursor: undefined, birth: 700n, head: 710n, rereadFrom: undefined }
    expect(planReading(place)).toEqual({ from: 695n, to: 710n })
  })

  it('goes back to where logs are missing, but not ahead of the node', () => {
    expect(planReading({ ...nothing, cursor: 100n, head: 100n, rereadFrom: 40n })).toEqual({
      from: 40n,
      to: 100n,
    })
    expect(planReading({ ...nothing, cursor: 100n, head: 30n, rereadFrom: 40n })).toBeUndefined()
  })

  it('never leaves a block out, and never asks for too many', () => {
    const block = fc.bigInt({ min: 0n, max: 5_000n })
    fc.assert(
      fc.property(
        block,
        block,
        fc.option(block, { nil: undefined }),
        (cursor, head, rereadFrom) => {
          const range = planReading({ cursor, birth: 0n, head, rereadFrom })
          if (range === undefined) return
          expect(range.from <= cursor).toBe(true)
          expect(range.to <= head && range.to - range.from <= READ_BLOCKS).toBe(true)
          if (rereadFrom === undefined) expect(cursor - range.from <= OVERLAP_BLOCKS).toBe(true)
        },
      ),
    )
  })
})

describe('logs that two nodes must show', () => {
  const log = (blockNumber: bigint, amount: bigint): SettlementEvent => ({
    kind: 'paid',
    invoice: '0x01',
    payer: '0x02',
    merchant: '0x03',
    txHash: '0x04',
    logIndex: Number(blockNumber),
    ...{ blockNumber, amount },
  })
  const [small, large, later] = [log(1n, 5n), log(2n, 50n), log(3n, 5n)]

  it('are those above the limit; nothing after one in doubt counts as read', () => {
    expect(agreedLogs([small, large, later], [large], 10n)).toEqual({
      agreed: [small, large, later],
      firstDoubt: undefined,
    })
    expect(agreedLogs([small, large, later], [], 10n)).toEqual({ agreed: [small], firstDoubt: 2n })
  })

  it('must be the same in every word', () => {
    for (const other of [
      { ...large, amount: 51n },
      { ...large, merchant: '0x05' as const },
    ] as SettlementEvent[])
      expect(agreedLogs([large], [other], 10n).firstDoubt).toBe(2n)
  })

  it('are none where no limit is set', () => {
    expect(agreedLogs([large], [], undefined).firstDoubt).toBeUndefined()
  })
})
