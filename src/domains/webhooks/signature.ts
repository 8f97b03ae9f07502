import { createHmac, randomBytes } from 'node:crypto'
import { unixSeconds } from '../../kernel/time.ts'

const PREFIX = 'whsec_'

/** A new endpoint secret: `whsec_` and 32 random bytes in base64 (Standard Webhooks 1.0.0, signature scheme). */
export function newWebhookSecret(): string {
  return `${PREFIX}${randomBytes(32).toString('base64')}`
}

/** The headers of one attempt: HMAC-SHA256 over `id.timestamp.body` (Standard Webhooks 1.0.0, webhook headers). */
export function signatureHeaders(message: {
  readonly secret: string
  readonly id: string
  readonly at: Date
  readonly body: string
}): Record<string, string> {
  const key = Buffer.from(message.secret.slice(PREFIX.length), 'base64')
  const timestamp = unixSeconds(message.at)
  const signature = createHmac('sha256', key)
    .update(`${message.id}.${timestamp}.${message.body}`)
    .digest('base64')
  return {
    'webhook-id': message.id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': `v1,${signature}`,
  }
}
