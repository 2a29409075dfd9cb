"""The relation of the differing pairs is named, undone, and never made up."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from nbmlops.skew.parity.judge import at_least
from nbmlops.skew.repair.steps import lines
from tests.skew.parity.samples import column_of, compared, relation_of, rows

RNG = np.random.default_rng(5)
PRICES = pd.Series(np.round(RNG.lognormal(3, 1, 50), 2))
AGES = pd.Series(RNG.integers(18, 90, 50))
LABELS = pd.Series(RNG.choice(["amber", "birch", "cedar", "dune"], 50), dtype=object)
TIMES = pd.Series(
    pd.to_datetime(RNG.integers(0, 20 * 86400, 50), unit="s", origin="2025-03-20")
)
Change = Callable[["pd.Series[Any]"], "pd.Series[Any]"]


def mended(relation: Any, after: "pd.Series[Any]") -> "pd.Series[Any]":
    """Run the repair on serving."""
    serving = pd.DataFrame({"x": after})
    exec(lines(relation.mend, "x"), {"serving": serving, "numpy": np, "pandas": pd})
    return serving["x"]


@pytest.mark.parametrize(
    ("kind", "said", "before", "change"),
    [
        ("unit", "training x 1000 in 100% of 50 pairs: ", PRICES, lambda x: x * 1000),
        ("unit", "training x 1.609344", PRICES, lambda x: x * 1.609344),
        ("unit", "training / 0.3048", PRICES, lambda x: x / 0.3048),
        ("unit", "training x 1.17 in", PRICES, lambda x: x * 1.17),
        ("unit", "training / 3 in", AGES, lambda x: x / 3),
        ("affine", "x 1.8 + 32", PRICES, lambda x: x * 1.8 + 32),
        ("affine", "training + 1 in", AGES, lambda x: x + 1),
        ("affine", "training - 2.5", PRICES, lambda x: x - 2.5),
        ("sign", "-training", PRICES, lambda x: -x),
        ("transform", "log1p(training)", PRICES, np.log1p),
        ("transform", "training ** 2", PRICES, lambda x: x**2),
        ("case", "birch arrives as BIRCH", LABELS, lambda x: x.str.upper()),
        ("whitespace", "blanks", LABELS, lambda x: x + " "),
        ("prefix", "'eu_' stands before", LABELS, lambda x: "eu_" + x),
        ("prefix", "'_1' stands after", LABELS, lambda x: x + "_1"),
        ("truncated", "cut after 2 ", LABELS, lambda x: x.str[:2]),
        (
            "recoded",
            "arrives as",
            LABELS,
            lambda x: x.map({"amber": "7", "birch": "1", "cedar": "x", "dune": "q"}),
        ),
        (
            "permuted",
            "arrives as",
            LABELS,
            lambda x: x.map(
                {"amber": "dune", "birch": "amber", "cedar": "birch", "dune": "cedar"}
            ),
        ),
        ("timezone", "training + 5 h", TIMES, lambda x: x + pd.Timedelta(hours=5)),
        ("affine", "training - 90 s", TIMES, lambda x: x - pd.Timedelta(seconds=90)),
    ],
)
def test_a_relation_is_named_from_50_pairs_and_undone(
    kind: str, said: str, before: "pd.Series[Any]", change: Change
) -> None:
    after = change(before)
    relation = relation_of(before, after)
    assert (relation.kind, relation.always) == (kind, True)
    assert said in relation.detail
    assert (relation.right, relation.pairs) == (50, 50)
    back = mended(relation, after)
    if before.dtype.kind in "if":
        np.testing.assert_allclose(back, before, rtol=1e-6)
    else:
        assert list(back) == list(before)


@pytest.mark.parametrize(
    ("kind", "said", "before", "change"),
    [
        ("unit", "x 1.609344", PRICES, lambda x: (x * 1.609344).round(1)),
        ("rounding", "rounded to whole numbers", PRICES, lambda x: x.round()),
        ("rounding", "rounded down", PRICES, np.floor),
        ("clipped", "above 30", PRICES, lambda x: x.clip(upper=30)),
        ("constant", "always 7.5", PRICES, lambda x: x * 0 + 7.5),
        ("preprocessed-twice", "scaled", PRICES, lambda x: (x - x.mean()) / x.std()),
        ("not-preprocessed", "scaled", (AGES - 50) / 20, lambda x: x * 20 + 50),
        ("truncated", "cut to the day", TIMES, lambda x: x.dt.floor("D")),
        (
            "timezone",
            "-5 or -4 h",
            TIMES - pd.Timedelta(days=20),
            lambda x: (
                x.dt.tz_localize("UTC")
                .dt.tz_convert("America/New_York")
                .dt.tz_localize(None)
            ),
        ),
        ("permuted", "1 arrives as 2, 0 as 1", AGES % 3, lambda x: (x + 1) % 3),
        (
            "empty-column",
            "null where training has a value",
            PRICES,
            lambda x: x * np.nan,
        ),
    ],
)
def test_what_cannot_be_undone_exactly_is_named_too(
    kind: str, said: str, before: "pd.Series[Any]", change: Change
) -> None:
    relation = relation_of(before, change(before))
    assert relation.kind == kind
    assert said in relation.detail


def test_a_number_where_nulls_were_is_told_beside_the_unit() -> None:
    before = PRICES.mask(PRICES.index % 9 == 0)
    column = column_of(before, (before * 100).fillna(-1))
    assert [r.kind for r in column.relations] == ["unit", "sentinel"]
    assert (column.mismatching, column.only_serving) == (44, 6)
    assert column.explained == 1.0
    assert "-1 where training is null in 100% of 6 pairs" in column.relations[1].detail


def test_words_for_null_are_told() -> None:
    before = LABELS.mask(LABELS.index % 9 == 0)
    relation = relation_of(before, before.fillna("nan"))
    assert (relation.kind, relation.part) == ("null-token", "filled")
    assert mended(relation, before.fillna("nan")).isna().sum() == before.isna().sum()


def test_a_value_that_training_has_itself_is_not_turned_to_null() -> None:
    before = PRICES.mask(PRICES.index % 5 == 0)
    before[7] = -1
    relation = relation_of(before, before.fillna(-1))
    assert (relation.kind, relation.mend) == ("sentinel", ())


def test_a_fault_of_some_senders_is_told_but_not_undone_everywhere() -> None:
    before = pd.Series(np.round(np.random.default_rng(1).lognormal(3, 1, 1_000), 2))
    some = before.index % 10 == 0
    column = column_of(before, before.where(~some, before * 1000))
    (relation,) = column.relations
    assert (relation.kind, relation.always, relation.mend) == ("unit", False, ())
    assert "in 100% of 100 pairs that differ" in relation.detail
    assert column.is_fault


def test_exchanged_columns_are_told_for_both() -> None:
    frame = rows(50).assign(other=np.arange(50) * 1.5)
    found = compared(frame, frame.rename(columns={"price": "other", "other": "price"}))
    kinds = {c.name: c.relations[0].kind for c in found.columns}
    assert kinds == {"price": "swapped", "other": "swapped"}
    assert "'other', and the other way round" in found.columns[1].relations[0].detail


@pytest.mark.parametrize("seed", range(20))
def test_noise_has_no_relation(seed: int) -> None:
    rng = np.random.default_rng(seed)
    frame = rows(1_000, seed).assign(flag=rng.integers(0, 2, 1_000))
    after = frame.copy()
    for name in frame.columns.drop("id"):
        there = rng.random(len(frame)) < 0.02
        drawn = pd.Series(rng.permutation(frame[name]))
        after[name] = frame[name].where(~there, drawn)
    found = compared(frame, after)
    assert found.columns
    named = [r for c in found.columns for r in c.relations if r.kind != "nulls"]
    assert not named


def test_flips_of_a_flag_are_no_relation() -> None:
    flag = pd.Series(np.random.default_rng(2).integers(0, 2, 2_000))
    column = column_of(flag, flag.where(flag.index % 40 != 0, 1 - flag))
    assert column.mismatching == 50
    assert not column.relations


def test_the_bound_is_that_of_clopper_and_pearson() -> None:
    from scipy.stats import binomtest

    for count, pairs in ((3, 50), (20, 1_000), (1, 1), (50, 50)):
        exact = binomtest(count, pairs, alternative="greater")
        interval = exact.proportion_ci(confidence_level=0.99, method="exact")
        assert at_least(count, pairs, 0.01) == pytest.approx(interval.low, rel=1e-9)
    assert at_least(0, 10, 0.05) == 0.0


def test_few_mismatches_are_no_fault_and_many_are() -> None:
    before = pd.Series(np.round(np.random.default_rng(3).lognormal(3, 1, 2_000), 2))
    noisy = before + np.random.default_rng(4).normal(0, 9, 2_000)
    few = column_of(before, before.where(before.index % 100 != 0, noisy))
    many = column_of(before, before.where(before.index % 40 != 0, noisy))
    assert (few.share, few.is_fault) == (0.01, False)
    assert (many.share, many.is_fault) == (0.025, True)
    assert 0.01 < many.at_least < 0.025


def test_at_most_the_stated_share_of_checks_find_a_fault_at_the_limit() -> None:
    """At a true share of exactly 1%, over 5 columns, in 400 checks."""
    rng = np.random.default_rng(6)
    level = 0.05 / 10
    counts = rng.binomial(3_000, 0.01, size=(400, 5))
    bounds = np.array([[at_least(int(c), 3_000, level) for c in row] for row in counts])
    assert (bounds > 0.01).any(axis=1).mean() <= 0.05
