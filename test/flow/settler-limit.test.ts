import { encodeFunctionData } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { callAndWait } from '../../src/platform/chain/call.ts'
import { krwTokenAbi } from '../../src/platform/chain/contracts/krw-token.ts'
import { openInvoice, pay, waitForEnd } from '../support/sale.ts'
import { openWorld, type World } from '../support/world.ts'

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
    await world.startWorker()
    for (const invoice of small)
      expect(await waitForEnd(world, invoice)).toMatchObject({ status: 'paid' })
    const [waiting] = await world.deps.db.many({
      text: 'select status from payments where invoice_id = $1',
      values: [large.id],
    })
    expect(waiting).toEqual({ status: 'authorised' })
    await setLimit(1_000_000n)
    expect(await waitForEnd(world, large)).toMatchObject({ status: 'paid' })
  })
})
