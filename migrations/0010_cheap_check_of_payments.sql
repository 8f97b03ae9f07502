set local lock_timeout = '5s';

alter table payments drop constraint payments_signature_check;
alter table payments add constraint payments_signature_check
  check (length(signature) = 130 and signature ~ '^0x[0-9a-f]+$') not valid;
