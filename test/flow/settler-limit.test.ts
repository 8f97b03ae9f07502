import { encodeFunctionData } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MAX_BATCH_PAYMENTS } from '../../src/domains/settlement/batch.ts'
import { callAndWait } from '../../src/platform/chain/call.ts'
import { krwTokenAbi } from '../../src/platform/chain/contracts/krw-token.ts'
import { openInvoice, pay, waitForEnd } from '../support/sale.ts'
import { openWorld, type World } from '../support/world.ts'

const LIMIT_MS = 120_000
const AT_ONE_SHOPPER = 20

describe('a payment above the limit of the settler', () => {
  let world: World
  beforeAll(async () => {
    world = await openWorld()
  })
  afterAll(() => world.close())

  const setLimit = (won: bigint) => {
    const [signer] = world.deps.signers
    if (signer === undefined) throw new Error('no lane')
    const data = encodeFunctionData({
      abi: krwTokenAbi,
      functionName: 'setSettler',
      args: [signer.address, won],
    })
    return callAndWait(world.deps.chain, world.chain.owner, [
      { to: world.chain.token, data, gas: 150_000n },
    ])
  }

  it('waits by itself and holds up no other payment', async () => {
    const [rich, ...others] = await world.fundShoppers(4)
    if (rich === undefined) throw new Error('no shopper')
    await setLimit(50_000n)
    const large = await openInvoice(world, { amount: 60_000 })
    await pay(world, large.code, rich)
    const small = await Promise.all(others.map(() => openInvoice(world, { amount: 1_000 })))
    for (const [index, shopper] of others.entries())
      await pay(world, small[index]?.code ?? '', shopper)
    const worker = await world.startWorker()
    for (const invoice of small)
      expect(await waitForEnd(world, invoice)).toMatchObject({ status: 'paid' })
    const [waiting] = await world.deps.db.many({
      text: 'select status from payments where invoice_id = $1',
      values: [large.id],
    })
    expect(waiting).toEqual({ status: 'authorised' })
    await setLimit(100_000_000n)
    expect(await waitForEnd(world, large)).toMatchObject({ status: 'paid' })
    await worker.stop()
  })

  it(
    'keeps nobody waiting, even where such payments fill a whole batch at the front',
    async () => {
      // 63,000 of it are used up when this comes after the other, nothing when it comes first.
      await setLimit(100_000n)
      const amount = 110_000
      const shoppers = await world.fundShoppers(MAX_BATCH_PAYMENTS / AT_ONE_SHOPPER, 10_000_000n)
      await Promise.all(
        shoppers.map(async (shopper) => {
          for (let at = 0; at < AT_ONE_SHOPPER; at++)
            await pay(world, (await openInvoice(world, { amount })).code, shopper)
        }),
      )
      const [last] = await world.fundShoppers(1)
      if (last === undefined) throw new Error('no shopper')
      const small = await openInvoice(world, { amount: 1_000 })
      await pay(world, small.code, last)
      await world.startWorker()
      expect(await waitForEnd(world, small)).toMatchObject({ status: 'paid' })
    },
    LIMIT_MS,
  )
})
