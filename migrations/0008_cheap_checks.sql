-- The same rules as before, in the form that PostgreSQL checks fast: it matches a counted repetition anew for each row,
-- and each change of a row checks all its rules again.

alter domain address drop constraint address_check;
alter domain address add constraint address_check check (length(value) = 42 and value ~ '^0x[0-9a-f]+$');
alter domain hash32 drop constraint hash32_check;
alter domain hash32 add constraint hash32_check check (length(value) = 66 and value ~ '^0x[0-9a-f]+$');
alter table invoices drop constraint invoices_chain_invoice_check;
alter table invoices add constraint invoices_chain_invoice_check
  check (length(chain_invoice) = 34 and chain_invoice ~ '^0x[0-9a-f]+$');
alter table payments drop constraint payments_signature_check;
alter table payments add constraint payments_signature_check
  check (length(signature) = 130 and signature ~ '^0x[0-9a-f]+$');
