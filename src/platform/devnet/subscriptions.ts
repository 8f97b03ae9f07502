import { randomBytes } from 'node:crypto'
import type { Hex } from '../../kernel/hex.ts'
import { RpcError } from './errors.ts'
import { quantity } from './hex.ts'
import { answer } from './methods.ts'
import type { Params, Parts } from './parts.ts'
import type { Head } from './producer.ts'
import type { Fields } from './shapes.ts'

type Tell = (text: string) => void
type Subscription = { readonly kind: string; readonly filter: Fields }

/** What one WebSocket has subscribed to. */
export type Subscriptions = {
  /** Answers a method, the two of subscriptions among them. */
  answer(method: string, params: Params): unknown
  close(): void
}

/** Tells a WebSocket of new blocks, their logs, and waiting transactions, as far as it asks for them. */
export function openSubscriptions(parts: Parts, tell: Tell): Subscriptions {
  const subscriptions = new Map<Hex, Subscription>()

  const send = (id: Hex, result: unknown) =>
    tell(
      JSON.stringify({
        ...{ jsonrpc: '2.0', method: 'eth_subscription' },
        params: { subscription: id, result },
      }),
    )

  async function tellHead({ number, transactions }: Head): Promise<void> {
    const block = quantity(number)
    for (const [id, { kind, filter }] of subscriptions) {
      if (kind === 'newHeads') {
        const shown = await answer(parts, 'eth_getBlockByNumber', [block, false])
        const { transactions: _, uncles: __, size: ___, ...header } = (shown ?? {}) as Fields
        send(id, header)
      } else if (kind === 'logs' && transactions.length > 0) {
        const range = { ...filter, fromBlock: block, toBlock: block }
        for (const log of (await answer(parts, 'eth_getLogs', [range])) as Fields[]) send(id, log)
      }
    }
  }

  const listen = (head: Head) => {
    // The node behind may be gone by now; the next head tells the listener where the chain is.
    void tellHead(head).catch(() => {})
  }
  const hear = (hash: Hex) => {
    for (const [id, { kind }] of subscriptions)
      if (kind === 'newPendingTransactions') send(id, hash)
  }
  const stop = parts.producer.onHead(listen)
  parts.pendingListeners.add(hear)

  function subscribe([kind, filter]: Params): Hex {
    if (!['newHeads', 'logs', 'newPendingTransactions'].includes(String(kind)))
      throw new RpcError(-32_601, `no "${kind}" subscription in eth namespace`)
    const id: Hex = `0x${randomBytes(16).toString('hex')}`
    subscriptions.set(id, { kind: String(kind), filter: (filter ?? {}) as Fields })
    return id
  }

  return {
    answer(method, params) {
      if (method === 'eth_subscribe') return subscribe(params)
      if (method === 'eth_unsubscribe') return subscriptions.delete(params[0] as Hex)
      return answer(parts, method, params)
    },
    close() {
      stop()
      parts.pendingListeners.delete(hear)
      subscriptions.clear()
    },
  }
}
