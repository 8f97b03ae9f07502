-- Where a sale stands in its trace (W3C traceparent), so that the next process can go on with it. Null: not traced.
alter table payments add column traceparent text;
alter table settlement_batches add column traceparent text;
alter table events add column traceparent text;
