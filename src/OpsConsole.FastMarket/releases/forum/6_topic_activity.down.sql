drop index topics_activity;
alter table topics drop column last_post_at;
