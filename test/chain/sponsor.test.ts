import { encodeFunctionData, type Hex, keccak256, maxUint256, parseEther } from 'viem'
import { generatePrivateKey } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { secret } from '../../src/kernel/secret.ts'
import type { Signer } from '../../src/kernel/signer.ts'
import { callAndWait, mintCall } from '../../src/platform/chain/call.ts'
import { krwTokenAbi } from '../../src/platform/chain/contracts/krw-token.ts'
import { openEvmChain } from '../../src/platform/chain/evm.ts'
import type { DelegatedCall } from '../../src/platform/chain/fee-delegation.ts'
import { type Nodes, openNodes } from '../../src/platform/chain/nodes.ts'
import {
  type SponsorAnswer,
  type SponsorJournal,
  type Sponsorship,
  sendPaidCall,
  sponsorAndSend,
} from '../../src/platform/chain/sponsor.ts'
import { localSigner } from '../../src/platform/keys/local.ts'
import { assemble, delegate } from '../devnet/delegation.ts'
import { Node } from '../devnet/node.ts'
import { type ChainWorld, freshSigner, openChainWorld } from '../support/world.ts'

const GAS = 150_000n
const PRICE = 30_000_000_000n
const WON = 50_000n

type Wallet = { readonly key: Hex; readonly address: Hex }

function newWallet(): Wallet {
  const key = generatePrivateKey()
  return { key, address: localSigner(secret<string>(key)).address }
}

/** A journal in memory. Its rows are what a table would keep. */
function openJournal(): SponsorJournal & { readonly rows: Map<Hex, Sponsorship> } {
  const rows = new Map<Hex, Sponsorship>()
  return {
    rows,
    has: async (hash) => rows.has(hash),
    keep: async (sponsorship) => {
      if (rows.has(sponsorship.senderTxHash)) return false
      rows.set(sponsorship.senderTxHash, sponsorship)
      return true
    },
  }
}

