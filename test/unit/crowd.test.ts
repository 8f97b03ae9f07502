import { afterEach, describe, expect, it, vi } from 'vitest'
import { crowd } from '../../src/kernel/crowd.ts'

/** A crowd whose runs end when they are told to. */
function held(most: number, apart?: (item: string) => readonly string[]) {
  const runs: { readonly items: readonly string[]; end(): void; fail(error: Error): void }[] = []
  const ride = crowd<string, string>(
    most,
    (items) =>
      new Promise((resolve, reject) => {
        runs.push({
          items,
          end: () => resolve(items.map((item) => `${item}!`)),
          fail: reject,
        })
      }),
    apart,
  )
  return { ride, runs, turn: () => new Promise((resolve) => setTimeout(resolve, 0)) }
}

describe('a crowd', () => {
  afterEach(() => void vi.useRealTimers())

  it('lets whoever is alone go at once, and those who come meanwhile share the next run', async () => {
    const { ride, runs, turn } = held(10)
    const answers = ['a', 'b', 'c'].map(ride)
    expect(runs.map((run) => run.items)).toEqual([['a']])
    runs[0]?.end()
    await turn()
    expect(runs[1]?.items).toEqual(['b', 'c'])
    runs[1]?.end()
    expect(await Promise.all(answers)).toEqual(['a!', 'b!', 'c!'])
    void ride('d')
    expect(runs[2]?.items).toEqual(['d'])
  })

  it('takes no more than it may at a time', async () => {
    const { ride, runs, turn } = held(2)
    const answers = ['a', 'b', 'c', 'd'].map(ride)
    for (let at = 0; at < 3; at++) {
      runs[at]?.end()
      await turn()
    }
    expect(runs.map((run) => run.items)).toEqual([['a'], ['b', 'c'], ['d']])
    expect(await Promise.all(answers)).toEqual(['a!', 'b!', 'c!', 'd!'])
  })

  it('keeps apart what has a word in common', async () => {
    const { ride, runs, turn } = held(10, (item) => [item.slice(0, 1)])
    for (const item of ['x1', 'a1', 'a2', 'b1', 'a3']) void ride(item)
    for (let at = 0; at < 4; at++) {
      runs[at]?.end()
      await turn()
    }
    expect(runs.map((run) => run.items)).toEqual([['x1'], ['a1', 'b1'], ['a2'], ['a3']])
  })

  it('lets the next go beside a run that hangs', async () => {
    vi.useFakeTimers()
    const { ride, runs } = held(10)
    const answers = ['a', 'b', 'c'].map(ride)
    await vi.advanceTimersByTimeAsync(900)
    expect(runs).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(200)
    expect(runs[1]?.items).toEqual(['b', 'c'])
    runs[1]?.end()
    expect(await Promise.all(answers.slice(1))).toEqual(['b!', 'c!'])
    const late = ride('d')
    runs[0]?.end()
    runs[2]?.end()
    expect(await Promise.all([answers[0], late])).toEqual(['a!', 'd!'])
    expect(runs).toHaveLength(3)
  })

  it('fails those who rode together, and nobody after them', async () => {
    const { ride, runs, turn } = held(10)
    const [first, second] = [ride('a'), ride('b')]
    runs[0]?.fail(new Error('lost'))
    await expect(first).rejects.toThrow('lost')
    await turn()
    runs[1]?.end()
    expect(await second).toBe('b!')
  })

  it('fails a run that does not answer everybody', async () => {
    await expect(crowd(1, async () => [])('a')).rejects.toThrow('Not every item was answered')
  })
})
