"""Registering: what is kept, what is proved, and what is refused."""

import json
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.cluster import KMeans
from sklearn.datasets import make_classification, make_multilabel_classification
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    brier_score_loss,
    f1_score,
    log_loss,
    make_scorer,
    mean_absolute_error,
    r2_score,
    roc_auc_score,
    root_mean_squared_error,
)
from sklearn.model_selection import GridSearchCV
from sklearn.multioutput import MultiOutputClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OrdinalEncoder, StandardScaler

from nbmlops.api import Registry
from nbmlops.errors import AlreadyExists, NotFound, UsageError
from nbmlops.registry import database
from nbmlops.registry.lock import hold
from tests.flights import FEATURES, pipeline

Add = Callable[..., Any]
RNG = np.random.default_rng(0)


def test_a_version_records_what_it_is_and_where_it_came_from(
    add: Add, registry: Registry, train: pd.DataFrame
) -> None:
    version = add(description="a first try", tags={"team": "ops"}, slices=["carrier"])
    assert version.ref == "delays/1"
    assert version.task == "binary"
    assert version.classes == (False, True)
    assert version.target == ("late",)
    assert version.author == "ana@example.com"
    assert version.description == "a first try"
    assert version.tags == {"team": "ops"}
    assert version.signature.names == tuple(FEATURES)
    assert [c.kind for c in version.signature.columns] == ["text", *["number"] * 3]
    assert [c.nullable for c in version.signature.columns] == [False] * 3 + [True]
    assert version.params["logisticregression__C"] == "1.0"
    assert version.environment["python"] == sys.version.split()[0]
    assert "scikit-learn" in version.environment["packages"]
    assert version.source["script"].endswith("tests/conftest.py")
    assert [d["role"] for d in version.datasets] == ["train", "test"]
    assert version.datasets[0]["rows"] == len(train)
    assert version.profile is not None
    assert set(version.profile.columns) == {*FEATURES, "late"}
    assert registry.get("delays/1").to_dict() == version.to_dict()


def test_a_dirty_tree_is_recorded_with_the_version(
    add: Add, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "train.py").write_text("x = 1\n")
    for words in (
        ["init", "-q"],
        ["add", "train.py"],
        ["config", "user.email", "li@example.com"],
        ["config", "user.name", "Li"],
        ["commit", "-q", "-m", "first"],
    ):
        subprocess.run(["git", *words], check=True, cwd=tmp_path)
    monkeypatch.chdir(tmp_path)
    assert add().source["git_dirty"] is False
    (tmp_path / "train.py").write_text("x = 2\n")
    assert add().source["git_dirty"] is True


def test_metrics_are_those_of_scikit_learn(
    add: Add, model: Pipeline, test: pd.DataFrame
) -> None:
    version = add()
    chance = model.predict_proba(test[FEATURES])[:, 1]
    said = model.predict(test[FEATURES])
    expected = {
        "roc_auc": roc_auc_score(test.late, chance),
        "average_precision": average_precision_score(test.late, chance),
        "log_loss": log_loss(test.late, chance),
        "brier_score": brier_score_loss(test.late, chance),
        "accuracy": accuracy_score(test.late, said),
        "f1": f1_score(test.late, said),
    }
    for name, value in expected.items():
        assert version.metrics[name] == pytest.approx(value, abs=1e-12), name


def test_the_loaded_model_predicts_the_same(
    add: Add, registry: Registry, model: Pipeline, test: pd.DataFrame
) -> None:
    add()
    loaded = registry.load("delays/1")
    np.testing.assert_array_equal(
        loaded.predict_proba(test[FEATURES]), model.predict_proba(test[FEATURES])
    )


def test_a_version_survives_another_process(add: Add, registry: Registry) -> None:
    version = add()
    code = """
import sys
from nbmlops import open_registry
version = open_registry(sys.argv[1]).get("delays@newest")
print(version.digest)
"""
    command = [sys.executable, "-c", code, str(registry.location)]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    assert done.stdout.strip() == version.digest


