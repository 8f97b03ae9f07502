import { buildHttp } from '../entry/http/index.ts'
import { won } from '../kernel/money.ts'
import { secret } from '../kernel/secret.ts'
import { httpContext, openPlatform } from './compose.ts'
import type { Config } from './config.ts'

/** The routes are built on the real parts. None of them connects before it is asked something, and nobody asks. */
const NOWHERE: Config = {
  databaseUrl: secret('postgres://127.0.0.1:1/none'),
  isEmbedded: false,
  databasePoolSize: 2,
  redisUrl: undefined,
  chainRpcUrls: [],
  chainWsUrl: undefined,
  chainId: 1,
  tokenAddress: `0x${'00'.repeat(20)}`,
  relayerKeys: [],
  laneWindow: 16,
  maxFeePerGasGkei: 750,
  agreeAboveWon: undefined,
  kms: undefined,
  host: '127.0.0.1',
  port: 0,
  publicUrl: undefined,
  metricsHost: '127.0.0.1',
  metricsPort: undefined,
  tracing: undefined,
  shutdownDrainSeconds: 0,
  trustedProxies: [],
  publicRequestsPerMinute: 0,
  webhookAllowCidrs: [],
  webhookRequireHttps: true,
  riskLimit: won(0n),
  demoShopperKey: undefined,
  logLevel: 'error',
}

/** The OpenAPI document of the routes, as it stands in the repository. */
export async function openApiText(): Promise<string> {
  const platform = await openPlatform(NOWHERE, 'openapi')
  const { deps } = platform
  const app = await buildHttp(httpContext(NOWHERE, deps, 'http://127.0.0.1'), {
    log: deps.log,
    trustedProxies: [],
  })
  try {
    return `${JSON.stringify(app.swagger(), null, 2)}\n`
  } finally {
    await app.close()
    await platform.close()
  }
}
