create table accounts (
    id integer primary key,
    member_id integer not null references members (id),
    currency text not null default 'EUR',
    balance_cents integer not null default 0,
    opened_at text not null
);
create index accounts_member on accounts (member_id);
create table withdrawal_requests (
    id integer primary key,
    account_id integer not null references accounts (id),
    amount_cents integer not null,
    requested_at text not null,
    settled_at text
);