describe('a shopper without KAIA', () => {
  const shop = freshSigner()
  const payerWallet = newWallet()
  let signatures = 0
  const inMemory = localSigner(secret<string>(payerWallet.key))
  const payer: Signer = {
    address: inMemory.address,
    sign: (digest) => {
      signatures += 1
      return inMemory.sign(digest)
    },
  }
  const journal = openJournal()
  let world: ChainWorld
  let node: Node
  let nodes: Nodes
  let chain: ReturnType<typeof openEvmChain>
  beforeAll(async () => {
    world = await openChainWorld()
    node = await Node.open(world.rpcUrl, inject('funderKey') as Hex)
    nodes = openNodes({ rpcUrls: [world.rpcUrl], chainId: world.chainId })
    chain = openEvmChain({ rpcUrls: [world.rpcUrl], chainId: world.chainId, token: world.token })
    const value = parseEther('1')
    const funder = localSigner(secret(inject('funderKey')))
    await callAndWait(chain, funder, [{ to: payer.address, data: '0x', gas: 21_000n, value }])
  })

  afterAll(() => {
    nodes.close()
    chain.close()
  })

  const newShopper = async () => {
    const shopper = newWallet()
    await callAndWait(chain, world.minter, [mintCall(world.token, shopper.address, WON)])
    return shopper
  }
  const transfer = (to: Hex, won: bigint) =>
    encodeFunctionData({ abi: krwTokenAbi, functionName: 'transfer', args: [to, won] })
  const callOf = (from: Wallet, change: Partial<DelegatedCall> = {}): DelegatedCall => ({
    nonce: 0n,
    gasPrice: PRICE,
    gas: GAS,
    to: world.token,
    value: 0n,
    from: from.address,
    data: transfer(shop.address, 4_500n),
    ...change,
  })
  const sign = (call: DelegatedCall, by: Wallet, chainId = world.chainId) =>
    delegate(call, by, payerWallet, chainId)
  const ask = <Answer>(method: string, params: readonly unknown[]) =>
    nodes.ask<Answer>(method, params)
  const sponsor = (senderRaw: Hex, by = ask): Promise<SponsorAnswer> => {
    const policy = {
      chainId: world.chainId,
      token: world.token,
      receivers: new Set([shop.address]),
      maxGas: 200_000n,
      maxGasPrice: 50_000_000_000n,
    }
    return sponsorAndSend({ ask: by, payer, journal, policy }, senderRaw)
  }
  const reasonOf = async (call: DelegatedCall, by: Wallet, chainId = world.chainId) => {
    const answer = await sponsor((await sign(call, by, chainId)).senderRaw)
    return answer.outcome === 'refused' ? answer.reason : answer.outcome
  }
  const mined = (hash: Hex) => node.mined(hash)
  const kaiaOf = async (address: Hex) =>
    BigInt(await node.ask('eth_getBalance', [address, 'latest']))

  it('pays a shop in won, and the gateway pays the fee', async () => {
    const shopper = await newShopper()
    const before = await kaiaOf(payer.address)
    const { balance } = await chain.account(shop.address)
    const signed = await sign(callOf(shopper), shopper)
    const answer = await sponsor(signed.senderRaw)
    const senderTxHash = keccak256(signed.senderRaw)
    expect(answer).toMatchObject({ outcome: 'sent', senderTxHash })
    if (answer.outcome !== 'sent') return
    const receipt = await mined(answer.txHash)
    expect(receipt.status).toBe('0x1')
    expect((await chain.account(shopper.address)).balance).toBe(WON - 4_500n)
    expect((await chain.account(shop.address)).balance).toBe(balance + 4_500n)
    expect(await kaiaOf(shopper.address)).toBe(0n)
    const fee = BigInt(receipt.gasUsed ?? '0x0') * BigInt(receipt.effectiveGasPrice ?? '0x0')
    expect(fee).toBeGreaterThan(0n)
    expect(before - (await kaiaOf(payer.address))).toBe(fee)
    const found = await node.ask<{ hash: Hex }>('kaia_getTransactionBySenderTxHash', [senderTxHash])
    expect(found.hash).toBe(answer.txHash)
  })

  it('is sponsored once for one call, however often and however many at once ask', async () => {
    const shopper = await newShopper()
    const { senderRaw } = await sign(callOf(shopper), shopper)
    const answers = await Promise.all([1, 2, 3].map(() => sponsor(senderRaw)))
    const sent = answers.filter(({ outcome }) => outcome === 'sent')
    expect(sent).toHaveLength(1)
    expect(answers.filter((one) => one.outcome === 'refused').map(({ reason }) => reason)).toEqual([
      'already_sponsored',
      'already_sponsored',
    ])
    const before = signatures
    expect(await sponsor(senderRaw)).toMatchObject({ reason: 'already_sponsored' })
    expect(signatures).toBe(before)
    const kept = journal.rows.get(keccak256(senderRaw))
    expect(kept).toMatchObject({ payer: payer.address, call: { from: shopper.address } })
    await sendPaidCall(ask, kept?.raw ?? '0x')
    await mined(kept?.txHash ?? '0x')
    await sendPaidCall(ask, kept?.raw ?? '0x')
    expect((await chain.account(shopper.address)).balance).toBe(WON - 4_500n)
  })

  it('is served with the placeholders for a payer that caver-js writes', async () => {
    const shopper = await newShopper()
    const call = callOf(shopper)
    const { bySender } = await sign(call, shopper)
    const answer = await sponsor(assemble(call, bySender, '0x', ['0x01', '0x', '0x']))
    expect(answer.outcome === 'sent' && (await mined(answer.txHash)).status).toBe('0x1')
  })

  it('is refused a tampered call, here and, past our checks, by the node', async () => {
    const shopper = await newShopper()
    const call = callOf(shopper)
    const { bySender, byPayer } = await sign(call, shopper)
    const more = { ...call, data: transfer(shop.address, 45_000n) }
    const honest = await delegate(more, shopper, payerWallet, world.chainId)
    const tampered = assemble(more, bySender, '0x', ['0x01', '0x', '0x'])
    expect(await sponsor(tampered)).toEqual({ outcome: 'refused', reason: 'wrong_signer' })
    const send = (raw: Hex) => node.rpc('kaia_sendRawTransaction', [raw])
    const bySenderAlone = await send(assemble(more, bySender, payer.address, honest.byPayer))
    expect(bySenderAlone.error?.message).toContain('invalid sender')
    const byPayerAlone = await send(assemble(more, honest.bySender, payer.address, byPayer))
    expect(byPayerAlone.error?.message).toContain('invalid fee payer')
    expect((await chain.account(shopper.address)).balance).toBe(WON)
  })

  it('is refused by name whatever the gateway would not pay for, and nothing is signed', async () => {
    const shopper = await newShopper()
    const other = newWallet()
    const call = callOf(shopper)
    const signed = await sign(call, shopper)
    const refusals: readonly (readonly [string, DelegatedCall, Wallet?, number?])[] = [
      ['wrong_chain', call, shopper, 8217],
      ['wrong_signer', call, other],
      ['wrong_contract', { ...call, to: other.address }],
      ['value_not_zero', { ...call, value: 1n }],
      ['gas_too_high', { ...call, gas: 200_001n }],
      ['gas_price_too_high', { ...call, gasPrice: 50_000_000_001n }],
      ['gas_price_too_low', { ...call, gasPrice: 24_999_999_999n }],
      ['wrong_receiver', { ...call, data: transfer(other.address, 1n) }],
      ['wrong_arguments', { ...call, data: transfer(shop.address, 0n) }],
      ['wrong_arguments', { ...call, data: `${call.data}00` }],
      ['wrong_arguments', { ...call, data: call.data.slice(0, -2) as Hex }],
      ['wrong_arguments', { ...call, data: call.data.replace('00000000', '00000001') as Hex }],
      ['wrong_function', { ...call, data: '0x' }],
      ['wrong_function', { ...call, data: approval(shop.address) }],
      ['wrong_nonce', { ...call, nonce: 1n }],
      ['would_fail', { ...call, data: transfer(shop.address, WON + 1n) }],
      ['would_fail', { ...call, gas: 40_000n }],
      ['would_fail', { ...call, gas: 9_000n }],
    ]
    const rows = journal.rows.size
    const before = signatures
    for (const [reason, one, by = shopper, chainId] of refusals)
      expect(`${reason}: ${await reasonOf(one, by, chainId)}`).toBe(`${reason}: ${reason}`)
    expect(await sponsor(`${signed.senderRaw}00`)).toMatchObject({ reason: 'rlp_trailing_bytes' })
    expect(await sponsor(signed.raw)).toMatchObject({ reason: 'payer_named' })
    expect(journal.rows.size).toBe(rows)
    expect(signatures).toBe(before)
    const answer = await sponsor(signed.senderRaw)
    expect(answer.outcome === 'sent' && (await mined(answer.txHash)).status).toBe('0x1')
  })

  it('is refused the other half of a signature, which would be another SenderTxHash', async () => {
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
    const shopper = await newShopper()
    const call = callOf(shopper)
    const [v, r, s] = (await sign(call, shopper)).bySender
    const even = 2n * BigInt(world.chainId) + 35n
    const twin = [BigInt(v) === even ? even + 1n : even, order - BigInt(s)] as const
    const [highV, highS] = twin.map(wholeBytes)
    const raw = assemble(call, [highV ?? '0x', r, highS ?? '0x'], '0x', ['0x01', '0x', '0x'])
    expect(await sponsor(raw)).toEqual({ outcome: 'refused', reason: 'wrong_signer' })
  })

  it('whose account has another key is refused', async () => {
    const shopper = await newShopper()
    const { senderRaw } = await sign(callOf(shopper), shopper)
    // No public node changes a key for a test, so the one answer about it is put in the way.
    const changed = <Answer>(method: string, params: readonly unknown[]) =>
      method === 'kaia_getAccountKey'
        ? Promise.resolve({ keyType: 2, key: {} } as Answer)
        : ask<Answer>(method, params)
    const answer = await sponsor(senderRaw, changed)
    expect(answer).toEqual({ outcome: 'refused', reason: 'key_changed' })
  })

  it('finds the promise kept in the journal when no node took the bytes', async () => {
    const shopper = await newShopper()
    const { senderRaw } = await sign(callOf(shopper), shopper)
    const silent = <Answer>(method: string, params: readonly unknown[]) =>
      method === 'kaia_sendRawTransaction'
        ? Promise.reject<Answer>(new Error('the connection was cut'))
        : ask<Answer>(method, params)
    const failing = sponsor(senderRaw, silent)
    await expect(failing).rejects.toThrow('cut')
    const kept = journal.rows.get(keccak256(senderRaw))
    await sendPaidCall(ask, kept?.raw ?? '0x')
    expect((await mined(kept?.txHash ?? '0x')).status).toBe('0x1')
  })
})

function approval(spender: Hex): Hex {
  const args = [spender, maxUint256] as const
  return encodeFunctionData({ abi: krwTokenAbi, functionName: 'approve', args })
}

function wholeBytes(value: bigint): Hex {
  const digits = value.toString(16)
  return `0x${digits.length % 2 === 0 ? digits : `0${digits}`}`
}
