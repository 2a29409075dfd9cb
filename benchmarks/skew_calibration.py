"""How often the skew check cries wolf, and what it finds.

    nice python benchmarks/skew_calibration.py [drift|sizes|weighted|power ...]
        [--repeats 300] [--jobs 2] [--json FILE]

20 columns: 14 of numbers (several shapes with heavy tails, integers, many zeros, a
third of them with nulls) and 6 of labels, 5 to 100 of them. Without drift: the share of
checks that find any column real, any over tolerance, and that name any fault. With one
shifted column among the 20: how often it is found. Days that differ:
`skew_windows.py`; what is named after a change: `skew_causes.py`.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.skew import shapes

from nbmlops.skew.causes.table import WITHOUT_FAULT
from nbmlops.skew.judge import check
from nbmlops.skew.report import FAILING, SkewReport

SEED = 20130101
EQUAL = (50, 100, 300, 1_000, 10_000, 100_000)
UNEQUAL = ((10_000, 60), (10_000, 300), (50_000, 1_000))
WEIGHTED = (300, 1_000, 10_000)
SHIFTED = "shifted"
COLUMNS = 20

Column = NDArray[Any]
Draw = Callable[[np.random.Generator, int], Column]


def ten(r: np.random.Generator, n: int) -> Column:
    """Draw from ten labels, of which the last has 3.4 rows of a hundred."""
    return shapes.zipf(r, n, 10)


def more(share: float, label: str) -> Draw:
    """Turn a share of all rows into one label."""
    return lambda r, n: np.where(r.random(n) < share, label, ten(r, n))


POWER: dict[str, tuple[Draw, Draw]] = {
    "mean +0.1 sd": (
        lambda r, n: r.normal(size=n),
        lambda r, n: r.normal(0.1, 1, n),
    ),
    "mean +0.25 sd": (
        lambda r, n: r.normal(size=n),
        lambda r, n: r.normal(0.25, 1, n),
    ),
    "sd x 1.3": (
        lambda r, n: r.normal(size=n),
        lambda r, n: r.normal(0, 1.3, n),
    ),
    "nulls 0 to 5%": (
        lambda r, n: r.normal(size=n),
        lambda r, n: shapes.with_nulls(r, r.normal(size=n), 0.05),
    ),
    "a new label in 3%": (ten, more(0.03, "new")),
    "a label of 3% to 9%": (ten, more(0.062, "label009")),  # 3.4 to 9.4
    "a label of 17% to 23%": (ten, more(0.072, "label001")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one check found: columns real, over tolerance, and named a fault."""

    real: tuple[str, ...]
    over: tuple[str, ...]
    named: tuple[str, ...]


def found(report: SkewReport) -> Found:
    """Sum a report up."""
    columns = report.columns.values()
    return Found(
        real=tuple(
            c.name for c in columns if c.p_value is not None and c.p_value <= 0.05
        ),
        over=tuple(c.name for c in columns if c.verdict in FAILING),
        named=tuple(
            c.name for c in columns if c.cause and c.cause.kind not in WITHOUT_FAULT
        ),
    )


def undrifted(n: int, m: int, k: int) -> Found:
    """Check two parts of one sample."""
    both = shapes.frame((SEED, n, m, k), n + m)
    report, _ = check(both.iloc[:n], both.iloc[n:])
    return found(report)


def weighted(n: int, k: int) -> Found:
    """Check a log that keeps all rows of a heavy fifth, and a twentieth of the rest."""
    before = shapes.frame((SEED, n, k, 1), n)
    after = shapes.frame((SEED, n, k, 2), 5 * n)
    r = np.random.default_rng((SEED, n, k, 3))
    share = np.where(after["lognormal1"] > after["lognormal1"].quantile(0.8), 1, 0.05)
    kept = after.assign(w=1 / share)[r.random(len(after)) < share]
    report, _ = check(before, kept, weight="w")
    return found(report)


def shifted(name: str, n: int, k: int) -> Found:
    """Check a frame of which one column has shifted."""
    before, after = POWER[name]
    both = shapes.frame((SEED, 7, n, k), 2 * n).drop(columns="standard")
    r = np.random.default_rng((SEED, 8, n, k))
    first = both.iloc[:n].assign(**{SHIFTED: before(r, n)})
    second = both.iloc[n:].assign(**{SHIFTED: after(r, n)})
    report, _ = check(pd.DataFrame(first), pd.DataFrame(second))
    return found(report)


