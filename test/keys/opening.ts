import { secret } from '../../src/kernel/secret.ts'
import type { Signer } from '../../src/kernel/signer.ts'
import { openKmsSigner } from '../../src/platform/keys/kms.ts'
import type { KmsAccess, KmsOptions } from '../../src/platform/keys/kms-client.ts'
import { AWS, KEY_ID, type SigningService, TOKEN } from './signing-service.ts'

/** Each way of showing who asks, with what the service in the tests expects. */
export const ACCESS: Readonly<Record<KmsAccess['kind'], KmsAccess>> = {
  none: { kind: 'none' },
  bearer: { kind: 'bearer', token: secret(TOKEN) },
  aws: {
    kind: 'aws',
    credentials: {
      region: AWS.region,
      accessKeyId: AWS.accessKeyId,
      secretAccessKey: secret(AWS.secretAccessKey),
      sessionToken: secret(AWS.sessionToken),
    },
  },
}

/** The signer of the service's key, with short pauses, and with time for a busy machine. */
export function openRemote(
  service: SigningService,
  access: KmsAccess['kind'],
  options: Partial<KmsOptions> = {},
): Promise<Signer> {
  const usual = { timeoutMs: 20_000, pauseMs: 5, now: () => new Date() }
  return openKmsSigner(
    { endpoint: service.url, access: ACCESS[access], ...usual, ...options },
    secret(KEY_ID),
  )
}
