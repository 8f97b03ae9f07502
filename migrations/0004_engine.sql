-- What a lane must know to raise a fee, to keep money for gas, and to find who took a nonce.

alter table lanes add column is_dry boolean not null default false;

alter table settlement_batches add column journaled_at_block bigint not null default 0;
alter table settlement_batches alter column journaled_at_block drop default;

alter table batch_attempts add column gas bigint not null default 0;
alter table batch_attempts alter column gas drop default;

drop index payments_of_batch;
create index payments_of_batch on payments (batch_id) where status in ('settling', 'review');

-- A block that a node lost and made anew may number its logs otherwise; what a log says stays.
alter table chain_events drop constraint chain_events_pkey;
alter table chain_events add primary key (chain_id, tx_hash, kind, chain_invoice, payer);
