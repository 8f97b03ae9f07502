import { openAuthoriser } from '../../../src/flows/authorise-payment.ts'
import { offerTerms } from '../../../src/flows/offer-terms.ts'
import { paymentDigest } from '../../../src/platform/chain/typed-data.ts'
import { FIRST_BLOCK, openChainModel } from '../chain/model.ts'
import { openNode } from '../chain/nodes.ts'
import { DOMAIN, openModelChain } from '../chain/port.ts'
import { NEW_ACCOUNT } from '../chain/token.ts'
import { openRandom } from '../random.ts'
import { openMemoryDb, openStatementFinder } from '../rows/database.ts'
import { openRows } from '../rows/rows.ts'
import { newInvoice } from '../sales.ts'
import { openShop } from '../shop.ts'
import { EVERY_SAFETY } from '../switches.ts'
import { CALM_BASE_FEE, laneSigner, simulationDeps } from '../world.ts'
import { lyingChain } from './lying-chain.ts'
import type { Snapshot } from './script.ts'
import type { Stage } from './stage.ts'

const SHOPPER_WON = 1_000_000n

/** The rows and the chain of the simulation, without its scheduler: a script says what comes next. */
export function openMemoryStage(shopperCount: number): Stage {
  let ahead = 0
  const now = () => Date.now() + ahead
  const shop = openShop(shopperCount, SHOPPER_WON)
  const signer = laneSigner(1)
  const model = openChainModel(
    {
      baseFeePerGas: CALM_BASE_FEE,
      seconds: Math.floor(now() / 1_000),
      state: {
        accounts: shop.accounts,
        nonces: new Map(),
        gasMoney: new Map([[signer.address, 10n ** 18n]]),
        isPaused: false,
      },
    },
    shop.payerOf,
  )
  const rows = openRows(now, EVERY_SAFETY, () => {})
  rows.merchants.set(String(shop.merchant.id), shop.merchant)
  const node = openNode(0, {
    ...{ model, now, random: openRandom(1), forge: () => [] },
    later: (run) => run(),
  })
  const truth = openModelChain({
    ...{ model, nodes: [node], order: (nodes) => nodes, sends: () => {} },
    trip: async (effect) => effect(),
  })
  const { chain, lie } = lyingChain(
    truth,
    (address, block) => model.block(block)?.after.nonces.get(address as `0x${string}`) ?? 0n,
  )
  const db = openMemoryDb(rows, openStatementFinder(), (work) => rows.atomically(work))
  const deps = simulationDeps({ db, chain, signers: [signer], now, random: () => 0.5 })
  const authorise = openAuthoriser(deps)
  const confirm = async (shopperIndex: number, amount: number) => {
    const shopper = shop.shoppers[shopperIndex]
    if (shopper === undefined) throw new Error('no such shopper')
    const invoice = newInvoice({ rows, shop, trueTime: now }, { amount, lifetimeSeconds: 3_600 })
    const payer = shopper.address
    const { message } = await offerTerms(deps, invoice.code, payer)
    const signature = shopper.sign(paymentDigest(DOMAIN, message))
    const confirmation = { code: invoice.code, payer, signature, chainState: 'live' } as const
    await authorise(confirmation)
  }

  return {
    ...{ deps, lie },
    wait: async (milliseconds) => {
      ahead += milliseconds
    },
    happen: async (step) => {
      switch (step.does) {
        case 'confirm':
          return confirm(step.shopper, step.amount)
        case 'block':
          for (let made = 0; made < (step.count ?? 1); made++) model.mine()
          return
        case 'wipe_pool':
          return model.wipePool()
        case 'node':
          return lie(step.lie ?? undefined)
        case 'roll_back':
          return model.rollBack(step.blocks)
        case 'goes_broke': {
          const address = shop.shoppers[step.shopper]?.address
          if (address === undefined) throw new Error('no such shopper')
          // One block gives it money for gas, the next takes what it has.
          model.mine()
          model.act((state) => {
            const account = { ...(state.accounts.get(address) ?? NEW_ACCOUNT), balance: 0n }
            return { ...state, accounts: new Map(state.accounts).set(address, account) }
          })
          model.mine()
          return
        }
        case 'pause':
        case 'unpause':
          model.act((state) => ({ ...state, isPaused: step.does === 'pause' }))
          model.mine()
      }
    },
    snapshot: async (): Promise<Snapshot> => {
      const batches = rows.batches.all()
      const block = (number: bigint | null) =>
        number === null ? null : Number(number - FIRST_BLOCK)
      return {
        payments: rows.payments.all().map((one) => ({
          status: one.status,
          reason: one.reason,
          batch: one.batch_id === null ? null : batches.findIndex(({ id }) => id === one.batch_id),
          block: block(one.block_number),
        })),
        batches: batches.map((one) => ({
          nonce: Number(one.nonce),
          status: one.status,
          block: block(one.block_number),
          attempts: rows.attempts.filter(({ batch_id }) => batch_id === one.id).length,
          payments: rows.batchPayments.filter(({ batch_id }) => batch_id === one.id).length,
        })),
        invoices: rows.invoices.all().map((one) => one.status),
        nextNonce: Number(rows.lanes.get(signer.address)?.next_nonce ?? 0n),
        spent: Number(model.head().after.nonces.get(signer.address) ?? 0n),
        cursor: block(rows.cursors.all()[0]?.block_number ?? null),
        logs: rows.chainEvents.size,
        ledger: rows.ledger.size,
        events: rows.events.size,
      }
    },
  }
}
