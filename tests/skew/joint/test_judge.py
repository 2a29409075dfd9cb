"""The section on columns together, from frames to its words."""

import json

import numpy as np
import pandas as pd
import pyarrow as pa

from nbmlops.frames.opening import open_frame
from nbmlops.skew.joint.judge import judge_joint
from nbmlops.skew.joint.section import Joint, Region
from nbmlops.skew.judge import check
from nbmlops.skew.report import SkewReport
from tests.skew.joint.frames import broken, exchanged, quiet


def judge(first: pd.DataFrame, second: pd.DataFrame) -> tuple[SkewReport, Joint]:
    report, _ = check(first, second)
    return report, judge_joint(open_frame(first), open_frame(second), report)


def test_a_shift_that_no_column_shows_is_found_and_placed() -> None:
    report, joint = judge(quiet(1, 4_000), exchanged(quiet(2, 4_000)))
    assert report.ok
    assert joint.verdict == "over tolerance"
    assert joint.headline.startswith("6 columns differ together, though none of them")
    first = joint.regions[0]
    assert "carrier" in first.where
    assert "hour" in first.where
    assert abs(first.serving - first.reference) > 0.04
    assert not report.with_sections(joint).ok


def test_the_shares_of_a_region_are_those_of_the_rows() -> None:
    first, second = quiet(1, 4_000), exchanged(quiet(2, 4_000))
    _, joint = judge(first, second)
    region = next(r for r in joint.regions if r.where.startswith("carrier = 'UA'"))
    conditions = region.where.replace("'UA'", '"UA"').replace(" = ", " == ")
    for frame, share in ((first, region.reference), (second, region.serving)):
        assert abs(len(frame.query(conditions)) / len(frame) - share) < 0.04


def test_what_moved_alone_is_left_out_and_named() -> None:
    first, second = quiet(3, 2_000), quiet(4, 2_000)
    second["size"] *= 3
    report, joint = judge(first, second)
    assert report.columns["size"].verdict != "no evidence"
    assert joint.without == ("size",)
    assert joint.p_value is not None
    assert joint.p_value > 0.05
    assert joint.verdict in ("no evidence", "not enough data")
    assert joint.all_auc is not None
    assert joint.all_auc > 0.7
    assert "size >=" in joint.regions[0].where
    assert "Left out, as they moved alone: size; with them AUC 0." in str(joint.lines())


def test_what_cannot_be_judged_says_why() -> None:
    few, _ = judge(quiet(1, 4_000), quiet(2, 50))[1], None
    assert few.headline == "not judged: it takes 200 rows a side, one has 50"
    assert few.verdict == "no evidence"
    narrow = judge(quiet(1, 300)[["size"]], quiet(2, 300)[["size"]])[1]
    assert narrow.headline == "not judged: it takes two columns, there is 1"
    frame = quiet(1, 300)
    report, _ = check(frame, frame)
    reader = pa.Table.from_pandas(frame).to_reader()
    stream = judge_joint(open_frame(frame), open_frame(reader), report)
    assert "a stream can be read only once" in stream.headline


def test_weights_undo_how_rows_were_logged() -> None:
    frame = quiet(8, 9_000)
    r = np.random.default_rng(0)
    chance = np.where(frame["size"] * frame["cost"] > 1, 1.0, 0.2)
    logged = frame[r.random(9_000) < chance].assign(w=lambda f: 1 / chance[f.index])
    report, _ = check(quiet(9, 4_000), logged, weight="w")
    sides = open_frame(quiet(9, 4_000)), open_frame(logged)
    assert (judge_joint(*sides, report, weight="w").p_value or 0) > 0.01
    assert (judge_joint(*sides, check(quiet(9, 4_000), quiet(8, 9_000))[0]).p_value or
            0) < 1e-6  # fmt: skip


def test_it_is_stored_and_shown() -> None:
    report, joint = judge(quiet(1, 1_500), broken(quiet(2, 1_500), 0))
    whole = report.with_sections(joint)
    assert SkewReport.from_dict(json.loads(whole.to_json())) == whole
    assert "Columns together: 6 columns differ together" in repr(whole)
    assert all(len(line) <= 96 for line in joint.lines())
    assert len(joint.html()) < 15_000
    assert "Of serving" in joint.html()
    hostile = Joint(
        columns=2,
        auc=0.5,
        without=("<b>", "x" * 90),
        regions=(Region(where=f"<b>{'y' * 90} >= 1", reference=0.1, serving=0.2),),
    )
    assert "<b>" not in hostile.html()
    assert all(len(line) <= 96 for line in hostile.lines())


def test_running_numbers_are_no_shift_of_columns_together() -> None:
    """A key tells any two samples apart, and the model does not learn from it."""
    first, second = quiet(1, 2_000), quiet(2, 2_000)
    report, joint = judge(
        first.assign(key=np.arange(2_000)), second.assign(key=np.arange(2_000, 4_000))
    )
    assert report.columns["key"].p_value is None
    assert joint.verdict == "no evidence"
    assert joint.columns + len(joint.without) == len(first.columns)
