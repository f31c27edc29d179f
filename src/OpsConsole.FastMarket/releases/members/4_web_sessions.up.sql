create table web_sessions (
    id text primary key,
    member text not null,
    started_at text not null,
    last_seen_at text not null,
    address text not null
);
