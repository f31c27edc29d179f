drop index ledger_pot;
update accounts set available_cents = available_cents + reserved_cents where reserved_cents > 0;
alter table ledger drop column pot;
alter table accounts drop column reserved_cents;
alter table accounts rename column available_cents to balance_cents;
