"""Groups against the rest and against test: how often wrong, how often found."""

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats

from nbmlops.skew.differences import Rows, difference, least_rows
from nbmlops.skew.gaps import judge_groups, verdict_of
from nbmlops.skew.slices import Group

ALPHA, MARGIN = 0.05, 0.03
Labels = npt.NDArray[np.object_]


def rows_of(values: npt.ArrayLike, weight: npt.ArrayLike | None = None) -> Rows:
    of_rows = np.asarray(values, dtype=np.float64)
    count = len(of_rows)
    given = np.ones(count) if weight is None else np.asarray(weight, dtype=np.float64)
    return Rows(values=of_rows, weight=given, units=np.arange(count))


def losses(rng: np.random.Generator, kind: str, rows: int) -> npt.NDArray[np.float64]:
    if kind == "error rate":
        return (rng.random(rows) < 0.1).astype(np.float64)
    if kind == "absolute error":
        return rng.gamma(1.0, 0.5, rows)
    chance = np.clip(rng.beta(2, 2, rows), 0.001, 0.999)
    happened = rng.random(rows) < chance
    return np.asarray(-np.log(np.where(happened, chance, 1 - chance)))


def labels_of(rng: np.random.Generator, rows: int, count: int) -> Labels:
    share = 1 / np.arange(1, count + 1)
    names = np.array([f"v{number}" for number in range(count)], dtype=object)
    return names[rng.choice(count, rows, p=share / share.sum())]


def judged(
    rng: np.random.Generator, kind: str, *, is_weighted: bool = False, rise: float = 0
) -> tuple[Group, ...]:
    """Judge 24 groups of 2,000 rows, the second of one column with a rise."""
    rows, columns = 2_000, {"a": 4, "b": 20}
    sides = [losses(rng, kind, rows) for _ in range(2)]
    labels = [
        {name: labels_of(rng, rows, count) for name, count in columns.items()}
        for _ in range(2)
    ]
    moved = sides[0] + rise * (labels[0]["a"] == "v1")
    weight = rng.choice([1.0, 4.0], rows) if is_weighted else None
    return judge_groups(
        rows_of(moved, weight),
        labels[0],
        rows_of(sides[1]),
        labels[1],
        alpha=ALPHA,
        margin=MARGIN,
    )


@pytest.mark.parametrize("is_weighted", [False, True])
@pytest.mark.parametrize("kind", ["log loss", "error rate", "absolute error"])
def test_where_no_group_differs_few_checks_find_one(
    kind: str, is_weighted: bool
) -> None:
    rng = np.random.default_rng(3)
    found, over, checks = 0, 0, 150
    for _ in range(checks):
        groups = judged(rng, kind, is_weighted=is_weighted)
        both = [c for group in groups for c in (group.gap, group.rise) if c]
        assert len(both) >= 8
        found += any(contrast.said for contrast in both)
        over += verdict_of(groups, MARGIN) == "over tolerance"
    most = stats.binom.ppf(0.99, checks, ALPHA)
    assert found <= most
    assert over <= 1


def test_a_rise_is_found_and_told_from_one_that_does_not_matter() -> None:
    rng = np.random.default_rng(4)
    large = [judged(rng, "log loss", rise=0.2) for _ in range(40)]
    assert sum(verdict_of(groups, MARGIN) == "over tolerance" for groups in large) >= 38
    for groups in large[:10]:
        worst = max(groups, key=lambda g: g.rise.difference if g.rise else -1)
        assert (worst.column, worst.value) == ("a", "v1")


def test_a_group_that_was_always_harder_is_no_skew() -> None:
    rng = np.random.default_rng(5)
    labels = labels_of(rng, 4_000, 4)
    values = losses(rng, "log loss", 4_000) + 0.5 * (labels == "v1")
    sides = [(rows_of(values[:2_000]), labels[:2_000])]
    sides += [(rows_of(values[2_000:]), labels[2_000:])]
    (log, of_log), (test, of_test) = sides
    groups = judge_groups(
        log, {"a": of_log}, test, {"a": of_test}, alpha=ALPHA, margin=MARGIN
    )
    harder = next(group for group in groups if group.value == "v1")
    assert harder.gap is not None
    assert (harder.gap.said, round(harder.gap.difference, 1)) == ("differs", 0.5)
    assert verdict_of(groups, MARGIN) == "no evidence"


def test_a_plain_difference_is_welchs() -> None:
    rng = np.random.default_rng(6)
    own, other = rng.normal(1.0, 1.0, 400), rng.normal(0.9, 2.0, 900)
    found = difference(rows_of(own), _apart(rows_of(other), 400))
    expected = stats.ttest_ind(own, other, equal_var=False)
    interval = expected.confidence_interval()
    assert found.apart.error == pytest.approx(expected._standard_error, rel=0.01)
    assert found.interval[0] <= interval.low + 0.01
    assert found.interval[1] >= interval.high - 0.01
    assert found.p_value() >= expected.pvalue - 0.01


def test_equal_groups_of_errors_match_the_hypergeometric_law() -> None:
    """A group without a single error among rare ones is no discovery."""
    own, other = np.zeros(200), np.zeros(1_800)
    other[:90] = 1
    found = difference(rows_of(own), _apart(rows_of(other), 200))
    exact = stats.hypergeom(2_000, 90, 200).pmf(0)
    assert exact / 5 < found.p_value() < 2 * 20 * exact


def test_a_weight_counts_as_so_many_rows() -> None:
    rng = np.random.default_rng(7)
    values, weight = rng.random(500), rng.choice([1, 3], 500)
    light = rows_of(values, weight)
    assert light.mean == pytest.approx(np.average(values, weights=weight))
    assert light.size < 500
    zeros = rows_of(values, np.full(500, 2.5))
    assert zeros.size == pytest.approx(500)


def test_rows_of_one_unit_are_no_more_than_one() -> None:
    rng = np.random.default_rng(8)
    values = np.repeat(rng.random(300), 10)
    units = np.repeat(np.arange(300), 10)
    whole = Rows(values=values, weight=np.ones(3_000), units=units)
    assert whole.size == 300
    one = rng.random(300)
    found = difference(whole, _apart(rows_of(one), 3_000))
    plain = difference(rows_of(values[::10]), _apart(rows_of(one), 3_000))
    assert found.apart.error == pytest.approx(plain.apart.error)


def test_rare_large_losses_take_more_rows() -> None:
    errors = np.zeros(10_000)
    errors[:100] = 1
    assert least_rows(rows_of(np.zeros(500))) == 100
    assert 900 < least_rows(rows_of(errors)) < 1_000


def _apart(rows: Rows, first: int) -> Rows:
    return Rows(values=rows.values, weight=rows.weight, units=rows.units + first)
