-- Every cent of a balance has an entry here; the balance is their sum.
create table ledger (
    id integer primary key,
    account_id integer not null references accounts (id),
    kind text not null,
    amount_cents integer not null,
    reference text not null unique,
    at text not null
);
create index ledger_account on ledger (account_id);

-- One row a day. Its insert credits one hundredth of a percent to every account, in cents, and cannot happen twice for one day.
create table interest_runs (due text primary key);
create trigger interest_accrues after insert on interest_runs begin
    insert into ledger (account_id, kind, amount_cents, reference, at)
        select id, 'interest', (balance_cents + 5000) / 10000, 'interest/' || new.due || '/' || id, new.due
        from accounts where balance_cents >= 5000;
    update accounts set balance_cents = balance_cents + (balance_cents + 5000) / 10000 where balance_cents >= 5000;
end;
