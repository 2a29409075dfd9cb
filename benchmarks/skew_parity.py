"""Measure row parity by key: its speed, the relations it names, and false ones.

    python benchmarks/skew_parity.py speed [--rows N] [--repeat N]
    python benchmarks/skew_parity.py relations [--seeds N] [--rows N]
    python benchmarks/skew_parity.py noise [--seeds N] [--rows N]

speed: pairs x 30 columns from two Parquet files in another order, whole process.
relations: kinds of fault x shapes of column, each with a key and 50 rows.
noise: clean pairs of which 2% have another value, drawn or moved by chance.

Each takes --json FILE. Cases in which fewer than 3 pairs differ tell nothing, nor do
nulls turned to 0 where 0 is what most rows have: they are counted and left out.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

FEWEST = 3  # pairs that differ
NULLS = 0.06
Column = pd.Series
Fault = Callable[[Column, np.random.Generator], Column]


def main() -> None:
    """Run one of the three measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["speed", "relations", "noise", "one"])
    parser.add_argument("--rows", type=int)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    if given.what == "one":
        print(json.dumps(one(given.folder)))
        return
    found = {
        "speed": lambda: speed(given.rows or 1_000_000, given.repeat),
        "relations": lambda: relations(given.rows or 50, given.seeds),
        "noise": lambda: noise(given.rows or 1_000, given.seeds),
    }[given.what]()
    if given.json:
        given.json.write_text(json.dumps(found, indent=1))


# Speed


def speed(rows: int, repeat: int) -> dict[str, Any]:
    """Time the comparison in a new process each time, and print the best."""
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), rows)
        command = [sys.executable, __file__, "one", "--folder", folder]
        runs = [
            json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
            for _ in range(repeat)
        ]
    best = min(runs, key=lambda run: run["seconds"])
    found = {"rows": rows, "best": best, "runs": runs}
    print(f"pairs                {rows:>12,} x 30 columns")
    print(f"comparison           {best['seconds']:>12.2f} s best of {repeat}")
    print(f"  processor time     {best['processor']:>12.2f} s")
    print(f"whole process        {best['whole']:>12.2f} s (target: under 4)")
    print(f"  processor time     {best['processor_whole']:>12.2f} s")
    print(f"peak memory          {best['peak']:>12,.0f} MB")
    print(f"  of it imports      {best['imports']:>12,.0f} MB")
    for line in best["lines"]:
        print(f"  {line}")
    return found


def write(folder: Path, rows: int) -> None:
    """Write both sides: 20 columns of numbers, 10 of text, four of them faulty."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"id": np.arange(rows)})
    for at in range(20):
        values = np.round(rng.lognormal(3, 1, rows), 2)
        values[rng.random(rows) < 0.05] = np.nan
        frame[f"n{at}"] = values
    for at in range(10):
        labels = np.array([f"label {label:04d}" for label in range(50 * (at + 1))])
        frame[f"c{at}"] = rng.choice(labels, rows)
    frame.to_parquet(folder / "training.parquet")
    serving = frame.sample(frac=1, random_state=1).reset_index(drop=True)
    other = rng.random(rows) < 0.02
    serving["n1"] *= 1000
    serving["n2"] = serving["n2"].fillna(-1)
    serving.loc[other, "n3"] = rng.permutation(serving["n3"])[other]
    serving["c5"] = serving["c5"].str.upper()
    serving.to_parquet(folder / "serving.parquet")


def one(folder: Path) -> dict[str, Any]:
    """Compare once, as a process does that does nothing else."""
    from nbmlops.frames.opening import open_frame
    from nbmlops.skew.parity.judge import compare_rows

    imports, begun, used = peak_memory(), time.perf_counter(), time.process_time()
    parity = compare_rows(
        open_frame(folder / "training.parquet"),
        open_frame(folder / "serving.parquet"),
        key="id",
    )
    return {
        "seconds": time.perf_counter() - begun,
        "processor": time.process_time() - used,
        "whole": time.perf_counter() - STARTED,
        "processor_whole": time.process_time(),
        "imports": imports,
        "peak": peak_memory(),
        "lines": parity.lines(),
    }


def peak_memory() -> float:
    """Give the peak resident memory of this process since it began, in MB."""
    # Not getrusage: a child starts with the peak of the process that made it.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(part for part in status.splitlines() if part.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


# Relations

WORDS = (
    *("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "haven", "inlet"),
    *("jetty", "knoll", "larch", "maple", "north", "ocean", "prairie", "quarry"),
    *("ridge", "shore", "thicket", "upland", "valley", "willow", "yonder", "zephyr"),
)


def zipf(labels: int) -> Callable[[np.random.Generator, int], Column]:
    """Make labels of which a few are common."""

    def draw(rng: np.random.Generator, rows: int) -> Column:
        shares = 1 / np.arange(1, labels + 1)
        second = [WORDS[(7 * at + at // 25) % 25] for at in range(labels)]
        names = [f"{WORDS[at % 25]}-{word}" for at, word in enumerate(second)]
        return pd.Series(rng.choice(names, rows, p=shares / shares.sum()), dtype=object)

    return draw


def hours(rng: np.random.Generator, rows: int) -> Column:
    """Make times of three weeks with a daily rhythm."""
    day = rng.integers(0, 21, rows)
    second = np.clip(rng.normal(14, 4, rows), 0, 23.9) * 3600
    at = pd.to_datetime(day * 86400 + second.round(), unit="s", origin="2025-03-03")
    return pd.Series(at)


NUMBERS: dict[str, Callable[[np.random.Generator, int], Column]] = {
    "prices": lambda rng, n: pd.Series(np.round(rng.lognormal(3, 1, n), 2)),
    "normal": lambda rng, n: pd.Series(rng.normal(20, 6, n)),
    "gamma": lambda rng, n: pd.Series(rng.gamma(2, 3, n)),
    "beta": lambda rng, n: pd.Series(rng.beta(2, 5, n)),
    "zeros": lambda rng, n: pd.Series(
        np.where(rng.random(n) < 0.7, 0.0, np.round(rng.lognormal(2, 1, n), 1))
    ),
    "counts": lambda rng, n: pd.Series(rng.negative_binomial(2, 0.2, n).astype(float)),
    "ages": lambda rng, n: pd.Series(rng.integers(18, 90, n).astype(float)),
}
LABELS = {"4 labels": zipf(4), "12 labels": zipf(12), "60 labels": zipf(60)}
TIMES = {"times": hours}


def exchanged(column: Column, rng: np.random.Generator) -> Column:
    """Give each label another one's name."""
    labels = sorted(column.dropna().unique())
    return column.map(dict(zip(labels, [*labels[1:], labels[0]], strict=True)))


