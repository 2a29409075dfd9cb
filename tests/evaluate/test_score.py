"""Scoring a model on a frame: what is kept, what is refused."""

import io
import time
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn import metrics as sk
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import FixedThresholdClassifier, GridSearchCV
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.svm import LinearSVC

from nbmlops.errors import NotFound, Tampered, UsageError
from nbmlops.evaluate.evaluation import Evaluation
from nbmlops.evaluate.score import score
from nbmlops.evaluate.scored import Scored
from nbmlops.evaluate.tasks import infer_task
from nbmlops.frames.fingerprints import fingerprint_rows
from nbmlops.frames.labelled import labelled


def flights(n: int = 400, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "hour": rng.integers(5, 24, n),
            "wind": rng.normal(10, 4, n),
            "carrier": rng.choice(["EV", "UA", "9E"], n),
            "day": rng.integers(1, 12, n),
        }
    )
    chance = 1 / (1 + np.exp(-(frame["hour"] - 15) / 4))
    frame["late"] = np.where(rng.random(n) < chance, "yes", "no")
    return frame


TRAIN = flights()
NUMBERS = ["hour", "wind"]


def fitted(model: Any = None, target: str = "late") -> Any:
    chosen = LogisticRegression() if model is None else model
    return chosen.fit(TRAIN[NUMBERS], TRAIN[target])


def scored(model: Any, frame: Any = None, **options: Any) -> Scored:
    data = labelled(
        flights(200, 1) if frame is None else frame,
        target=options.pop("target", "late"),
        weight=options.pop("weight", None),
        features=NUMBERS,
    )
    task, classes = infer_task(data.target, model)
    return score(model, data, task=task, classes=classes, **options)


def test_score_keeps_what_pairs_rows_later_and_no_other_feature() -> None:
    frame = flights(200, 1)
    kept = scored(fitted(), frame, slices=["carrier"], groups="day")
    assert kept.task == "binary"
    assert kept.target.tolist() == frame["late"].tolist()
    assert kept.prediction.tolist() == fitted().predict(frame[NUMBERS]).tolist()
    assert kept.probability is not None
    np.testing.assert_allclose(kept.probability, fitted().predict_proba(frame[NUMBERS]))
    assert (kept.fingerprints == fingerprint_rows(frame)).all()
    assert kept.slices["carrier"].tolist() == frame["carrier"].tolist()
    assert kept.groups is not None
    assert kept.groups[0] == "day"
    assert kept.groups[1].tolist() == frame["day"].astype(str).tolist()
    assert kept.metrics["roc_auc"] == pytest.approx(
        sk.roc_auc_score(frame["late"], kept.probability[:, 1])
    )
    assert kept.latency_ms is not None
    assert 0 < kept.latency_ms < 1000
    data = kept.to_bytes()
    assert b"wind" not in data
    assert b"hour" not in data


def test_weights_count() -> None:
    frame = flights(200, 1).assign(w=np.linspace(0.1, 5, 200))
    kept = scored(fitted(), frame, weight="w")
    assert kept.metrics["accuracy"] == pytest.approx(
        sk.accuracy_score(frame["late"], kept.prediction, sample_weight=frame["w"])
    )
    assert kept.weight is not None


@pytest.mark.parametrize(
    "model",
    [
        LogisticRegression(),
        FixedThresholdClassifier(LogisticRegression(), threshold=0.25),
        RandomForestClassifier(5, random_state=0),
        GridSearchCV(
            HistGradientBoostingClassifier(max_iter=5), {"max_leaf_nodes": [4]}, cv=2
        ),
        make_pipeline(HistGradientBoostingClassifier(max_iter=5)),
    ],
    ids=lambda m: type(m).__name__,
)
def test_prediction_is_what_the_model_predicts(model: Any) -> None:
    frame = flights(200, 1)
    model = fitted(model)
    kept = scored(model, frame)
    assert kept.prediction.tolist() == model.predict(frame[NUMBERS]).tolist()


class Contrary(RandomForestClassifier):  # type: ignore[misc]  # sklearn is untyped
    def predict(self, X: Any) -> Any:
        return np.full(len(X), "no")


def test_a_slow_model_is_timed_for_a_moment_only() -> None:
    rows: list[int] = []

    class Slow(LogisticRegression):  # type: ignore[misc]  # untyped
        def predict(self, features: Any) -> Any:
            rows.append(len(features))
            time.sleep(0.008 if len(features) == 1 else 0.0)
            return super().predict(features)

    assert (scored(fitted(Slow())).latency_ms or 0.0) >= 8.0
    assert rows.count(1) <= 4


