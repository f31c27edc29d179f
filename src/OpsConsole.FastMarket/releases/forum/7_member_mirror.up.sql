-- Members' names are kept in a mirror of their own, which the members' site reads from its release 5 on.
-- The forum of this release shows what a member can spend, by the column that members 5 brings: it needs members 5.
create table member_mirror (
    member_id integer primary key,
    name text not null,
    standing text not null,
    mirrored_at text not null
);
insert into member_mirror (member_id, name, standing, mirrored_at)
select member_id, name, case when posts >= 20 then 'regular' when posts > 0 then 'writer' else 'reader' end, joined_at from users;
create unique index member_mirror_name on member_mirror (name);
alter table users rename column name to shown_name;
