create table users (
    id integer primary key,
    member_id integer not null unique,
    name text not null,
    joined_at text not null
);
