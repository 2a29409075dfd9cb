"""All groups at once against the rest are what each would be alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbmlops.skew.differences import Rows, difference
from nbmlops.skew.rest import against_rest


@given(
    seed=st.integers(0, 10_000),
    count=st.integers(2, 6),
    rows=st.integers(10, 200),
    several=st.booleans(),
    is_weighted=st.booleans(),
)
def test_each_group_differs_as_it_would_alone(
    seed: int, count: int, rows: int, several: bool, is_weighted: bool
) -> None:
    rng = np.random.default_rng(seed)
    code = np.concatenate([np.arange(count), rng.integers(0, count, rows - count)])
    unit = rng.integers(0, rows // 3, rows) if several else np.arange(rows)
    log = Rows(
        values=5.0 + rng.exponential(1.0, rows),
        weight=rng.uniform(0.2, 5.0, rows) if is_weighted else np.ones(rows),
        units=np.unique(unit, return_inverse=True)[1],
    )
    found = against_rest(log, [np.flatnonzero(code == k) for k in range(count)])
    for k, one in enumerate(found):
        own, rest = (log.part(np.flatnonzero(at)) for at in (code == k, code != k))
        alone = difference(own, rest)
        assert one.difference is not None
        assert (one.size, one.rest) == pytest.approx((own.size, rest.size))
        assert one.difference.value == pytest.approx(alone.value, abs=1e-12)
        assert one.difference.other == pytest.approx(alone.other)
        assert one.difference.freedom == pytest.approx(alone.freedom)
        for mine, theirs in (
            (one.difference.apart, alone.apart),
            (one.difference.together, alone.together),
        ):
            assert mine.error == pytest.approx(theirs.error, abs=1e-9)
            assert mine.skewness == pytest.approx(theirs.skewness, abs=1e-3)


def test_a_group_of_all_rows_has_no_rest() -> None:
    log = Rows(values=np.arange(9.0), weight=np.ones(9), units=np.arange(9))
    (only,) = against_rest(log, [np.arange(9)])
    assert (only.size, only.rest, only.difference) == (9.0, 0.0, None)
