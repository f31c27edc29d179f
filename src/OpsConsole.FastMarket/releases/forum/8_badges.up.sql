-- Badges for writers. The page that shows them reads the members' monthly statements: it needs members 6.
create table badges (
    member_id integer not null,
    badge text not null,
    since text not null,
    primary key (member_id, badge)
) without rowid;
insert into badges (member_id, badge, since)
select u.member_id, 'hundred words', min(p.created_at)
from posts p join users u on u.id = p.author_id
group by u.member_id having sum(length(p.body)) >= 500;
insert into badges (member_id, badge, since)
select u.member_id, 'opens topics', min(t.created_at)
from topics t join users u on u.id = t.author_id
group by u.member_id having count(*) >= 2;
