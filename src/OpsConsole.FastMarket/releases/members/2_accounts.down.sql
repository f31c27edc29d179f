drop table withdrawal_requests;
drop table accounts;
