import { expect, inject, test } from 'vitest'
import { checkToken, isUnreachable } from '../../src/platform/chain/check-token.ts'
import { readChainId } from '../../src/platform/chain/evm.ts'
import { openNodeProxy } from '../support/node-proxy.ts'

const TOKEN = `0x${'f0'.repeat(20)}` as const

test('says what is wrong with a node that claims to be a public network and has another first block', async () => {
  const proxy = await openNodeProxy(inject('chainUrl'))
  proxy.behave(({ method, params }) => {
    if (method === 'eth_chainId') return { result: '0x3e9' }
    const isFirst = method === 'eth_getBlockByNumber' && params[0] === '0x0'
    return isFirst ? { result: { hash: `0x${'ab'.repeat(32)}` } } : undefined
  })
  const check = checkToken(proxy.url, { token: TOKEN, chainId: 1001 })
  await expect(check).rejects.toThrow("the node's first block is 0xabab")
  await proxy.close()
})

test('tells a node that is not there from one that is wrong', async () => {
  const chainId = await readChainId([inject('chainUrl')])
  const proxy = await openNodeProxy(inject('chainUrl'))
  const failure = () =>
    checkToken(proxy.url, { token: TOKEN, chainId }).catch((error: unknown) => error)
  expect(String(await failure())).toContain('there is no token at')
  expect(isUnreachable(await failure())).toBe(false)
  for (const fate of ['cut', 'hang', { status: 429 }, { status: 503 }] as const) {
    proxy.behave(() => fate)
    expect(isUnreachable(await failure())).toBe(true)
  }
  await proxy.close()
  expect(isUnreachable(await failure())).toBe(true)
})
