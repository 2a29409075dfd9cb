"""Performance without labels: intervals hold what labels then show, or it refuses."""

from collections.abc import Callable

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, brier_score_loss, log_loss, roc_auc_score

from nbmlops.skew.estimation import Codes, Scores, estimate, why_not
from nbmlops.skew.statistics import Floats

SEED = 20130101
METRICS: dict[str, Callable[..., float]] = {
    "accuracy": lambda y, p: accuracy_score(y, p.argmax(axis=1)),
    "log_loss": lambda y, p: log_loss(y, p, labels=[0, 1]),
    "brier_score": lambda y, p: brier_score_loss(y, p[:, 1]),
    "roc_auc": lambda y, p: roc_auc_score(y, p[:, 1]),
}


def world(
    rng: np.random.Generator, rows: int, shift: float = 0.0, slope: float = 1.2
) -> tuple[Floats, Codes]:
    """Draw rows; a model of another slope than 1.2 is not calibrated."""
    x = rng.normal(shift, 1, rows)
    true = 1 / (1 + np.exp(0.5 - 1.2 * x))
    said = 1 / (1 + np.exp(0.5 - slope * x))
    happened = (rng.random(rows) < true).astype(np.int64)
    return np.column_stack([1 - said, said]), happened


def scores(chances: Floats, weight: Floats | None = None) -> Scores:
    return Scores(probability=chances, predicted=chances.argmax(axis=1), weight=weight)


@pytest.mark.parametrize("shift", [0.0, 0.7, -0.7])
def test_the_interval_holds_what_labels_show(shift: float) -> None:
    rng = np.random.default_rng(SEED)
    worlds = 40
    held = dict.fromkeys(METRICS, 0)
    for _ in range(worlds):
        chances, target = world(rng, 1_000)
        later, happened = world(rng, 1_500, shift)
        for found in estimate(scores(chances), target, scores(later)):
            truth = METRICS[found.metric](happened, later)
            held[found.metric] += found.interval[0] <= truth <= found.interval[1]
    assert min(held.values()) >= 35  # of 40 at 95%: in 98.6% of samples


def test_a_test_with_few_positives_by_chance_gives_no_narrower_interval() -> None:
    rng = np.random.default_rng(SEED)
    chances, target = world(rng, 1_000)
    later, _ = world(rng, 3_000, -1.0)
    is_low = chances[:, 1] < np.quantile(chances[:, 1], 0.3)
    is_left_out = is_low & (rng.random(1_000) < 0.5)

    def widths(labels: Codes) -> dict[str, float]:
        found = estimate(scores(chances), labels, scores(later))
        return {e.metric: e.interval[1] - e.interval[0] for e in found}

    plain, lucky = widths(target), widths(np.where(is_left_out, 0, target))
    for metric in ("log_loss", "brier_score"):
        assert lucky[metric] > 0.75 * plain[metric], metric


def test_labels_that_vary_more_than_they_should_widen_the_interval() -> None:
    rng = np.random.default_rng(SEED)
    chances, target = world(rng, 2_000)
    later, _ = world(rng, 20_000)
    is_low = chances[:, 1] < 0.3
    more = np.where(is_low & (rng.random(2_000) < 0.15), 1, target)

    def width(labels: Codes) -> float:
        found = estimate(scores(chances), labels, scores(later))
        low, high = {e.metric: e.interval for e in found}["log_loss"]
        return high - low

    assert width(more) > 1.1 * width(target)


def test_a_drift_of_the_features_is_seen_without_labels() -> None:
    rng = np.random.default_rng(SEED)
    chances, target = world(rng, 4_000)
    later, happened = world(rng, 8_000, -2.0)
    found = {e.metric: e for e in estimate(scores(chances), target, scores(later))}
    before = accuracy_score(target, chances.argmax(axis=1))
    truth = accuracy_score(happened, later.argmax(axis=1))
    assert truth > before + 0.08
    assert found["accuracy"].value == pytest.approx(truth, abs=0.03)
    assert found["accuracy"].interval[0] > before


def test_other_classes_count_as_well() -> None:
    rng = np.random.default_rng(SEED)

    def draw(rows: int) -> tuple[Floats, Codes]:
        chances = rng.dirichlet([2, 1, 1, 0.02], rows)
        labels = (rng.random(rows)[:, None] > chances.cumsum(axis=1)[:, :-1]).sum(
            axis=1
        )
        return chances, labels

    held = 0
    for _ in range(30):
        (chances, target), (later, happened) = draw(1_000), draw(1_500)
        found = estimate(scores(chances), target, scores(later))
        assert [e.metric for e in found] == ["accuracy", "log_loss"]
        truth = (later.argmax(axis=1) == happened).mean()
        held += found[0].interval[0] <= truth <= found[0].interval[1]
    assert held >= 26


def test_weights_are_respected() -> None:
    rng = np.random.default_rng(SEED)
    chances, target = world(rng, 2_000)
    later, _ = world(rng, 10_000)
    kept = np.where(np.abs(later[:, 1] - 0.5) > 0.2, 1.0, 0.1)
    drawn = rng.random(10_000) < kept
    whole = estimate(scores(chances), target, scores(later))[0]
    weighted = scores(later[drawn], 1 / kept[drawn])
    found = estimate(scores(chances), target, weighted)[0]
    bare = estimate(scores(chances), target, scores(later[drawn]))[0]
    assert found.value == pytest.approx(whole.value, abs=0.01)
    assert bare.value > whole.value + 0.03


def test_probabilities_that_are_not_what_they_say_are_refused() -> None:
    rng = np.random.default_rng(SEED)
    chances, target = world(rng, 2_000, slope=4.0)
    assert "calibrate the model first" in why_not(scores(chances), target)
    few = world(rng, 150)
    assert "150 rows" in why_not(scores(few[0]), few[1])


def test_calibrated_models_are_hardly_ever_refused() -> None:
    rng = np.random.default_rng(SEED)
    refused = 0
    for _ in range(200):
        chances, target = world(rng, 1_000)
        refused += bool(why_not(scores(chances), target))
    assert refused <= 6


def test_the_same_rows_give_the_same_estimate() -> None:
    rng = np.random.default_rng(SEED)
    chances, target = world(rng, 500)
    later, _ = world(rng, 500)
    found = estimate(scores(chances), target, scores(later))
    assert found == estimate(scores(chances), target, scores(later))
