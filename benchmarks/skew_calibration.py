"""Print how often the skew check cries wolf, and what it finds.

Run from the repository: `python benchmarks/skew_calibration.py [section ...]`, the
sections being drift, sizes, power (all when none is given). What it names:
`skew_causes.py`.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.skew import shapes

from nbmlops.skew.judge import check
from nbmlops.skew.report import SkewReport

SEED = 20130101
REPEATS = 300


def real(report: SkewReport) -> list[str]:
    """Name the columns whose distribution is found to differ."""
    return [
        name
        for name, column in report.columns.items()
        if column.p_value is not None and column.p_value <= report.alpha
    ]


def over(report: SkewReport) -> list[str]:
    """Name the columns found over tolerance, or faulty."""
    failing = ("over tolerance", "handling fault")
    return [n for n, c in report.columns.items() if c.verdict in failing]


def no_drift(n: int, m: int, repeats: int) -> None:
    found = beyond = columns = unsure = 0
    started = time.perf_counter()
    for k in range(repeats):
        both = shapes.frame((SEED, n, m, k), n + m)
        report, _ = check(both.iloc[:n], both.iloc[n:])
        found += bool(real(report))
        beyond += bool(over(report))
        columns += len(real(report))
        unsure += sum(c.verdict == "not enough data" for c in report.columns.values())
    limit = 0.05 + 3 * np.sqrt(0.05 * 0.95 / repeats)
    seconds = (time.perf_counter() - started) / repeats
    print(
        f"{n:>7,} {m:>7,}  any real {found / repeats:6.1%} (at most {limit:.1%})  "
        f"any over {beyond / repeats:5.1%}  columns {columns / repeats / 20:6.2%}  "
        f"not enough data {unsure / repeats / 20:5.1%}  {seconds:.2f} s"
    )


def drift() -> None:
    print("No drift, 20 columns; share of checks that find any column:")
    for n in (100, 1_000, 10_000):
        no_drift(n, n, REPEATS)


def sizes() -> None:
    print("No drift, other sizes:")
    for n, m, repeats in (
        (50, 50, 100),
        (300, 300, REPEATS),
        (10_000, 60, 100),
        (10_000, 300, REPEATS),
        (50_000, 1_000, 100),
    ):
        no_drift(n, m, repeats)


Shift = Callable[[np.random.Generator, int], shapes.Values]
POWER: dict[str, tuple[Shift, Shift]] = {
    "normal +0.1 sd": (
        lambda r, n: r.normal(size=n),
        lambda r, n: r.normal(0.1, 1, n),
    ),
    "normal +0.25 sd": (
        lambda r, n: r.normal(size=n),
        lambda r, n: r.normal(0.25, 1, n),
    ),
    "normal sd x1.3": (
        lambda r, n: r.normal(size=n),
        lambda r, n: r.normal(0, 1.3, n),
    ),
    "nulls 0 -> 5%": (
        lambda r, n: r.normal(size=n),
        lambda r, n: shapes.with_nulls(r, r.normal(size=n), 0.05),
    ),
    "new category 3%": (
        lambda r, n: shapes.zipf(r, n, 10),
        lambda r, n: np.where(r.random(n) < 0.03, "new", shapes.zipf(r, n, 10)),
    ),
}


def power() -> None:
    print("Power, one of 20 columns shifted; false columns per check in brackets:")
    for n in (1_000, 10_000):
        repeats = 60 if n == 1_000 else 20
        for name, (before, after) in POWER.items():
            hits = false = over_count = 0
            for k in range(repeats):
                both = shapes.frame((SEED, 7, n, k), 2 * n).iloc[:, 1:]
                r = np.random.default_rng((SEED, 8, n, k))
                first = both.iloc[:n].assign(shifted=before(r, n))
                second = both.iloc[n:].assign(shifted=after(r, n))
                report, _ = check(first, second)
                hits += "shifted" in real(report)
                over_count += "shifted" in over(report)
                false += len([c for c in real(report) if c != "shifted"])
            print(
                f"{n:>7,}  {name:<18} found {hits / repeats:6.1%}  over tolerance "
                f"{over_count / repeats:6.1%}  ({false / repeats:.2f})"
            )


SECTIONS = {
    "drift": drift,
    "sizes": sizes,
    "power": power,
}

if __name__ == "__main__":
    for section in sys.argv[1:] or SECTIONS:
        SECTIONS[section]()
