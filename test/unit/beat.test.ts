import { describe, expect, it } from 'vitest'
import { openBeat } from '../../src/kernel/beat.ts'

describe('a beat', () => {
  const heard = (...times: readonly number[]) => {
    let now = 0
    const beat = openBeat(() => now)
    for (const time of times) {
      now = time
      beat.note()
    }
    return (at: number) => {
      now = at
      return beat.dueMs()
    }
  }

  it('says when the next is due', () => {
    const dueAt = heard(1_000, 2_010, 2_990, 4_000, 5_000)
    expect(dueAt(5_000)).toBe(1_000)
    expect(dueAt(5_940)).toBe(60)
  })

  it('forgets how it began', () => {
    expect(heard(0, 40, 1_000, 2_000, 3_000, 4_000, 5_000)(5_900)).toBe(100)
  })

  it('says nothing of one that is late, nor before it knows enough, nor when they come unevenly', () => {
    expect(heard(1_000, 2_000, 3_000, 4_000, 5_000)(6_000)).toBeUndefined()
    expect(heard()(0)).toBeUndefined()
    expect(heard(1_000, 2_000, 3_000, 4_000)(4_500)).toBeUndefined()
    expect(heard(1_000, 2_000, 3_000, 4_000, 4_500)(4_600)).toBeUndefined()
    expect(heard(1_000, 1_000, 1_000, 1_000, 1_000)(1_000)).toBeUndefined()
  })
})
