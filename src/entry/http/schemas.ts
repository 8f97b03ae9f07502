import Type from 'typebox'
import { INVOICE_STATUSES } from '../../domains/invoices/invoice.ts'
import { CHAIN_STATES, type ChainState } from '../../domains/settlement/chain-state.ts'
import {
  AddressText,
  HashText,
  Instant,
  idOf,
  Nullable,
  PLAIN_TEXT,
  PlainText,
  WonAmount,
  WonPart,
} from './atoms.ts'

const literals = <Value extends string>(values: readonly Value[]) =>
  Type.Unsafe<Value>(Type.String({ enum: [...values] }))

export const InvoiceStatusSchema = literals(INVOICE_STATUSES)
export const PaymentStatusSchema = literals([
  'authorised',
  'settling',
  'settled',
  'refused',
  'review',
  'excess',
])

export const ChainStateSchema = Type.Unsafe<ChainState>({
  ...literals(CHAIN_STATES),
  description:
    'slow: no block for ten seconds; halted: none for a minute. Payments are taken all the same and settle later',
})
const ApprovedAt = Type.Unsafe<string | null>({
  ...Nullable(Instant),
  description:
    'When the store was told to hand over before a block had it, within its risk limit. Approved is not settled',
})

export const OrderId = PlainText(64, "The shop's own number of the sale, unique in its store")
export const Metadata = Type.Unsafe<Record<string, string>>({
  type: 'object',
  maxProperties: 20,
  propertyNames: { type: 'string', pattern: '^[A-Za-z0-9_.-]{1,40}$' },
  additionalProperties: { type: 'string', maxLength: 500, pattern: PLAIN_TEXT },
  description: 'Up to 20 notes of the merchant, given back as they came',
})

/** A payment as the merchant sees it. */
export const PaymentSchema = Type.Object(
  {
    id: idOf('pay'),
    object: Type.Literal('payment'),
    status: PaymentStatusSchema,
    invoice_id: idOf('inv'),
    amount: WonAmount,
    fee: WonPart,
    net: WonPart,
    currency: Type.Literal('KRW'),
    payer: AddressText,
    reason: Nullable(Type.String()),
    chain_id: Type.Integer(),
    tx_hash: Nullable(HashText),
    block_number: Nullable(Type.Integer()),
    log_index: Nullable(Type.Integer()),
    approved_at: ApprovedAt,
    created_at: Instant,
    settled_at: Nullable(Instant),
  },
  { title: 'Payment', description: 'One attempt to pay an invoice' },
)

/** An invoice as the merchant sees it. */
export const InvoiceSchema = Type.Object(
  {
    id: idOf('inv'),
    object: Type.Literal('invoice'),
    status: InvoiceStatusSchema,
    version: Type.Integer({ description: 'Rises with every change' }),
    amount: WonAmount,
    tax_free_amount: WonPart,
    vat: WonPart,
    currency: Type.Literal('KRW'),
    order_id: Nullable(Type.String()),
    description: Nullable(Type.String()),
    metadata: Type.Record(Type.String(), Type.String()),
    store_id: idOf('sto'),
    terminal_id: idOf('ter'),
    code: Type.String(),
    created_at: Instant,
    expires_at: Instant,
    expires_in_seconds: Type.Integer({ description: 'By our clock; 0 when over' }),
    paid_at: Nullable(Instant),
    pay_url: Type.String({ format: 'uri', description: 'What the QR code says' }),
    qr: Type.Object({
      svg: Type.String({ format: 'uri' }),
      png: Type.String({ format: 'uri' }),
      text: Type.String({ format: 'uri' }),
    }),
    chain_state: ChainStateSchema,
    payment: Nullable(PaymentSchema),
  },
  { title: 'Invoice', description: 'What is to be paid, and what became of it' },
)

/** What anybody who scanned the code may see. */
export const CheckoutSchema = Type.Object(
  {
    object: Type.Literal('checkout'),
    code: Type.String(),
    status: InvoiceStatusSchema,
    version: Type.Integer(),
    shop: Type.String(),
    store: Type.String(),
    terminal: Type.String(),
    amount: WonAmount,
    vat: WonPart,
    currency: Type.Literal('KRW'),
    description: Nullable(Type.String()),
    expires_at: Instant,
    expires_in_seconds: Type.Integer(),
    chain: Type.Object({
      chain_id: Type.Integer(),
      token: AddressText,
      state: ChainStateSchema,
    }),
    demo_shopper: Type.Boolean({ description: 'Whether this server can pay as a demo shopper' }),
    payment: Nullable(
      Type.Object({
        status: PaymentStatusSchema,
        reason: Nullable(Type.String()),
        tx_hash: Nullable(HashText),
        block_number: Nullable(Type.Integer()),
        approved_at: ApprovedAt,
        settled_at: Nullable(Instant),
      }),
    ),
  },
  { title: 'Checkout', description: 'What a shopper may see of an invoice' },
)
