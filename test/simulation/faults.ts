import type { Hex } from '../../src/kernel/hex.ts'
import type { Transaction } from './chain/model.ts'
import type { NodeFault } from './chain/nodes.ts'
import { NEW_ACCOUNT, type TokenAccount } from './chain/token.ts'
import type { PlannedEvent } from './plan.ts'
import type { Process } from './scheduler.ts'
import type { Worker } from './worker.ts'
import { CALM_BASE_FEE, type World } from './world.ts'

const GKEI = 1_000_000_000n
const FOREIGN_FEE = 2_000n * GKEI
const FOREIGN_GAS = 100_000n

/** What the run keeps beside the world, and faults may change. */
export type Stage = {
  readonly world: World
  readonly gateway: Process
  readonly workers: Worker[]
  /** Ends a worker and starts it again under another name. */
  restart(index: number, afterMs: number): void
  readonly until: { halted: number; jobsLost: number; dear: number }
  /** Payments that someone else submitted: what our rows say about them may be contradicted. */
  readonly submittedElsewhere: Set<string>
  rollBack(blocks: number): void
  tell(who: string, what: string): void
}

type Fault = Exclude<PlannedEvent, { kind: 'sale' }>

/** Does one planned thing to the world. */
export function strike(stage: Stage, event: Fault): void {
  const { world } = stage
  const { scheduler, model } = world
  const now = scheduler.now()
  switch (event.kind) {
    case 'crash':
      return stage.restart(event.worker, event.backAfterMs)
    case 'freeze':
      return freeze(stage, event.worker, event.forMs)
    case 'cuts_answers': {
      const process = stage.workers[event.worker]?.process ?? stage.gateway
      world.cutUntil.set(process.name, now + event.forMs)
      return stage.tell(process.name, `loses answers of the database for ${event.forMs} ms`)
    }
    case 'node':
      world.nodes[event.node]?.add(event.fault, now, now + event.forMs)
      return stage.tell(`node ${event.node}`, `${nodeWords(event.fault)} for ${event.forMs} ms`)
    case 'wipes_pool':
      stage.tell('chain', `loses its pool of ${model.poolSize()}`)
      return model.wipePool()
    case 'halts':
      stage.until.halted = now + event.forMs
      return stage.tell('chain', `makes no block for ${event.forMs} ms`)
    case 'rolls_back':
      return stage.rollBack(event.blocks)
    case 'goes_broke':
      return onAccount(stage, event.shopper, 'sends all its money away', (account) => ({
        ...account,
        balance: 0n,
      }))
    case 'frozen_payer': {
      onAccount(stage, event.shopper, `is frozen for ${event.forMs} ms`, (account) => ({
        ...account,
        isFrozen: true,
      }))
      return scheduler.at(now + event.forMs, () =>
        onAccount(stage, event.shopper, 'is let go', (one) => ({ ...one, isFrozen: false })),
      )
    }
    case 'pause':
      return pause(stage, event.forMs)
    case 'submitted_elsewhere':
      return submitElsewhere(stage, event.shopper)
    case 'key_used_elsewhere':
      return useKeyElsewhere(stage, event.lane, event.times)
    case 'base_fee':
      model.setBaseFee(BigInt(event.gkei) * GKEI)
      stage.until.dear = now + event.forMs
      stage.tell('chain', `asks ${event.gkei} gkei for ${event.forMs} ms`)
      return scheduler.at(now + event.forMs, () => {
        if (scheduler.now() >= stage.until.dear) model.setBaseFee(CALM_BASE_FEE)
      })
    case 'runs_dry':
      return runDry(stage, event.lane, event.forMs)
    case 'loses_jobs':
      stage.until.jobsLost = now + event.forMs
      return stage.tell('queue', `loses jobs for ${event.forMs} ms`)
  }
}

function nodeWords(fault: NodeFault): string {
  const words = fault.kind.replaceAll('_', ' ')
  if ('blocks' in fault) return `${words} ${fault.blocks} blocks`
  return 'by' in fault ? `${words} by ${fault.by}` : words
}

function freeze({ world, workers, tell }: Stage, index: number, forMs: number): void {
  const process = workers[index]?.process
  if (process === undefined) return
  process.frozenUntil = world.scheduler.now() + forMs
  tell(process.name, `is frozen for ${forMs} ms`)
}

function onAccount(
  { world, tell }: Stage,
  index: number,
  words: string,
  change: (account: TokenAccount) => TokenAccount,
): void {
  const shopper = world.shop.shoppers[index]
  if (shopper === undefined) return
  tell(shopper.name, words)
  world.model.act((state) => {
    const account = state.accounts.get(shopper.address) ?? NEW_ACCOUNT
    return { ...state, accounts: new Map(state.accounts).set(shopper.address, change(account)) }
  })
}

function pause({ world, tell }: Stage, forMs: number): void {
  const { model, scheduler } = world
  tell('token', `is paused for ${forMs} ms`)
  model.act((state) => ({ ...state, isPaused: true }))
  scheduler.at(scheduler.now() + forMs, () => model.act((state) => ({ ...state, isPaused: false })))
}

function submitElsewhere({ world, submittedElsewhere, tell }: Stage, index: number): void {
  const { rows, shop, model } = world
  const shopper = shop.shoppers[index]
  const payment = rows.payments.filter((one) => one.payer === shopper?.address).at(-1)
  if (payment === undefined) return
  submittedElsewhere.add(payment.id)
  tell('settler 2', `submits what ${shopper?.name} signed last`)
  const item = {
    merchant: payment.merchant_address,
    signature: payment.signature,
    amount: payment.amount,
    nonce: payment.nonce,
    validBefore: Math.floor(payment.valid_before.getTime() / 1_000),
    invoice: payment.chain_invoice,
  }
  const nonce = nextFree(world, shop.otherSettler)
  model.send(foreign(shop.otherSettler, nonce, [item]))
}

function useKeyElsewhere({ world, tell }: Stage, index: number, times: number): void {
  const lane = world.lanes[index]
  if (lane === undefined) return
  tell('operator', `uses the key of lane ${index + 1} elsewhere, ${times} times`)
  const first = world.model.head().after.nonces.get(lane.address) ?? 0n
  for (let nonce = first; nonce < first + BigInt(times); nonce++)
    world.model.send(foreign(lane.address, nonce, []))
}

function runDry({ world, tell }: Stage, index: number, forMs: number): void {
  const { model, scheduler, lanes } = world
  const lane = lanes[index]
  if (lane === undefined) return
  const give = (money: bigint) =>
    model.act((state) => ({
      ...state,
      gasMoney: new Map(state.gasMoney).set(lane.address, money),
    }))
  tell(`lane ${index + 1}`, `has no money for gas for ${forMs} ms`)
  give(0n)
  scheduler.at(scheduler.now() + forMs, () => give(10n ** 20n))
}

function nextFree({ model }: World, address: Hex): bigint {
  return model.head().after.nonces.get(address) ?? 0n
}

function foreign(from: Hex, nonce: bigint, items: Transaction['items']): Transaction {
  const invoice = items[0]?.invoice.slice(2) ?? ''
  const hash: Hex = `0x${from.slice(2, 6)}${nonce.toString(16)}${invoice}`.padEnd(66, 'e') as Hex
  return { hash, from, nonce, items, maxFeePerGas: FOREIGN_FEE, gas: FOREIGN_GAS }
}
