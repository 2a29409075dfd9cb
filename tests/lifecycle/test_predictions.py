"""Logged predictions: whether they moved, and whether they are the model's own."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from nbmlops.api import Registry
from nbmlops.errors import NotFound, UsageError
from nbmlops.skew.predictions import Predictions
from nbmlops.skew.report import SkewReport
from tests.flights import FEATURES, NUMBERS, flights
from tests.lifecycle.serving import unlabelled

Add = Callable[..., Any]


def section(report: SkewReport) -> Predictions:
    found = report.sections["predictions"]
    assert isinstance(found, Predictions)
    return found


def test_answers_of_the_same_world_are_fine(
    add: Add, registry: Registry, model: Any
) -> None:
    add()
    report = registry.check_skew("delays", unlabelled(model))
    assert report.ok
    found = section(report)
    assert found.verdict in {"no evidence", "within tolerance"}
    assert found.mismatch is not None
    assert (found.mismatch.rows, found.mismatch.differing) == (2_000, 0)
    assert {s.name for s in found.scores} == {"probability of True", "prediction"}
    late = next(share for share in found.shares if share.label == "True")
    assert late.logged_interval[0] < late.logged < late.logged_interval[1]
    assert "all 2,000 logged answers are the model's own" in repr(report)
    assert "All 2,000 logged answers are the model" in report._repr_html_()


def test_a_stored_report_has_the_section(
    add: Add, registry: Registry, model: Any
) -> None:
    add()
    report = registry.check_skew("delays", unlabelled(model))
    assert SkewReport.from_dict(json.loads(report.to_json())) == report


def test_scores_that_moved_are_found(add: Add, registry: Registry, model: Any) -> None:
    add()
    served = unlabelled(model, 4_000)
    evening = served[served["hour"] > 15]
    found = section(registry.check_skew("delays", evening))
    assert found.scores[0].verdict == "over tolerance"
    assert "moved by" in found.headline


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        (lambda p: 1 - p, "other class", "probability of the other class"),
        (lambda p: p.round(2), "rounded", "rounded to 2 decimals"),
        (lambda p: p.astype(np.float16), "rounded", "half precision"),
        (lambda p: (p > 0.5) * 1.0, "label", "as 0 or 1"),
        (lambda p: 100 * p, "percent", "in percent"),
        (lambda p: np.log(p / (1 - p)), "log odds", "log odds"),
    ],
)
def test_what_was_logged_instead_is_named(
    fault: Any, kind: str, words: str, add: Add, registry: Registry, model: Any
) -> None:
    add()
    served = unlabelled(model)
    wrong = served.assign(probability=fault(served["probability"]))
    report = registry.check_skew("delays", wrong)
    found = section(report).mismatch
    assert found is not None
    assert (found.kind, found.verdict) == (kind, "handling fault")
    assert words in found.detail
    assert not report.ok


def test_answers_of_another_version_are_told(
    add: Add, registry: Registry, model: Any, weaker: Any
) -> None:
    add()
    add(weaker)
    found = section(registry.check_skew("delays/2", unlabelled(model))).mismatch
    assert found is not None
    assert (found.kind, found.detail) == ("another version", "those of delays/1")


def test_rows_that_the_log_gives_to_another_version_are_left_out(
    add: Add, registry: Registry, model: Any, weaker: Any
) -> None:
    add()
    both = pd.concat([unlabelled(model).assign(version=1), unlabelled(weaker)])
    both = both.fillna({"version": 2})
    found = section(registry.check_skew("delays", both))
    assert found.mismatch is not None
    assert found.mismatch.differing == 0
    assert "2,000 of 4,000 rows were answered by another version" in found.notes[-1]


def test_arithmetic_is_no_fault(add: Add, registry: Registry, model: Any) -> None:
    add()
    served = unlabelled(model)
    near = served.assign(probability=served["probability"] + 1e-5)
    found = section(registry.check_skew("delays", near)).mismatch
    assert found is not None
    assert (found.differing, found.kind) == (2_000, "arithmetic")
    assert found.verdict == "within tolerance"


@pytest.mark.parametrize(("wrong", "verdict"), [(5, "within"), (100, "handling")])
def test_a_few_rows_are_no_fault_and_many_are(
    wrong: int, verdict: str, add: Add, registry: Registry, model: Any
) -> None:
    add()
    served = unlabelled(model)
    noise = np.where(np.arange(2_000) < wrong, 0.1 + served.index % 7 * 0.01, 0)
    given = served.assign(probability=(served["probability"] + noise) % 1)
    found = section(registry.check_skew("delays", given)).mismatch
    assert found is not None
    assert found.differing == wrong
    assert found.verdict.startswith(verdict)
    assert found.interval[0] < wrong / 2_000 < found.interval[1]


def test_answers_that_were_drawn_at_random_are_not_compared(
    add: Add, registry: Registry, model: Any
) -> None:
    add()
    drawn = np.arange(2_000) % 10 == 0
    served = unlabelled(model).assign(explored=drawn)
    served["probability"] = served["probability"].where(~drawn, 0.123)
    found = section(registry.check_skew("delays", served)).mismatch
    assert found is not None
    assert (found.rows, found.differing) == (1_800, 0)


def test_predictions_alone_are_compared(
    add: Add, registry: Registry, model: Any
) -> None:
    add()
    served = unlabelled(model).drop(columns="probability")
    found = section(registry.check_skew("delays", served))
    assert found.mismatch is not None
    assert (found.mismatch.answer, found.mismatch.differing) == ("class", 0)
    as_text = served.assign(prediction=served["prediction"].astype(str).str.upper())
    assert section(registry.check_skew("delays", as_text)).mismatch == found.mismatch
    other = served.assign(prediction=~served["prediction"])
    wrong = section(registry.check_skew("delays", other)).mismatch
    assert wrong is not None
    assert wrong.kind == "other class"


def test_the_sample_does_not_depend_on_the_order_of_rows(
    add: Add, registry: Registry, model: Any
) -> None:
    add()
    served = unlabelled(model, 6_000)
    noise = np.where(np.arange(6_000) % 3 == 0, 0.01, 0)
    given = served.assign(probability=served["probability"] + noise)
    found = section(registry.check_skew("delays", given)).mismatch
    turned = section(registry.check_skew("delays", given[::-1])).mismatch
    assert found is not None
    assert found.rows == 5_000
    assert found == turned
    unkeyed = given.drop(columns=["request_id", "entity"])
    other = section(registry.check_skew("delays", unkeyed)).mismatch
    assert other == section(registry.check_skew("delays", unkeyed[::-1])).mismatch


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda f: f.drop(columns="hour"), "the log lacks what the model reads (hour)"),
        (lambda f: f.assign(hour="late"), "not scored again: "),
        (
            lambda f: f.assign(prediction="maybe"),
            "such as 'maybe' are none of delays/1",
        ),
    ],
)
def test_what_cannot_be_compared_is_said(
    change: Any, words: str, add: Add, registry: Registry, model: Any
) -> None:
    add()
    found = section(registry.check_skew("delays", change(unlabelled(model))))
    assert words in " ".join(found.notes)


def test_a_log_without_answers_has_no_section(
    add: Add, registry: Registry, model: Any
) -> None:
    add()
    served = unlabelled(model).drop(columns=["prediction", "probability"])
    assert "predictions" not in registry.check_skew("delays", served).sections
    null = unlabelled(model).assign(prediction=None, probability=None)
    assert "predictions" not in registry.check_skew("delays", null).sections


def test_a_regression_is_compared_by_its_numbers(registry: Registry) -> None:
    train, test, served = (flights(1_500, seed).fillna(0) for seed in (1, 2, 3))
    target = [frame.pop("age") for frame in (train, test, served)]
    read = ["distance", "hour"]
    train, test, served = (frame[read] for frame in (train, test, served))
    model = LinearRegression().fit(train, target[0])
    registry.register(model, "age", train=(train, target[0]), test=(test, target[1]))
    logged = served.assign(prediction=model.predict(served))
    found = section(registry.check_skew("age", logged))
    assert found.mismatch is not None
    assert (found.mismatch.answer, found.mismatch.differing) == ("number", 0)
    assert [score.name for score in found.scores] == ["prediction"]
    times = logged.assign(prediction=1.6 * logged["prediction"])
    wrong = section(registry.check_skew("age", times)).mismatch
    assert wrong is not None
    assert wrong.detail == "the answer times 1.6"


def test_lists_of_probabilities_are_read(registry: Registry) -> None:
    frames = [flights(1_500, seed).fillna(0) for seed in (1, 2, 3)]
    train, test, served = ((f[NUMBERS], f["carrier"]) for f in frames)
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(*train)
    registry.register(model, "carriers", train=train, test=test)
    chances = model.predict_proba(served[0])
    logged = served[0].assign(probability=list(chances))
    found = section(registry.check_skew("carriers", logged))
    assert found.mismatch is not None
    assert (found.mismatch.answer, found.mismatch.differing) == ("probability", 0)
    assert len(found.scores) == 4
    turned = served[0].assign(probability=list(chances[:, [1, 2, 3, 0]]))
    wrong = section(registry.check_skew("carriers", turned)).mismatch
    assert wrong is not None
    assert wrong.kind == "other class"


def test_weights_are_respected(add: Add, registry: Registry, model: Any) -> None:
    add()
    served = unlabelled(model, 6_000)
    kept = np.where(served["probability"] > 0.5, 1.0, 0.15)
    drawn = np.random.default_rng(5).random(len(served)) < kept
    sampled = served.assign(weight=1 / kept)[drawn]
    assert registry.check_skew("delays", sampled).ok
    bare = section(registry.check_skew("delays", sampled.drop(columns="weight")))
    assert bare.verdict == "over tolerance"


def test_a_period_is_taken(add: Add, registry: Registry, model: Any) -> None:
    add()
    served = unlabelled(model)
    report = registry.check_skew(
        "delays", served, since="2026-07-03", until="2026-07-04"
    )
    assert report.rows == 400  # both days whole
    late = registry.check_skew("delays", served, since="2026-07-10T12:00")
    assert late.rows == 100
    wrongs: tuple[dict[str, Any], ...] = (
        {"since": "soon"},
        {"since": "2026-07-04", "until": "2026-07-03"},
        {"since": "2026-07-04", "time": "hour"},
    )
    for wrong in wrongs:
        with pytest.raises(UsageError):
            registry.check_skew("delays", served, **wrong)
    with pytest.raises(NotFound, match="requested_at"):
        registry.check_skew("delays", served[FEATURES], since="2026-07-04")


def test_no_drift_is_no_finding_at_the_level(
    add: Add, registry: Registry, model: Any
) -> None:
    add()
    found = [
        section(registry.check_skew("delays", unlabelled(model, 800, seed)))
        for seed in range(100, 130)
    ]
    real = sum(any((s.p_value or 1) <= 0.05 for s in f.scores) for f in found)
    assert real <= 4  # of 30 at 5%: 97% of samples
