import type { Authorise } from '../../flows/authorise-payment.ts'
import type { Deps } from '../../flows/deps.ts'
import type { NameSeller } from '../../flows/name-seller.ts'
import type { ChainWatch } from '../../flows/watch-chain.ts'
import type { InvoiceWatch } from '../../flows/watch-invoices.ts'
import type { Readiness } from '../../kernel/health.ts'
import type { Signer } from '../../kernel/signer.ts'

/** What the routes are built from, besides what flows may touch. */
export type HttpContext = {
  readonly deps: Deps
  readonly watch: InvoiceWatch
  readonly authorise: Authorise
  readonly nameSeller: NameSeller
  readonly chainWatch: ChainWatch
  /** Where shoppers' phones reach us: scheme, host and port, without a slash at the end. */
  readonly publicUrl: string
  /** A shopper who signs on the server. Only where the database is the embedded one. */
  readonly demoShopper: Signer | undefined
  /** Requests a minute from one address to the public pay routes; 0 is no limit. */
  readonly publicRequestsPerMinute: number
  /** Is the process able to do its work now? */
  readonly readiness: () => Promise<Readiness>
  /** The folder that holds the built pages and the kernel that they import. */
  readonly pagesFolder: string
}
