-- The tallies of all webhooks together by the hour: the course of the figures costs the same however many webhooks there are.

create table tally_course (
  hour     timestamptz not null,
  source   text        not null,
  outcome  text        not null,
  quantity bigint      not null,
  primary key (hour, source, outcome)
);

comment on table tally_course is 'How many conversions came to an outcome in an hour, all webhooks together, those deleted since too';
comment on column tally_course.source is 'As in tally';
comment on column tally_course.outcome is 'As in tally, without its code';

insert into tally_course (hour, source, outcome, quantity)
select hour, source, outcome, sum(quantity) from tally group by hour, source, outcome;