def test_a_forest_is_asked_once_but_a_subclass_is_not_guessed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    contrary = scored(fitted(Contrary(3, random_state=0)), latency=False)
    assert set(contrary.prediction) == {"no"}
    forest = fitted(RandomForestClassifier(3, random_state=0))
    expected = forest.predict(flights(200, 1)[NUMBERS]).tolist()

    def refuse(self: Any, X: Any) -> Any:
        raise AssertionError("asked twice")

    monkeypatch.setattr(RandomForestClassifier, "predict", refuse)
    assert scored(forest, latency=False).prediction.tolist() == expected


def test_ranking_uses_the_decision_function_without_probabilities() -> None:
    frame = flights(200, 1)
    model = fitted(LinearSVC())
    kept = scored(model, frame)
    assert kept.probability is None
    assert kept.decision is not None
    assert kept.metrics["roc_auc"] == pytest.approx(
        sk.roc_auc_score(frame["late"], model.decision_function(frame[NUMBERS]))
    )
    assert "log_loss" not in kept.metrics
    assert kept.notes == ("Log loss, Brier score left out: no probabilities",)


def test_own_scorers_are_computed_with_the_weights_where_they_take_them() -> None:
    frame = flights(200, 1).assign(w=np.linspace(0.1, 5, 200))

    def cost(estimator: Any, X: Any, y: Any) -> float:
        return -float((estimator.predict(X) != y).sum())

    kept = scored(
        fitted(),
        frame,
        weight="w",
        scorers={"cost": cost, "fair": "balanced_accuracy", "roc_auc": "roc_auc"},
    )
    assert kept.metrics["cost"] == -(kept.prediction != kept.target).sum()
    assert kept.metrics["fair"] == pytest.approx(
        sk.balanced_accuracy_score(
            frame["late"], kept.prediction, sample_weight=frame["w"]
        )
    )
    named = scored(fitted(), scorers=["neg_log_loss", "roc_auc"])
    assert named.metrics["neg_log_loss"] == pytest.approx(-named.metrics["log_loss"])


@pytest.mark.parametrize(
    ("scorers", "words"),
    [
        (
            {"mine": lambda e, X, y: float("nan")},
            "the metric 'mine' gives nan\nHint: it must be a finite number",
        ),
        ({"mine": lambda e, X, y: "high"}, "the metric 'mine' gives 'high'"),
        ({"mine": lambda e, X, y: 1 / 0}, "the metric 'mine' failed: division by zero"),
        ({"mine": 3}, "the metric 'mine' is 3, not a scorer"),
        (
            {"mine": "roc_auk"},
            "there is no scorer 'roc_auk'\nHint: did you mean 'roc_auc'?",
        ),
        ({"accuracy": lambda e, X, y: 1.0}, "the metric 'accuracy' is one of our own"),
    ],
)
def test_a_scorer_that_cannot_be_used_is_named(scorers: Any, words: str) -> None:
    with pytest.raises((UsageError, NotFound)) as caught:
        scored(fitted(), scorers=scorers)
    assert str(caught.value).startswith(words)


def test_a_frame_that_the_estimator_cannot_take_is_explained() -> None:
    frame = flights(50, 1)
    frame["wind"] = frame["wind"].astype(object)
    frame["wind"] = "calm"
    with pytest.raises(UsageError) as caught:
        scored(fitted(), frame)
    assert "LogisticRegression cannot predict on this frame: " in str(caught.value)
    assert "'calm'" in str(caught.value)
    assert "Hint: look at column 'wind'" in str(caught.value)
    assert isinstance(caught.value.__cause__, ValueError)


class Broken(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # sklearn is untyped
    def __init__(self, answer: str = "short") -> None:
        self.answer = answer

    def fit(self, X: Any, y: Any) -> "Broken":
        self.classes_ = np.unique(y)
        return self

    def predict(self, X: Any) -> Any:
        return np.full(len(X) - (self.answer == "short"), "no")

    def predict_proba(self, X: Any) -> Any:
        chance = np.full((len(X), 3 if self.answer == "wide" else 2), 0.5)
        if self.answer == "nan":
            chance[3] = np.nan
        return chance


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("short", "Broken.predict gave 199 predictions for 200 rows"),
        ("wide", "Broken.predict_proba answers (200, 3), expected (200, 2)"),
        ("nan", "Broken.predict_proba gives values that are missing or infinite"),
    ],
)
def test_an_answer_of_the_wrong_shape_is_refused(answer: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        scored(fitted(Broken(answer)))
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            {"slices": ["carier"]},
            "there is no column 'carier'\nHint: did you mean 'carrier'?",
        ),
        ({"groups": "dya"}, "there is no column 'dya'\nHint: did you mean 'day'?"),
        ({"groups": ("day", [1, 2])}, "groups 'day' has 2 values for 200 rows"),
    ],
)
def test_columns_that_are_not_there_are_named(options: Any, words: str) -> None:
    with pytest.raises((UsageError, NotFound)) as caught:
        scored(fitted(), **options)
    assert words in str(caught.value)


