import { encodeFunctionData } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { observeChain } from '../../src/flows/observe-chain.ts'
import { callAndWait } from '../../src/platform/chain/call.ts'
import { krwTokenAbi } from '../../src/platform/chain/contracts/krw-token.ts'
import { leadLane } from '../support/lane.ts'
import { confirm, openInvoice, pay, signTerms, waitForEnd } from '../support/sale.ts'
import { openWorld, type World } from '../support/world.ts'

describe('a paused token', () => {
  let world: World
  beforeAll(async () => {
    world = await openWorld()
  })
  afterAll(() => world.close())

  const call = (functionName: 'pause' | 'unpause') =>
    callAndWait(world.deps.chain, world.chain.owner, [
      {
        to: world.chain.token,
        data: encodeFunctionData({ abi: krwTokenAbi, functionName }),
        gas: 100_000n,
      },
    ])

  it('lets a batch that was mined as failed ride again, and burns no gas while it is paused', async () => {
    const { deps } = world
    const invoice = await openInvoice(world)
    await pay(world, invoice.code, world.shopper)
    const lane = await leadLane(world)
    expect(await lane.journal()).toMatchObject({ address: lane.signer.address })

    await call('pause')
    await lane.send()
    await expect.poll(() => deps.chain.nonce(lane.signer.address), { timeout: 10_000 }).toBe(1n)
    await expect
      .poll(
        async () => {
          await observeChain(deps)
          return (await lane.reconcile()).failed
        },
        { timeout: 10_000 },
      )
      .toBe(1)
    expect(await lane.journal()).toBeUndefined()
    await lane.drop()

    await call('unpause')
    await world.startWorker()
    expect(await waitForEnd(world, invoice)).toMatchObject({
      status: 'paid',
      payment: { status: 'settled' },
    })
  })

  it('is a 503 for a shopper who would pay meanwhile', async () => {
    const invoice = await openInvoice(world)
    const signature = await signTerms(world, invoice.code, world.shopper)
    await call('pause')
    // The answer about the rules of the token is kept for five seconds.
    await expect
      .poll(async () => (await deps().chain.rules()).isPaused, { timeout: 10_000 })
      .toBe(true)
    const refused = await confirm(world, invoice.code, world.shopper.address, signature)
    expect(refused).toMatchObject({ status: 503, body: { code: 'chain_unavailable' } })
    expect(refused.headers['retry-after']).toBeDefined()
    await call('unpause')
    await expect
      .poll(async () => (await deps().chain.rules()).isPaused, { timeout: 10_000 })
      .toBe(false)
    expect((await confirm(world, invoice.code, world.shopper.address, signature)).status).toBe(202)
  })

  const deps = () => world.deps
})
