import type { Hex } from '../../src/kernel/hex.ts'
import type { Transaction } from './chain/model.ts'
import type { NodeFault } from './chain/nodes.ts'
import { NEW_ACCOUNT, type TokenAccount } from './chain/token.ts'
import type { PlannedEvent } from './plan.ts'
import type { Gateway } from './sales.ts'
import type { Worker } from './worker.ts'
import { CALM_BASE_FEE, LANE_GAS_MONEY, type World } from './world.ts'

const GKEI = 1_000_000_000n
const FOREIGN_FEE = 2_000n * GKEI
const FOREIGN_GAS = 100_000n

/** What the run keeps beside the world, and faults may change. */
export type Stage = {
  readonly world: World
  readonly gateway: Gateway
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
type Strikes = {
  readonly [Kind in Fault['kind']]: (stage: Stage, event: Extract<Fault, { kind: Kind }>) => void
}

const STRIKES: Strikes = {
  crash: (stage, event) => stage.restart(event.worker, event.backAfterMs),
  freeze: (stage, event) => freeze(stage, event.worker, event.forMs),
  cuts_answers: ({ world, workers, gateway, tell }, { worker, forMs }) => {
    const process = workers[worker]?.process ?? gateway.process
    world.cutUntil.set(process.name, world.scheduler.now() + forMs)
    tell(process.name, `loses answers of the database for ${forMs} ms`)
  },
  node: ({ world, tell }, { node, fault, forMs }) => {
    const now = world.scheduler.now()
    world.nodes[node]?.add(fault, now, now + forMs)
    tell(`node ${node}`, `${nodeWords(fault)} for ${forMs} ms`)
  },
  wipes_pool: ({ world, tell }) => {
    tell('chain', `loses its pool of ${world.model.poolSize()}`)
    world.model.wipePool()
  },
  halts: ({ world, until, tell }, { forMs }) => {
    until.halted = world.scheduler.now() + forMs
    tell('chain', `makes no block for ${forMs} ms`)
  },
  rolls_back: (stage, { blocks }) => stage.rollBack(blocks),
  goes_broke: (stage, { shopper }) =>
    onAccount(stage, shopper, 'sends all its money away', (one) => ({ ...one, balance: 0n })),
  frozen_payer: (stage, { shopper, forMs }) => {
    onAccount(stage, shopper, `is frozen for ${forMs} ms`, (one) => ({ ...one, isFrozen: true }))
    after(stage, forMs, () =>
      onAccount(stage, shopper, 'is let go', (one) => ({ ...one, isFrozen: false })),
    )
  },
  pause: (stage, { forMs }) => {
    const { model } = stage.world
    stage.tell('token', `is paused for ${forMs} ms`)
    model.act((state) => ({ ...state, isPaused: true }))
    after(stage, forMs, () => model.act((state) => ({ ...state, isPaused: false })))
  },
  submitted_elsewhere: (stage, { shopper }) => submitElsewhere(stage, shopper),
  key_used_elsewhere: (stage, { lane, times }) => useKeyElsewhere(stage, lane, times),
  base_fee: (stage, { gkei, forMs }) => {
    const { model, scheduler } = stage.world
    model.setBaseFee(BigInt(gkei) * GKEI)
    stage.until.dear = scheduler.now() + forMs
    stage.tell('chain', `asks ${gkei} gkei for ${forMs} ms`)
    after(stage, forMs, () => {
      if (scheduler.now() >= stage.until.dear) model.setBaseFee(CALM_BASE_FEE)
    })
  },
  runs_dry: (stage, { lane, forMs }) => runDry(stage, lane, forMs),
  loses_jobs: ({ world, until, tell }, { forMs }) => {
    until.jobsLost = world.scheduler.now() + forMs
    tell('queue', `loses jobs for ${forMs} ms`)
  },
}

/** Does one planned thing to the world. */
export function strike(stage: Stage, event: Fault): void {
  // The table has a strike for each kind; TypeScript does not see that they are of one kind.
  const act = STRIKES[event.kind] as (stage: Stage, event: Fault) => void
  act(stage, event)
}

function after({ world }: Stage, milliseconds: number, run: () => void): void {
  world.scheduler.at(world.scheduler.now() + milliseconds, run)
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

function submitElsewhere({ world, submittedElsewhere, tell }: Stage, index: number): void {
  const { rows, shop, model } = world
  const shopper = shop.shoppers[index]
  const payment = rows.payments.filter((one) => one.payer === shopper?.address).at(-1)
  if (payment === undefined) return
  submittedElsewhere.add(payment.id)
  tell('settler 1', `submits what ${shopper?.name} signed last`)
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

function runDry(stage: Stage, index: number, forMs: number): void {
  const { model, lanes } = stage.world
  const lane = lanes[index]
  if (lane === undefined) return
  const give = (money: bigint) =>
    model.act((state) => ({
      ...state,
      gasMoney: new Map(state.gasMoney).set(lane.address, money),
    }))
  stage.tell(`lane ${index + 1}`, `has no money for gas for ${forMs} ms`)
  give(0n)
  after(stage, forMs, () => give(LANE_GAS_MONEY))
}

function nextFree({ model }: World, address: Hex): bigint {
  return model.head().after.nonces.get(address) ?? 0n
}

function foreign(from: Hex, nonce: bigint, items: Transaction['items']): Transaction {
  const invoice = items[0]?.invoice.slice(2) ?? ''
  const hash: Hex = `0x${from.slice(2, 6)}${nonce.toString(16)}${invoice}`.padEnd(66, 'e') as Hex
  return { hash, from, nonce, items, maxFeePerGas: FOREIGN_FEE, gas: FOREIGN_GAS }
}
