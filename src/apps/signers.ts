import type { Signer } from '../kernel/signer.ts'
import type { Clock } from '../kernel/time.ts'
import { openKmsSigner } from '../platform/keys/kms.ts'
import { localSigner } from '../platform/keys/local.ts'
import type { Config } from './config.ts'

const KMS_TIMEOUT_MS = 3_000
const KMS_PAUSE_MS = 100

/** Every key of the configuration, wherever it is; each leads a lane. Throws when one cannot be reached or stands there twice. */
export async function openSigners(
  { relayerKeys, kms }: Pick<Config, 'relayerKeys' | 'kms'>,
  clock: Clock,
): Promise<readonly Signer[]> {
  const local = relayerKeys.map(localSigner)
  const options = { timeoutMs: KMS_TIMEOUT_MS, pauseMs: KMS_PAUSE_MS, now: () => clock.now() }
  const remote = kms?.keyIds.map((keyId) => openKmsSigner({ ...kms, ...options }, keyId)) ?? []
  const signers = [...local, ...(await Promise.all(remote))]
  const addresses = signers.map(({ address }) => address)
  const twice = addresses.find((address, place) => addresses.indexOf(address) !== place)
  // One account with two lanes would give each nonce to two batches.
  if (twice !== undefined) throw new Error(`Two of the relayer keys are one account: ${twice}`)
  return signers
}
