"""Reading the sqlite file of an MLflow tracking store: versions, and what made them.

Nothing of MLflow is needed, and nothing is written there. Only the default workspace
is read. Tables and columns are those since MLflow 2.
"""

import math
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbmlops.errors import UsageError

_DELETED = "Deleted_Internal"
_OWN = "mlflow."  # how the tags begin that MLflow itself writes
_LOGGED_MODEL = "models:/"
_OF_RUN = "runs:/"
_NEEDED = (
    "registered_models",
    "registered_model_aliases",
    "model_versions",
    "model_version_tags",
    "runs",
    "latest_metrics",
    "params",
    "tags",
)
_VERSIONS = """
select name, version, creation_time, description, user_id, source, run_id,
  current_stage, status
from model_versions
{where}
order by name, version
"""
_MODELS = "select name, description from registered_models {where}"
_COLUMNS = """
select m.name, c.name
from sqlite_master m
join pragma_table_info(m.name) c
where m.type = 'table'
"""
_TAGS = "select name, version, key, value from model_version_tags {where}"
_ALIASES = "select name, version, alias, null from registered_model_aliases {where}"
_RUNS = "select run_uuid, user_id, artifact_uri from runs"
_RUN_TAGS = "select run_uuid, key, value from tags"
_RUN_PARAMS = "select run_uuid, key, value from params"
_RUN_METRICS = """
select run_uuid, key, case when is_nan then null else value end
from latest_metrics
"""
_LOGGED = "select model_id, artifact_location from logged_models"
_LOGGED_PARAMS = "select model_id, param_key, param_value from logged_model_params"
_LOGGED_METRICS = """
select model_id, metric_name, metric_value
from logged_model_metrics
order by metric_timestamp_ms, metric_step
"""
_DEFAULT = "where workspace = 'default'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """One version of a registered model, as the store tells it.

    Attributes
    ----------
    name, number, created_at
        As they are there; the moment in UTC.
    author, description, aliases
        As they are there; of the model's own description if the version has none.
    tags
        Of the version, and of the run that made it; none of MLflow's own.
    params, metrics
        Of the run and the logged model. No NaN.
    run, run_tags
        The run's id, and MLflow's own tags of it.
    place
        Where the model lies, as a path or URI of the machine that wrote the store.
    is_ready
        False where MLflow had not finished it.
    """

    name: str
    number: int
    created_at: datetime
    author: str
    description: str
    aliases: tuple[str, ...]
    tags: Mapping[str, str]
    params: Mapping[str, str]
    metrics: Mapping[str, float]
    run: str
    run_tags: Mapping[str, str]
    place: str
    is_ready: bool


def read_store(path: Path) -> list[Stored]:
    """Read the registered versions of a store.

    Parameters
    ----------
    path
        The sqlite file.

    Returns
    -------
    list of Stored
        By name and number, deleted ones left out.

    Raises
    ------
    UsageError
        If it is no such file.
    """
    if not path.is_file():
        raise UsageError(f"there is no file {path}", hint="name the store: mlflow.db")
    address = f"{path.absolute().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(address, uri=True)) as connection:
            return _read(connection)
    except (sqlite3.Error, ValueError, TypeError, OverflowError, OSError) as error:
        raise UsageError(
            f"{path} cannot be read as a store of MLflow: {error}",
            hint="name the sqlite file that mlflow --backend-store-uri names",
        ) from None


@dataclass(slots=True)
class _Tables:
    """What else the store holds: by run or logged model, and by version."""

    models: dict[str, Any] = field(default_factory=dict)
    runs: dict[str, tuple[str, str]] = field(default_factory=dict)
    run_tags: dict[Any, dict[str, Any]] = field(default_factory=dict)
    params: dict[Any, dict[str, Any]] = field(default_factory=dict)
    metrics: dict[Any, dict[str, Any]] = field(default_factory=dict)
    locations: dict[str, str] = field(default_factory=dict)
    tags: dict[Any, dict[str, Any]] = field(default_factory=dict)
    aliases: dict[Any, dict[str, Any]] = field(default_factory=dict)


def _read(connection: sqlite3.Connection) -> list[Stored]:
    columns = _columns(connection)
    missing = [name for name in _NEEDED if name not in columns]
    if missing:
        raise ValueError(f"it has no table {missing[0]}")

    def rows(sql: str, table: str = "") -> list[tuple[Any, ...]]:
        where = _DEFAULT if "workspace" in columns.get(table, ()) else ""
        return connection.execute(sql.format(where=where)).fetchall()

    tables = _Tables(
        models=dict(rows(_MODELS, "registered_models")),
        runs={str(run): (user, uri) for run, user, uri in rows(_RUNS)},
        run_tags=_grouped(rows(_RUN_TAGS)),
        params=_grouped(rows(_RUN_PARAMS)),
        metrics=_grouped(rows(_RUN_METRICS)),
        tags=_grouped(_by_version(rows(_TAGS, "model_version_tags"))),
        aliases=_grouped(_by_version(rows(_ALIASES, "registered_model_aliases"))),
    )
    if "logged_models" in columns:  # since MLflow 3
        tables.locations = {str(model): str(place) for model, place in rows(_LOGGED)}
        tables.params |= _grouped(rows(_LOGGED_PARAMS))
        tables.metrics |= _grouped(rows(_LOGGED_METRICS))
    found = rows(_VERSIONS, "model_versions")
    return [_stored(row, tables) for row in found if row[7] != _DELETED]


def _stored(row: tuple[Any, ...], tables: _Tables) -> Stored:
    name, number, created, text, user, source, run, stage, status = row
    source, run = str(source or ""), str(run or "")
    model = source.removeprefix(_LOGGED_MODEL)
    user_of_run, artifacts = tables.runs.get(run, ("", ""))
    run_tags = _texts(tables.run_tags.get(run, {}))
    tags = {**run_tags, **_texts(tables.tags.get((name, number), {}))}
    tags = {k: v for k, v in tags.items() if not k.startswith(_OWN)}
    if stage not in {None, "", "None"}:
        tags["stage"] = str(stage)
    # The run's own last: of a logged model, a NaN is kept as 0.
    both = [
        {**of.get(model, {}), **of.get(run, {})}
        for of in (tables.params, tables.metrics)
    ]
    return Stored(
        name=str(name),
        number=int(number),
        created_at=datetime.fromtimestamp(created / 1000, UTC),
        author=str(user or user_of_run or run_tags.get("mlflow.user", "")),
        description=str(text or tables.models.get(name) or ""),
        aliases=tuple(sorted(tables.aliases.get((name, number), ()))),
        tags=tags,
        params=_texts(both[0]),
        metrics=_numbers(both[1]),
        run=run,
        run_tags={k: v for k, v in run_tags.items() if k.startswith(_OWN)},
        place=_place(source, tables.locations.get(model, ""), str(artifacts or "")),
        is_ready=status in {None, "READY"},
    )


def _columns(connection: sqlite3.Connection) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for table, column in connection.execute(_COLUMNS):
        found.setdefault(str(table), set()).add(str(column))
    return found


def _grouped(rows: Iterable[tuple[Any, Any, Any]]) -> dict[Any, dict[str, Any]]:
    found: dict[Any, dict[str, Any]] = {}
    for owner, key, value in rows:
        found.setdefault(owner, {})[str(key)] = value
    return found


def _by_version(rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, Any, Any]]:
    for name, number, key, value in rows:
        yield (name, number), key, value


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    return {key: "" if value is None else str(value) for key, value in values.items()}


def _numbers(values: Mapping[str, Any]) -> dict[str, float]:
    return {
        key: float(value)
        for key, value in values.items()
        if isinstance(value, (int, float)) and math.isfinite(value)
    }


def _place(source: str, logged: str, artifacts: str) -> str:
    """Say where a version's model lies: MLflow writes that in three ways."""
    if source.startswith(_LOGGED_MODEL):
        return logged
    if source.startswith(_OF_RUN):
        within = source.removeprefix(_OF_RUN).partition("/")[2]
        return f"{artifacts.rstrip('/')}/{within}"
    return source
