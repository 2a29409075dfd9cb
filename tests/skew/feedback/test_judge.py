"""Feedback loops, from a serving log to the section."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from nbmlops.frames.opening import open_frame
from nbmlops.skew.feedback.judge import judge_feedback
from nbmlops.skew.feedback.section import Feedback
from nbmlops.skew.report import SkewReport
from tests.skew.feedback.loops import judged, log_of
from tests.skew.samples import quiet_columns, report_of


def section(log: pd.DataFrame, **options: Any) -> Feedback:
    found = judged(log, **options)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "case",
    [
        {"explored": 0.1},
        {"explored": 0.05, "trend": 0.5},
        {},
        {"trend": 0.5, "periods": 4},
        {"is_curved": True},
        {"is_mixed": True},
    ],
    ids=lambda case: "-".join(case) or "threshold",
)
def test_without_a_loop_the_level_holds(case: dict[str, Any]) -> None:
    found = [section(log_of((1, seed), 1_000, **case)) for seed in range(60)]
    methods = [one.method for one in found]
    # McCrary's test distrusts the threshold in 5% of logs: then random answers stay.
    assert methods.count("both" if "explored" in case else "discontinuity") >= 52
    assert set(methods) <= {"both", "exploration", "discontinuity"}
    assert sum(bool(one.found) for one in found) <= 8  # 3 expected
    assert not any(one.verdict == "over tolerance" for one in found)


def test_exploration_shows_which_feature_is_changed() -> None:
    for seed in range(5):
        found = section(log_of((2, seed), 4_000, loop=0.8, explored=0.1))
        assert found.effects[0].name == "f0"
        assert found.verdict == "over tolerance"
        low, high = found.effects[0].interval
        assert low > 0.3
        assert high < 0.9
        assert min(found.effects[0].rows) > 100
        assert found.headline.startswith("answers change what comes next: f0 +0.")


def test_the_threshold_adds_to_few_answers_drawn_at_random() -> None:
    """200 random answers alone find this loop in 1 of 3 logs, both in 4 of 5."""
    found = [section(log_of((7, k), 2_000, loop=0.2, explored=0.1)) for k in range(25)]
    assert sum(bool(one.found) for one in found) >= 14
    assert found[0].lines()[0].startswith("Random answers and the jump at 0.5, from ")


def test_where_scores_are_steered_only_random_answers_count() -> None:
    log = log_of(8, 4_000, explored=0.1)
    near = log["probability"].between(0.47, 0.5) & ~log["explored"]
    steered = log.assign(
        probability=log["probability"].mask(near, log["probability"] + 0.03),
        prediction=log["prediction"].mask(near, "yes"),
    )
    found = section(steered)
    assert found.method == "exploration"
    assert found.threshold is None


def test_the_threshold_shows_it_without_exploration() -> None:
    for seed in range(5):
        found = section(log_of((3, seed), 6_000, loop=0.6))
        assert found.method == "discontinuity"
        assert found.effects[0].name == "f0"
        assert found.effects[0].p_value < 0.05
        assert abs((found.threshold or 0) - 0.5) < 0.01


def test_a_label_that_the_answer_makes_is_found() -> None:
    log = log_of(4, 3_000, explored=0.2)
    r = np.random.default_rng(0)
    caused = log.assign(label=r.random(6_000) < 0.2 + 0.3 * (log.prediction == "yes"))
    found = section(caused)
    assert found.effects[0].is_label
    assert found.effects[0].difference > 0.4
    assert found.lines()[2].startswith("label: +0.")
    free = log.assign(label=np.where(r.random(6_000) < 0.2, "late", "on time"))
    assert not section(free).found


def test_a_propensity_alone_says_what_was_drawn() -> None:
    log = log_of(5, 4_000, loop=0.5, explored=0.2)
    chance = np.where(log["explored"], 0.5, 1.0)
    found = section(log.drop(columns="explored").assign(propensity=chance))
    assert found.effects == section(log).effects


def test_a_log_that_shows_nothing_gives_hints_and_says_what_it_lacks() -> None:
    log = log_of(6, 3_000)
    r = np.random.default_rng(0)
    odd = r.random(6_000) < 0.2
    soft = log.assign(
        prediction=np.where(odd, "no", log["prediction"]),
        label=np.where(log["prediction"] == "yes", 1.0, np.nan),
    )
    found = section(soft)
    assert (found.method, found.verdict) == ("suspicion", "no evidence")
    assert found.headline.endswith("by this log; 1 hint of one")
    assert found.lines()[0].startswith("Labels: 100% of answers 1 have one, ")
    assert found.lines()[-1] == (
        "It would take one threshold of `probability` at which the prediction switches"
    )


@pytest.mark.parametrize(
    ("without", "said"),
    [
        (["requested_at"], "not judged: the log lacks `requested_at`"),
        (["prediction"], "not judged: the log lacks a `prediction` of two values"),
    ],
)
def test_what_is_missing_is_said_in_one_line(without: list[str], said: str) -> None:
    found = section(log_of(7, 300).drop(columns=without))
    assert found.headline.startswith(said)
    assert found.lines() == []
    assert found.html() == ""


def test_entities_that_never_come_again_are_said() -> None:
    log = log_of(7, 300).assign(entity=np.arange(600))
    assert section(log).headline == "not judged: no entity has two requests"


def test_without_entity_or_score_there_is_no_section() -> None:
    log = log_of(7, 300)
    assert judged(log.drop(columns="entity")) is None
    assert judged(log.drop(columns=["probability", "prediction"])) is None
    reader = pa.Table.from_pandas(log).to_reader()
    report = report_of(quiet_columns())
    stream = judge_feedback(open_frame(reader), report, beside=["entity", "prediction"])
    assert stream is None


def test_the_order_of_rows_and_how_values_are_written_change_nothing() -> None:
    log = log_of(8, 1_500, loop=0.5, explored=0.1)
    found = section(log)
    other = log.sample(frac=1, random_state=5).assign(
        entity=lambda f: "e" + f["entity"].astype(str),
        prediction=lambda f: f["prediction"] == "yes",
        probability=lambda f: pd.Series(
            [[1 - p, p] for p in f["probability"]], f.index
        ),
    )
    again = section(other)
    for first, second in zip(found.effects, again.effects, strict=True):
        assert first.name == second.name
        assert np.isclose(first.difference, second.difference)


def test_odd_values_are_borne() -> None:
    log = log_of(9, 1_500, explored=0.2)
    odd = log.assign(
        f1=np.nan,
        f2=1.0,
        f3=log["f3"].where(log.index % 3 == 0),
        f4=log["f4"].mask(log.index % 5 == 0, np.inf),
        entity=log["entity"].where(log.index % 7 != 0),
        probability=log["probability"].where(log.index % 11 != 0),
        propensity=np.where(log.index % 4 == 0, -1.0, 0.5),
        label="same",
    )
    names = {effect.name for effect in section(odd).effects}
    assert names == {"f0", "f3", "f4", "f5", "f6", "f7"}
    timeless = log.assign(requested_at=np.full(3_000, "NaT", "datetime64[s]"))
    assert "the log lacks `requested_at`" in section(timeless).headline
    plain = log_of(9, 1_500)
    rare = plain.assign(f3=plain["f3"].where(plain["probability"].isna()))
    assert "f3" not in {effect.name for effect in section(rare).effects}
    assert judged(plain.assign(entity=pd.Series([["a"]] * 3_000))) is None
    assert section(log[:0]).headline.startswith("not judged: the log lacks ")


def test_it_is_stored_and_shown() -> None:
    report = report_of(quiet_columns())
    for log in (
        log_of(2, 3_000, loop=0.5, explored=0.1),
        log_of(2, 3_000, loop=0.5),
        log_of(2, 3_000).drop(columns="probability"),
        log_of(2, 300).drop(columns="prediction"),
    ):
        found = section(log.rename(columns={"f3": "<u>"}))
        whole = report.with_sections(found)
        assert SkewReport.from_dict(json.loads(whole.to_json())) == whole
        assert all(len(line) <= 96 for line in found.lines()), found.lines()
        assert len(found.lines()) <= 8
        assert len(found.html()) < 15_000
        assert "<u>" not in found.html()
