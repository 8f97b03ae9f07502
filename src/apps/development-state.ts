import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newApiKey } from '../domains/merchants/api-key.ts'
import { newWebhookSecret } from '../domains/webhooks/signature.ts'
import type { Shop } from '../flows/seed-shop.ts'
import type { Hex } from '../kernel/hex.ts'
import type { EndpointId, MerchantId, StoreId, TerminalId } from '../kernel/ids.ts'
import { newId } from '../kernel/ids.ts'
import { basisPoints } from '../kernel/money.ts'
import { secret } from '../kernel/secret.ts'
import { newPrivateKey } from '../platform/keys/local.ts'

const FILE = 'development.json'
const FEE_BASIS_POINTS = 80

/** What a data folder remembers of its demo café, so that a restart finds the same one. Keys of play money only. */
export type DevelopmentState = {
  readonly merchantId: MerchantId
  readonly storeId: StoreId
  readonly terminalId: TerminalId
  readonly endpointId: EndpointId
  readonly createdAt: string
  readonly merchantKey: string
  readonly terminalKey: string
  readonly webhookSecret: string
  readonly settlementKey: Hex
  readonly shopperKey: Hex
  /** Where the gateway listened last: taken again when it is free, so that open pages go on. */
  readonly port: number | undefined
  /** Where its sales are. */
  readonly chain?: { readonly id: number; readonly token: Hex }
  /** Who plays there, when the chain is on somebody's node. */
  readonly keys?: DevelopmentKeys
}

/** The accounts that need gas: who deploys the token, who sends batches, and who mints. */
export type DevelopmentKeys = {
  readonly deployer: Hex
  readonly relayer: Hex
  readonly issuer: Hex
}

/** Reads the state of a data folder, or makes a new one. */
export function openState(dataDir: string): DevelopmentState {
  mkdirSync(dataDir, { recursive: true })
  try {
    return JSON.parse(readFileSync(join(dataDir, FILE), 'utf8'))
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  }
  const now = new Date()
  const state: DevelopmentState = {
    merchantId: newId('mer', now),
    storeId: newId('sto', now),
    terminalId: newId('ter', now),
    endpointId: newId('whe', now),
    createdAt: now.toISOString(),
    merchantKey: newApiKey(),
    terminalKey: newApiKey(),
    webhookSecret: newWebhookSecret(),
    settlementKey: newPrivateKey(),
    shopperKey: newPrivateKey(),
    port: undefined,
  }
  saveState(dataDir, state)
  return state
}

export function saveState(dataDir: string, state: DevelopmentState): void {
  writeFileSync(join(dataDir, FILE), `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 })
}

/** The demo café. Its settlement account is its own; the demo alone holds that key, and shows it to nobody. */
export function demoShop(state: DevelopmentState, settlementAddress: Hex): Shop {
  const { merchantId, storeId } = state
  return {
    merchant: {
      id: merchantId,
      name: '바로 커피',
      settlementAddress,
      feeBasisPoints: basisPoints(FEE_BASIS_POINTS),
      createdAt: new Date(state.createdAt),
    },
    store: { id: storeId, merchantId, name: '성수점', riskLimit: undefined },
    terminal: { id: state.terminalId, merchantId, storeId, label: '1번 계산대' },
    merchantKey: secret(state.merchantKey),
    terminalKey: secret(state.terminalKey),
  }
}
