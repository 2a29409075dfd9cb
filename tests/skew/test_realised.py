"""Losses against the test's: alarms at the level at most, rises found and placed."""

from itertools import pairwise

import numpy as np
import pytest

from nbmlops.skew.realised import Judged, Losses, judge_losses
from nbmlops.skew.statistics import Floats

SEED = 20130101
FAILING = {"over tolerance"}


def coin(rng: np.random.Generator, rows: int, chance: float = 0.2) -> Losses:
    return Losses(values=(rng.random(rows) < chance).astype(np.float64))


def judged(losses: Losses, test: Losses, spans: int = 8, **changed: object) -> Judged:
    edges = np.linspace(0, len(losses.values), spans + 1).astype(int)
    given: dict[str, object] = {"bounded": True, "tolerance": 0.1, "alpha": 0.05}
    slices = [slice(int(a), int(b)) for a, b in pairwise(edges)]
    return judge_losses(losses, slices, test, **{**given, **changed})  # type: ignore[arg-type]  # options


def test_a_growing_log_without_a_rise_is_hardly_ever_called_worse() -> None:
    """Check each log at two sizes: the level is of all these checks together.

    The test is large, so that all of the level that is used is the sequences'.
    """
    rng = np.random.default_rng(SEED)
    logs, rose = 60, 0
    for _ in range(logs):
        test, log = coin(rng, 20_000), coin(rng, 4_000)
        looks = (
            judged(log.part(slice(0, n)), test) for n in (500, 1_000, 2_000, 4_000)
        )
        rose += any(look.rose or look.verdict in FAILING for look in looks)
    assert rose / logs <= 0.05


def test_later_spans_have_less_of_the_level() -> None:
    """Give each span the same losses: they suffice in the first ones only."""
    test = coin(np.random.default_rng(SEED), 20_000)
    values = np.tile((np.arange(300) % 10 < 3).astype(np.float64), 30)
    said = judged(Losses(values=values), test, spans=30).spans
    assert (said[0], said[-1]) == ("worse", "")


def test_a_rise_within_tolerance_is_hardly_ever_called_over_it() -> None:
    rng = np.random.default_rng(SEED)
    logs = 100
    over = sum(
        judged(coin(rng, 4_000, 0.22), coin(rng, 1_000)).verdict in FAILING
        for _ in range(logs)
    )
    assert over / logs <= 0.05


def test_a_rise_is_found_and_placed() -> None:
    rng = np.random.default_rng(SEED)
    logs, over, rows = 40, 0, []
    for _ in range(logs):
        values = np.concatenate([coin(rng, 3_000).values, coin(rng, 3_000, 0.3).values])
        found = judged(Losses(values=values), coin(rng, 2_000))
        over += found.verdict in FAILING
        rows.append(found.since)
        assert found.rose
        assert not any(found.spans[:3])
    assert over / logs >= 0.9
    assert np.median(rows) == pytest.approx(3_000, abs=60)


def test_an_improvement_is_no_finding() -> None:
    rng = np.random.default_rng(SEED)
    found = judged(coin(rng, 4_000, 0.1), coin(rng, 1_000))
    assert (found.verdict, found.rose, set(found.spans)) == ("no evidence", False, {""})


def test_few_labels_say_that_they_are_few() -> None:
    rng = np.random.default_rng(SEED)
    found = judged(coin(rng, 200), coin(rng, 1_000))
    assert found.verdict == "not enough data"
    assert set(found.spans) == {"not enough"}
    assert found.detectable > 0.02
    many = judged(coin(rng, 60_000), coin(rng, 60_000))
    assert many.verdict == "no evidence"
    assert many.detectable < 0.02


def test_a_real_rise_that_does_not_matter_is_within_tolerance() -> None:
    rng = np.random.default_rng(SEED)
    found = judged(coin(rng, 80_000, 0.22), coin(rng, 80_000), tolerance=0.3)
    assert found.verdict == "within tolerance"


def test_weights_decide_whose_losses_count() -> None:
    rng = np.random.default_rng(SEED)
    losses = coin(rng, 20_000)
    kept = np.where(losses.values > 0, 0.9, 0.2)
    drawn = rng.random(20_000) < kept
    test = coin(rng, 2_000)
    weighted = Losses(values=losses.values[drawn], weight=1 / kept[drawn])
    assert not judged(weighted, test).rose
    assert judged(Losses(values=losses.values[drawn]), test).verdict in FAILING


def test_unbounded_losses_are_judged_too() -> None:
    rng = np.random.default_rng(SEED)

    def errors(rows: int, scale: float = 1.0) -> Floats:
        return rng.exponential(scale, rows)

    test = Losses(values=errors(2_000))
    rose = sum(
        judged(Losses(values=errors(3_000)), test, bounded=False).rose
        for _ in range(60)
    )
    assert rose <= 3
    values = np.concatenate([errors(2_000), errors(2_000, 1.6)])
    found = judged(Losses(values=values), test, bounded=False)
    assert found.verdict in FAILING
    assert found.since == pytest.approx(2_000, abs=150)
