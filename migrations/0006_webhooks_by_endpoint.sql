-- A sender takes what is due to one endpoint, oldest first.

create index webhook_deliveries_of_endpoint on webhook_deliveries (endpoint_id, next_at)
  where status = 'pending';
