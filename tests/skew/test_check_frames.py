"""A check of two frames without a registry, with what rows tell."""

import numpy as np
import pandas as pd
import pytest

import nbmlops
from nbmlops.errors import UsageError
from nbmlops.skew.feedback.section import Feedback
from nbmlops.skew.joint.section import Joint
from tests.skew.feedback.loops import FEATURES, log_of
from tests.skew.joint.frames import exchanged, quiet


def features_of(log: pd.DataFrame) -> pd.DataFrame:
    return log[[f"f{k}" for k in range(FEATURES)]]


def test_columns_together_are_looked_at_when_asked() -> None:
    first, second = quiet(1, 3_000), exchanged(quiet(2, 3_000))
    assert not nbmlops.check_skew(first, second).sections
    report = nbmlops.check_skew(first, second, joint=True)
    assert isinstance(report.sections["joint"], Joint)
    assert report.verdict == "over tolerance"
    assert "carrier" in repr(report)
    narrow = nbmlops.check_skew(first, second, joint=True, columns=["size", "cost"])
    assert narrow.ok


def test_a_profile_has_no_rows_to_look_at() -> None:
    frame = quiet(1, 500)
    for sides in ((nbmlops.profile(frame), frame), (frame, nbmlops.profile(frame))):
        with pytest.raises(UsageError, match="a profile has none"):
            nbmlops.check_skew(*sides, joint=True)


def test_a_log_with_entities_is_looked_through_for_loops() -> None:
    training = features_of(log_of(1, 4_000, loop=0.8))
    report = nbmlops.check_skew(training, log_of(2, 4_000, loop=0.8, explored=0.2))
    feedback = report.sections["feedback"]
    assert isinstance(feedback, Feedback)
    assert feedback.verdict == "over tolerance"
    assert not report.ok
    assert set(report.columns) == set(training.columns)  # the log's own are no finding


def test_a_log_without_entities_has_no_such_section() -> None:
    log = log_of(2, 500)
    report = nbmlops.check_skew(features_of(log), log.drop(columns="entity"))
    assert "feedback" not in report.sections
    profile = nbmlops.profile(log)
    assert not nbmlops.check_skew(features_of(log), profile).sections


def test_weights_are_ready_for_a_fit() -> None:
    first, second = quiet(1, 1_000), quiet(2, 1_000)
    found = nbmlops.importance_weights(first, second)
    assert len(found.weights) == 1_000
    assert np.isclose(found.weights.sum(), 1_000)