def test_versions_count_up_per_name(add: Add, registry: Registry) -> None:
    assert [add().number for _ in range(3)] == [1, 2, 3]
    assert [v.number for v in registry.versions("delays")] == [3, 2, 1]
    assert registry.models()[0].newest == 3


@pytest.mark.parametrize(
    "kind", ["pandas", "polars", "arrow", "duckdb", "parquet", "csv", "jsonl", "tuple"]
)
def test_every_kind_of_frame_gives_the_same_metrics(
    kind: str, add: Add, train: pd.DataFrame, test: pd.DataFrame, tmp_path: Path
) -> None:
    import duckdb

    def as_kind(frame: pd.DataFrame, name: str) -> Any:
        path = tmp_path / f"{name}.{kind}"
        match kind:
            case "polars":
                return pl.from_pandas(frame)
            case "arrow":
                return pa.Table.from_pandas(frame, preserve_index=False)
            case "duckdb":
                return duckdb.from_df(frame)
            case "parquet":
                frame.to_parquet(path)
                return path
            case "csv":
                frame.to_csv(path, index=False)
                return str(path)
            case "jsonl":
                frame.to_json(path, orient="records", lines=True)
                return path
            case "tuple":
                return frame[FEATURES], frame["late"]
        return frame

    usual = add().metrics
    version = add(train=as_kind(train, "train"), test=as_kind(test, "test"))
    assert version.metrics == pytest.approx(usual)


def test_regression_is_measured_as_such(registry: Registry) -> None:
    X = RNG.normal(size=(300, 3))
    y = X @ [1.0, 2.0, 0.0] + RNG.normal(size=300)
    model = Ridge().fit(X[:200], y[:200])
    version = registry.register(
        model, "price", train=(X[:200], y[:200]), test=(X[200:], y[200:])
    )
    said = model.predict(X[200:])
    assert version.task == "regression"
    assert version.signature.names == ("x0", "x1", "x2")
    assert version.metrics == pytest.approx(
        {
            "rmse": root_mean_squared_error(y[200:], said),
            "mae": mean_absolute_error(y[200:], said),
            "r2": r2_score(y[200:], said),
        }
    )


def test_multiclass_with_text_labels(registry: Registry) -> None:
    X, y = make_classification(
        400, n_informative=6, n_features=8, n_classes=3, random_state=0
    )
    labels = np.array(["low", "mid", "top"])[y]
    model = LogisticRegression(class_weight="balanced").fit(X, labels)
    version = registry.register(model, "grade", test=(X, labels))
    assert version.task == "multiclass"
    assert version.classes == ("low", "mid", "top")
    assert version.metrics["accuracy"] == pytest.approx(model.score(X, labels))


def test_multilabel_and_multioutput(registry: Registry) -> None:
    X, y = make_multilabel_classification(200, random_state=0)
    labels = KNeighborsClassifier().fit(X, y)
    assert registry.register(labels, "tags", test=(X, y)).task == "multilabel"
    several = np.column_stack([y[:, 0], y[:, 1] + y[:, 2]])
    outputs = MultiOutputClassifier(LogisticRegression()).fit(X, several)
    version = registry.register(outputs, "outputs", test=(X, several))
    assert version.task == "multioutput-multiclass"
    numbers = LinearRegression().fit(X, X[:, :2])
    version = registry.register(numbers, "numbers", test=(X, X[:, :2]))
    assert version.task == "multioutput-regression"
    assert version.metrics["r2"] == pytest.approx(1.0)


def test_a_model_without_a_target_is_registered_and_checked(
    registry: Registry, train: pd.DataFrame
) -> None:
    columns = ["hour", "distance"]
    for name, model in (
        ("groups", KMeans(3, n_init=1, random_state=0)),
        ("odd-ones", IsolationForest(n_estimators=5, random_state=0)),
    ):
        version = registry.register(
            model.fit(train[columns]), name, train=train[columns]
        )
        assert (version.task, version.target) == ("unsupervised", ())
        assert set(version.profile.columns) == set(columns)  # type: ignore[union-attr]
        assert registry.promote(f"{name}/1").ref == f"{name}/1"
        assert registry.check_skew(name, train[columns]).ok
    with pytest.raises(UsageError, match="predicts no target"):
        registry.register(model, "odd-ones", test=train[columns])


