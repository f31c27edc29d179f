-- What a member has asked to withdraw leaves the balance that can be spent, and is kept apart until it is paid out.
-- The site of this release shows names from the forum's member_mirror: it needs forum 7.
alter table accounts rename column balance_cents to available_cents;
alter table accounts add column reserved_cents integer not null default 0;
alter table ledger add column pot text not null default 'available';

update accounts
set reserved_cents = (select sum(amount_cents) from withdrawal_requests r where r.account_id = accounts.id and r.settled_at is null)
where id in (select account_id from withdrawal_requests where settled_at is null);

update accounts set available_cents = available_cents - reserved_cents where reserved_cents > 0;

create index ledger_pot on ledger (pot, account_id);
