"""The training rows are found again, if and only if they are what they were."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from nbmlops.api import Registry, open_registry, profile
from nbmlops.errors import UsageError
from nbmlops.frames.fingerprints import content_digest
from nbmlops.frames.source import Source
from nbmlops.lifecycle.reference import reference_rows

Add = Callable[..., Any]


def rows_of(registry: Registry, ref: str, given: Any = None) -> Source:
    place = registry._place
    return reference_rows(place, place.version(ref), given)


@pytest.fixture(params=["csv", "jsonl", "parquet"])
def path(request: pytest.FixtureRequest, train: pd.DataFrame, tmp_path: Path) -> Path:
    path = tmp_path / f"may.{request.param}"
    if path.suffix == ".csv":
        train.to_csv(path, index=False)
    elif path.suffix == ".jsonl":
        train.to_json(path, orient="records", lines=True)
    else:
        train.to_parquet(path)
    return path


def test_the_file_of_training_is_opened_again(
    add: Add, registry: Registry, path: Path, train: pd.DataFrame
) -> None:
    version = add(train=path)
    source = rows_of(registry, "delays/1")
    assert source.columns == tuple(train.columns)
    assert content_digest(source) == version.datasets[0]["digest"]


def test_a_file_with_one_other_value_is_refused(
    add: Add, registry: Registry, train: pd.DataFrame, tmp_path: Path
) -> None:
    path = tmp_path / "may.parquet"
    train.to_parquet(path)
    add(train=path)
    train.assign(hour=train["hour"].where(train.index != 7, 99)).to_parquet(path)
    with pytest.raises(UsageError, match=r"may\.parquet no longer holds what delays/1"):
        rows_of(registry, "delays/1")
    train.head(50).to_parquet(path)
    with pytest.raises(UsageError, match="it has 50 rows, not 2,000"):
        rows_of(registry, "delays/1")
    train.drop(columns="hour").to_parquet(path)
    with pytest.raises(UsageError, match="it lacks the column 'hour'"):
        rows_of(registry, "delays/1")
    path.unlink()
    with pytest.raises(UsageError, match="delays/1 was trained on cannot be read"):
        rows_of(registry, "delays/1")


def test_many_files_are_found_by_their_glob(
    add: Add, registry: Registry, train: pd.DataFrame, tmp_path: Path
) -> None:
    for at in range(101):
        train[at::101].to_parquet(tmp_path / f"part-{at:03d}.parquet")
    add(train=str(tmp_path / "part-*.parquet"))
    assert rows_of(registry, "delays/1").rows == len(train)


def test_a_query_is_run_again(
    add: Add, registry: Registry, train: pd.DataFrame, tmp_path: Path
) -> None:
    train.to_parquet(tmp_path / "may.parquet")
    with duckdb.connect() as connection:
        relation = connection.sql(f"select * from '{tmp_path / 'may.parquet'}'")
        version = add(train=relation.filter("hour > 6"))
    source = rows_of(registry, "delays/1")
    assert content_digest(source) == version.datasets[0]["digest"]
    train.tail(500).to_parquet(tmp_path / "may.parquet")
    with pytest.raises(
        UsageError, match="DuckDB relation no longer holds what delays/1"
    ):
        rows_of(registry, "delays/1")
    (tmp_path / "may.parquet").unlink()
    with pytest.raises(
        UsageError, match="trained on was a query that cannot be run again: IO"
    ):
        rows_of(registry, "delays/1")


def test_a_query_of_a_table_that_is_gone_is_said(
    add: Add, registry: Registry, train: pd.DataFrame
) -> None:
    with duckdb.connect() as connection:
        connection.register("may", train)
        connection.execute("create table june as from may")
        add(train=connection.sql("from june"))
    with pytest.raises(UsageError, match="cannot be run again: Catalog Error"):
        rows_of(registry, "delays/1")


def test_the_query_of_an_imported_version_is_not_run(
    add: Add, registry: Registry, train: pd.DataFrame, tmp_path: Path
) -> None:
    train.to_parquet(tmp_path / "may.parquet")
    with duckdb.connect() as connection:
        add(train=connection.sql(f"from '{tmp_path / 'may.parquet'}'"))
    registry.export("delays/1", tmp_path / "delays.nbmlops")
    other = open_registry(tmp_path / "other")
    other.import_(tmp_path / "delays.nbmlops")
    with pytest.raises(UsageError, match="was imported: its query"):
        rows_of(other, "delays/1")


def test_rows_in_memory_are_not_kept(add: Add, registry: Registry, model: Any) -> None:
    add()
    with pytest.raises(UsageError, match=r"in memory \(pandas frame\): no row"):
        rows_of(registry, "delays/1")
    registry.register(model, "bare")
    with pytest.raises(UsageError, match="bare/1 was registered without train="):
        rows_of(registry, "bare/1")


def test_a_given_frame_is_taken_and_a_profile_is_not(
    add: Add, registry: Registry, test: pd.DataFrame
) -> None:
    add()
    assert rows_of(registry, "delays/1", test).rows == len(test)
    with pytest.raises(UsageError, match="no row can be told from a profile"):
        rows_of(registry, "delays/1", profile(test))


def test_an_accepted_reference_takes_the_place_of_training(
    add: Add, registry: Registry, test: pd.DataFrame, tmp_path: Path
) -> None:
    test.to_parquet(tmp_path / "june.parquet")
    add()
    registry.rebaseline("delays/1", tmp_path / "june.parquet", reason="summer")
    assert rows_of(registry, "delays/1").rows == len(test)
    test.head(9).to_parquet(tmp_path / "june.parquet")
    with pytest.raises(UsageError, match="accepted as the reference of delays/1: it"):
        rows_of(registry, "delays/1")


def test_a_stored_query_that_writes_is_not_run(
    add: Add, registry: Registry, train: pd.DataFrame, tmp_path: Path
) -> None:
    train.to_parquet(tmp_path / "may.parquet")
    with duckdb.connect() as connection:
        version = add(train=connection.sql(f"from '{tmp_path / 'may.parquet'}'"))
    source = version.datasets[0]["source"]
    source["query"] = f"copy (select 1) to '{tmp_path / 'out.csv'}'"
    with pytest.raises(UsageError, match="not one statement that selects"):
        reference_rows(registry._place, version)
    assert not (tmp_path / "out.csv").exists()
