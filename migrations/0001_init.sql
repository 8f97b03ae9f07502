-- Addresses and hashes are lower-case hex text; amounts are whole won in bigint; times are timestamptz.

create domain address as text check (value ~ '^0x[0-9a-f]{40}$');
create domain hash32 as text check (value ~ '^0x[0-9a-f]{64}$');
create domain won as bigint check (value >= 0 and value <= 9007199254740991);

-- Who sells.

create table merchants (
  id text primary key,
  name text not null,
  settlement_address address not null,
  fee_basis_points integer not null check (fee_basis_points between 0 and 10000),
  created_at timestamptz not null
);

create table stores (
  id text primary key,
  merchant_id text not null references merchants (id),
  name text not null,
  created_at timestamptz not null,
  unique (merchant_id, id)
);

create table terminals (
  id text primary key,
  merchant_id text not null,
  store_id text not null,
  label text not null,
  created_at timestamptz not null,
  foreign key (merchant_id, store_id) references stores (merchant_id, id)
);
create index terminals_by_merchant on terminals (merchant_id);

-- A key is 160 random bits, so a plain hash of it is enough; the key itself is never stored.
create table api_keys (
  id text primary key,
  merchant_id text not null references merchants (id),
  terminal_id text references terminals (id),
  label text not null,
  scopes text[] not null,
  sha256 bytea not null unique check (length(sha256) = 32),
  created_at timestamptz not null,
  revoked_at timestamptz
);

-- The answer to a keyed request is written in the transaction of its effect: both happen, or neither.
create table idempotency_keys (
  merchant_id text not null references merchants (id),
  key text not null,
  route text not null,
  body_sha256 bytea not null,
  status integer not null,
  body jsonb not null,
  created_at timestamptz not null,
  primary key (merchant_id, key)
);

-- What is to be paid.

create table invoices (
  id text primary key,
  code text not null unique,
  chain_invoice text not null unique check (chain_invoice ~ '^0x[0-9a-f]{32}$'),
  merchant_id text not null references merchants (id),
  store_id text not null references stores (id),
  terminal_id text not null references terminals (id),
  order_id text,
  amount won not null check (amount >= 1),
  tax_free_amount won not null check (tax_free_amount <= amount),
  description text,
  metadata jsonb not null,
  status text not null check (status in ('open', 'paying', 'paid', 'expired', 'cancelled')),
  version integer not null default 1,
  expires_at timestamptz not null,
  created_at timestamptz not null,
  paid_at timestamptz,
  unique (store_id, order_id)
);
create index invoices_newest on invoices (merchant_id, id desc);
create index invoices_to_expire on invoices (expires_at) where status = 'open';

-- The lowest free nonce of a payer, kept for one invoice until that invoice lets it go.
create table payer_nonces (
  chain_id bigint not null,
  payer address not null,
  nonce bigint not null check (nonce between 0 and 281474976710655),
  invoice_id text not null references invoices (id),
  valid_before timestamptz not null,
  primary key (chain_id, payer, nonce),
  unique (invoice_id, payer)
);

create table payments (
  id text primary key,
  invoice_id text not null references invoices (id),
  merchant_id text not null references merchants (id),
  chain_id bigint not null,
  chain_invoice text not null,
  payer address not null,
  merchant_address address not null,
  amount won not null check (amount >= 1),
  fee_basis_points integer not null check (fee_basis_points between 0 and 10000),
  fee won not null check (fee <= amount),
  nonce bigint not null,
  valid_before timestamptz not null,
  signature text not null check (signature ~ '^0x[0-9a-f]{128}$'),
  status text not null
    check (status in ('authorised', 'settling', 'settled', 'refused', 'review', 'excess')),
  reason text,
  batch_id text,
  tx_hash hash32,
  block_number bigint,
  log_index integer,
  settled_at timestamptz,
  created_at timestamptz not null,
  check (status <> 'settled' or (tx_hash is not null and block_number is not null
    and log_index is not null and settled_at is not null)),
  check (status <> 'refused' or reason is not null)
);
-- One live payment per invoice: the database, not the code, refuses the second phone.
create unique index payments_one_live on payments (invoice_id)
  where status in ('authorised', 'settling', 'settled', 'review');
create unique index payments_one_use_of_a_nonce on payments (chain_id, payer, nonce)
  where status <> 'refused';
create index payments_waiting on payments (created_at, id)
  where status = 'authorised' or (status = 'settling' and batch_id is null);
create index payments_in_flight on payments (payer) where status in ('authorised', 'settling');
create index payments_of_invoice on payments (invoice_id, id);
create index payments_by_chain_invoice on payments (chain_invoice) where status <> 'refused';

-- How it settles.

create table lanes (
  chain_id bigint not null,
  address address not null,
  next_nonce bigint not null,
  primary key (chain_id, address)
);

-- One batch keeps its nonce for ever.
create table settlement_batches (
  id text primary key,
  chain_id bigint not null,
  lane address not null,
  nonce bigint not null,
  status text not null check (status in ('journaled', 'mined', 'failed')),
  block_number bigint,
  created_at timestamptz not null,
  foreign key (chain_id, lane) references lanes (chain_id, address),
  unique (chain_id, lane, nonce)
);
create index settlement_batches_journaled on settlement_batches (chain_id, lane, nonce)
  where status = 'journaled';
