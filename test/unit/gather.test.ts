import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { gather } from '../../src/platform/chain/gather.ts'

const WINDOW_MS = 20

describe('gathered questions', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  const open = (
    most = 10,
    ask = async (keys: readonly string[]) => new Map(keys.map((key) => [key, key.length])),
  ) => {
    const rounds: (readonly string[])[] = []
    const question = gather(WINDOW_MS, most, (keys: readonly string[]) => {
      rounds.push(keys)
      return ask(keys)
    })
    return { rounds, question }
  }

  it('lets a lone question go at once', async () => {
    const { rounds, question } = open()
    const answer = question('lone')
    await vi.advanceTimersByTimeAsync(0)
    expect(await answer).toBe(4)
    expect(rounds).toEqual([['lone']])
  })

  it('lets those that come soon after it go together, and each key once', async () => {
    const { rounds, question } = open()
    void question('first')
    await vi.advanceTimersByTimeAsync(1)
    const answers = Promise.all([question('a'), question('bb'), question('a')])
    await vi.advanceTimersByTimeAsync(WINDOW_MS - 2)
    expect(rounds).toEqual([['first']])
    await vi.advanceTimersByTimeAsync(2)
    expect(rounds).toEqual([['first'], ['a', 'bb']])
    expect(await answers).toEqual([1, 2, 1])
  })

  it('makes another round of what is too much for one', async () => {
    const { rounds, question } = open(2)
    const answers = Promise.all(['a', 'b', 'c'].map(question))
    await vi.advanceTimersByTimeAsync(WINDOW_MS)
    await answers
    expect(rounds).toEqual([['a', 'b'], ['c']])
  })

  it('fails those who asked together, and nobody else', async () => {
    let fails = true
    const { question } = open(10, async (keys) => {
      if (fails) throw new Error('no node')
      return new Map(keys.map((key) => [key, 1]))
    })
    const failed = Promise.allSettled([question('a'), question('b')])
    await vi.advanceTimersByTimeAsync(WINDOW_MS)
    expect((await failed).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    fails = false
    const answer = question('a')
    await vi.advanceTimersByTimeAsync(WINDOW_MS)
    expect(await answer).toBe(1)
  })
})
