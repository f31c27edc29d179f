create table posts (
    id integer primary key,
    topic_id integer not null references topics (id),
    author_id integer not null references users (id),
    body text not null,
    created_at text not null
);
create index posts_topic on posts (topic_id, created_at);
