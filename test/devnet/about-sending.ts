import { type Hex, parseEther } from 'viem'
import { FEE, type Keyed, type Node, outcome, type Wish } from './node.ts'

const MANY = 150
const FEW_BLOCKS = 3

/** What the pool takes, replaces and refuses. */
export async function askAboutSending(node: Node): Promise<Record<string, unknown>> {
  const from = await node.fresh(50)
  const { address: to } = await node.fresh()
  return {
    ...(await askAboutReplacing(node, from, to)),
    ...(await askAboutForm(node, from, to)),
    ...(await askAboutManyInARow(node, to)),
  }
}

async function askAboutReplacing(node: Node, from: Keyed, to: Hex) {
  const first = await node.sign(from, { nonce: 0, to, value: 1n })
  const dear: Wish = { nonce: 0, to, value: 3n, maxFeePerGas: FEE * 8n, maxPriorityFeePerGas: FEE }
  const gap = { nonce: 3, to, value: 2n, maxFeePerGas: FEE * 8n, maxPriorityFeePerGas: FEE * 2n }
  const send = async (wish: Wish) => outcome(await node.send(from, wish))
  const sent = outcome(await node.rpc('eth_sendRawTransaction', [first]))
  const again = outcome(await node.rpc('eth_sendRawTransaction', [first]))
  const same = await send({ nonce: 0, to, value: 2n })
  const bumped = await node.send(from, dear)
  return {
    send: sent,
    'send again, still pending': again,
    'same nonce, same fee, other value': same,
    'same nonce, fee doubled and a tip': outcome(bumped),
    'the bumped one is mined': (await node.mined(bumped.result)).status,
    'send again, long mined': await send(dear),
    'nonce gap': await send({ nonce: 3, to, value: 1n }),
    'nonce gap, replaced with a higher fee': await send(gap),
    'pending count does not see the gap': Number(
      await node.ask('eth_getTransactionCount', [from.address, 'pending']),
    ),
    'nonce too low': await send({ nonce: 0, to, value: 9n }),
  }
}

async function askAboutForm(node: Node, from: Keyed, to: Hex) {
  const plain = { nonce: 1, to, value: 0n }
  const send = async (wish: Partial<Wish>) => outcome(await node.send(from, { ...plain, ...wish }))
  const sendRaw = async (raw: Hex) => outcome(await node.rpc('eth_sendRawTransaction', [raw]))
  const legacy = await from.signTransaction({
    ...{ type: 'legacy', chainId: node.chainId, gas: 21_000n, gasPrice: FEE - 1n },
    ...plain,
  })
  const elsewhere = await node.sign(from, { ...plain, maxFeePerGas: FEE }, 8217)
  const poor = await node.fresh()
  const bytes = (count: number): Hex => `0x${'11'.repeat(count)}`
  return {
    'fee cap below the base fee': await send({ value: 1n, maxFeePerGas: FEE - 1n }),
    'legacy price below the base fee': await sendRaw(legacy),
    'gas below intrinsic': await send({ gas: 20_000n }),
    'gas below the data floor': await send({ gas: 22_000n, data: bytes(100) }),
    'gas limit 600,000,000': await send({ gas: 600_000_000n }),
    'transaction over 128 KiB': await send({ gas: 20_000_000n, data: bytes(131_100) }),
    'wrong chain id': await sendRaw(elsewhere),
    garbage: await sendRaw('0x02dead'),
    nothing: await sendRaw('0x'),
    'no money for the gas': outcome(await node.send(poor, { nonce: 0, to, value: 0n })),
    'no money for the value': await send({ value: parseEther('500') }),
  }
}

async function askAboutManyInARow(node: Node, to: Hex) {
  const from = await node.fresh(50)
  const hashes: unknown[] = []
  for (let nonce = 0; nonce < MANY; nonce++) {
    const { result } = await node.send(from, { nonce, to, value: 1n })
    if (result !== undefined) hashes.push(result)
  }
  const blocks = new Set<unknown>()
  for (const hash of hashes) blocks.add((await node.mined(hash)).blockNumber)
  return {
    '150 nonces in a row from one account, accepted': hashes.length,
    '150 nonces in a row from one account, blocks used at most': Math.max(blocks.size, FEW_BLOCKS),
  }
}
