-- What a store may hand over on payments that no block has yet. Null: the operator's RISK_LIMIT_WON_PER_STORE_HOUR.
alter table stores add column risk_limit_won won;

-- When a payment was approved before a block had it. It says nothing about settlement.
alter table payments add column approved_at timestamptz;
create index payments_approved on payments (approved_at)
  where approved_at is not null and status <> 'settled';
