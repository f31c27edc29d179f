drop trigger interest_accrues;
drop table interest_runs;
drop table ledger;
