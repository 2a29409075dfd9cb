"""Print which causes of skew in columns of numbers are named, and what falsely.

Each fault on each shape it makes sense on, 20 seeds, from profiles alone: how often the
right kind with the right figure comes first, and how often within a set of two; below
95% the bound of an oracle too (`oracle.py`). What even it cannot tell from no fault is
listed and left out. Then what is named where nothing, or only the world, changed.

    python benchmarks/skew_causes.py [--rows N ...] [--seeds K] [--tuning]
        [--only TEXT] [--json FILE]
"""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import oracle
from tests.skew import shapes
from tests.skew.causes.faults import (
    DECIMALS,
    FAULTS,
    NATURAL,
    Fault,
    Sample,
    hints_of,
)

from nbmlops.skew.causes.table import WITHOUT_FAULT
from nbmlops.skew.judge import check
from nbmlops.skew.report import Cause

SEED, TUNING_SEED = 20130101, 7  # constants are tuned on other samples than the table's
GOAL = 0.95
GROWN = (1.6, 1.61, 2.2, 2.5, 3.3, 0.62, 0.45)  # near factors of units
Outcome = tuple[str, str, bool, bool, str]  # fault, shape, first, in the set, said


def cause_of(before: Any, after: Any, **options: Any) -> Cause | None:
    """Name the cause of one column."""
    frames = pd.DataFrame({"x": before}), pd.DataFrame({"x": after})
    return check(*frames, **options)[0].columns["x"].cause


def is_named(cause: Cause | None, kind: str, figure: str) -> tuple[bool, bool]:
    """Say whether a kind with its figure comes first, and whether within two."""
    if cause is None:
        return False, False
    told, _, rival = cause.detail.partition(" (")
    if figure and figure in cause.detail and "fits as well)" not in cause.detail:
        told = cause.detail
    first = cause.kind == kind and figure in told
    # "log1p(x) fits as well" names a figure without its sentence.
    beside = figure.strip(" :=").replace("training", "x") in rival
    second = cause.kind == kind and beside
    return first, first or second or kind in cause.also[:1]


def faults(rows: int, seeds: int, seed: int, only: str) -> Iterator[Outcome]:
    """Do each fault to each shape."""
    for name, fault in FAULTS.items():
        if only not in name:
            continue
        for shape in shapes.CAUSE_SHAPES:
            if fault.shapes is not None and shape not in fault.shapes:
                continue
            for k in range(seeds):
                cause = done(fault, shape, rows, (seed, 3, rows, k))
                said = "" if cause is None else f"{cause.detail[:70]} {cause.also}"
                yield name, shape, *is_named(cause, fault.kind, fault.figure), said


def done(fault: Fault, shape: str, rows: int, seed: tuple[int, ...]) -> Cause | None:
    """Do one fault to one sample, and name its cause."""
    r = np.random.default_rng(seed)
    sample = shapes.CAUSE_SHAPES[shape]
    clean = sample(r, rows), sample(r, rows)
    before, after = fault.make(Sample(before=clean[0], after=clean[1], r=r))
    hints = {}
    if fault.is_registered:
        hints = {
            "x": hints_of(clean[0] if fault.kind == "not-preprocessed" else before)
        }
    return cause_of(before, after, hints=hints)


def pairs(rows: int, seeds: int, seed: int, only: str) -> Iterator[Outcome]:
    """Exchange two columns; multiply two by the same factor."""
    names = list(shapes.CAUSE_SHAPES)
    for one, two in zip(names, [*names[1:], names[0]], strict=True):
        for k in range(seeds):
            r = np.random.default_rng((seed, 4, rows, k))
            columns = {"x": shapes.CAUSE_SHAPES[one], "y": shapes.CAUSE_SHAPES[two]}
            before, after = (
                pd.DataFrame({name: draw(r, rows) for name, draw in columns.items()})
                for _ in range(2)
            )
            for name, served, kind, figure in (
                (
                    "swapped",
                    after.rename(columns={"x": "y", "y": "x"}),
                    "swapped",
                    "'y'",
                ),
                ("pair mi->km", after * 1.609344, "unit", " 1.609344:"),
                ("pair lb->kg", after * 0.45359237, "unit", " 0.45359237:"),
            ):
                if only in name:
                    cause = check(before, served)[0].columns["x"].cause
                    said = "" if cause is None else f"{cause.kind} {cause.also}"
                    yield name, f"{one}+{two}", *is_named(cause, kind, figure), said