def test_regression_multilabel_and_several_outputs() -> None:
    frame = flights(200, 1).assign(extra=np.arange(200.0))
    rows = TRAIN[NUMBERS]
    plain = scored(LinearRegression().fit(rows, TRAIN["day"]), frame, target="day")
    assert (plain.task, set(plain.metrics)) == ("regression", {"rmse", "mae", "r2"})
    both = LinearRegression().fit(rows, TRAIN[["day", "hour"]])
    two = scored(both, frame, target=["day", "extra"])
    assert two.task == "multioutput-regression"
    assert two.target_names == ("day", "extra")
    marks = pd.DataFrame({"a": TRAIN["hour"] > 14, "b": TRAIN["wind"] > 9}).astype(int)
    frame["a"], frame["b"] = (frame["hour"] > 14) * 1, (frame["wind"] > 9) * 1
    for model in (
        RandomForestClassifier(5, random_state=0),
        MultiOutputClassifier(LogisticRegression()),
    ):
        labels = scored(model.fit(rows, marks), frame, target=["a", "b"])
        assert labels.task == "multilabel"
        assert labels.probability is not None
        assert labels.probability.shape == (200, 2)
        assert labels.metrics["roc_auc_macro"] > 0.9
    outputs = RandomForestClassifier(5, random_state=0).fit(
        rows, TRAIN[["late", "carrier"]]
    )
    several = scored(outputs, frame, target=["late", "carrier"])
    assert several.task == "multioutput-multiclass"
    assert set(several.metrics) == {"accuracy", "exact_match", "f1_macro"}
    for kept in (plain, two, several):
        assert_same(Scored.from_bytes(kept.to_bytes()), kept)


def test_polars_and_numpy_frames_are_scored() -> None:
    frame = flights(200, 1)
    model = make_pipeline(
        make_column_transformer((OneHotEncoder(), ["carrier"]), remainder="drop"),
        LogisticRegression(),
    ).fit(TRAIN[["carrier"]], TRAIN["late"])
    data = labelled(pl.from_pandas(frame), target="late", features=["carrier"])
    kept = score(model, data, task="binary", classes=("no", "yes"))
    assert kept.metrics["accuracy"] > 0
    plain = LogisticRegression().fit(TRAIN[NUMBERS].to_numpy(), TRAIN["late"])
    data = labelled((frame[NUMBERS].to_numpy(), frame["late"].to_numpy()), target=None)
    assert score(plain, data, task="binary", classes=("no", "yes")).rows == 200


def test_a_label_the_model_does_not_know_is_noted_and_wrong() -> None:
    model = LogisticRegression().fit(TRAIN[NUMBERS], TRAIN["carrier"])
    frame = flights(200, 1)
    frame.loc[:2, "carrier"] = "ZZ"
    kept = scored(model, frame, target="carrier")
    assert kept.notes[0] == "3 target labels the model does not know: always wrong"
    assert np.isfinite(kept.metrics["log_loss"])
    expected = (model.predict(frame[NUMBERS]) == frame["carrier"]).mean()
    assert kept.metrics["accuracy"] == pytest.approx(expected)


def assert_same(one: Scored, other: Scored) -> None:
    for name in ("target", "prediction", "probability", "decision", "weight"):
        a, b = getattr(one, name), getattr(other, name)
        assert (a is None) == (b is None), name
        if a is not None:
            assert a.dtype == b.dtype, name
            np.testing.assert_array_equal(a, b)
    assert (one.fingerprints == other.fingerprints).all()
    assert one.fingerprints.dtype == np.uint64
    assert list(one.slices) == list(other.slices)
    for name in one.slices:
        assert one.slices[name].tolist() == other.slices[name].tolist()
    assert (one.groups is None) == (other.groups is None)
    if one.groups is not None and other.groups is not None:
        assert one.groups[0] == other.groups[0]
        assert one.groups[1].tolist() == other.groups[1].tolist()
    for name in ("task", "classes", "target_names", "metrics", "latency_ms", "notes"):
        assert getattr(one, name) == getattr(other, name), name


