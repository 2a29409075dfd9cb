"""The registered models of an MLflow store come along with what made them."""

import hashlib
import json
import pickle  # noqa: TID251  # to write what nobody should open
import shutil
import sqlite3
import warnings
import zipfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from nbmlops.api import Registry, open_registry
from nbmlops.cli import main
from nbmlops.errors import (
    AlreadyExists,
    NbmlopsError,
    NbmlopsWarning,
    NotAllowed,
    Tampered,
    Untrusted,
    UsageError,
)
from nbmlops.lifecycle import mlflow_version
from nbmlops.registry.moving.mlflow_store import read_store

STORE = Path(__file__).with_name("stores") / "mlflow-3.zip"
ROWS = pd.DataFrame({"distance": [2.0, -2.0], "hour": [1.0, -1.0]})


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Unpack a store of three versions, which says that it lies in /models."""
    folder = tmp_path / "theirs"
    with zipfile.ZipFile(STORE) as archive:
        archive.extractall(folder)
    return folder / "mlflow.db"


@pytest.fixture
def unopened(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare a test the processes that ask each model what it is."""

    def refuse(*arguments: Any, **named: Any) -> Any:
        raise Untrusted("not now")

    monkeypatch.setattr(mlflow_version, "check", refuse)


def change(store: Path, sql: str, *values: Any) -> None:
    """Edit the store's file."""
    with closing(sqlite3.connect(store)) as connection:
        connection.execute(sql, values)
        connection.commit()


def model_file(store: Path, suffix: str) -> Path:
    """Find the file of an estimator."""
    return next(p for p in store.parent.rglob(f"model.{suffix}"))


def brought(registry: Registry, store: Path, **named: Any) -> list[Any]:
    """Bring the delays in; the other model's alias is none here."""
    return registry.import_mlflow(store, models=["delays"], **named)


def test_versions_come_with_all_that_the_store_says(
    registry: Registry, store: Path
) -> None:
    with pytest.warns(NbmlopsWarning) as told:
        found = registry.import_mlflow(store)
    left_out, renamed = (str(one.message) for one in told)
    assert "the alias 'Live' of Taxi-Times-JFK/1: no alias here" in left_out
    assert renamed == "called otherwise here: 'Taxi Times (JFK)' is Taxi-Times-JFK"
    refs = [version.ref for version in found]
    assert refs == ["Taxi-Times-JFK/1", "delays/2", "delays/1"]
    first, second = registry.get("delays/1"), registry.get("delays/2")
    assert (first.aliases, second.aliases) == (("champion",), ("challenger",))
    assert first.description == "Late departures"
    assert second.description == "With winter"
    assert first.tags == {"team": "ops"}
    assert second.tags == {"team": "night"}
    assert first.reported == {"auc": 0.91, "loss": 0.3}
    assert first.metrics == {}
    assert first.params["rows"] == "60"
    assert first.params["logisticregression__C"] == "1.0"
    assert first.signature.names == ("distance", "hour")
    assert first.environment["packages"]["scikit-learn"].startswith("1.")
    assert first.source["run"] == "delays-skops"
    assert first.source["command"] == "train.py"
    assert registry.verify().problems == ()


def test_the_origin_is_kept(registry: Registry, store: Path, unopened: None) -> None:
    stored = {(s.name, s.number): s for s in read_store(store)}
    for version in brought(registry, store):
        there = stored[version.name, version.number]
        origin = version.imported
        assert origin["ref"] == f"delays/{there.number}"
        assert origin["author"] == "ana"
        assert origin["created_at"] == there.created_at.isoformat()
        assert origin["registry"] == "MLflow's mlflow.db"
        assert datetime(2020, 1, 1, tzinfo=UTC) < there.created_at
        assert f"was delays/{there.number} of MLflow's mlflow.db" in repr(version)
        run = json.loads(registry.attachment(version.ref, "mlflow-run.json").data)
        assert run["metrics"] == dict(version.reported)
        assert run["aliases"] == list(there.aliases)


def test_a_skops_model_loads_and_answers_without_trust(
    registry: Registry, store: Path
) -> None:
    change(store, "delete from model_versions where version = 2")
    version = brought(registry, store)[-1]
    data = model_file(store, "skops")
    kept = {hashlib.sha256(p.read_bytes()).hexdigest() for p in
            data.parents[3].rglob("model.skops")}  # fmt: skip
    assert version.digest in kept
    assert (version.flavor, version.task) == ("skops", "binary")
    assert version.classes == ("late", "on time")
    assert version.estimator == "Pipeline: StandardScaler, LogisticRegression"
    assert list(registry.load("delays/1").predict(ROWS)) == ["late", "on time"]
    assert registry.verify_load("delays/1").values > 0
    rows = ROWS.assign(late=["late", "on time"])
    evaluated = registry.evaluate("delays/1", rows, target="late")
    assert evaluated.metrics["accuracy"] == 1.0