def test_nullable_and_categorical_types(registry: Registry) -> None:
    frame = pd.DataFrame(
        {
            "size": pd.array([1, 2, None, 4] * 50, dtype="Int64"),
            "colour": pd.Categorical(["red", "blue", "red", "green"] * 50),
            "is_new": pd.array([True, False, True, None] * 50, dtype="boolean"),
            "sold": pd.array([1, 0, 1, 0] * 50, dtype="int64"),
        }
    )
    features = frame.drop(columns="sold")
    model = make_pipeline(
        OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1),
        HistGradientBoostingClassifier(max_iter=5),
    ).fit(features, frame["sold"])
    version = registry.register(
        model, "sales", train=frame, target="sold", test=frame[:100]
    )
    assert [c.kind for c in version.signature.columns] == ["number", "text", "boolean"]
    assert version.metrics["accuracy"] == 1.0


def test_polars_only_pipelines_get_polars(registry: Registry) -> None:
    frame = pl.DataFrame({"a": [1.0, 2.0, 3.0, 4.0] * 10, "y": [0, 0, 1, 1] * 10})
    columns = make_pipeline(StandardScaler(), LogisticRegression())
    model = columns.fit(frame.select("a"), frame["y"])
    version = registry.register(
        model, "polar", train=frame, target="y", test=frame[:20]
    )
    assert version.metrics["accuracy"] == 1.0


def test_scorers_are_computed_and_numbers_are_only_reported(add: Add) -> None:
    version = add(
        metrics={
            "cv_roc_auc": 0.71,
            "balanced": "balanced_accuracy",
            "mine": make_scorer(lambda y, p: float((y == p).mean())),
        }
    )
    assert version.reported == {"cv_roc_auc": 0.71}
    assert version.metrics["mine"] == pytest.approx(version.metrics["accuracy"])
    assert "cv_roc_auc" not in version.metrics
    assert 0 < version.metrics["balanced"] < 1


def test_a_search_keeps_its_results(add: Add, registry: Registry, train: Any) -> None:
    search = GridSearchCV(pipeline(), {"logisticregression__C": [0.1, 1.0]}, cv=2)
    version = add(search.fit(train[FEATURES], train["late"]))
    results = json.loads(registry.attachment(version.ref, "cv_results.json").data)
    assert len(results["mean_test_score"]) == 2
    assert version.estimator == "GridSearchCV: Pipeline"


def test_files_are_attached(add: Add, registry: Registry, tmp_path: Path) -> None:
    (tmp_path / "card.md").write_text("# Delays")
    version = add(attach=[tmp_path / "card.md"])
    assert registry.attachment(version.ref, "card.md").data == b"# Delays"


def test_the_champion_is_evaluated_on_the_newcomers_test_frame(
    add: Add, registry: Registry, test: pd.DataFrame
) -> None:
    add()
    registry.promote("delays/1")
    second = add(test=test[:500])
    assert second.evaluations[0].rows == 500
    champion = registry.get("delays/1")
    names = {e.name: e.rows for e in champion.evaluations}
    assert names == {"test": 1_000, "test of delays/2": 500}
    assert champion.metrics == registry.get("delays/1").evaluation("test").metrics  # type: ignore[union-attr]


