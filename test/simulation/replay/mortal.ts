import type { Deps } from '../../../src/flows/deps.ts'
import type { Chain } from '../../../src/platform/chain/chain.ts'
import type { Db } from '../../../src/platform/db/db.ts'

/** A process that was killed in the middle of its work: nothing of it goes on. */
export class Killed extends Error {}

/** A process's outside that it can be cut off from, after so many questions. */
export function mortal(deps: Deps): { readonly deps: Deps; diesAfter(questions: number): void } {
  let left = Number.POSITIVE_INFINITY
  const count = () => {
    if (left-- <= 0) throw new Killed('killed')
  }
  const asked = <T>(ask: () => Promise<T>): Promise<T> => {
    try {
      count()
    } catch (error) {
      return Promise.reject(error)
    }
    return ask()
  }
  const { db, chain } = deps
  const mortalDb: Db = {
    many: (query) => asked(() => db.many(query)),
    one: (query) => asked(() => db.one(query)),
    transaction: (work) => asked(() => db.transaction(work)),
    snapshot: (work) => asked(() => db.snapshot(work)),
    onCommit: (work) => db.onCommit(work),
  }
  const mortalChain: Chain = {
    ...chain,
    head: () => asked(() => chain.head()),
    nonce: (address) => asked(() => chain.nonce(address)),
    balance: (address) => asked(() => chain.balance(address)),
    rehearse: (from, data) => asked(() => chain.rehearse(from, data)),
    broadcast: (raw) => asked(() => chain.broadcast(raw)),
    settlements: (from, to, otherThan) => asked(() => chain.settlements(from, to, otherThan)),
    receipt: (hash) => asked(() => chain.receipt(hash)),
    block: (number) => asked(() => chain.block(number)),
    transactionsOf: (number) => asked(() => chain.transactionsOf(number)),
  }
  return {
    deps: { ...deps, db: mortalDb, chain: mortalChain },
    diesAfter: (questions) => {
      left = questions
    },
  }
}
