import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

test('passes every forge suite: unit, fuzz, differential and invariant', () => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['scripts/forge.mjs', 'test', '--color', 'never'],
    { encoding: 'utf8' },
  )
  const failed = stdout.split('\n').filter((line) => line.startsWith('[FAIL'))
  expect({ status, failed, stderr: status === 0 ? '' : stderr }).toEqual({
    status: 0,
    failed: [],
    stderr: '',
  })
}, 300_000)
