-- Monthly statements, made once from the whole ledger.
create table statements (
    account_id integer not null references accounts (id),
    month text not null,
    credited_cents integer not null,
    debited_cents integer not null,
    closing_cents integer not null,
    primary key (account_id, month)
) without rowid;

insert into statements (account_id, month, credited_cents, debited_cents, closing_cents)
select account_id, month, credited, debited, sum(credited - debited) over (partition by account_id order by month)
from (
    select account_id, substr(at, 1, 7) as month,
        sum(max(amount_cents, 0)) as credited,
        sum(max(-amount_cents, 0)) as debited
    from ledger
    group by account_id, substr(at, 1, 7));
