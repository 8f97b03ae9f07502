import { parseArgs } from 'node:util'
import type { Hex } from '../kernel/hex.ts'
import { deployToken } from '../platform/chain/deploy.ts'
import { runMain } from './main.ts'

const USAGE = `DEPLOYER_KEY=0x… npm run deploy-token -- --rpc URL --owner 0x… --settler 0x…[,0x…] --fee-recipient 0x… [options]

  --pauser, --freezer 0x…      the owner unless told
  --minter 0x…[,0x…]           nobody unless told
  --fee-cap-basis-points N     300 unless told
  --supply-cap WON, --settler-daily-limit WON, --minter-daily-limit WON

DEPLOYER_KEY must be an account that has never sent a transaction on this chain: then the token's address is the same
on every chain. Run it again and it changes nothing. It prints one JSON object with the address.
`
const DEFAULT_CAP_WON = '1000000000000'

/** Deploys the token and hands its roles over, on any chain. */
await runMain('npm run deploy-token', async () => {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    options: {
      rpc: text,
      owner: text,
      settler: text,
      pauser: text,
      freezer: text,
      minter: text,
      'fee-recipient': text,
      'fee-cap-basis-points': { type: 'string', default: '300' },
      'supply-cap': { type: 'string', default: DEFAULT_CAP_WON },
      'settler-daily-limit': { type: 'string', default: DEFAULT_CAP_WON },
      'minter-daily-limit': { type: 'string', default: DEFAULT_CAP_WON },
    },
  })
  const deployerKey = process.env.DEPLOYER_KEY ?? ''
  if (!/^0x[0-9a-fA-F]{64}$/.test(deployerKey))
    throw new Error(`DEPLOYER_KEY is not set.\n\n${USAGE}`)
  const owner = address('--owner', values.owner)
  const deployment = await deployToken({
    rpc: values.rpc ?? missing('--rpc'),
    deployerKey: deployerKey as Hex,
    setUp: {
      owner,
      pauser: values.pauser === undefined ? owner : address('--pauser', values.pauser),
      freezer: values.freezer === undefined ? owner : address('--freezer', values.freezer),
      feeRecipient: address('--fee-recipient', values['fee-recipient']),
      feeCapBasisPoints: Number(values['fee-cap-basis-points']),
      supplyCap: BigInt(values['supply-cap']),
      settlers: addresses('--settler', values.settler).map((account) => ({
        account,
        dailyLimit: BigInt(values['settler-daily-limit']),
      })),
      minters: (values.minter === undefined ? [] : addresses('--minter', values.minter)).map(
        (account) => ({
          account,
          allowance: BigInt(values['minter-daily-limit']),
          dailyLimit: BigInt(values['minter-daily-limit']),
        }),
      ),
    },
  })
  const { token, codeHash, chainId, blockNumber, created } = deployment
  process.stdout.write(
    `${JSON.stringify({ token: token.toLowerCase(), code_hash: codeHash, chain_id: chainId, block_number: Number(blockNumber), created })}\n`,
  )
})

function missing(option: string): never {
  throw new Error(`${option} is missing.\n\n${USAGE}`)
}

function address(option: string, value: string | undefined): Hex {
  if (value === undefined) return missing(option)
  if (!/^0x[0-9a-fA-F]{40}$/.test(value)) throw new Error(`${option} must be 0x and 40 hex digits`)
  return value as Hex
}

function addresses(option: string, value: string | undefined): Hex[] {
  return (value ?? missing(option)).split(',').map((one) => address(option, one.trim()))
}
