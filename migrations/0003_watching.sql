-- What an operator's scrape counts and no sale reads.

create index payments_in_review on payments (id) where status = 'review';
create index webhook_deliveries_parked on webhook_deliveries (event_id) where status = 'parked';
