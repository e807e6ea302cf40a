-- By this mark a start knows that there is nothing to migrate: see Migrations
comment on table flyway_schema_history is '${scripts}';
