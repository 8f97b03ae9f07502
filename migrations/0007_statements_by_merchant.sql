-- A statement sums the logs of one merchant's account, not of everybody's.

create index chain_events_of_merchant on chain_events (merchant_address, block_time) where kind = 'paid';
