"""The catalog's tables: a numbered list of steps, each applied once and in order.

Every table but `schema_version` is a function of `event`: see projection.py. So a step
only makes tables; upgrade.py fills them with what the events of before give.
"""

VERSION = 2

_EVENTS = """
create table event (
  seq bigint primary key,
  happened_at timestamp not null,
  actor varchar not null,
  verb varchar not null,
  subject varchar not null,
  detail varchar not null,
  salt varchar not null,
  previous varchar not null,
  hash varchar not null
);
create table refusal (message varchar);
"""
EVENT_IS_NOT_EDITED = """
create trigger event_is_not_edited after update on event
  for each statement insert into refusal
  select error('events are append-only');
"""
_EVENTS_STAY = """
create trigger event_is_not_deleted after delete on event
  for each statement insert into refusal
  select error('events are append-only');
"""

_MODELS = """
create table model (
  name varchar primary key,
  folded varchar not null unique,
  created_at timestamp not null
);
create table model_version (
  name varchar not null,
  number integer not null check (number >= 1),
  seq bigint not null,
  created_at timestamp not null,
  author varchar not null,
  description varchar not null,
  task varchar not null,
  flavor varchar not null,
  digest varchar not null,
  size bigint not null,
  profile varchar,
  parent varchar,
  document varchar not null,
  deleted_at timestamp,
  primary key (name, number)
);
create table param (
  name varchar not null,
  number integer not null,
  key varchar not null,
  value varchar not null,
  primary key (name, number, key)
);
create table tag (
  name varchar not null,
  number integer not null,
  key varchar not null,
  value varchar not null,
  primary key (name, number, key)
);
create table note (
  seq bigint primary key,
  name varchar not null,
  number integer not null,
  text varchar not null
);
"""

_EVIDENCE = """
create table evaluation (
  seq bigint not null,
  name varchar not null,
  number integer not null,
  evaluation varchar not null,
  digest varchar not null,
  document varchar not null,
  primary key (seq, name, number)
);
create table metric (
  seq bigint not null,
  name varchar not null,
  number integer not null,
  evaluation varchar not null,
  metric varchar not null,
  value double not null,
  primary key (seq, name, number, metric)
);
create table skew_check (
  seq bigint primary key,
  name varchar not null,
  number integer not null,
  verdict varchar not null,
  is_ok boolean not null,
  report varchar not null,
  profile varchar not null,
  serving varchar not null
);
create table acknowledgement (
  seq bigint primary key,
  name varchar not null,
  number integer not null,
  column_name varchar not null,
  until varchar not null,
  reason varchar not null
);
create table baseline (
  seq bigint primary key,
  name varchar not null,
  number integer not null,
  profile varchar not null,
  reason varchar not null
);
"""

_ALIASES = """
create table alias (
  name varchar not null,
  alias varchar not null,
  number integer not null,
  seq bigint not null,
  primary key (name, alias)
);
create table alias_move (
  seq bigint not null,
  happened_at timestamp not null,
  name varchar not null,
  alias varchar not null,
  number integer,
  previous integer,
  verb varchar not null,
  primary key (seq, alias)
);
"""

_DATASETS = """
create table dataset (
  digest varchar primary key,
  seq bigint not null,
  rows bigint not null,
  columns varchar not null,
  schema_digest varchar not null,
  description varchar not null,
  source varchar not null
);
create table dataset_name (
  seq bigint primary key,
  name varchar not null,
  digest varchar not null
);
create table dataset_use (
  seq bigint not null,
  name varchar not null,
  number integer not null,
  role varchar not null,
  digest varchar not null,
  primary key (seq, name, number, role)
);
"""

_SEARCH = """
create table version_fact (
  name varchar not null,
  number integer not null,
  estimator varchar not null,
  target varchar not null,
  python varchar,
  environment varchar not null,
  git_commit varchar,
  git_dirty boolean,
  primary key (name, number)
);
create table reported (
  name varchar not null,
  number integer not null,
  metric varchar not null,
  value double not null,
  primary key (name, number, metric)
);
create table package (
  environment varchar not null,
  package varchar not null,
  version varchar not null,
  primary key (environment, package)
);
create table search_text (
  name varchar not null,
  number integer not null,
  part varchar not null,
  words varchar not null,
  primary key (name, number, part)
);
"""

_APPROVALS = """
create table approval_request (
  seq bigint primary key,
  happened_at timestamp not null,
  name varchar not null,
  number integer not null,
  alias varchar not null,
  expires_at timestamp,
  closed bigint
);
create table approval (
  seq bigint primary key,
  request bigint not null,
  verb varchar not null,
  evidence varchar not null
);
"""

_SIGNATURES = """
create table manifest_signature (
  seq bigint primary key,
  name varchar not null,
  number integer not null,
  key varchar not null,
  manifest varchar not null,
  signature varchar not null
);
"""

STEPS: tuple[str, ...] = (
    _EVENTS + EVENT_IS_NOT_EDITED + _EVENTS_STAY + _MODELS + _EVIDENCE + _ALIASES,
    _DATASETS + _SEARCH + _APPROVALS + _SIGNATURES,
)
TABLES: tuple[str, ...] = (
    "model",
    "model_version",
    "param",
    "tag",
    "note",
    "evaluation",
    "metric",
    "skew_check",
    "acknowledgement",
    "baseline",
    "alias",
    "alias_move",
    "manifest_signature",
    "dataset",
    "dataset_name",
    "dataset_use",
    "version_fact",
    "reported",
    "package",
    "search_text",
    "approval_request",
    "approval",
)