def recoded(column: Column, rng: np.random.Generator) -> Column:
    """Give each label a number."""
    labels = sorted(column.dropna().unique())
    codes = {label: f"{at:02d}" for at, label in enumerate(labels)}
    return column.map(codes)


def new_york(column: Column, rng: np.random.Generator) -> Column:
    """Write times of UTC as New York shows them, over a change of its clocks."""
    zoned = column.dt.tz_localize("UTC").dt.tz_convert("America/New_York")
    return zoned.dt.tz_localize(None)


def some_null(column: Column, rng: np.random.Generator) -> Column:
    """Lose a fifth of the values."""
    return column.mask(rng.random(len(column)) < 0.2)


FAULTS: dict[str, dict[str, tuple[str, Fault]]] = {
    "numbers": {
        "x 1000": ("unit", lambda c, r: c * 1000),
        "/ 100": ("unit", lambda c, r: c / 100),
        "x 1.609344": ("unit", lambda c, r: c * 1.609344),
        "x 0.45359237": ("unit", lambda c, r: c * 0.45359237),
        "x 1.609344, rounded": ("unit", lambda c, r: (c * 1.609344).round(2)),
        "x 1.17": ("unit", lambda c, r: c * 1.17),
        "x 1.8 + 32": ("affine", lambda c, r: c * 1.8 + 32),
        "+ 1": ("affine", lambda c, r: c + 1),
        "- 2.5": ("affine", lambda c, r: c - 2.5),
        "sign": ("sign", lambda c, r: -c),
        "log1p": ("transform", lambda c, r: np.log1p(c.clip(lower=0))),
        "log1p, rounded": (
            "transform",
            lambda c, r: np.log1p(c.clip(lower=0)).round(3),
        ),
        "square root": ("transform", lambda c, r: np.sqrt(c.clip(lower=0))),
        "squared": ("transform", lambda c, r: c**2),
        "standardised": ("preprocessed-twice", lambda c, r: (c - c.mean()) / c.std()),
        "min-max": (
            "preprocessed-twice",
            lambda c, r: (c - c.min()) / (c.max() - c.min()),
        ),
        "rounded": ("rounding", lambda c, r: c.round(0)),
        "rounded down": ("rounding", lambda c, r: np.floor(c)),
        "clipped": ("clipped", lambda c, r: c.clip(upper=c.quantile(0.8))),
        "constant": ("constant", lambda c, r: c.where(c.isna(), 7.5)),
        "null to -1": ("sentinel", lambda c, r: c.fillna(-1)),
        "null to 0": ("sentinel", lambda c, r: c.fillna(0)),
        "a fifth null": ("nulls", some_null),
        "x 1000, null to -1": ("unit", lambda c, r: (c * 1000).fillna(-1)),
    },
    "labels": {
        "upper case": ("case", lambda c, r: c.str.upper()),
        "a blank": ("whitespace", lambda c, r: c + " "),
        "prefix": ("prefix", lambda c, r: "eu_" + c),
        "cut to 6": ("truncated", lambda c, r: c.str[:6]),
        "null to nan": ("null-token", lambda c, r: c.fillna("nan")),
        "exchanged": ("permuted", exchanged),
        "recoded": ("recoded", recoded),
        "a fifth null": ("nulls", some_null),
    },
    "times": {
        "+ 5 h": ("timezone", lambda c, r: c + pd.Timedelta(hours=5)),
        "zone with summer": ("timezone", new_york),
        "cut to the day": ("truncated", lambda c, r: c.dt.floor("D")),
        "a fifth null": ("nulls", some_null),
    },
}
SHAPES = {"numbers": NUMBERS, "labels": LABELS, "times": TIMES}


