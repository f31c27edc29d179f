create table topics (
    id integer primary key,
    title text not null,
    author_id integer not null references users (id),
    created_at text not null
);
