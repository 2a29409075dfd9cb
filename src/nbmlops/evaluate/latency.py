"""How long one prediction takes: single rows, the versions in turns."""

from collections.abc import Sequence
from statistics import median
from time import perf_counter
from typing import Any

CALLS = 20
BUDGET_SECONDS = 0.1


def single_row_latency(
    models: Sequence[Any],
    rows: Sequence[Any],
    *,
    calls: int = CALLS,
    budget: float = BUDGET_SECONDS,
) -> tuple[float, ...]:
    """Time single-row predictions of several models in turns.

    In turns, because a machine is faster or slower from one second to the next, and
    what comes first pays for caches that the later ones find warm.

    Parameters
    ----------
    models
        Fitted estimators.
    rows
        For each model one row of its features.
    calls
        At most so many timed predictions per model, after one that is not counted.
    budget
        Seconds in all, after which no other turn begins; one turn is always timed.

    Returns
    -------
    tuple of float
        The median per model, in milliseconds.
    """
    taken: list[list[float]] = [[] for _ in models]
    start = perf_counter()
    warmed = False
    for _ in range(calls + 1):
        before = perf_counter()
        times = [_seconds(model, row) for model, row in zip(models, rows, strict=True)]
        slow = perf_counter() - before > budget / 2
        # The first turn is not counted, unless another one would take too long.
        if warmed or slow:
            for kept, seconds in zip(taken, times, strict=True):
                kept.append(seconds)
        warmed = True
        if perf_counter() - start > budget and taken[0]:
            break
    return tuple(1000.0 * median(times) for times in taken)


def _seconds(model: Any, row: Any) -> float:
    start = perf_counter()
    model.predict(row)
    return perf_counter() - start
