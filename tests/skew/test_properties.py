"""What changes nothing of a check: order, batches, weights of one, other names."""

import json
from collections.abc import Sequence
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from nbmlops.api import Registry
from nbmlops.frames import source
from nbmlops.profiles.building import build_profile
from nbmlops.profiles.profile import Profile
from nbmlops.skew.judge import judge
from nbmlops.skew.report import SkewReport
from nbmlops.skew.section_kinds import KINDS
from tests.lifecycle.serving import log_of
from tests.profiles.strategies import ROWS, frame_of
from tests.skew.faults import sample

SOME = st.lists(ROWS, min_size=1, max_size=60)
LABELS = st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=300)
MOVED = st.lists(st.sampled_from("aaabbcdeeh"), min_size=1, max_size=300)
NAMES = st.lists(
    st.text(st.sampled_from("klmnopq"), min_size=1, max_size=6),
    min_size=8,
    max_size=8,
    unique=True,
)
few = settings(max_examples=25)
REFERENCE = build_profile(sample(1))


def served(frame: pd.DataFrame, **options: Any) -> Profile:
    return build_profile(frame, like=REFERENCE, **options)


def judgement(report: SkewReport) -> dict[str, tuple[Any, ...]]:
    """Give what is said of each column, without words."""
    return {
        name: (
            column.verdict,
            column.distance,
            column.interval,
            column.p_value,
            column.p_tolerance,
            column.cause.kind if column.cause else "",
        )
        for name, column in report.columns.items()
    }


@few
@given(st.randoms(use_true_random=False), st.integers(1, 600))
def test_the_order_of_rows_changes_nothing(random: Any, rows: int) -> None:
    frame = sample(2)[:rows]
    order = list(range(rows))
    random.shuffle(order)
    first = judge(REFERENCE, served(frame))
    second = judge(REFERENCE, served(frame.iloc[order]))
    assert judgement(first) == judgement(second)


@few
@given(SOME, SOME, st.integers(1, 30))
def test_the_size_of_batches_changes_nothing(
    before: list[Any], after: list[Any], size: int
) -> None:
    reference = build_profile(frame_of(before))
    table = pa.Table.from_pandas(frame_of(after), preserve_index=False)
    whole = judge(reference, build_profile(table, like=reference))
    with patch.object(source, "BATCH_ROWS", size):
        parts = judge(reference, build_profile(table, like=reference))
    assert judgement(parts) == judgement(whole)


@few
@given(SOME, SOME)
def test_weights_of_one_are_no_weights(before: list[Any], after: list[Any]) -> None:
    reference = build_profile(frame_of(before))
    plain = build_profile(frame_of(after), like=reference)
    ones = build_profile(
        frame_of(after, [1.0] * len(after)), like=reference, weight="weight"
    )
    assert judge(reference, plain) == judge(reference, ones)


@few
@given(SOME, SOME, SOME)
def test_a_check_of_added_profiles_is_one_of_all_the_rows(
    before: list[Any], left: list[Any], right: list[Any]
) -> None:
    reference = build_profile(frame_of(before))
    parts = [build_profile(frame_of(rows), like=reference) for rows in (left, right)]
    whole = build_profile(frame_of(left + right), like=reference)
    added = judge(reference, parts[0] + parts[1])
    assert judgement(added).keys() == judgement(judge(reference, whole)).keys()
    for name, column in judge(reference, whole).columns.items():
        assert added.columns[name].distance == column.distance
        assert added.columns[name].p_value == column.p_value
        assert added.columns[name].p_tolerance == column.p_tolerance


@few
@given(LABELS, MOVED, NAMES)
def test_other_names_in_the_same_order_leave_a_labels_verdict_alone(
    before: list[str], after: list[str], names: list[str]
) -> None:
    renamed = dict(zip("abcdefgh", sorted(names), strict=True))
    plain = of_labels(before, after)
    other = of_labels([renamed[x] for x in before], [renamed[x] for x in after])
    for figure in ("distance", "interval", "p_value", "p_tolerance", "detectable"):
        assert getattr(plain, figure) == getattr(other, figure)
    assert plain.verdict == other.verdict


def of_labels(before: Sequence[str], after: Sequence[str]) -> Any:
    first, second = (pd.DataFrame({"x": list(x)}, dtype="str") for x in (before, after))
    reference = build_profile(first)
    return judge(reference, build_profile(second, like=reference)).columns["x"]


@few
@given(SOME, SOME)
def test_a_report_survives_json(before: list[Any], after: list[Any]) -> None:
    reference = build_profile(frame_of(before), time="clock")
    shown = judge(reference, build_profile(frame_of(after), like=reference))
    again = SkewReport.from_dict(json.loads(shown.to_json()))
    assert again == shown
    assert again.to_json() == shown.to_json()


def test_a_report_with_every_section_survives_json(
    registry: Registry, add: Any, model: Any, train: pd.DataFrame
) -> None:
    add()
    log = log_of(model, 1_200)
    random = np.random.default_rng(0)
    log = log.assign(
        entity=np.arange(len(log)) % 400, explored=random.random(len(log)) < 0.2
    )
    keyed = train.assign(request=np.arange(len(train)))
    log = log.assign(request=np.arange(len(log)))
    report = registry.check_skew(
        "delays", log, reference=keyed, key="request", joint=True
    )
    assert set(report.sections) == set(KINDS)
    again = SkewReport.from_dict(json.loads(report.to_json()))
    assert again == report
    assert again.to_json() == report.to_json()
    assert again._repr_html_() == report._repr_html_()
