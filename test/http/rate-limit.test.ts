import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newPayCode } from '../../src/kernel/ids.ts'
import { expectProblem, send } from '../support/http.ts'
import { openInvoice } from '../support/sale.ts'
import { openWorld, type World } from '../support/world.ts'

const LIMIT = 5

describe('the limit on public routes', () => {
  let world: World
  beforeAll(async () => {
    world = await openWorld({ publicRequestsPerMinute: LIMIT })
  })
  afterAll(() => world.close())

  it('answers 429 with Retry-After to an address that asks too often, whatever it forwards', async () => {
    const answers = []
    for (let count = 0; count < LIMIT + 3; count++)
      answers.push(
        await send(world, {
          path: `/v1/checkout/${newPayCode()}`,
          headers: {
            'x-forwarded-for': `203.0.113.${count}`,
            'x-real-ip': `203.0.113.${count}`,
            forwarded: `for=203.0.113.${count}`,
          },
        }),
      )
    const [inside, outside] = [answers.slice(0, LIMIT), answers.slice(LIMIT)]
    for (const answer of inside) expectProblem(answer, { status: 404, code: 'not_found' })
    for (const answer of outside) {
      expectProblem(answer, { status: 429, code: 'rate_limited' })
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
      expect(Number(answer.headers['retry-after'])).toBeLessThanOrEqual(60)
    }
  })

  it('does not stop the till', async () => {
    for (let count = 0; count < LIMIT + 3; count++) await openInvoice(world)
  })
})
