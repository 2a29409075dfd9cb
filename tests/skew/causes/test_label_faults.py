"""Faults in handling labels are named, and mended; what is no fault is not."""

import numpy as np
import pytest

from nbmlops.skew.causes.table import WITHOUT_FAULT
from tests.skew.causes.label_faults import FAULTS, NATURAL
from tests.skew.causes.labelled import cause_of, repaired, sample, spoilt
from tests.skew.checking import column_of

# What counts alone do not always tell: an order of few labels with close shares, more
# nulls among many labels of which some happen to move.
UNSURE = {("any order", 4), ("rotated", 4), ("reversed", 4)}
UNSURE |= {("nulls 6 -> 14%", 60), ("null rows dropped", 60)}
CASES = [
    (name, count)
    for name, fault in FAULTS.items()
    for count in fault.counts
    if (name, count) not in UNSURE
]


@pytest.mark.parametrize(("fault", "count"), CASES)
def test_a_fault_is_named_and_its_repair_passes(fault: str, count: int) -> None:
    before, after, column = spoilt(fault, count)
    cause = cause_of(column)
    assert cause.kind == FAULTS[fault].kind
    assert (column.verdict == "handling fault") == (cause.kind not in WITHOUT_FAULT)
    if cause.repair:
        assert column_of(before, repaired(cause, after)).verdict == "no evidence"


MENDED = [
    "upper case",
    "trailing blank",
    "underscores",
    "NFD",
    "mojibake",
    "null -> nan",
    "1 -> 01",
    "True -> 1",
    "suffix _v2 in 10%",
    "prefix lost",
    "codes for labels",
    "encoder's order",
]


@pytest.mark.parametrize("fault", MENDED)
def test_a_fault_that_can_be_undone_has_a_repair(fault: str) -> None:
    assert cause_of(spoilt(fault, 4)[2]).mend


@pytest.mark.parametrize("fault", ["rotated", "reversed", "any order"])
def test_exchanged_labels_of_few_are_told_beside_a_population(fault: str) -> None:
    told = 0
    for seed in range(6):
        cause = cause_of(spoilt(fault, 4, seed=seed)[2])
        told += "permuted" in {cause.kind, *cause.also}
    assert told >= 5


@pytest.mark.parametrize("change", sorted(NATURAL))
@pytest.mark.parametrize("count", [2, 4, 12, 60])
@pytest.mark.parametrize("rows", [500, 2000])
def test_natural_changes_are_not_called_faults(
    change: str, count: int, rows: int
) -> None:
    for seed in range(3):
        sides = NATURAL[change](sample(count, rows, seed))
        assert column_of(*sides).verdict != "handling fault"


@pytest.mark.parametrize("count", [12, 60, 100])
@pytest.mark.parametrize("spread", [0.15, 0.3, 0.5])
def test_shares_that_each_changed_a_little_are_no_exchange(
    count: int, spread: float
) -> None:
    """Labels next in rank change places then, and the curve stays as it was."""
    names = np.array([f"L{k * 37 % 100:02d}" for k in range(count)], dtype=object)
    for seed in range(4):
        r = np.random.default_rng(seed)
        before = np.arange(1, count + 1) ** -0.5
        after = before * np.exp(r.normal(0, spread, count))
        sides = (r.choice(names, 30_000, p=p / p.sum()) for p in (before, after))
        cause = cause_of(column_of(*sides))
        assert (cause.kind, cause.also) == ("population", ())


def test_what_few_rows_would_have_exchanged_is_in_no_sentence() -> None:
    r = np.random.default_rng(6)
    names = np.array(["JFK", "LGA", "EWR"], dtype=object)
    sides = (
        r.choice(names, 27_000, p=p) for p in ([0.34, 0.3, 0.36], [0.3, 0.34, 0.36])
    )
    cause = cause_of(column_of(*sides))
    assert (cause.kind, cause.also) == ("population", ("permuted",))
    assert "fits" not in cause.detail


def test_nothing_is_named_where_nothing_changed() -> None:
    kinds = set()
    for count in (2, 4, 12, 60):
        for seed in range(8):
            s = sample(count, 1000, seed)
            cause = column_of(s.before, s.after).cause
            kinds |= {cause.kind} if cause else set()
    assert kinds <= {"population"}


def test_truth_that_was_turned_round_is_told_beside_a_population() -> None:
    r = np.random.default_rng(5)
    before, after = (r.random(2000) < 0.2 for _ in range(2))
    cause = cause_of(column_of(before, ~after))
    assert cause.kind == "population"
    assert cause.also == ("permuted",)
    assert "the two are exchanged" in cause.detail


@pytest.mark.parametrize("rows", [1, 3, 20, 60])
def test_few_rows_are_judged_without_error(rows: int) -> None:
    for fault in FAULTS.values():
        s = sample(fault.counts[-1], rows)
        column_of(*fault.make(s))
