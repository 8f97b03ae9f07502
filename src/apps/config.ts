import type { Hex } from '../kernel/hex.ts'
import { type Won, won, wonFromText } from '../kernel/money.ts'
import { type Secret, secret } from '../kernel/secret.ts'
import type { KmsAccess } from '../platform/keys/kms-client.ts'
import type { LogLevel } from '../platform/log/log.ts'

/** Everything that a process is told from outside. The only file that reads the environment. */
export type Config = {
  readonly databaseUrl: Secret<string>
  /** The database is the one of `npm start`: then, and only then, a demo shopper may exist. */
  readonly isEmbedded: boolean
  readonly databasePoolSize: number
  readonly redisUrl: Secret<string> | undefined
  readonly chainRpcUrls: readonly string[]
  /** Where new blocks are announced. It may hold a key, as the URLs of nodes do. */
  readonly chainWsUrl: string | undefined
  readonly chainId: number
  readonly tokenAddress: Hex
  readonly relayerKeys: readonly Secret<string>[]
  /** Batches of one lane that may wait for a block at once. */
  readonly laneWindow: number
  readonly maxFeePerGasGkei: number
  /** Won: a payment of more is settled when two nodes show its log. Undefined: one is enough. */
  readonly agreeAboveWon: number | undefined
  /** Relayer keys that stay in a signing service. */
  readonly kms: KmsConfig | undefined
  readonly host: string
  readonly port: number
  readonly publicUrl: string | undefined
  readonly metricsHost: string
  /** Where measurements and probes are served; nowhere when undefined. */
  readonly metricsPort: number | undefined
  /** The OpenTelemetry collector that spans go to, and the headers that it wants; nothing is traced when undefined. */
  readonly tracing: { readonly endpoint: string; readonly headers: Secret<string> } | undefined
  /** How long a process that ends still answers, after it has stopped to be ready. */
  readonly shutdownDrainSeconds: number
  readonly trustedProxies: readonly string[]
  readonly publicRequestsPerMinute: number
  readonly webhookAllowCidrs: readonly string[]
  readonly webhookRequireHttps: boolean
  /** What a store without a limit of its own may hand over in an hour while the chain is late. */
  readonly riskLimit: Won
  readonly demoShopperKey: Secret<string> | undefined
  readonly logLevel: LogLevel
}

export type KmsConfig = {
  readonly keyIds: readonly Secret<string>[]
  readonly endpoint: string
  readonly access: KmsAccess
}

const LOG_LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent']

/** Every variable that a process understands, for the check of the deployment files. */
export const VARIABLES = [
  'DATABASE_URL',
  'BARO_EMBEDDED_DATABASE_URL',
  'DATABASE_POOL_SIZE',
  'REDIS_URL',
  'CHAIN_RPC_URLS',
  'CHAIN_WS_URL',
  'CHAIN_ID',
  'TOKEN_ADDRESS',
  'RELAYER_KEYS',
  'LANE_WINDOW',
  'MAX_FEE_PER_GAS_GKEI',
  'AGREE_ABOVE_WON',
  'RELAYER_KMS_KEYS',
  'KMS_ENDPOINT',
  'KMS_REGION',
  'KMS_ACCESS_KEY_ID',
  'KMS_SECRET_ACCESS_KEY',
  'KMS_SESSION_TOKEN',
  'KMS_TOKEN',
  'HOST',
  'PORT',
  'PUBLIC_URL',
  'METRICS_HOST',
  'METRICS_PORT',
  'SHUTDOWN_DRAIN_SECONDS',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_EXPORTER_OTLP_HEADERS',
  'TRUSTED_PROXIES',
  'PUBLIC_REQUESTS_PER_MINUTE',
  'WEBHOOK_ALLOW_CIDRS',
  'WEBHOOK_REQUIRE_HTTPS',
  'RISK_LIMIT_WON_PER_STORE_HOUR',
  'BARO_DEMO_SHOPPER_KEY',
  'LOG_LEVEL',
] as const
/** Where a request does not leave the machine. */
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/

type Variable = (typeof VARIABLES)[number]
type Environment = Readonly<Record<string, string | undefined>>

