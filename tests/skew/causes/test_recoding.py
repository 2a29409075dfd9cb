"""Other labels in the same shares, and the same labels that mean each other."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbmlops.skew.causes.frequencies import sorted_gap
from nbmlops.skew.repair.steps import Relabel
from nbmlops.skew.statistics import Floats
from tests.skew import shapes
from tests.skew.causes.label_faults import draw, each
from tests.skew.causes.labelled import cause_of, repaired, sample, spoilt
from tests.skew.checking import column_of

CURVE = [0.4, 0.3, 0.2, 0.06, 0.04]


def test_codes_of_the_alphabet_are_mended_exactly() -> None:
    before, after, column = spoilt("codes for labels", 12)
    cause = cause_of(column)
    assert "as their places in alphabetical order, from 0" in cause.detail
    alphabet = sorted(set(before) - {None})
    wanted = [None if code is None else alphabet[int(code)] for code in after]
    assert [b if isinstance(b, str) else None for b in repaired(cause, after)] == wanted


def test_codes_of_the_models_own_encoder_are_preferred_where_they_are_known() -> None:
    s = sample(12)
    served = each(s.after, lambda name: str(s.names.index(name)))
    cause = cause_of(column_of(s.before, served, hints={"x": {"categories": s.names}}))
    assert "in the order of the model's encoder" in cause.detail
    assert (repaired(cause, served) == s.after).all()
    # Not known, they are still labels in the same shares; no order is made up.
    unknown = cause_of(column_of(s.before, served))
    assert (unknown.kind, unknown.mend) == ("recoded", ())


def test_frequencies_mend_only_what_they_surely_tell_apart() -> None:
    r = np.random.default_rng(2)
    names, shares = ["a", "b", "c", "d"], [0.55, 0.27, 0.13, 0.05]
    before, after = (draw(r, 6000, names, shares) for _ in range(2))
    marks = {"a": "x9", "b": "q1", "c": "m5", "d": "k7"}
    cause = cause_of(column_of(before, each(after, lambda n: marks[n])))
    assert cause.mend == (Relabel(labels={v: k for k, v in marks.items()}),)
    close = draw(r, 6000, names, [0.26, 0.25, 0.25, 0.24])
    served = each(draw(r, 6000, names, [0.26, 0.25, 0.25, 0.24]), lambda n: marks[n])
    even = cause_of(column_of(close, served))
    assert (even.kind, even.mend) == ("population", ())
    assert "recoded" in even.also


def counts(r: np.random.Generator, rows: int, shares: list[float]) -> Floats:
    return r.multinomial(rows, shares).astype(np.float64)


def test_months_that_follow_are_not_called_recoded() -> None:
    r = np.random.default_rng(3)
    first, second = ["Jan", "Feb", "Mar"], ["Apr", "May", "Jun"]
    for _ in range(10):
        sides = [draw(r, 2000, names, [1, 1, 1]) for names in (first, second)]
        assert column_of(*sides).verdict != "handling fault"


def test_numbers_that_begin_with_others_are_no_prefix() -> None:
    r = np.random.default_rng(4)
    before = draw(r, 2000, [str(k) for k in range(1, 10)], np.ones(9))
    after = draw(r, 2000, [str(k) for k in range(1, 13)], np.ones(12))
    column = column_of(before, after)
    assert cause_of(column).kind == "new-category"
    assert column.verdict != "handling fault"


@pytest.mark.parametrize("rows", [(500, 500), (2000, 300), (20_000, 1000)])
def test_sorted_curves_of_one_distribution_rarely_leave_their_own_noise(
    rows: tuple[int, int],
) -> None:
    r = np.random.default_rng(5)
    gaps = [sorted_gap(*(counts(r, n, CURVE) for n in rows)) for _ in range(60)]
    assert np.mean(np.array(gaps) > 3.5) <= 0.05
    far = counts(r, rows[1], [0.6, 0.1, 0.1, 0.1, 0.1])
    assert sorted_gap(counts(r, rows[0], CURVE), far) > 4


words = st.text(st.characters(categories=("L", "N", "P", "Zs")), min_size=1, max_size=9)


@settings(max_examples=15, deadline=None)
@given(
    names=st.lists(words, min_size=12, max_size=12, unique=True),
    power=st.sampled_from([0.6, 1.0, 1.6]),
    seed=st.integers(0, 99),
)
def test_other_names_on_both_sides_change_nothing_of_the_judgement(
    names: list[str], power: float, seed: int
) -> None:
    r = np.random.default_rng(seed)
    before = shapes.zipf(r, 600, 12)
    shares = (1 / np.arange(1, 13)) ** power
    after = draw(r, 600, sorted(set(before)), shares[: len(set(before))])
    other = dict(zip([f"label{k:03d}" for k in range(12)], names, strict=True))
    plain = column_of(before, after)
    renamed = column_of(*(pd.Series(side).map(other) for side in (before, after)))
    assert renamed.distance == pytest.approx(plain.distance, abs=1e-9)
    assert renamed.p_value == pytest.approx(plain.p_value, rel=1e-6)
    assert renamed.p_tolerance == pytest.approx(plain.p_tolerance, rel=1e-6)
    assert (renamed.verdict == "over tolerance") == (plain.verdict == "over tolerance")
