import { type ChildProcess, spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'

export interface Anvil {
  readonly url: string
  stop(): Promise<void>
}

export interface AnvilOptions {
  /** Seconds between blocks; without it every transaction is a block. */
  readonly blockTimeSeconds?: number
  readonly baseFee?: bigint
  readonly chainId?: number
  readonly hardfork?: string
}

/** Kaia's lower bound of the base fee: 25 gkei. */
export const KAIA_BASE_FEE = 25_000_000_000n

/** Keys of anvil's public test mnemonic; each holds 10,000 coins on a new chain. */
export const FUNDED_KEYS = [
  '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80',
  '0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d',
  '0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a',
  '0x7c852118294e51e653712a81e05800f419141751be58f605c371e15141b007a6',
] as const

/** Starts one anvil on a free loopback port; `stop` ends that process and no other. */
export async function startAnvil(options: AnvilOptions = {}): Promise<Anvil> {
  const port = await freePort()
  const flags = [
    ...['--host', '127.0.0.1', '--port', String(port)],
    ...['--hardfork', options.hardfork ?? 'osaka'],
    ...['--chain-id', String(options.chainId ?? 31_337)],
    ...['--base-fee', String(options.baseFee ?? KAIA_BASE_FEE)],
    ...['--gas-limit', '500000000', '--disable-min-priority-fee'],
    ...(options.blockTimeSeconds === undefined
      ? []
      : ['--block-time', String(options.blockTimeSeconds)]),
  ]
  const child = spawn(anvilBinary(), flags, { stdio: ['ignore', 'pipe', 'inherit'] })
  await listening(child)
  return { url: `http://127.0.0.1:${port}`, stop: () => stop(child) }
}

function anvilBinary(): string {
  const require = createRequire(import.meta.url)
  const system = `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`
  const home = dirname(require.resolve(`@foundry-rs/anvil-${system}/package.json`))
  return join(home, 'bin', process.platform === 'win32' ? 'anvil.exe' : 'anvil')
}

function listening(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = ''
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`anvil ended with ${code}: ${said}`)))
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      if (said.includes('Listening on')) resolve()
    })
  })
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.once('exit', () => resolve())
    child.kill('SIGKILL')
  })
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        typeof address === 'object' && address !== null
          ? resolve(address.port)
          : reject(new Error('no free port')),
      )
    })
  })
}
