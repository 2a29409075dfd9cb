"""Logs are cut by day, week or month where they have times, else into blocks."""

import numpy as np
import pytest

from nbmlops.skew.spans import DAY, MOST, spans_of
from nbmlops.skew.strata import FEWEST_ROWS, expected_mean, strata_of

START = 1_782_864_000.0  # 2026-07-01, a Wednesday


def test_days_are_days_in_the_order_of_time() -> None:
    at = np.array([2.5, 0.1, np.nan, 0.9]) * DAY + START
    found = spans_of(at, 4)
    assert found.names == ("2026-07-01", "2026-07-03")
    assert found.order.tolist() == [1, 3, 0, 2]
    assert found.span.tolist() == [0, 0, 1, -1]


@pytest.mark.parametrize(
    ("days", "first"),
    [
        (62, "2026-07-01"),
        (100, "2026-06-29 to 2026-07-05"),
        (600, "2026-06-08 to 2026-07-05"),
        (4_000, "2026-06-08 to 2026-07-05"),
    ],
)
def test_long_logs_have_long_spans(days: int, first: str) -> None:
    found = spans_of(START + np.arange(days, dtype=np.float64) * DAY, days)
    assert found.names[0] == first
    assert len(found.names) <= MOST or days == 4_000


def test_without_times_there_are_blocks_of_rows() -> None:
    found = spans_of(None, 1_001)
    assert found.names[0] == "rows 1 to 200"
    assert found.names[-1] == "rows 801 to 1,001"
    assert np.bincount(found.span).tolist() == [200, 200, 200, 200, 201]
    assert spans_of(np.full(3, np.nan), 3).names == ("rows 1 to 3",)


def test_strata_hold_enough_rows_of_the_test() -> None:
    rng = np.random.default_rng(1)
    test, log = (rng.dirichlet([3, 2, 0.05], n) for n in (700, 300))
    found = strata_of(test, log)
    counts = np.bincount(found.test, minlength=found.count)
    assert (counts[:-1] >= FEWEST_ROWS).all()
    assert found.log.max() < found.count
    one = strata_of(np.full((500, 1), 2.0), log[:, :1])
    assert one.count >= 1


def test_a_mean_is_reweighted_to_the_scores_of_the_log() -> None:
    rng = np.random.default_rng(2)
    test, log = rng.normal(0, 1, (20_000, 1)), rng.normal(1, 1, (20_000, 1))
    found = strata_of(test, log)
    mean, error = expected_mean(found, (test[:, 0] > 0).astype(np.float64), None, None)
    truth = (log[:, 0] > 0).mean()
    assert mean == pytest.approx(truth, abs=0.02)
    assert 0 < error < 0.01
