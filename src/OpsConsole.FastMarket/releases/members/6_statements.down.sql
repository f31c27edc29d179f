drop table statements;
