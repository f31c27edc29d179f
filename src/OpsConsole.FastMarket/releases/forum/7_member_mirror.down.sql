alter table users rename column shown_name to name;
drop table member_mirror;
