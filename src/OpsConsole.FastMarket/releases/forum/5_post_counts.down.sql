alter table users drop column posts;