alter table payments add foreign key (batch_id) references settlement_batches (id);
create index payments_of_batch on payments (batch_id) where status = 'settling';

create table batch_payments (
  batch_id text not null references settlement_batches (id),
  payment_id text not null references payments (id),
  primary key (batch_id, payment_id)
);
create index batch_payments_of_payment on batch_payments (payment_id);

-- The journal: no byte leaves for the chain that does not stand here.
create table batch_attempts (
  tx_hash hash32 primary key,
  batch_id text not null references settlement_batches (id),
  attempt integer not null,
  raw text not null,
  max_fee_per_gas numeric(78, 0) not null,
  signed_at timestamptz not null,
  unique (batch_id, attempt)
);

create table chain_cursors (
  stream text primary key,
  block_number bigint not null,
  block_time timestamptz not null
);

create table chain_events (
  chain_id bigint not null,
  tx_hash hash32 not null,
  log_index integer not null,
  block_number bigint not null,
  block_time timestamptz not null,
  kind text not null check (kind in ('paid', 'skipped')),
  chain_invoice text not null,
  payer address not null,
  merchant_address address,
  amount won,
  reason text,
  payment_id text references payments (id),
  primary key (chain_id, tx_hash, log_index)
);
create index chain_events_by_block on chain_events (chain_id, block_number);

-- What it was worth. Rows are only ever added, and the lines of a transaction sum to zero.

create table ledger_transactions (
  id text primary key,
  kind text not null check (kind in ('settlement')),
  merchant_id text not null references merchants (id),
  payment_id text not null references payments (id),
  posted_at timestamptz not null
);
create index ledger_transactions_by_day on ledger_transactions (merchant_id, posted_at, id);

create table ledger_postings (
  transaction_id text not null references ledger_transactions (id),
  line smallint not null,
  account text not null,
  amount bigint not null check (amount <> 0),
  primary key (transaction_id, line)
);
create index ledger_postings_by_account on ledger_postings (account);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end $$;

create trigger append_only before update or delete or truncate on ledger_transactions
  for each statement execute function refuse_change();
create trigger append_only before update or delete or truncate on ledger_postings
  for each statement execute function refuse_change();

create function refuse_imbalance() returns trigger language plpgsql as $$
declare
  lines bigint;
  total numeric;
begin
  select count(*), coalesce(sum(amount), 0) into lines, total
  from ledger_postings where transaction_id = new.id;
  if lines < 2 or total <> 0 then
    raise exception 'ledger transaction % has % lines that sum to %', new.id, lines, total
      using errcode = 'check_violation';
  end if;
  return null;
end $$;

create constraint trigger balanced after insert on ledger_transactions
  deferrable initially deferred for each row execute function refuse_imbalance();

-- A line that arrives after its transaction was committed would unbalance it unseen.
create function refuse_late_line() returns trigger language plpgsql as $$
begin
  if exists (
    select from added a join ledger_transactions t on t.id = a.transaction_id
    where t.xmin <> pg_current_xact_id()::xid
  ) then
    raise exception 'a line for a ledger transaction that is already committed'
      using errcode = 'check_violation';
  end if;
  return null;
end $$;

create trigger lines_come_with_their_transaction after insert on ledger_postings
  referencing new table as added for each statement execute function refuse_late_line();

-- Who hears of it.

create table webhook_endpoints (
  id text primary key,
  merchant_id text not null references merchants (id),
  url text not null,
  secret text not null,
  status text not null check (status in ('active', 'disabled')),
  created_at timestamptz not null
);
create index webhook_endpoints_of_merchant on webhook_endpoints (merchant_id);

create table events (
  id text primary key,
  position bigint generated always as identity unique,
  merchant_id text not null references merchants (id),
  type text not null,
  aggregate_id text not null,
  sequence integer not null,
  body text not null,
  created_at timestamptz not null,
  unique (aggregate_id, type, sequence)
);
create index events_of_merchant on events (merchant_id, position);

create table webhook_deliveries (
  event_id text not null references events (id),
  endpoint_id text not null references webhook_endpoints (id),
  status text not null check (status in ('pending', 'delivered', 'parked')),
  attempts integer not null default 0,
  next_at timestamptz not null,
  lease_until timestamptz,
  delivered_at timestamptz,
  primary key (event_id, endpoint_id)
);
create index webhook_deliveries_due on webhook_deliveries (next_at) where status = 'pending';

create table webhook_attempts (
  event_id text not null,
  endpoint_id text not null,
  attempt integer not null,
  started_at timestamptz not null,
  milliseconds integer not null,
  outcome text not null,
  status integer,
  snippet text,
  primary key (event_id, endpoint_id, attempt),
  foreign key (event_id, endpoint_id) references webhook_deliveries (event_id, endpoint_id)
);
create trigger append_only before update or delete or truncate on webhook_attempts
  for each statement execute function refuse_change();

-- What must happen next, and who may do it.

create table outbox (
  id bigint generated always as identity primary key,
  job text not null,
  payload jsonb not null,
  sweep integer not null default 0,
  lease_until timestamptz,
  created_at timestamptz not null default now()
);

create table leases (
  name text primary key,
  holder text not null,
  epoch bigint not null,
  expires_at timestamptz not null
);
