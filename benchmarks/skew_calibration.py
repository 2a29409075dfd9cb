"""Print how often the skew check cries wolf, what it finds, and what it names.

Run from the repository: `python benchmarks/skew_calibration.py [section ...]`, the
sections being drift, sizes, power, natural, faults (all when none is given).
"""

import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.skew import shapes

from nbmlops.skew.judge import check
from nbmlops.skew.report import ColumnSkew, SkewReport

SEED = 20130101
REPEATS = 300
CAUSE_SEEDS = 20


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


def one_column(before: shapes.Values, after: shapes.Values) -> ColumnSkew:
    """Judge one column alone."""
    first, second = pd.DataFrame({"x": before}), pd.DataFrame({"x": after})
    return check(first, second)[0].columns["x"]


def named(column: ColumnSkew) -> str:
    """Name the fault, or "" where none is named."""
    if column.verdict != "handling fault" or column.cause is None:
        return ""
    return column.cause.kind


def natural() -> None:
    print("Natural shifts named as faults (numbers, 8 shapes):")
    for n in (500, 2_000, 20_000):
        wrong: Counter[str] = Counter()
        total = 0
        for shape, sample in shapes.CAUSE_SHAPES.items():
            for k in range(CAUSE_SEEDS if n < 20_000 else 5):
                for shift, (a, b) in shapes.NATURAL.items():
                    r = np.random.default_rng((SEED, n, k, len(shift)))
                    before = shapes.with_nulls(r, sample(r, n), 0.06)
                    after = shapes.with_nulls(r, sample(r, n, a=a, b=b), 0.06)
                    total += 1
                    kind = named(one_column(before, after))
                    wrong[f"{shape} {shift}: {kind}"] += bool(kind)
                for upper in (True, False):
                    r = np.random.default_rng((SEED, n, k, 99 + upper))
                    before, after = sample(r, n), sample(r, n)
                    after = shapes.truncated(after, r, upper=upper)
                    total += 1
                    kind = named(one_column(before, after))
                    wrong[f"{shape} filtered {upper}: {kind}"] += bool(kind)
        bad = {key: count for key, count in wrong.items() if count}
        print(f"{n:>7,}  {sum(bad.values())} of {total}  {bad or ''}")


def right(column: ColumnSkew, kind: str, figure: str) -> tuple[bool, bool]:
    """Say whether the kind with its figure comes first, and whether it is told."""
    cause = column.cause
    if cause is None:
        return False, False
    first = cause.kind == kind and f" {figure}:" in f" {cause.detail.split(' (')[0]}"
    if not figure or kind == "sentinel":
        first = cause.kind == kind and cause.detail.startswith(figure)
    told = cause.kind == kind and f" {figure} fits" in cause.detail
    return first, first or told or kind in cause.also


def faults() -> None:
    print("Faults named (right kind and figure first / kind first or in `also`):")
    for n in (500, 2_000):
        table: dict[str, list[tuple[bool, bool, str]]] = {}
        for shape, sample in shapes.CAUSE_SHAPES.items():
            for k in range(CAUSE_SEEDS):
                r = np.random.default_rng((SEED, 3, n, k))
                before, clean = sample(r, n), sample(r, n)
                nulls = r.random(n) < 0.06
                holes = r.random(n) < 0.06
                before = np.where(nulls, np.nan, before)
                for name, (fault, figure) in shapes.UNIT_FAULTS.items():
                    after = np.where(holes, np.nan, fault(clean))
                    result = right(one_column(before, after), "unit", figure)
                    table.setdefault(f"unit {name}", []).append((*result, shape))
                for value in shapes.SENTINELS:
                    after = np.where(holes, value, clean)
                    result = right(one_column(before, after), "sentinel", f"{value:g} ")
                    table.setdefault(f"null -> {value:g}", []).append((*result, shape))
                after = np.where(r.random(n) < 0.14, np.nan, clean)
                result = right(one_column(before, after), "nulls", "")
                table.setdefault("nulls 6 -> 14%", []).append((*result, shape))
                result = right(one_column(before, clean), "nulls", "")
                table.setdefault("null rows dropped", []).append((*result, shape))
        print(
            f"n = {n:,} a side, {CAUSE_SEEDS} seeds x {len(shapes.CAUSE_SHAPES)} shapes"
        )
        for name, rows in table.items():
            first, told = np.mean([r[:2] for r in rows], axis=0)
            by_shape = {
                s: np.mean([r[0] for r in rows if r[2] == s])
                for s in shapes.CAUSE_SHAPES
            }
            weak = ", ".join(f"{s} {v:.0%}" for s, v in by_shape.items() if v < 0.9)
            print(f"  {name:<20} {first:6.1%} / {told:6.1%}   {weak}")


SECTIONS = {
    "drift": drift,
    "sizes": sizes,
    "power": power,
    "natural": natural,
    "faults": faults,
}

if __name__ == "__main__":
    for section in sys.argv[1:] or SECTIONS:
        SECTIONS[section]()