def surely(name: str, shape: str, rows: int) -> float | None:
    """Say how often an oracle tells a fault from none; None of a pair of columns."""
    fault, sample = FAULTS.get(name), shapes.CAUSE_SHAPES.get(shape)
    if fault is None or sample is None:
        return None
    r = np.random.default_rng((oracle.SEED, rows))
    fixed = sample(r, rows)  # a bound or a scaler is of one training sample
    sides: tuple[list[shapes.Values], list[shapes.Values]] = [], []
    for _ in range(oracle.POOL // rows):
        other = Sample(before=sample(r, rows), after=sample(r, rows), r=r)
        sides[0].append(fault.make(other)[0])
        sides[1].append(fault.make(replace(other, before=fixed))[1])
    plain, faulty = (pd.Series(np.concatenate(side)) for side in sides)
    return oracle.power(plain, faulty, rows)


def grown(r: np.random.Generator, rows: int, by: float) -> Iterator[Any]:
    """Let two columns grow by one factor, and stay written as they are."""
    names = list(shapes.CAUSE_SHAPES)
    for one, two in zip(names, [*names[1:], names[0]], strict=True):
        before, after = (
            pd.DataFrame({name: shapes.CAUSE_SHAPES[name](r, rows)
                          for name in (one, two)})
            for _ in range(2)
        )  # fmt: skip
        after = after * by
        for name in after:
            if name == "price":
                after[name] = np.floor(after[name]) + 0.99
            elif name in DECIMALS:
                after[name] = after[name].round(DECIMALS[str(name)])
        yield f"{one}+{two}", check(before, after)[0].columns[one].cause


def grown_alike(rows: int, seeds: int, seed: int) -> tuple[int, Counter[str]]:
    """Name causes where two columns grew by nature, alike, about as units differ."""
    total, wrong = 0, Counter[str]()
    for by in GROWN:
        for k in range(seeds):
            r = np.random.default_rng((seed, 6, rows, k))
            for where, cause in grown(r, rows, by):
                total += 1
                if cause is not None and cause.kind not in WITHOUT_FAULT:
                    wrong[f"{where} x{by}: {cause.kind}"] += 1
    return total, wrong


def unfounded(rows: int, seeds: int, seed: int) -> dict[str, tuple[int, Counter[str]]]:
    """Name causes where nothing changed, and where the world did."""
    found: dict[str, tuple[int, Counter[str]]] = {}
    for group, changes in (("no drift", {"none": None}), ("natural", NATURAL)):
        total, wrong = 0, Counter[str]()
        for shape, sample in shapes.CAUSE_SHAPES.items():
            for label, change in changes.items():
                for k in range(seeds):
                    r = np.random.default_rng((seed, 5, rows, k))
                    if change is None:
                        before, after = (
                            shapes.with_nulls(r, sample(r, rows), 0.06) for _ in "ab"
                        )
                    else:
                        before, after = change(shape, r, rows)
                    total += 1
                    cause = cause_of(before, after)
                    if cause is not None and cause.kind not in WITHOUT_FAULT:
                        wrong[f"{shape} {label}: {cause.kind}"] += 1
        found[group] = total, wrong
    found["two columns grown alike"] = grown_alike(rows, seeds, seed)
    return found


def table(outcomes: list[Outcome], rows: int) -> list[dict[str, Any]]:
    """Sum outcomes up by fault, without the shapes on which it cannot be told."""
    lines = []
    for name in dict.fromkeys(outcome[0] for outcome in outcomes):
        mine = [outcome for outcome in outcomes if outcome[0] == name]
        by_shape = {
            shape: float(np.mean([o[3] for o in mine if o[1] == shape]))
            for shape in dict.fromkeys(o[1] for o in mine)
        }
        bound = {s: surely(name, s, rows) for s, v in by_shape.items() if v < GOAL}
        untold = {s: p for s, p in bound.items() if (p or 1.0) < oracle.LEAST_POWER}
        mine = [o for o in mine if o[1] not in untold]
        instead = Counter((o[1], o[4]) for o in mine if not o[3])
        lines.append(
            {
                "fault": name,
                "first": float(np.mean([o[2] for o in mine])) if mine else None,
                "set": float(np.mean([o[3] for o in mine])) if mine else None,
                "checks": len(mine),
                "weak": {s: (by_shape[s], p) for s, p in bound.items()},
                "untold": untold,
                "instead": [f"{s}: {w}" for (s, w), _ in instead.most_common(4)],
            }
        )
    return lines


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[2_000, 500])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--tuning", action="store_true", help="other samples")
    parser.add_argument("--only", default="", help="faults whose name holds this")
    parser.add_argument("--why", action="store_true", help="say what is named instead")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    seed = TUNING_SEED if arguments.tuning else SEED
    results: dict[str, Any] = {"seed": seed, "seeds": arguments.seeds}
    for rows in arguments.rows:
        started = time.perf_counter()
        given = rows, arguments.seeds, seed
        outcomes = [*faults(*given, arguments.only), *pairs(*given, arguments.only)]
        lines = table(outcomes, rows)
        print(f"n = {rows:,} a side, {arguments.seeds} seeds: first / within two")
        for line in lines:
            print(
                f"  {line['fault']:<30} {oracle.shares(line)}  {oracle.weak(line)}",
                flush=True,
            )
            if arguments.why and line["instead"]:
                print(f"      {'; '.join(line['instead'])}")
        results[str(rows)] = {"faults": lines}
        if not arguments.only:
            for group, (total, wrong) in unfounded(*given).items():
                count = sum(wrong.values())
                print(
                    f"  {group} named falsely: {count} of {total}  {dict(wrong) or ''}"
                )
                results[str(rows)][group] = {"named": count, "of": total, **wrong}
        print(f"  {time.perf_counter() - started:.0f} s")
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
