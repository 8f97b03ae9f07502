import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openAuthoriser } from '../../src/flows/authorise-payment.ts'
import type { Deps } from '../../src/flows/deps.ts'
import { offerTerms } from '../../src/flows/offer-terms.ts'
import { openEvmChain } from '../../src/platform/chain/evm.ts'
import { sql } from '../../src/platform/db/sql.ts'
import { type NodeProxy, openNodeProxy } from '../support/node-proxy.ts'
import { openInvoice, signedSale } from '../support/sale.ts'
import { openWorld, type World } from '../support/world.ts'

/** The key of a Kaia account may be replaced; what its first key signs would still move tokens. */
describe('a payer whose key was replaced', () => {
  let world: World
  let node: NodeProxy
  let deps: Deps
  beforeAll(async () => {
    world = await openWorld()
    node = await openNodeProxy(world.chain.rpcUrl)
    node.behave(({ method }) =>
      method === 'kaia_getAccountKey'
        ? { result: { keyType: 2, key: { x: `0x${'1'.repeat(64)}`, y: `0x${'2'.repeat(64)}` } } }
        : undefined,
    )
    deps = { ...world.deps, chain: openEvmChain({ ...world.chain, rpcUrls: [node.url] }) }
  })
  afterAll(async () => {
    deps.chain.close()
    await node.close()
    await world.close()
  })
  const changed = { code: 'payer_key_changed' }

  it('cannot pay with what the old key signed; the bill stays open for others', async () => {
    const { invoice, shopper, signature } = await signedSale(world)
    const confirmation = {
      code: invoice.code,
      payer: shopper.address,
      signature,
      chainState: 'live' as const,
    }
    await expect(openAuthoriser(deps)(confirmation)).rejects.toMatchObject(changed)
    expect(await deps.db.many(sql`select 1 from payments`)).toEqual([])
    const row = await deps.db.one(sql`select status from invoices where id = ${invoice.id}`)
    expect(row).toEqual({ status: 'open' })
    // The same signature of an account that still has its own key is good.
    const { payment } = await openAuthoriser(world.deps)(confirmation)
    expect(payment.status).toBe('authorised')
  })

  it('is offered no terms', async () => {
    const { code } = await openInvoice(world)
    const offered = offerTerms(deps, code, world.shopper.address)
    await expect(offered).rejects.toMatchObject(changed)
  })
})
