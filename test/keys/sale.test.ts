import { encodeFunctionData } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Signer } from '../../src/kernel/signer.ts'
import { callAndWait } from '../../src/platform/chain/call.ts'
import { krwTokenAbi } from '../../src/platform/chain/contracts/krw-token.ts'
import { giveCoins } from '../support/coins.ts'
import { openInvoice, pay, waitForEnd } from '../support/sale.ts'
import { openWorld, type World } from '../support/world.ts'
import { openRemote } from './opening.ts'
import { type Next, openSigningService, reply, type SigningService } from './signing-service.ts'

const DAILY_LIMIT_WON = 10n ** 9n
const notNow: Next = (_, response) => reply(response, 503, {})

describe('a worker whose only key is in a signing service', () => {
  let world: World
  let service: SigningService
  let relayer: Signer
  beforeAll(async () => {
    ;[world, service] = await Promise.all([openWorld(), openSigningService('aws')])
    relayer = await openRemote(service, 'aws')
    const { deps, chain } = world
    await giveCoins([relayer.address])
    const args = [relayer.address, DAILY_LIMIT_WON] as const
    const data = encodeFunctionData({ abi: krwTokenAbi, functionName: 'setSettler', args })
    await callAndWait(deps.chain, chain.owner, [{ to: chain.token, data, gas: 200_000n }])
    await world.startWorker({ change: { signers: [relayer] } })
  })
  afterAll(async () => {
    await world.close()
    await service.close()
  })

  it('settles sales, and goes on when the service was out for a while', async () => {
    for (const outage of [0, 4]) {
      const invoice = await openInvoice(world)
      service.answer(...Array.from({ length: outage }, () => notNow))
      await pay(world, invoice.code, world.shopper)
      expect((await waitForEnd(world, invoice)).status).toBe('paid')
    }
    expect(await world.deps.chain.nonce(relayer.address)).toBe(2n)
  })
})