def test_a_pickle_is_kept_and_not_opened(registry: Registry, store: Path) -> None:
    change(store, "delete from model_versions where version = 1")
    brought(registry, store)
    version = registry.get("delays/2")
    data = model_file(store, "pkl").read_bytes()
    assert (version.flavor, version.estimator) == ("joblib", "pickled model")
    assert registry._place.artifacts.get(version.digest) == data
    with pytest.raises(Untrusted, match="it is a pickle"):
        registry.load("delays/2")


def test_a_pickle_that_is_vouched_for_is_kept_as_skops(
    registry: Registry, store: Path
) -> None:
    change(store, "delete from model_versions where version = 1")
    with pytest.warns(UserWarning, match="opened on your word"):
        brought(registry, store, trust=["delays/2"])
    version = registry.get("delays/2")
    pickled = hashlib.sha256(model_file(store, "pkl").read_bytes()).hexdigest()
    assert (version.flavor, version.task) == ("skops", "binary")
    assert f"converted from the pickle {pickled}" in version.imported["note"]
    assert list(registry.load("delays/2").predict(ROWS)) == ["late", "on time"]


class _Touch:
    """A pickle that runs a command."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


def test_a_hostile_pickle_does_not_run(
    registry: Registry, store: Path, tmp_path: Path
) -> None:
    change(store, "delete from model_versions where version = 1")
    evidence = tmp_path / "it-ran"
    model_file(store, "pkl").write_bytes(pickle.dumps(_Touch(evidence)))
    brought(registry, store)
    assert registry.get("delays/2").flavor == "joblib"
    assert not evidence.exists()
    hostile = b"cos\nsystem\n(S'true'\ntR."
    model_file(store, "pkl").write_bytes(hostile)
    other = open_registry(tmp_path / "other" / ".nbmlops")
    with pytest.raises(Untrusted, match=r"calls .*system"):
        brought(other, store, trust=["delays/2"])
    assert not other.location.exists()


def test_the_same_store_is_brought_in_once(
    registry: Registry, store: Path, unopened: None
) -> None:
    brought(registry, store)
    before = registry.verify().head
    with pytest.raises(AlreadyExists, match="delays/1 is delays/1"):
        brought(registry, store)
    assert registry.verify().head == before


def test_a_known_model_goes_on_and_keeps_its_aliases(
    registry: Registry, store: Path, unopened: None, model: Any
) -> None:
    registry.register(model, "delays")
    with pytest.warns(NbmlopsWarning) as told:
        refs = [version.ref for version in brought(registry, store)]
    assert refs == ["delays/3", "delays/2"]
    assert [str(one.message) for one in told] == [
        "left out: the aliases of delays: it was here before, so its own stay",
        "called otherwise here: delays/1 is delays/2; delays/2 is delays/3",
    ]
    assert registry.get("delays/3").imported["ref"] == "delays/2"
    assert registry.models()[0].aliases == {}


def test_an_alias_that_the_policy_rules_is_left_to_promote(
    registry: Registry, store: Path, unopened: None
) -> None:
    Path("nbmlops.toml").write_text('[gate.champion]\nrequire = ["test"]\n')
    with pytest.warns(UserWarning, match="the policy has a rule for it"):
        brought(registry, store)
    assert registry.models()[0].aliases == {"challenger": 2}


def test_who_may_not_import_a_model_does_not(
    registry: Registry, store: Path, unopened: None, tmp_path: Path
) -> None:
    Path("nbmlops.toml").write_text('[access.delays]\nregister = ["eve@example.com"]\n')
    with pytest.raises(NotAllowed, match="may not import delays"):
        registry.import_mlflow(store)
    assert not registry.location.exists()


def test_artifacts_are_found_wherever_they_lie_now(
    registry: Registry, store: Path, unopened: None, tmp_path: Path
) -> None:
    shutil.move(store.parent / "mlruns", tmp_path / "disk" / "mlruns")
    with pytest.raises(UsageError, match="its model is not below") as missing:
        brought(registry, store)
    assert "--artifacts" in missing.value.hint
    assert len(brought(registry, store, artifacts=tmp_path / "disk" / "mlruns")) == 2


def test_no_file_outside_of_the_artifacts_is_read(
    registry: Registry, store: Path, unopened: None, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    shutil.copytree(model_file(store, "pkl").parent, secret)
    for location in (f"file://{secret}", str(secret), "../secret", "a/../../secret"):
        change(store, "update logged_models set artifact_location = ?", location)
        with pytest.raises(NbmlopsError, match="its model is not below"):
            brought(registry, store)
    inside = model_file(store, "pkl").parent
    change(store, "update logged_models set artifact_location = ?", str(inside))
    described = inside / "MLmodel"
    for name in ("../../../../../../secret/model.pkl", str(secret / "model.pkl")):
        text = described.read_text().replace("pickled_model: model.pkl", "")
        described.write_text(
            text.replace("  sklearn:\n", f"  sklearn:\n    pickled_model: {name}\n")
        )
        with pytest.raises(NbmlopsError, match="its folder has no file"):
            brought(registry, store)
        described.write_text(
            text.replace("  sklearn:\n", "  sklearn:\n    pickled_model: model.pkl\n")
        )


@pytest.mark.parametrize(
    ("source", "uri"),
    [
        ("runs:/r1/model", "/models/mlruns/1/r1/artifacts"),
        ("runs:/r1/model", "mlflow-artifacts:/1/r1/artifacts"),
        ("file:///models/mlruns/1/r1/artifacts/model", ""),
        ("s3://bucket/mlruns/1/r1/artifacts/model", ""),
    ],
)
def test_models_of_before_mlflow_3_are_found(
    registry: Registry, store: Path, unopened: None, source: str, uri: str
) -> None:
    target = store.parent / "mlruns" / "1" / "r1" / "artifacts" / "model"
    shutil.copytree(model_file(store, "pkl").parent, target)
    run = "(select run_uuid from runs limit 1)"
    change(
        store,
        f"update runs set run_uuid = 'r1', artifact_uri = ? where run_uuid = {run}",
        uri,
    )
    change(
        store,
        "update model_versions set source = ?, run_id = 'r1', "
        "current_stage = 'Production' where version = 1",
        source,
    )
    change(store, "delete from model_versions where version = 2")
    for table in ("logged_models", "logged_model_params", "logged_model_metrics"):
        change(store, f"drop table {table}")
    roots = {"mlflow-artifacts:/1/r1/artifacts": store.parent / "mlruns"}
    found = brought(registry, store, artifacts=roots.get(uri))
    assert [version.ref for version in found] == ["delays/1"]
    assert found[0].tags["stage"] == "Production"


def test_what_cannot_come_along_is_said(
    registry: Registry, store: Path, unopened: None
) -> None:
    described = model_file(store, "pkl").parent / "MLmodel"
    described.write_text(described.read_text().replace("  sklearn:", "  pytorch:"))
    change(
        store,
        "insert into registered_models (name, workspace) values ('???', 'default')",
    )
    change(
        store,
        "insert into model_versions (name, version, creation_time, status, workspace)"
        " values ('???', 1, 0, 'READY', 'default')",
    )
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        found = registry.import_mlflow(store)
    words = str(said[0].message)
    assert "delays/2 is no model of scikit-learn, but of" in words
    assert "'???': it cannot have a name of its own here" in words
    assert "delays/2" not in [version.ref for version in found]


def test_deleted_and_unfinished_versions_stay(
    registry: Registry, store: Path, unopened: None
) -> None:
    change(
        store,
        "update model_versions set current_stage = 'Deleted_Internal' "
        "where version = 1",
    )
    assert [v.ref for v in brought(registry, store)] == ["delays/2"]
    change(store, "update model_versions set status = 'PENDING_REGISTRATION'")
    with pytest.raises(UsageError, match="is not ready in MLflow"):
        brought(registry, store)


def test_numbers_that_no_registry_has_are_refused(
    registry: Registry, store: Path, unopened: None
) -> None:
    change(store, "delete from model_versions where version = 2")
    for number in (0, -1, 2**40):
        change(
            store, "update model_versions set version = ? where name = 'delays'", number
        )
        with pytest.raises((Tampered, UsageError)):
            brought(registry, store)
        assert not registry.location.exists()


@pytest.mark.parametrize("kind", ["text", "empty", "other tables", "folder", "nothing"])
def test_what_is_no_store_is_refused(
    registry: Registry, tmp_path: Path, kind: str
) -> None:
    path = tmp_path / "no-store.db"
    if kind == "text":
        path.write_bytes(b"no sqlite file at all, but long enough to be one")
    elif kind == "empty":
        path.touch()
    elif kind == "other tables":
        change(path, "create table a (b)")
    elif kind == "folder":
        path.mkdir()
    with pytest.raises(UsageError, match=r"no file|cannot be read as a store"):
        registry.import_mlflow(path)
    assert not registry.location.exists()


def test_a_model_that_is_not_there_is_named(registry: Registry, store: Path) -> None:
    with pytest.raises(UsageError, match="no model 'delay'") as unknown:
        registry.import_mlflow(store, models=["delay"])
    assert "delays" in unknown.value.hint


def test_the_store_itself_is_not_changed(
    registry: Registry, store: Path, unopened: None
) -> None:
    files = [path for path in store.parent.rglob("*") if path.is_file()]
    before = {path: path.read_bytes() for path in files}
    brought(registry, store)
    after = {p: p.read_bytes() for p in store.parent.rglob("*") if p.is_file()}
    assert after == before


def test_a_terminal_brings_a_store_in(
    store: Path, unopened: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["import-mlflow", str(store), "--model", "delays"]) == 0
    assert "delays/2" in capsys.readouterr().out