@pytest.mark.parametrize("kind", ["probability", "decision", "bool", "int"])
def test_bytes_hold_the_same_and_come_out_the_same(kind: str) -> None:
    frame = flights(200, 1).assign(w=np.linspace(0.1, 5, 200))
    train = TRAIN.copy()
    if kind in ("bool", "int"):
        for table in (frame, train):
            yes = table["late"] == "yes"
            table["late"] = yes.astype(int) if kind == "int" else yes
    model = (LinearSVC() if kind == "decision" else LogisticRegression()).fit(
        train[NUMBERS], train["late"]
    )
    kept = scored(model, frame, weight="w", slices=["carrier", "wind"], groups="day")
    data = kept.to_bytes()
    assert_same(Scored.from_bytes(data), kept)
    assert Scored.from_bytes(data).to_bytes() == data


def test_names_of_columns_cannot_clash() -> None:
    names = ["row", "weight", "target:late", "decision", "prediction", "group"]
    frame = flights(200, 1)
    for name in names:
        frame[name] = frame["carrier"]
    kept = scored(fitted(), frame, slices=names, groups="weight")
    assert_same(Scored.from_bytes(kept.to_bytes()), kept)


def test_evaluation_counts_slices() -> None:
    frame = flights(300, 1)
    kept = scored(fitted(), frame, slices=["carrier"])
    evaluation = Evaluation.of(kept, name="test", ref="delays/2")
    part = evaluation.slices["carrier"]["EV"]
    own = (frame["carrier"] == "EV").to_numpy()
    assert part.rows == own.sum()
    assert kept.probability is not None
    assert part.metrics["roc_auc"] == pytest.approx(
        sk.roc_auc_score(frame["late"][own], kept.probability[own, 1])
    )
    table = evaluation.to_frame()
    assert table["value"].tolist() == ["all", "9E", "EV", "UA"]
    assert table["rows"][0] == table["rows"][1:].sum() == 300
    assert table["roc_auc"][0] == kept.metrics["roc_auc"]
    assert evaluation.to_dict()["slices"]["carrier"]["EV"]["rows"] == part.rows
    text = repr(evaluation)
    assert text.splitlines()[0] == "delays/2 on test: 300 rows"
    assert "carrier = EV" in text
    assert "ROC AUC" in text


def test_user_text_is_escaped_in_html() -> None:
    frame = flights(200, 1)
    frame["carrier"] = "<script>alert(1)</script>"
    kept = scored(fitted(), frame, slices=["carrier"])
    html = Evaluation.of(kept, name="<b>", ref="delays/2")._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "<b>" not in html


def test_bytes_that_are_no_evaluation_are_tampered() -> None:
    kept = scored(fitted())
    data = kept.to_bytes()
    assert repr(kept) == "<Scored: binary, 200 rows, 8 metrics>"
    with pytest.raises(Tampered, match="the stored evaluation cannot be read"):
        Scored.from_bytes(data[: len(data) // 2])
    sink = io.BytesIO()
    pq.write_table(pa.table({"row": [1]}), sink)
    with pytest.raises(Tampered, match="cannot be read"):
        Scored.from_bytes(sink.getvalue())


def test_bytes_of_a_newer_format_ask_for_a_newer_nbmlops(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("nbmlops.evaluate.scored.FORMAT", 2)
    data = scored(fitted()).to_bytes()
    monkeypatch.undo()
    with pytest.raises(Tampered) as caught:
        Scored.from_bytes(data)
    assert str(caught.value) == (
        "the stored evaluation has format 2\nHint: update nbmlops, which knows up to 1"
    )


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (np.inf, "Wild predicts infinite values"),
        (np.nan, "the answer of Wild.predict has 200 missing values"),
    ],
)
def test_predictions_that_are_no_numbers_are_refused(answer: float, words: str) -> None:
    class Wild(RegressorMixin, BaseEstimator):  # type: ignore[misc]  # sklearn is untyped
        def predict(self, X: Any) -> Any:
            return np.full(len(X), answer)

    with pytest.raises(UsageError) as caught:
        scored(Wild(), target="day")
    assert str(caught.value).startswith(words)
    assert "\nHint: " in str(caught.value)


def test_weights_reach_metrics_of_slices() -> None:
    frame = flights(200, 1).assign(w=np.linspace(0.1, 5, 200))
    kept = scored(fitted(), frame, weight="w", slices=["carrier"])
    part = Evaluation.of(kept, name="test", ref="m/1").slices["carrier"]["UA"]
    own = (frame["carrier"] == "UA").to_numpy()
    assert part.metrics["accuracy"] == pytest.approx(
        sk.accuracy_score(
            frame["late"][own], kept.prediction[own], sample_weight=frame["w"][own]
        )
    )
