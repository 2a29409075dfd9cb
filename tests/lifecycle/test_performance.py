"""Performance in a check: labels as they come, what they show, and what none can."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.metrics import accuracy_score, roc_auc_score
from sklearn.multioutput import MultiOutputRegressor

from nbmlops.api import Registry, profile
from nbmlops.errors import UsageError
from nbmlops.frames.fingerprints import content_digest
from nbmlops.frames.opening import open_frame
from nbmlops.skew.performance import Performance
from nbmlops.skew.report import SkewReport
from tests.flights import FEATURES, flights
from tests.lifecycle.serving import log_of, unlabelled

Add = Callable[..., Any]


@pytest.fixture
def registered(add: Add, train: pd.DataFrame) -> None:
    add(test=flights(6_000, seed=2))


def section(report: SkewReport) -> Performance:
    found = report.sections["performance"]
    assert isinstance(found, Performance)
    return found


def with_other_answers(log: pd.DataFrame, share: float = 0.25) -> pd.DataFrame:
    """Turn labels from the sixth day on: the same flights fare otherwise."""
    turned = np.random.default_rng(1).random(len(log)) < share
    after = log["requested_at"] >= pd.Timestamp("2026-07-06", tz="UTC")
    return log.assign(late=log["late"] ^ (turned & after))


@pytest.mark.usefixtures("registered")
def test_labels_in_the_log_show_that_all_is_well(
    registry: Registry, model: Any
) -> None:
    log = log_of(model, 8_000)
    report = registry.check_skew("delays", log)
    found = section(report)
    assert report.ok
    assert (found.verdict, found.drift, found.loss) == (
        "no evidence",
        "",
        "Brier score",
    )
    by_name = {figure.metric: figure for figure in found.figures}
    assert list(by_name) == ["accuracy", "roc_auc", "log_loss", "brier_score"]
    assert by_name["accuracy"].value == accuracy_score(log["late"], log["prediction"])
    auc = roc_auc_score(log["late"], log["probability"])
    assert by_name["roc_auc"].value == pytest.approx(auc)
    for figure in found.figures:
        assert figure.interval is not None
        assert figure.test is not None
        assert figure.interval[0] < figure.value < figure.interval[1]
        assert figure.interval[0] < figure.test < figure.interval[1]
    assert len(found.spans) == 10
    assert [span.labelled for span in found.spans] == [800] * 10
    assert "no sign that it got worse" in repr(report)
    assert "No sign that it got worse" in report._repr_html_()
    assert len(found.html()) < 15_000
    assert SkewReport.from_dict(json.loads(report.to_json())) == report


@pytest.mark.usefixtures("registered")
def test_other_answers_to_the_same_inputs_are_concept_drift(
    registry: Registry, model: Any
) -> None:
    found = section(
        registry.check_skew("delays", with_other_answers(log_of(model, 8_000)))
    )
    assert (found.verdict, found.drift, found.quiet) == (
        "over tolerance",
        "concept",
        True,
    )
    assert found.changes[0].since.startswith("2026-07-0")
    assert abs(int(found.changes[0].since[8:10]) - 6) <= 1
    assert not any(span.said for span in found.spans[:5])
    assert found.headline.startswith("worse by more than 10% since 2026-07-0")
    assert "concept drift" in found.lines()[0]


@pytest.mark.usefixtures("registered")
def test_harder_rows_are_data_drift(registry: Registry, model: Any) -> None:
    log = log_of(model, 24_000)
    early = log["requested_at"] < pd.Timestamp("2026-07-05", tz="UTC")
    found = section(registry.check_skew("delays", log[early | (log["hour"] > 14)]))
    assert found.drift == "data"
    assert not found.quiet
    assert found.expected == pytest.approx(found.now, rel=0.05)
    assert "data drift" in found.lines()[0]


@pytest.mark.usefixtures("registered")
def test_labels_are_joined_by_request(registry: Registry, model: Any) -> None:
    log = log_of(model, 2_000)
    known = log[["request_id", "late"]].rename(columns={"late": "label"})[::2]
    twice = pd.concat([known.assign(label=~known["label"]), known])
    times = pd.to_datetime("2026-08-01") + pd.to_timedelta(np.arange(2_000), unit="s")
    strange = pd.DataFrame({"request_id": ["x"], "label": [True]})
    served = log.drop(columns="late")
    found = section(registry.check_skew("delays", served, labels=known))
    assert (found.rows, found.labelled) == (2_000, 1_000)
    assert "by request_id: 1,000 of 2,000 answers have one" in found.notes[-1]
    shuffled = twice.assign(labelled_at=times).sample(frac=1, random_state=1)
    again = section(
        registry.check_skew("delays", served, labels=pd.concat([shuffled, strange]))
    )
    assert again.figures == found.figures
    assert "1,000 labels were replaced" in " ".join(again.notes)


@pytest.mark.usefixtures("registered")
@pytest.mark.parametrize("kind", ["frame", "file", "stream"])
def test_the_trail_says_which_labels_a_check_was_given(
    registry: Registry, model: Any, tmp_path: Path, kind: str
) -> None:
    log = log_of(model, 500)
    labels = log[["request_id", "late"]].rename(columns={"late": "label"})
    served = log.drop(columns="late")
    path = tmp_path / "came.parquet"
    labels.to_parquet(path, index=False)
    table = pa.Table.from_pandas(labels, preserve_index=False)
    given = {"frame": labels, "file": path, "stream": table.to_reader()}[kind]
    registry.check_skew("delays", served, labels=given)
    known = registry.history("delays")[0].detail["labels"]
    if kind == "stream":  # which nobody can read again
        assert known is None
        return
    assert known["digest"] == content_digest(open_frame(labels))
    assert known["rows"] == 500
    named = [file["path"] for file in known["source"].get("files", [])]
    assert named == ([str(path)] if kind == "file" else [])
    registry.check_skew("delays", served)
    assert "labels" not in registry.history("delays")[0].detail
    assert registry.verify().ok


@pytest.mark.usefixtures("registered")
def test_labels_are_joined_by_entity_as_of_the_request(
    registry: Registry, model: Any
) -> None:
    log = log_of(model, 2_000)
    labels = pd.DataFrame(
        {
            "entity": log["entity"],
            "labelled_at": log["requested_at"] + pd.Timedelta(hours=1),
            "label": log["late"],
        }
    ).sample(frac=1, random_state=1)
    served = log.drop(columns="late")
    own = section(registry.check_skew("delays", log))
    found = section(registry.check_skew("delays", served, labels=labels))
    assert found.figures == own.figures  # each its own label, not an earlier one
    before = labels.assign(labelled_at=log["requested_at"].min() - pd.Timedelta("1D"))
    assert section(registry.check_skew("delays", served, labels=before)).labelled == 0
    undated = labels.drop(columns="labelled_at")
    few = section(registry.check_skew("delays", served, labels=undated))
    assert few.labelled == 0
    assert "500 entities have several labels" in " ".join(few.notes)
    one = undated.drop_duplicates("entity")
    assert section(registry.check_skew("delays", served, labels=one)).labelled == 2_000


@pytest.mark.usefixtures("registered")
def test_labels_that_cannot_be_joined_are_refused(
    registry: Registry, model: Any
) -> None:
    served = unlabelled(model)
    for labels, words in (
        (pd.DataFrame({"key": [1], "label": [True]}), "cannot be joined"),
        (pd.DataFrame({"request_id": ["r1"], "x": [1]}), "no column 'label'"),
    ):
        with pytest.raises(UsageError, match=words):
            registry.check_skew("delays", served, labels=labels)
    assert registry.checks("delays") == []


@pytest.mark.usefixtures("registered")
def test_days_whose_labels_are_to_come_say_so(registry: Registry, model: Any) -> None:
    log = log_of(model, 4_000)
    late = log["requested_at"] > pd.Timestamp("2026-07-08", tz="UTC")
    waiting = late & (np.arange(4_000) % 20 > 0)
    partly = log.assign(late=log["late"].astype(object).where(~waiting))
    found = section(registry.check_skew("delays", partly))
    assert [span.said for span in found.spans] == [""] * 7 + ["not enough"] * 3
    assert found.spans[-1].labelled == 20
    assert found.spans[-1].loss is None


@pytest.mark.usefixtures("registered")
def test_without_labels_there_is_an_estimate_with_its_assumption(
    registry: Registry, model: Any
) -> None:
    log = log_of(model, 4_000)
    report = registry.check_skew("delays", log.drop(columns="late"))
    found = section(report)
    assert (found.verdict, found.labelled) == ("no evidence", 0)
    estimate = found.estimates[0]
    assert estimate.interval is not None
    truth = accuracy_score(log["late"], log["prediction"])
    assert estimate.interval[0] < truth < estimate.interval[1]
    assert "P(y | x) unchanged" in repr(report)
    assert "P(y | x) unchanged" in report._repr_html_()


def test_what_cannot_be_estimated_is_refused_with_the_reason(
    registry: Registry, train: pd.DataFrame, test: pd.DataFrame
) -> None:
    read = ["distance", "hour"]
    targets = [1.5 * frame["hour"].rename("delay") for frame in (train, test)]
    model = LinearRegression().fit(train[read], targets[0])
    late = registry.register(
        model, "late", train=(train[read], targets[0]), test=(test[read], targets[1])
    )
    served = test[read].assign(prediction=model.predict(test[read]))
    found = section(registry.check_skew(late.ref, served))
    assert "regression" in found.refused
    assert found.refused in found.headline
    registry.register(model, "bare", train=(train[read], targets[0]))
    bare = section(registry.check_skew("bare", served))
    assert "has no evaluation" in bare.refused


@pytest.mark.usefixtures("registered")
def test_answers_that_are_not_the_models_give_no_estimate(
    registry: Registry, model: Any
) -> None:
    served = unlabelled(model)
    turned = served.assign(probability=1 - served["probability"])
    found = section(registry.check_skew("delays", turned))
    assert "not the model's" in found.refused
    percent = log_of(model, 2_000).assign(probability=100 * served["probability"])
    judged = section(registry.check_skew("delays", percent))
    assert [figure.metric for figure in judged.figures] == ["accuracy"]
    assert judged.loss == "error rate"
    assert "not between 0 and 1" in " ".join(judged.notes)
    alone = percent.drop(columns="prediction")
    none = section(registry.check_skew("delays", alone))
    assert none.refused == "no logged answer can be used"


@pytest.mark.usefixtures("registered")
def test_a_log_with_holes_is_judged_as_far_as_it_goes(
    registry: Registry, model: Any
) -> None:
    log = log_of(model, 2_000)
    hole = np.arange(2_000) % 4
    holes = log.assign(
        probability=log["probability"].where(hole != 0),
        prediction=log["prediction"].astype(object).where(hole != 1),
        requested_at=log["requested_at"].where(hole != 2),
        late=log["late"].astype(object).where(hole != 3),
        request_id=log["request_id"].where(hole != 0),
    )
    found = section(registry.check_skew("delays", holes))
    assert (found.rows, found.labelled) == (1_500, 1_000)
    assert sum(span.rows for span in found.spans) == 1_000
    text = log.assign(requested_at=log["requested_at"].astype(str))
    blocks = section(registry.check_skew("delays", text))
    assert blocks.spans[0].name == "rows 1 to 200"


@pytest.mark.usefixtures("registered")
def test_a_frame_without_answers_is_asked_again_for_its_labels(
    registry: Registry, model: Any
) -> None:
    log = log_of(model, 2_000)
    own = section(registry.check_skew("delays", log))
    bare = log[[*FEATURES, "request_id", "requested_at"]]
    labels = log[["request_id", "late"]]
    assert "performance" not in registry.check_skew("delays", bare).sections
    found = section(registry.check_skew("delays", bare, labels=labels))
    assert [f.value for f in found.figures] == [f.value for f in own.figures]
    assert "the model was asked again" in " ".join(found.notes)
    with pytest.raises(UsageError, match="labels= needs answers"):
        registry.check_skew("delays", bare.drop(columns="hour"), labels=labels)


@pytest.mark.usefixtures("registered")
def test_weights_are_respected(registry: Registry, model: Any) -> None:
    log = log_of(model, 12_000)
    wrong = log["prediction"] != log["late"]
    kept = np.where(wrong, 1.0, 0.3)
    drawn = np.random.default_rng(5).random(len(log)) < kept
    sampled = log.assign(weight=1 / kept)[drawn]
    found = section(registry.check_skew("delays", sampled))
    whole = section(registry.check_skew("delays", log))
    assert found.figures[0].value == pytest.approx(whole.figures[0].value, abs=0.01)
    assert not found.drift
    bare = section(registry.check_skew("delays", sampled.drop(columns="weight")))
    assert bare.verdict == "over tolerance"


def test_a_regression_is_judged_by_its_absolute_error(registry: Registry) -> None:
    frames = [flights(4_000, seed)[["distance", "hour"]] for seed in (1, 2, 3)]
    rng = np.random.default_rng(1)
    targets = [f["hour"].rename("delay") * 2 + rng.normal(0, 3, len(f)) for f in frames]
    model = LinearRegression().fit(frames[0], targets[0])
    registry.register(
        model, "hours", train=(frames[0], targets[0]), test=(frames[1], targets[1])
    )
    served = frames[2].assign(prediction=model.predict(frames[2]), label=targets[2])
    fine = section(registry.check_skew("hours", served))
    assert (fine.loss, fine.drift) == ("absolute error", "")
    assert [figure.metric for figure in fine.figures] == ["mae", "rmse"]
    worse = np.where(np.arange(4_000) < 2_000, 0, rng.normal(0, 5, 4_000))
    found = section(
        registry.check_skew("hours", served.assign(label=targets[2] + worse))
    )
    assert (found.verdict, found.drift) == ("over tolerance", "concept")
    assert found.changes[0].since.startswith("labelled row ")
    row = int(found.changes[0].since.split()[-1].replace(",", ""))
    assert row == pytest.approx(2_000, abs=60)


def test_labels_are_for_one_answer_per_row(registry: Registry) -> None:
    frame = flights(500, 1)[["distance", "hour"]]
    target = frame.rename(columns={"distance": "a", "hour": "b"})
    model = MultiOutputRegressor(LinearRegression()).fit(frame, target)
    registry.register(model, "both", train=(frame, target))
    labels = pd.DataFrame({"request_id": ["r1"], "label": [1.0]})
    with pytest.raises(UsageError, match="one answer per row"):
        registry.check_skew("both", frame.assign(request_id="r1"), labels=labels)


@pytest.mark.usefixtures("registered")
def test_no_drift_is_hardly_ever_called_worse(registry: Registry, model: Any) -> None:
    found = [
        section(registry.check_skew("delays", log_of(model, 1_500, seed)))
        for seed in range(200, 220)
    ]
    assert sum(bool(one.drift) for one in found) <= 2


@pytest.mark.usefixtures("registered")
def test_labels_are_not_passed_over_where_they_cannot_be_used(
    registry: Registry, model: Any
) -> None:
    log = log_of(model, 200)
    labels = log[["request_id"]].assign(label=log["late"])
    with pytest.raises(UsageError, match="all of the model's columns"):
        registry.check_skew("delays", log, columns=["hour"], labels=labels)
    with pytest.raises(UsageError, match="takes the log's rows"):
        registry.check_skew("delays", profile(log), labels=labels)
    assert registry.checks("delays") == []
