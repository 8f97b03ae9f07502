import { keepDevelopmentChain } from '../../src/apps/development-chain.ts'
import { unixSeconds } from '../../src/kernel/time.ts'
import { temporaryFolder } from '../../src/platform/embedded/temporary.ts'

/** A development chain that no other suite uses, so that a test may halt it. */
export type OwnChain = {
  readonly url: string
  /** No block comes any more; the node still answers. */
  halt(): Promise<void>
  /** Blocks come again, the first of them at this time, which may be ahead of the real one. */
  resume(at: Date): Promise<void>
  stop(): Promise<void>
}

export async function openOwnChain(): Promise<OwnChain> {
  const folder = temporaryFolder()
  const chain = await keepDevelopmentChain({
    dataDir: folder.path,
    log: () => {},
    persist: false,
  })
  const ask = async (method: string, params: readonly unknown[]) => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(chain.url, { method: 'POST', headers, body })
    const { error } = (await answer.json()) as { readonly error?: { readonly message: string } }
    if (error !== undefined) throw new Error(`${method}: ${error.message}`)
  }
  let ended: Promise<void> | undefined
  return {
    url: chain.url,
    halt: () => ask('evm_setIntervalMining', [0]),
    resume: async (at) => {
      await ask('evm_setNextBlockTimestamp', [unixSeconds(at)])
      await ask('evm_setIntervalMining', [1])
    },
    stop: () => {
      ended ??= chain.stop().then(() => folder.remove())
      return ended
    },
  }
}