@pytest.mark.parametrize("form", ["arrays", "frame then arrays", "stream", "weights"])
def test_the_champion_is_paired_however_the_rows_come(
    form: str, add: Add, registry: Registry, test: pd.DataFrame, train: pd.DataFrame
) -> None:
    numbers = ["distance", "hour"]
    pair = (test[numbers].to_numpy(), test["late"].to_numpy())
    bare = LogisticRegression(max_iter=2_000).fit(
        train[numbers].to_numpy(), train["late"]
    )
    if form == "arrays":
        given = [{"estimator": bare, "train": None, "test": pair}] * 2
    elif form == "frame then arrays":
        arrays = (test[FEATURES], test["late"].to_numpy())
        given = [{}, {"train": None, "test": arrays, "target": None}]
    elif form == "stream":
        stream = pa.Table.from_pandas(test[:300], preserve_index=False).to_reader()
        given = [{}, {"test": stream}]
    else:
        heavy = (test[FEATURES], test["late"], np.linspace(1, 2, len(test)))
        given = [{}, {"train": None, "test": heavy}]
    add(**{"target": None, **given[0]} if form == "arrays" else given[0])
    registry.promote("delays/1")
    add(**{"target": None, **given[1]} if form == "arrays" else given[1])
    found = registry.compare("delays/1", "delays/2")
    assert found.rows_compared in (1_000, 300)
    assert not [note for note in found.notes if "weights differ" in note]


def test_a_champion_with_other_columns_is_noted_not_paired(
    add: Add, registry: Registry, train: pd.DataFrame, test: pd.DataFrame
) -> None:
    add()
    registry.promote("delays/1")
    few = LogisticRegression().fit(train[["hour"]], train["late"])
    version = add(few, train=train[["hour", "late"]], test=test[["hour", "late"]])
    assert "the champion delays/1 does not fit test" in version.evaluations[0].notes[-1]


def test_a_model_without_any_frame_is_kept_with_a_partial_signature(
    registry: Registry, model: Pipeline
) -> None:
    version = registry.register(model, "bare")
    assert version.signature.is_partial
    assert version.signature.names == tuple(FEATURES)
    assert version.profile is None
    assert version.metrics == {}
    assert "binary (positive: True)" in repr(version)  # and no target
    assert registry.load("bare")


def test_an_input_example_gives_the_signature(
    registry: Registry, model: Pipeline, test: pd.DataFrame
) -> None:
    version = registry.register(model, "shown", input_example=test[:3])
    assert not version.signature.is_partial
    assert "input_example.parquet" in version.attachments
    with pytest.raises(UsageError, match="input_example lacks the column 'carrier'"):
        registry.register(model, "shown", input_example=test[["hour"]])