def cases() -> Iterator[tuple[str, str, Callable[..., Column], str, Fault]]:
    """List each fault on each shape."""
    for group, faults in FAULTS.items():
        for fault, (kind, apply) in faults.items():
            for shape, draw in SHAPES[group].items():
                yield fault, shape, draw, kind, apply


def relations(rows: int, seeds: int) -> dict[str, Any]:
    """Count how often the right relation is named from so many rows with a key."""
    named: dict[str, Counter[str]] = {}
    missed: list[str] = []
    for fault, shape, draw, kind, apply in cases():
        counts = named.setdefault(f"{fault} ({kind})", Counter())
        for seed in range(seeds):
            rng = np.random.default_rng([seed, len(fault), len(shape)])
            before = draw(rng, rows)
            before = before.mask(rng.random(rows) < NULLS)
            found = of_column(before, apply(before.copy(), rng))
            is_plain = (fault, shape) == ("null to 0", "zeros")
            if found is None or found.differing < FEWEST or is_plain:
                counts["too few"] += 1
                continue
            counts["tested"] += 1
            kinds = [r.kind for r in found.relations]
            if kind in kinds:
                counts["named"] += 1
            elif kinds == ["constant"] and apply(draw(rng, rows), rng).nunique() == 1:
                counts["named"] += 1  # shares rounded down are 0, and nothing else
            elif any(kind in relation.also for relation in found.relations):
                counts["also"] += 1
            else:
                missed.append(f"{fault} on {shape}, seed {seed}: {kinds}")
    print(f"{'fault':36} {'tested':>7} {'named':>7} {'or also':>8} {'too few':>8}")
    for name, c in named.items():
        tested = max(c["tested"], 1)
        either = (c["named"] + c["also"]) / tested
        print(
            f"{name:36} {c['tested']:>7} {c['named'] / tested:>7.1%} {either:>8.1%} "
            f"{c['too few']:>8}"
        )
    total = sum((c for c in named.values()), Counter())
    share = (total["named"] + total["also"]) / total["tested"]
    print(f"all: named {total['named'] / total['tested']:.2%}, or also {share:.2%}")
    print(*missed[:40], sep="\n")
    return {"rows": rows, "seeds": seeds, "table": named, "missed": missed}


def of_column(before: Column, after: Column) -> Any:
    """Compare one column by key; None where nothing differs."""
    from nbmlops.frames.opening import open_frame
    from nbmlops.skew.parity.judge import compare_rows

    sides = [
        open_frame(pd.DataFrame({"id": range(len(c)), "x": c})) for c in (before, after)
    ]
    parity = compare_rows(sides[0], sides[1], key="id")
    return parity.columns[0] if parity.columns else None


# Noise


def noise(rows: int, seeds: int) -> dict[str, Any]:
    """Count relations named where 2% of the values are others by chance."""
    counts: Counter[str] = Counter()
    told: list[str] = []
    for group, shapes in SHAPES.items():
        for shape, draw in shapes.items():
            for seed in range(seeds):
                for kind in ("drawn", "moved"):
                    rng = np.random.default_rng([seed, len(shape), len(kind)])
                    before = draw(rng, rows).mask(rng.random(rows) < NULLS)
                    after = disturbed(before, rng, kind, group)
                    found = of_column(before, after)
                    counts["columns"] += 1
                    if found is None:
                        continue
                    counts["faults"] += found.is_fault
                    false = [r for r in found.relations if r.kind != "nulls"]
                    counts["false relations"] += bool(false)
                    told += [f"{shape}, {kind}, seed {seed}: {r.detail}" for r in false]
    for name, count in counts.items():
        print(f"{name:20} {count:>7,} {count / counts['columns']:>8.2%}")
    print(*told[:20], sep="\n")
    return {"rows": rows, "seeds": seeds, "counts": counts, "told": told}


def disturbed(
    column: Column, rng: np.random.Generator, kind: str, group: str
) -> Column:
    """Give 2% of the rows another value: another row's, or one nearby."""
    there = rng.random(len(column)) < 0.02
    if kind == "drawn" or group == "labels":
        return column.where(~there, pd.Series(rng.permutation(column)))
    if group == "times":
        seconds = rng.integers(-86400, 86400, len(column))
        return column.where(~there, column + pd.to_timedelta(seconds, unit="s"))
    return column.where(~there, column + rng.normal(0, column.std(), len(column)))


STARTED = time.perf_counter()
if __name__ == "__main__":
    main()
