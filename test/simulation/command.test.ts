import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const START = join(import.meta.dirname, 'start.mjs')

function simulate(...words: string[]): Promise<{ code: number | null; stdout: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [START, ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
    let stdout = ''
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString()
    })
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, stdout }))
  })
}

describe('the command simulate', () => {
  it('prints one line of JSON and ends with 0 when no rule was broken', async () => {
    const { code, stdout } = await simulate('--seeds', '3', '--seed', '5', '--json')
    expect(stdout.trimEnd().split('\n')).toHaveLength(1)
    const result = JSON.parse(stdout)
    expect(result).toMatchObject({ seeds: 3, violations: 0 })
    expect(result.events_per_seed).toBeGreaterThan(0)
    expect(result.seconds).toBeGreaterThan(0)
    expect(result).not.toHaveProperty('first_violation')
    expect(code).toBe(0)
  }, 60_000)

  it('refuses a number of seeds that is none', async () => {
    const { code, stdout } = await simulate('--seeds', 'many')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  }, 60_000)
})
