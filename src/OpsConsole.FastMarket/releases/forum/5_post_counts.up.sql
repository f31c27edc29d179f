alter table users add column posts integer not null default 0;
update users set posts = (select count(*) from posts p where p.author_id = users.id);