/** Reads and checks the configuration. Throws one Error that lists everything that is wrong with it. */
export function readConfig(env: Environment, role: 'gateway' | 'worker' | 'migrate'): Config {
  const problems: string[] = []
  const read = reader(env, problems)
  const own = read.optional('DATABASE_URL')
  const embedded = read.optional('BARO_EMBEDDED_DATABASE_URL')
  const isEmbedded = own === undefined && embedded !== undefined
  const demoShopperKey = read.optional('BARO_DEMO_SHOPPER_KEY')
  if (own === undefined && embedded === undefined)
    problems.push('DATABASE_URL is not set (npm start brings its own database)')
  if (demoShopperKey !== undefined && !isEmbedded)
    problems.push('BARO_DEMO_SHOPPER_KEY works with the embedded database only')
  const needsChain = role !== 'migrate'
  const relayerKeys = role === 'worker' ? read.list('RELAYER_KEYS', false) : []
  const kms = role === 'worker' ? readKms(read, problems) : undefined
  if (role === 'worker' && relayerKeys.length === 0 && kms === undefined)
    problems.push('Neither RELAYER_KEYS nor RELAYER_KMS_KEYS is set')
  const redisUrl = read.optional('REDIS_URL')
  const config: Config = {
    databaseUrl: secret(own ?? embedded ?? ''),
    isEmbedded,
    databasePoolSize: read.integer('DATABASE_POOL_SIZE', 10, 2, 200),
    redisUrl: redisUrl === undefined ? undefined : secret(redisUrl),
    chainRpcUrls: read.list('CHAIN_RPC_URLS', needsChain),
    chainWsUrl: read.optional('CHAIN_WS_URL'),
    chainId: needsChain ? read.integer('CHAIN_ID', undefined, 1, Number.MAX_SAFE_INTEGER) : 0,
    tokenAddress: needsChain ? read.address('TOKEN_ADDRESS') : '0x',
    relayerKeys: relayerKeys.map((key) => secret(key)),
    laneWindow: read.integer('LANE_WINDOW', 16, 1, 1_000),
    maxFeePerGasGkei: read.integer('MAX_FEE_PER_GAS_GKEI', 750, 1, 1_000_000),
    agreeAboveWon:
      read.optional('AGREE_ABOVE_WON') === undefined
        ? undefined
        : read.integer('AGREE_ABOVE_WON', undefined, 0, Number.MAX_SAFE_INTEGER),
    kms,
    host: read.optional('HOST') ?? '127.0.0.1',
    port: read.integer('PORT', 8080, 0, 65_535),
    publicUrl: read.optional('PUBLIC_URL')?.replace(/\/+$/, ''),
    metricsHost: read.optional('METRICS_HOST') ?? '127.0.0.1',
    metricsPort:
      read.optional('METRICS_PORT') === undefined
        ? undefined
        : read.integer('METRICS_PORT', undefined, 0, 65_535),
    tracing: tracingOf(read),
    shutdownDrainSeconds: read.integer('SHUTDOWN_DRAIN_SECONDS', 0, 0, 300),
    trustedProxies: read.list('TRUSTED_PROXIES', false),
    publicRequestsPerMinute: read.integer('PUBLIC_REQUESTS_PER_MINUTE', 600, 0, 1_000_000),
    webhookAllowCidrs: read.list('WEBHOOK_ALLOW_CIDRS', false),
    webhookRequireHttps: read.optional('WEBHOOK_REQUIRE_HTTPS') !== 'false',
    riskLimit: read.won('RISK_LIMIT_WON_PER_STORE_HOUR', won(0n)),
    demoShopperKey: demoShopperKey === undefined ? undefined : secret(demoShopperKey),
    logLevel: read.oneOf('LOG_LEVEL', LOG_LEVELS, 'info'),
  }
  if (config.publicUrl !== undefined && !/^https?:\/\/[^/?#]+$/.test(config.publicUrl))
    problems.push('PUBLIC_URL must be an origin, such as https://pay.example.kr')
  if (config.agreeAboveWon !== undefined && needsChain && config.chainRpcUrls.length < 2)
    problems.push('AGREE_ABOVE_WON needs two nodes in CHAIN_RPC_URLS')
  if (config.chainWsUrl !== undefined && !isUrlOf(['ws:', 'wss:'], config.chainWsUrl))
    problems.push('CHAIN_WS_URL must be a URL that begins with ws:// or wss://')
  if (!config.chainRpcUrls.every((url) => isUrlOf(['http:', 'https:'], url)))
    problems.push('CHAIN_RPC_URLS must be URLs that begin with http:// or https://')
  if (new Set(config.chainRpcUrls.map(placeOf)).size < config.chainRpcUrls.length)
    problems.push('CHAIN_RPC_URLS names a node twice')
  if (problems.length > 0)
    throw new Error(`The configuration is not complete:\n- ${problems.join('\n- ')}`)
  return config
}

type Reader = ReturnType<typeof reader>

function readKms(read: Reader, problems: string[]): KmsConfig | undefined {
  const keyIds = read.list('RELAYER_KMS_KEYS', false)
  if (keyIds.length === 0) return undefined
  const region = read.optional('KMS_REGION')
  const endpoint =
    read.optional('KMS_ENDPOINT') ?? (region && `https://kms.${region}.amazonaws.com`)
  if (endpoint === undefined) problems.push('RELAYER_KMS_KEYS needs KMS_REGION or KMS_ENDPOINT')
  const access = readKmsAccess(read, problems, region)
  const url = URL.canParse(endpoint ?? '') ? new URL(endpoint ?? '') : undefined
  const hasMore = url && `${url.username}${url.password}${url.search}${url.hash}` !== ''
  if (endpoint !== undefined && (!/^https?:$/.test(url?.protocol ?? '') || hasMore))
    problems.push('KMS_ENDPOINT must be an http or https URL without user, query or fragment')
  if (access.kind === 'bearer' && url?.protocol === 'http:' && !LOOPBACK.test(url.hostname))
    problems.push('KMS_TOKEN would travel unencrypted: KMS_ENDPOINT must be https')
  return { keyIds: keyIds.map((id) => secret(id)), endpoint: endpoint ?? '', access }
}

function readKmsAccess(
  read: Reader,
  problems: string[],
  region: string | undefined,
): KmsConfig['access'] {
  const accessKeyId = read.optional('KMS_ACCESS_KEY_ID')
  const secretAccessKey = read.optional('KMS_SECRET_ACCESS_KEY')
  const sessionToken = read.optional('KMS_SESSION_TOKEN')
  const token = read.optional('KMS_TOKEN')
  const isAws = accessKeyId !== undefined || secretAccessKey !== undefined
  if (isAws && token !== undefined)
    problems.push('KMS_TOKEN and KMS_ACCESS_KEY_ID exclude each other')
  if (isAws && (accessKeyId === undefined || secretAccessKey === undefined || region === undefined))
    problems.push('KMS_ACCESS_KEY_ID, KMS_SECRET_ACCESS_KEY and KMS_REGION go together')
  if ([accessKeyId, secretAccessKey, sessionToken, token].some((one) => /[^!-~]/.test(one ?? '')))
    problems.push('The credentials of KMS may hold printable ASCII only')
  if (isAws)
    return {
      kind: 'aws',
      credentials: {
        region: region ?? '',
        accessKeyId: accessKeyId ?? '',
        secretAccessKey: secret(secretAccessKey ?? ''),
        sessionToken: sessionToken === undefined ? undefined : secret(sessionToken),
      },
    }
  return token === undefined ? { kind: 'none' } : { kind: 'bearer', token: secret(token) }
}

/** A node to play on, and an account with coins there. */
export type OwnNode = {
  readonly rpcUrl: string
  readonly wsUrl: string | undefined
  readonly fundedKey: Secret<string>
}

/** The node that `npm start` and `npm run demo` are told to play on. Undefined: on a development chain of their own. */
export function readOwnNode(env: Environment): OwnNode | undefined {
  const rpcUrl = env.KAIA_RPC_URL?.trim()
  const key = env.KAIA_FUNDED_KEY?.trim() ?? ''
  if (rpcUrl === undefined || rpcUrl === '') return undefined
  if (!/^0x[0-9a-fA-F]{64}$/.test(key))
    throw new Error(
      'KAIA_RPC_URL names a node: set KAIA_FUNDED_KEY to the private key of an account with coins there',
    )
  return { rpcUrl, wsUrl: env.KAIA_WS_URL?.trim() || undefined, fundedKey: secret(key) }
}

/** Where a URL leads, whoever asks: two spellings of one node are one node. */
function placeOf(text: string): string {
  if (!URL.canParse(text)) return text
  const { protocol, host, pathname } = new URL(text)
  return `${protocol}//${host}${pathname}`
}

function isUrlOf(protocols: readonly string[], text: string): boolean {
  return URL.canParse(text) && protocols.includes(new URL(text).protocol)
}

function tracingOf(read: ReturnType<typeof reader>): Config['tracing'] {
  const endpoint = read.optional('OTEL_EXPORTER_OTLP_ENDPOINT')
  if (endpoint === undefined) return undefined
  return { endpoint, headers: secret(read.optional('OTEL_EXPORTER_OTLP_HEADERS') ?? '') }
}

function reader(env: Environment, problems: string[]) {
  const optional = (name: Variable) => env[name]?.trim() || undefined
  return {
    optional,
    list: (name: Variable, isNeeded: boolean): string[] => {
      const items = (optional(name) ?? '').split(',').map((item) => item.trim())
      const present = items.filter((item) => item !== '')
      if (isNeeded && present.length === 0) problems.push(`${name} is not set`)
      return present
    },
    integer: (name: Variable, fallback: number | undefined, min: number, max: number): number => {
      const text = optional(name)
      const value = text === undefined ? fallback : Number(text)
      if (value === undefined) problems.push(`${name} is not set`)
      else if (!Number.isInteger(value) || value < min || value > max)
        problems.push(`${name} must be a whole number from ${min} to ${max}`)
      return value ?? min
    },
    won: (name: Variable, fallback: Won): Won => {
      const text = optional(name)
      const value = text === undefined ? fallback : wonFromText(text)
      if (value === undefined) problems.push(`${name} must be a whole number of won`)
      return value ?? fallback
    },
    address: (name: Variable): Hex => {
      const text = optional(name)?.toLowerCase() ?? ''
      if (!/^0x[0-9a-f]{40}$/.test(text)) problems.push(`${name} must be 0x and 40 hex digits`)
      return `0x${text.slice(2)}`
    },
    oneOf: <Value extends string>(name: Variable, values: readonly Value[], fallback: Value) => {
      const text = optional(name) ?? fallback
      const value = values.find((one) => one === text)
      if (value === undefined) problems.push(`${name} must be one of ${values.join(', ')}`)
      return value ?? fallback
    },
  }
}
