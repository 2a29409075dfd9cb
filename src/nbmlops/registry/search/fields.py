"""The fields that a query can name: of which type, and where their values lie."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from nbmlops.registry.unit import Unit

Kind: TypeAlias = Literal[
    "text",
    "number",
    "moment",
    "yes or no",
    "digest",  # equal to its first characters too
    "release",  # of Python or a package, in the order of releases
    "loose",  # kept as text, and a number where it is compared with one
    "dataset",  # a name, or the first characters of a digest
    "words",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field: all SQL in it is ours, never the user's.

    Attributes
    ----------
    kind
        What it may be compared with, and how.
    value
        The expression of a value: of the version `v`, or in `rows`.
    rows
        Rows of name, number and a value, for fields that a version has none or several
        of; "" where each has one.
    key
        The column in `rows` that says which: metrics.roc_auc. "" if there is only one.
    table
        Where all keys and values are found once or more, if that is not `rows`.
    is_known
        True if a key that no version has is a mistake, not an answer.
    """

    kind: Kind
    value: str
    rows: str = ""
    key: str = ""
    table: str = ""
    is_known: bool = False


# A version's metrics are those of its evaluation "test", else of its newest.
_SHOWN_METRICS = """(
  select m.name, m.number, m.metric, m.value
  from metric m
  join (
    select name, number,
      coalesce(max(seq) filter (evaluation = 'test'), max(seq)) as seq
    from evaluation
    group by name, number
  ) shown
  on shown.name = m.name and shown.number = m.number and shown.seq = m.seq
)"""
_TARGETS = """(
  select name, number, unnest(from_json(target, '["VARCHAR"]')) as column_name
  from version_fact
)"""
_PACKAGES = """(
  select f.name, f.number, p.package, p.version
  from package p
  join version_fact f on f.environment = p.environment
)"""
_DATASETS = """(
  select u.name, u.number, u.digest, n.name as title
  from dataset_use u
  left join dataset_name n on n.digest = u.digest
)"""
_VERDICTS = """(
  select name, number, verdict
  from skew_check
  where seq in (select max(seq) from skew_check group by name, number)
)"""

FIELDS: dict[str, Field] = {
    "name": Field(kind="text", value="v.name"),
    "number": Field(kind="number", value="v.number"),
    "version": Field(kind="number", value="v.number"),
    "ref": Field(kind="text", value="v.name || '/' || v.number"),
    "created": Field(kind="moment", value="v.created_at"),
    "author": Field(kind="text", value="v.author"),
    "description": Field(kind="text", value="nullif(v.description, '')"),
    "alias": Field(kind="text", value="alias", rows="alias"),
    "metrics": Field(
        kind="number",
        value="value",
        rows=_SHOWN_METRICS,
        key="metric",
        table="metric",
        is_known=True,
    ),
    "reported": Field(
        kind="number", value="value", rows="reported", key="metric", is_known=True
    ),
    "params": Field(
        kind="loose", value="value", rows="param", key="key", is_known=True
    ),
    "tags": Field(kind="loose", value="value", rows="tag", key="key"),
    "dataset": Field(kind="dataset", value="digest", rows=_DATASETS),
    "verdict": Field(kind="text", value="verdict", rows=_VERDICTS),
    "task": Field(kind="text", value="v.task"),
    "target": Field(kind="text", value="column_name", rows=_TARGETS),
    "estimator": Field(kind="text", value="estimator", rows="version_fact"),
    "flavor": Field(kind="text", value="v.flavor"),
    "size": Field(kind="number", value="v.size"),
    "digest": Field(kind="digest", value="v.digest"),
    "parent": Field(kind="text", value="v.parent"),
    "python": Field(kind="release", value="python", rows="version_fact"),
    "packages": Field(
        kind="release", value="version", rows=_PACKAGES, key="package", table="package"
    ),
    "git_commit": Field(kind="digest", value="git_commit", rows="version_fact"),
    "git_dirty": Field(kind="yes or no", value="git_dirty", rows="version_fact"),
    "text": Field(kind="words", value="words", rows="search_text"),
}


def keys_of(unit: Unit, field: Field) -> list[str]:
    """List the keys that any version has in a field, in order."""
    table = field.table or field.rows
    return sorted(
        row[0] for row in unit.rows(f"select distinct {field.key} from {table}")
    )


def has_key(unit: Unit, field: Field, key: str) -> bool:
    """Tell whether any version has a key: the first that is found is enough."""
    table = field.table or field.rows
    sql = f"select 1 from {table} where {field.key} = $key limit 1"
    return bool(unit.rows(sql, key=key))


def releases_of(unit: Unit, field: Field, key: str) -> list[str]:
    """List the different releases of Python or a package that any version has."""
    table = field.table or field.rows
    where = f" where {field.key} = $key" if field.key else ""
    parameters = {"key": key} if field.key else {}
    sql = f"select distinct {field.value} from {table}{where}"
    return [row[0] for row in unit.rows(sql, **parameters) if row[0] is not None]


def candidates(unit: Unit) -> Iterator[str]:
    """Spell every field that a query on this registry can name.

    Parameters
    ----------
    unit
        The open transaction.

    Yields
    ------
    str
        "created", "metrics.roc_auc", 'tags."my tag"'.
    """
    for name, field in FIELDS.items():
        if not field.key:
            yield name
            continue
        for key in keys_of(unit, field):
            yield f"{name}.{_spelled(key)}"


def _spelled(key: str) -> str:
    """Write a key as a query would."""
    is_plain = key.replace(".", "_").replace("-", "_").isidentifier()
    return key if is_plain else '"{}"'.format(key.replace('"', '""'))
