import { type Hex, keccak256 } from 'viem'
import { assemble, type DelegatedCall, delegate } from './delegation.ts'
import { type Keyed, type Node, outcome, probeCall } from './node.ts'

const PRICE = 27_500_000_000n

/** Calls whose fee another account pays. */
export async function askAboutDelegation(node: Node): Promise<Record<string, unknown>> {
  const sender = await node.fresh()
  const payer = await node.fresh(10)
  return {
    ...(await askAboutOne(node, sender, payer)),
    ...(await askAboutRefusals(node, sender, payer)),
  }
}

function noteCall(node: Node, { address }: Keyed, nonce: bigint): DelegatedCall {
  const from = address.toLowerCase() as Hex
  const data = probeCall('note', [7n])
  return { nonce, gasPrice: PRICE, gas: 100_000n, to: node.probe, value: 0n, from, data }
}

async function askAboutOne(node: Node, sender: Keyed, payer: Keyed) {
  const good = await delegate(noteCall(node, sender, 0n), sender, payer, node.chainId)
  const wrongWay = outcome(await node.rpc('eth_sendRawTransaction', [good.raw]))
  const answer = await node.rpc('kaia_sendRawTransaction', [good.raw])
  const receipt = await node.mined(answer.result)
  const found = await node.rpc('kaia_getTransactionBySenderTxHash', [keccak256(good.senderRaw)])
  return {
    '0x31 through eth_sendRawTransaction': wrongWay,
    '0x31 through kaia_sendRawTransaction, sender owns nothing': outcome(answer),
    '0x31 receipt': {
      status: receipt.status,
      type: receipt.type,
      gasUsed: Number(receipt.gasUsed),
      price: Number(receipt.effectiveGasPrice),
      hashIsOfTheWire: keccak256(good.raw) === answer.result,
    },
    '0x31 found by the sender hash': outcome<{ hash: Hex }>(
      found,
      ({ hash }) => hash === answer.result,
    ),
  }
}

async function askAboutRefusals(node: Node, sender: Keyed, payer: Keyed) {
  const call = noteCall(node, sender, 1n)
  const send = async (raw: Hex) => outcome(await node.rpc('kaia_sendRawTransaction', [raw]))
  const sendCall = async (
    change: Partial<DelegatedCall>,
    by: { readonly payer?: Keyed; readonly chainId?: number } = {},
  ) => {
    const changed = { ...call, ...change }
    const { payer: payers = payer, chainId = node.chainId } = by
    return send((await delegate(changed, sender, payers, chainId)).raw)
  }
  const one = await delegate(call, sender, payer, node.chainId)
  const other = await delegate({ ...call, nonce: 2n }, sender, payer, node.chainId)
  const { address } = payer
  const codeless = { to: node.rich.address.toLowerCase() as Hex, data: '0x' } as const
  return {
    '0x31 to an address without code': await sendCall(codeless),
    '0x31 price below the base fee': await sendCall({ gasPrice: 24_000_000_000n }),
    '0x31 wrong chain': await sendCall({}, { chainId: 8217 }),
    '0x31 gas below intrinsic': await sendCall({ gas: 30_000n }),
    '0x31 with the payer signature of another': await send(
      assemble(call, one.bySender, address, other.byPayer),
    ),
    '0x31 with the sender signature of another': await send(
      assemble(call, other.bySender, address, one.byPayer),
    ),
    '0x31 with a payer who owns nothing': await sendCall({}, { payer: await node.fresh() }),
  }
}