class Run:
    """Runs checks side by side, prints a line for each setting, and keeps it."""

    def __init__(self, pool: ProcessPoolExecutor, repeats: int) -> None:
        self._pool = pool
        self.repeats = repeats
        self.lines: list[dict[str, object]] = []

    def each(self, of: Callable[[int], Found], repeats: int) -> Iterator[Found]:
        """Give what each repeat found."""
        return self._pool.map(of, range(repeats), chunksize=4)

    def calm(self, section: str, what: str, of: Callable[[int], Found]) -> None:
        """Print the error rates where nothing differs."""
        checks = list(self.each(of, self.repeats))
        real, over, named = (
            sum(bool(getattr(c, part)) for c in checks) / len(checks)
            for part in ("real", "over", "named")
        )
        columns = sum(len(c.real) for c in checks) / len(checks) / COLUMNS
        most = 0.05 + 3 * sqrt(0.05 * 0.95 / len(checks))
        print(
            f"{what:>18}  any real {real:6.1%} (at most {most:.1%})  over tolerance "
            f"{over:5.1%}  fault named {named:5.1%}  columns real {columns:6.2%}",
            flush=True,
        )
        rates = {"real": real, "over": over, "named": named}
        self.keep(section, what, len(checks), rates)

    def power(self, n: int, name: str, repeats: int) -> None:
        """Print how often a shift is found, and what beside it."""
        checks = list(self.each(partial(shifted, name, n), repeats))
        hits = sum(SHIFTED in c.real for c in checks) / repeats
        over = sum(SHIFTED in c.over for c in checks) / repeats
        false = sum(len(set(c.real) - {SHIFTED}) for c in checks) / repeats
        print(
            f"{n:>9,}  {name:<20} found {hits:6.1%}  over tolerance {over:6.1%}  "
            f"others found per check {false:.2f}",
            flush=True,
        )
        rates = {"found": hits, "over": over, "others": false}
        self.keep("power", f"{n:,} {name}", repeats, rates)

    def keep(
        self, section: str, what: str, checks: int, rates: dict[str, float]
    ) -> None:
        """Keep a line for JSON."""
        line = {"section": section, "what": what, "checks": checks}
        self.lines.append({**line, **rates})


def drift(run: Run) -> None:
    print(f"No drift, {COLUMNS} columns, {run.repeats} checks; rows a side:")
    for n in EQUAL:
        run.calm("drift", f"{n:,}", partial(undrifted, n, n))


def sizes(run: Run) -> None:
    print("No drift, sides of other sizes:")
    for n, m in UNEQUAL:
        run.calm("sizes", f"{n:,} / {m:,}", partial(undrifted, n, m))


def logs(run: Run) -> None:
    print("No drift, a log sampled by value, with weights; rows of the reference:")
    for n in WEIGHTED:
        run.calm("weighted", f"{n:,}", partial(weighted, n))


def power(run: Run) -> None:
    print("One of the columns shifted; rows a side:")
    for n in (1_000, 10_000):
        for name in POWER:
            run.power(n, name, run.repeats if n == 1_000 else max(run.repeats // 3, 1))


SECTIONS: dict[str, Callable[[Run], None]] = {
    "drift": drift,
    "sizes": sizes,
    "weighted": logs,
    "power": power,
}


def one_thread() -> None:
    """Keep each process to one thread."""
    threadpool_limits(1)


def main(sections: Iterable[str], repeats: int, jobs: int, path: Path | None) -> None:
    """Run the sections named, print their tables, and write them."""
    with ProcessPoolExecutor(jobs, initializer=one_thread) as pool:
        run = Run(pool, repeats)
        for section in sections:
            SECTIONS[section](run)
    if path is not None:
        path.write_text(json.dumps({"seed": SEED, "lines": run.lines}, indent=1))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sections", nargs="*", metavar="section")
    parser.add_argument("--repeats", type=int, default=300)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    if unknown := set(given.sections) - SECTIONS.keys():
        parser.error(f"no such section: {unknown.pop()}; there are {list(SECTIONS)}")
    main(given.sections or SECTIONS, given.repeats, given.jobs, given.json)
