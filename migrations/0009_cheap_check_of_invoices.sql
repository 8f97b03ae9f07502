set local lock_timeout = '5s';

alter table invoices drop constraint invoices_chain_invoice_check;
alter table invoices add constraint invoices_chain_invoice_check
  check (length(chain_invoice) = 34 and chain_invoice ~ '^0x[0-9a-f]+$') not valid;