def test_a_forest_loads_here_because_its_own_writer_vouches_for_it(
    registry: Registry, train: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nbmlops.errors import Untrusted

    forest = RandomForestClassifier(5, random_state=0)
    forest.fit(train[["hour"]], train["late"])
    registry.register(forest, "forest", train=train[["hour", "late"]], target="late")
    assert registry.load("forest/1")
    monkeypatch.setenv("NBMLOPS_TRUST_FILE", "/nonexistent/trusted")
    with pytest.raises(Untrusted, match=r"forest/1.*sklearn\.tree\._tree\.Tree"):
        registry.load("forest/1")
    assert registry.load("forest/1", trust=["forest/1"])


def test_nothing_is_registered_where_the_trust_file_is_something_else(
    registry: Registry, add: Add, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("NBMLOPS_TRUST_FILE", str(tmp_path / "trust.toml"))
    with pytest.raises(UsageError, match=r"trust\.toml: that name is of the file"):
        add()
    assert not registry.location.exists()


def test_equal_train_and_test_are_warned_of(add: Add, train: pd.DataFrame) -> None:
    with pytest.warns(UserWarning, match="test equals train"):
        add(test=train.copy())


def test_weights_change_the_metrics(add: Add, test: pd.DataFrame, train: Any) -> None:
    weight = np.where(test["carrier"] == "EV", 5.0, 1.0)
    weighted = add(
        train=train.assign(w=1.0), test=test.assign(w=weight), weight="w"
    ).metrics
    assert weighted["accuracy"] != add().metrics["accuracy"]


class Forgetful(RegressorMixin, BaseEstimator):  # type: ignore[misc]  # sklearn is untyped
    """An estimator whose answers are not in its state."""

    memory = 0.0

    def fit(self, X: Any, y: Any) -> "Forgetful":
        self.n_features_in_ = 1
        return self

    def predict(self, X: Any) -> Any:
        Forgetful.memory += 1.0
        return np.full(len(X), Forgetful.memory)


def test_a_model_that_answers_differently_after_loading_is_refused(
    registry: Registry,
) -> None:
    X = np.arange(10.0).reshape(-1, 1)
    with pytest.raises(UsageError, match="predicts differently once saved"):
        registry.register(Forgetful().fit(X, X), "odd", train=(X, X[:, 0]))
    assert not registry.location.exists()


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "unfitted": ({"estimator": LogisticRegression()}, "is not fitted"),
    "a class": ({"estimator": LogisticRegression}, "is a class, not a fitted"),
    "no estimator": ({"estimator": {"a": 1}}, "it has no fit and predict"),
    "no such target": ({"target": "lat"}, "'lat' is not a column"),
    "no such weight": ({"weight": "w"}, "'w' is not a column"),
    "no such slice": ({"slices": ["carier"]}, "carier"),
    "no such group": ({"groups": "dya"}, "dya"),
    "metric is text": ({"metrics": {"x": "no_such_scorer"}}, "no_such_scorer"),
    "metric is nan": ({"metrics": {"x": float("nan")}}, "is nan"),
    "metric is a list": ({"metrics": {"x": [1]}}, "is of type list"),
    "attachment is missing": (
        {"attach": "nowhere.md"},
        "there is no file 'nowhere.md'",
    ),
    "unknown task": ({"task": "binry"}, "binry"),
    "parent is no ref": ({"parent": "a b"}, "cannot name a model"),
    "description is none": ({"description": None}, "the description is None"),
    "metrics are a list": ({"metrics": ["roc_auc"]}, "metrics is of type list"),
    "tags are text": ({"tags": "ops"}, "tags is of type str"),
}


@pytest.mark.parametrize("case", list(BAD))
def test_bad_arguments_are_refused_in_three_lines_and_change_nothing(
    case: str, add: Add, registry: Registry
) -> None:
    arguments, words = BAD[case]
    with pytest.raises((UsageError, NotFound)) as refused:
        add(**arguments)
    assert words in str(refused.value)
    assert len(str(refused.value).splitlines()) <= 3
    assert not registry.location.exists()


def test_a_frame_that_the_model_cannot_read_is_explained(
    registry: Registry, train: pd.DataFrame
) -> None:
    model = LogisticRegression().fit(train[["hour"]], train["late"])
    for hour, words in ((train["age"], "NaN"), (train["carrier"], "column 'hour'")):
        test = (hour.rename("hour").to_frame(), train["late"])
        with pytest.raises(UsageError, match="cannot predict on this frame") as refused:
            registry.register(model, "narrow", test=test)
        assert words in str(refused.value)
    assert not registry.location.exists()


def test_columns_named_by_numbers_warn_of_nothing(registry: Registry) -> None:
    frame = pd.DataFrame(RNG.normal(size=(80, 3)))
    target = (frame[0] > 0).rename("late")
    model = LogisticRegression().fit(frame, target)
    for _ in range(2):
        registry.register(
            model, "numbers", train=(frame, target), test=(frame[:9], target[:9])
        )
    registry.promote("numbers/1")
    registry.compare("numbers/1", "numbers/2")


def test_arrays_for_a_model_that_knows_names_are_read_by_its_names(
    registry: Registry, train: pd.DataFrame
) -> None:
    columns = ["hour", "distance"]
    model = LogisticRegression(max_iter=1_000).fit(train[columns], train["late"])
    pair = (train[columns].to_numpy(), train["late"].to_numpy())
    version = registry.register(model, "named", train=pair)
    assert version.signature.names == ("hour", "distance")
    assert registry.evaluate("named", pair).rows == len(train)


def test_what_is_refused_late_leaves_no_artifact(
    add: Add, registry: Registry, model: Pipeline, train: pd.DataFrame
) -> None:
    add()
    before = registry._place.artifacts.digests()
    other = pipeline(C=0.5).fit(train[FEATURES], train["late"])
    with pytest.raises(AlreadyExists):
        registry.register(other, "DELAYS", train=train, target="late")
    with pytest.raises(NotFound):
        add(other, parent="delays/9")
    assert registry._place.artifacts.digests() == before


def test_a_version_stands_for_its_ref(add: Add, registry: Registry) -> None:
    version = add()
    assert registry.promote(version).ref == "delays/1"
    assert registry.tag(version, a=1).subject == "delays/1"
    assert len(registry.history(version)) == 4


def test_a_name_registered_before_is_looked_up_in_the_commit_only(
    registry: Registry, model: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.register(model, "delays")
    held: list[Path] = []

    @contextmanager
    def noted(path: Path) -> Iterator[None]:
        held.append(path)
        with hold(path):
            yield

    monkeypatch.setattr(database, "hold", noted)
    assert registry.register(model, "delays").number == 2
    assert len(held) == 1


@pytest.mark.parametrize("name", [3, None, "a b", "a/b", "../a", "", "x" * 129, "a."])
def test_bad_names_are_refused(name: Any, registry: Registry, model: Any) -> None:
    with pytest.raises(UsageError, match="cannot name a model"):
        registry.register(model, name)
    assert not registry.location.exists()


def test_names_that_differ_by_case_only_are_refused(
    add: Add, registry: Registry, model: Pipeline
) -> None:
    add()
    with pytest.raises(AlreadyExists, match="there is already a model 'delays'"):
        registry.register(model, "Delays")
    assert [m.name for m in registry.models()] == ["delays"]


def test_bad_frames_are_refused(add: Add, train: pd.DataFrame, tmp_path: Path) -> None:
    twice = pd.concat([train, train[["hour"]]], axis=1)
    mixed = train.assign(carrier=train["carrier"].astype(object))
    mixed.loc[3, "carrier"] = 7
    broken = tmp_path / "broken.parquet"
    train.to_parquet(broken)
    broken.write_bytes(broken.read_bytes()[:500])
    for frame, words in (
        (train[:0], "no rows"),
        (twice, "hour"),
        (mixed, "mixes types"),
        (broken, "broken.parquet"),
        (train.drop(columns="hour"), "lacks 'hour'"),
        (3, "is of type int, not a frame"),
    ):
        with pytest.raises(UsageError, match=words):
            add(train=frame)


def test_a_lambda_in_a_pipeline_is_named(registry: Registry, train: Any) -> None:
    shady = make_pipeline(FunctionTransformer(lambda x: x), StandardScaler(), Ridge())
    shady.fit(train[["hour"]], train["distance"])
    with pytest.raises(UsageError, match="lambda"):
        registry.register(shady, "shady")


def test_a_missing_parent_is_found_before_anything_is_written(
    add: Add, registry: Registry
) -> None:
    add()
    with pytest.raises(NotFound, match="there is no version 'delays/7'"):
        add(parent="delays/7")
    assert [v.number for v in registry.versions("delays")] == [1]
    assert add(parent="delays/1").parent == "delays/1"


def test_a_regressor_forest_is_measured(registry: Registry, train: Any) -> None:
    forest = RandomForestRegressor(5, random_state=0)
    forest.fit(train[["hour"]], train["distance"])
    data = train[["hour", "distance"]]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        version = registry.register(
            forest, "far", train=data, test=data, target="distance"
        )
    assert version.metrics["r2"] <= 1


def test_the_importance_of_each_column_is_kept_with_the_version(
    add: Add, registry: Registry
) -> None:
    version = add(groups="day")
    assert {one["feature"] for one in version.importance} == set(FEATURES)
    first = version.importance[0]
    assert first["feature"] == "hour"
    assert 0 < first["low"] < first["mean"] < first["high"]
    details = version.importance_details
    assert (details["loss"], details["groups"]) == ("log_loss", "day")
    assert registry.get("delays/1").importance == version.importance
    assert add(test=None).importance == ()
    assert registry.verify().ok
