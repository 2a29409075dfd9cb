"""How often a 95% interval holds the true difference, by metric, n and kind of rows.

Two classifiers (and two regressions) of known quality score rows drawn anew each time;
the true difference is that of very many rows. Clustered: the rows of a group share an
effect on the target and on how well each version does, and are drawn together.

    python benchmarks/interval_coverage.py            # the whole table
    python benchmarks/interval_coverage.py --quick    # fewer repeats
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nbmlops.compare.paired import Rows, Units, paired_difference
from nbmlops.evaluate.metrics import Metric, metrics_for
from nbmlops.evaluate.tasks import Task

#: Task, rows, groups (0: independent rows), weighted.
SCENES: tuple[tuple[Task, int, int, bool], ...] = (
    ("binary", 200, 0, False),
    ("binary", 1_000, 0, False),
    ("binary", 10_000, 0, False),
    ("multiclass", 200, 0, False),
    ("multiclass", 1_000, 0, False),
    ("regression", 200, 0, False),
    ("regression", 1_000, 0, False),
    ("regression", 10_000, 0, False),
    ("binary", 1_000, 14, False),
    ("binary", 10_000, 14, False),
    ("binary", 10_000, 60, False),
    ("regression", 1_000, 14, False),
    ("regression", 10_000, 60, False),
    ("binary", 200, 0, True),
    ("binary", 2_000, 0, True),
    ("binary", 2_000, 14, True),
    ("regression", 200, 0, True),
)


@dataclass(frozen=True)
class Coverage:
    """One line of the table.

    Attributes
    ----------
    covered
        The share of the intervals that hold the true difference.
    width
        Mean width, in widths of an interval made of the true standard deviation.
    """

    task: str
    metric: str
    rows: int
    groups: int
    weighted: bool
    covered: float
    width: float


def draw(
    task: Task, n: int, groups: int, rng: np.random.Generator, *, weighted: bool
) -> tuple[Rows, Rows, Units]:
    """Draw rows of two versions; groups 0: independent rows."""
    if groups:
        sizes = rng.dirichlet(np.full(groups, 4.0)) * n
        owner = np.repeat(np.arange(groups), np.maximum(1, sizes.round()).astype(int))
        n = len(owner)
        effect = rng.normal(0, 0.6, groups)[owner]
        skill = rng.normal(0, 0.5, groups)[owner]
    else:
        owner, effect, skill = np.arange(n), np.zeros(n), np.zeros(n)
    make = {"binary": _binary, "multiclass": _multiclass, "regression": _regression}
    first, second = make[task](n, effect, skill, rng)
    units = Units.groups(owner) if groups else Units.rows(n)
    if weighted:
        # Uneven, and heavier where the target is positive, as in a stratified sample.
        weight = rng.gamma(1.0, 1.0, n) * (1 + (first.target > 0))
        first, second = replace(first, weight=weight), replace(second, weight=weight)
    return first, second, units


def _binary(n: int, effect: Any, skill: Any, rng: np.random.Generator) -> Any:
    signal = rng.normal(0, 1, n)
    chance = 1 / (1 + np.exp(-(signal - 1.4 + effect)))
    target = (rng.random(n) < chance).astype(int)
    common = rng.normal(0, 0.8, n)
    sides = []
    for gain, noise in ((0.7, 0.7), (0.9 + 0.3 * skill, 0.5)):
        score = gain * signal + common * 0.5 + rng.normal(0, noise, n) - 1.3
        late = 1 / (1 + np.exp(-score))
        sides.append(
            _rows(target, (late > 0.35).astype(int), np.column_stack([1 - late, late]))
        )
    return sides


def _multiclass(n: int, effect: Any, skill: Any, rng: np.random.Generator) -> Any:
    target = rng.choice(3, n, p=(0.6, 0.3, 0.1))
    common = rng.normal(0, 1, (n, 3))
    sides = []
    for gain in (1.0 + 0 * skill, 1.2 + 0.3 * skill):
        raw = 0.7 * common + rng.normal(0, 0.7, (n, 3))
        raw[np.arange(n), target] += gain
        chance = np.exp(raw) / np.exp(raw).sum(axis=1, keepdims=True)
        sides.append(_rows(target, chance.argmax(axis=1), chance))
    return sides


def _regression(n: int, effect: Any, skill: Any, rng: np.random.Generator) -> Any:
    target = rng.gamma(2.0, 1.0, n) * np.exp(0.5 * effect)
    common = rng.normal(0, 0.5, n) * np.sqrt(target)
    sides = []
    for noise in (0.7, 0.6):
        error = common + rng.normal(0, noise, n) * np.exp(0.4 * skill)
        sides.append(_rows(target, target + error, None))
    return sides


def _rows(target: Any, prediction: Any, probability: Any) -> Rows:
    classes = () if probability is None else tuple(range(probability.shape[1]))
    return Rows(
        target=target,
        prediction=prediction,
        probability=probability,
        decision=None,
        weight=None,
        classes=classes,
    )


def coverage(
    task: Task,
    n: int,
    groups: int,
    *,
    repeats: int,
    weighted: bool = False,
    seed: int = 0,
) -> Iterator[Coverage]:
    """Draw rows again and again, and count how often each interval holds the truth."""
    rng = np.random.default_rng(seed)
    metrics = list(metrics_for(task).values())
    truth = _truth(task, groups, metrics, n, rng, weighted=weighted)
    found: dict[str, list[Any]] = {metric.name: [] for metric in metrics}
    for _ in range(repeats):
        first, second, units = draw(task, n, groups, rng, weighted=weighted)
        for metric in metrics:
            found[metric.name].append(paired_difference(metric, first, second, units))
    for name, results in found.items():
        # An undefined difference or a missing interval counts as a miss.
        given = [r for r in results if r is not None and r.interval is not None]
        hits = sum(r.interval[0] <= truth[name] <= r.interval[1] for r in given)
        spread = np.std([r.difference for r in given])
        width = np.mean([r.interval[1] - r.interval[0] for r in given])
        yield Coverage(
            task=task,
            metric=name,
            rows=n,
            groups=groups,
            weighted=weighted,
            covered=hits / repeats,
            width=float(width / (2 * 1.96 * spread)),
        )


def _truth(
    task: Task,
    groups: int,
    metrics: list[Metric],
    n: int,
    rng: np.random.Generator,
    *,
    weighted: bool,
) -> dict[str, float]:
    # Groups as large as in the samples, only very many of them.
    total = 2_000_000
    many = max(1, groups * total // n) if groups else 0
    first, second, _ = draw(task, total, many, rng, weighted=weighted)
    return {
        m.name: m.function(*second.args(m)) - m.function(*first.args(m))  # type: ignore[misc]
        for m in metrics
    }


def main() -> None:
    """Print the table, and the worst line of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--repeats", type=int, default=None)
    options = parser.parse_args()
    line_format = "{:<12}{:<20}{:>7}{:>8}{:>9}{:>9}{:>7}"
    titles = ("task", "metric", "rows", "groups", "weights", "covered", "width")
    print(line_format.format(*titles))
    lines = []
    for task, n, groups, weighted in SCENES:
        repeats = options.repeats or (300 if options.quick else 2_000)
        for one in coverage(task, n, groups, repeats=repeats, weighted=weighted):
            lines.append(one)
            kind = (one.groups or "-", "uneven" if one.weighted else "-")
            shares = (f"{one.covered:.3f}", f"{one.width:.2f}")
            cells = (one.task, one.metric, f"{one.rows:,}", *kind, *shares)
            print(line_format.format(*cells), flush=True)
    worst = min(lines, key=lambda line: line.covered)
    widest = max(lines, key=lambda line: line.width)
    print(
        f"\nlowest coverage {worst.covered:.3f} ({worst.metric}, {worst.rows:,} rows)"
    )
    print(f"widest {widest.width:.2f} ({widest.metric}, {widest.rows:,} rows)")


if __name__ == "__main__":
    main()
