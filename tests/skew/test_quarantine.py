"""Rows with faulty values, set apart."""

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pandas as pd
import pyarrow as pa

from nbmlops.skew.judge import check
from nbmlops.skew.quarantine import REASON, set_apart
from nbmlops.skew.report import SkewReport


def served(seed: int, rows: int) -> pd.DataFrame:
    r = np.random.default_rng(seed)
    delay = r.gamma(2, 10, rows) + 1
    return pd.DataFrame(
        {
            "delay": np.where(r.random(rows) < 0.1, np.nan, delay),
            "carrier": r.choice(np.array(["UA", "AA", None], dtype=object), rows),
            "hour": r.integers(0, 24, rows),
        },
        index=np.arange(rows) + 10_000,
    )


def faulty(seed: int, rows: int) -> pd.DataFrame:
    frame = served(seed, rows)
    new = np.random.default_rng(seed).random(rows) < 0.1
    return frame.assign(
        delay=frame["delay"].fillna(-1), carrier=frame["carrier"].mask(new, "ZZ")
    )


def test_faulty_rows_are_set_apart_with_every_reason() -> None:
    given = faulty(2, 3_000)
    report, _ = check(served(1, 3_000), given)
    clean, apart = report.quarantine(given)
    assert (len(clean) + len(apart), sorted([*clean.index, *apart.index])) == (
        3_000,
        list(given.index),
    )
    is_sentinel, is_new = given["delay"] == -1, given["carrier"] == "ZZ"
    assert set(apart.index) == set(given.index[is_sentinel | is_new])
    assert apart.drop(columns=REASON).equals(given.loc[apart.index])
    both = apart.loc[given.index[is_sentinel & is_new][0], REASON]
    assert both == (
        "delay is -1, which stands for null; carrier is 'ZZ', never seen before"
    ) or both == (
        "carrier is 'ZZ', never seen before; delay is -1, which stands for null"
    )


def test_rows_stuck_at_a_bound_are_set_apart() -> None:
    before, given = served(1, 3_000), served(2, 3_000)
    given = given.assign(delay=given["delay"].clip(5, 45))
    report, _ = check(before, given)
    cause = report.columns["delay"].cause
    assert cause is not None
    assert (cause.kind, cause.stuck) == ("clipped", (5.0, 45.0))
    _, apart = set_apart(report, given)
    is_stuck = given["delay"].isin([5, 45])
    assert set(apart.index) == set(given.index[is_stuck])
    told = apart.loc[given.index[given["delay"] == 45], REASON]
    assert set(told) == {"delay is 45, where values are clipped"}
    stored = SkewReport.from_dict(report.to_dict())
    assert set_apart(stored, given)[1].equals(apart)


def test_what_is_left_passes_the_check() -> None:
    given = faulty(3, 3_000)
    report, _ = check(served(1, 3_000), given)
    clean, _ = set_apart(report, given)
    again, _ = check(served(1, 3_000), clean)
    kinds = {c.cause.kind for c in again.columns.values() if c.cause}
    assert kinds <= {"nulls"}  # the rows that lost their null are gone


def test_nothing_faulty_sets_nothing_apart() -> None:
    report, _ = check(served(1, 2_000), served(2, 2_000))
    clean, apart = set_apart(report, served(3, 500))
    assert (len(clean), len(apart)) == (500, 0)
    assert REASON in apart


def test_acknowledged_and_missing_columns_set_nothing_apart() -> None:
    given = faulty(2, 3_000)
    report, _ = check(served(1, 3_000), given)
    muted = replace(report.columns["delay"], muted_until="2030-01-01")
    some = replace(report, columns=MappingProxyType({**report.columns, "delay": muted}))
    _, apart = set_apart(some, given.drop(columns="carrier"))
    assert not len(apart)


def test_any_frame_is_taken() -> None:
    given = faulty(2, 3_000)
    report, _ = check(served(1, 3_000), given)
    table = pa.Table.from_pandas(given, preserve_index=False)
    assert len(set_apart(report, table)[1]) == len(set_apart(report, given)[1])
    later = pd.DataFrame({"delay": ["-1", "7", "x"], "carrier": [1.0, None, 2.0]})
    assert list(set_apart(report, later)[1].index) == [0]
