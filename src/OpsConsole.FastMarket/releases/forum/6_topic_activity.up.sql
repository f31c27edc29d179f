alter table topics add column last_post_at text;
update topics set last_post_at = (select max(created_at) from posts p where p.topic_id = topics.id);
create index topics_activity on topics (last_post_at);
