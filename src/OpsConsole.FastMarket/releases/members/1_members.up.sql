create table members (
    id integer primary key,
    name text not null unique,
    email text not null,
    joined_at text not null,
    status text not null default 'active'
);
