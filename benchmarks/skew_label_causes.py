"""Print which causes of skew in columns of labels and times are named, and falsely.

Each fault on labels of Zipf's law (4, 12 and 60 of them) and two daily rhythms, 20
seeds, from profiles alone: how often the right kind (of a zone: with the right hours)
comes first, how often within a set of two (below 95% the bound of an oracle too, see
`oracle.py`), and how often the repair gives the very values back. What even the oracle
cannot tell from no fault is listed and left out. Then what is named where nothing, or
only the world, changed.

    python benchmarks/skew_label_causes.py [--rows N ...] [--seeds K] [--tuning]
        [--only TEXT] [--why] [--json FILE]
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
from tests.skew.causes.label_faults import (
    COUNTS,
    FAULTS,
    FEBRUARY,
    JANUARY,
    NATURAL,
    NATURAL_HOURS,
    NULLS,
    RHYTHMS,
    SHIFTS,
    Sample,
    draw,
    names_of,
    rhythm,
    shifted,
    times,
    with_nulls,
)

from nbmlops.skew.causes.table import WITHOUT_FAULT
from nbmlops.skew.judge import check
from nbmlops.skew.report import Cause

SEED, TUNING_SEED = 20130101, 7  # constants are tuned on other samples than the table's
GOAL = 0.95
ORDERS = 3  # different orders of labels for which an oracle is asked
NO_DRIFT = 5  # times as many seeds where nothing changed
# Fault, shape, first, in the set, mended (None: nothing to mend), said.
Outcome = tuple[str, str, bool, bool, bool | None, str]


def cause_of(before: Any, after: Any, **options: Any) -> Cause | None:
    """Name the cause of one column."""
    frames = pd.DataFrame({"x": before}), pd.DataFrame({"x": after})
    return check(*frames, **options)[0].columns["x"].cause


def passes(cause: Cause | None, before: Any, after: Any) -> bool | None:
    """Say whether the repaired column passes the check; None without a repair."""
    if cause is None or not cause.repair:
        return None
    serving = pd.DataFrame({"x": after})
    exec(cause.repair, {"serving": serving, "pandas": pd, "numpy": np})
    frame = pd.DataFrame({"x": before})
    return check(frame, serving[["x"]])[0].ok


def outcome(
    name: str,
    shape: str,
    sides: tuple[Any, Any],
    truth: tuple[str, str],
    **options: Any,
) -> Outcome:
    """Compare what is named with the truth: a kind, and a figure or ""."""
    cause = cause_of(*sides, **options)
    if cause is None:
        return name, shape, False, False, None, "nothing"
    kind, figure = truth
    told, _, rival = cause.detail.partition(" (")
    first = cause.kind == kind and figure in told
    second = cause.kind == kind and bool(figure) and figure in rival
    said = f"{cause.kind} {cause.also} {cause.detail[:60]}"
    told_too = first or second or kind in cause.also[:1]
    mended = passes(cause, *sides) if first else None
    return name, shape, first, told_too, mended, said


def sample_of(seed: tuple[int, ...], count: int, rows: int) -> Sample:
    """Draw both sides of a column of labels."""
    r, names = np.random.default_rng(seed), names_of(count)
    return Sample(
        before=draw(r, rows, names), after=draw(r, rows, names), names=names, r=r
    )


def faults(rows: int, seeds: int, seed: int, only: str) -> Iterator[Outcome]:
    """Do each fault to labels, and serve times of other zones."""
    for name, fault in FAULTS.items():
        for count in fault.counts if only in name else ():
            for k in range(seeds):
                sample = sample_of((seed, 3, rows, k), count, rows)
                hints = {"x": fault.hints(sample.names)}
                yield outcome(
                    name,
                    f"zipf{count}",
                    fault.make(sample),
                    (fault.kind, ""),
                    hints=hints,
                )
    for clock, hours in SHIFTS.items():
        name = f"zone {clock}"
        for kind in RHYTHMS if only in name else ():
            for k in range(seeds):
                r = np.random.default_rng((seed, 4, rows, k))
                sides = shifted(kind, hours, rows, r)
                yield outcome(name, kind, sides, ("timezone", f"{clock} h"))


def changes(rows: int, seeds: int, seed: int) -> Iterator[tuple[str, str, Any]]:
    """Give both sides where nothing, and where the world changed, by group."""
    for count in COUNTS:
        for k in range(NO_DRIFT * seeds):
            s = sample_of((seed, 5, rows, k), count, rows)
            sides = [with_nulls(s.r, side, NULLS) for side in (s.before, s.after)]
            yield "no drift", f"zipf{count}", sides
        for name, make in NATURAL.items():
            for k in range(seeds):
                s = sample_of((seed, 6, rows, k), count, rows)
                yield "natural labels", f"zipf{count} {name}", make(s)
    for kind in RHYTHMS:
        r = np.random.default_rng((seed, 7, rows))
        for _ in range(NO_DRIFT * seeds):
            sides = [
                times(r, rows, rhythm(kind), start) for start in (JANUARY, FEBRUARY)
            ]
            yield "no drift", kind, sides
        for name, shape in NATURAL_HOURS.items():
            for _ in range(seeds):
                before = times(r, rows, rhythm(kind), JANUARY)
                after = times(r, rows, rhythm(kind, **shape), FEBRUARY, weekend=0.7)
                yield "natural hours", f"{kind} {name}", (before, after)


def unfounded(rows: int, seeds: int, seed: int) -> dict[str, tuple[int, Counter[str]]]:
    """Name causes where nothing changed, and where the world did."""
    totals: Counter[str] = Counter()
    wrong: dict[str, Counter[str]] = {}
    for group, where, sides in changes(rows, seeds, seed):
        totals[group] += 1
        cause = cause_of(*sides)
        found = wrong.setdefault(group, Counter())
        # Without drift a change of the population is found as often as was asked for.
        harmless = {"population"} if group == "no drift" else WITHOUT_FAULT
        if cause is not None and cause.kind not in harmless:
            found[f"{where}: {cause.kind}"] += 1
    return {group: (totals[group], found) for group, found in wrong.items()}


def surely(name: str, shape: str, rows: int) -> float:
    """Say how often an oracle tells a fault from none, on average over orders."""
    if name not in FAULTS:
        return oracle.power(*_half_hours(name.removeprefix("zone "), shape), rows)
    fault, count = FAULTS[name], int(shape.removeprefix("zipf"))
    found = []
    for order in range(ORDERS):
        sides: list[Any] = []
        for k in range(2 * oracle.POOL // oracle.BATCH):
            s = sample_of((oracle.SEED, k), count, oracle.BATCH)
            s = replace(s, r=np.random.default_rng((oracle.SEED, order)))
            sides.append(fault.make(s)[k % 2])
        both = (pd.Series(np.concatenate(sides[k::2])) for k in (0, 1))
        found.append(oracle.power(*both, rows))
    return float(np.mean(found))


def _half_hours(clock: str, kind: str) -> tuple[Any, Any]:
    """Give the half hour of the day of many times, and of those of another zone."""
    r = np.random.default_rng(oracle.SEED)
    both = shifted(kind, SHIFTS[clock], oracle.POOL, r)
    return tuple(pd.Series(side.floor("30min").strftime("%H:%M")) for side in both)


def table(outcomes: list[Outcome], rows: int) -> list[dict[str, Any]]:
    """Sum outcomes up by fault, without the shapes on which it cannot be told."""
    lines = []
    for name in dict.fromkeys(o[0] for o in outcomes):
        mine = [o for o in outcomes if o[0] == name]
        by_shape = {
            shape: float(np.mean([o[3] for o in mine if o[1] == shape]))
            for shape in dict.fromkeys(o[1] for o in mine)
        }
        bound = {s: surely(name, s, rows) for s, v in by_shape.items() if v < GOAL}
        untold = {s: p for s, p in bound.items() if p < oracle.LEAST_POWER}
        mine = [o for o in mine if o[1] not in untold]
        mended = [o[4] for o in mine if o[4] is not None]
        instead = Counter((o[1], o[5]) for o in mine if not o[3])
        lines.append(
            {
                "fault": name,
                "first": float(np.mean([o[2] for o in mine])) if mine else None,
                "set": float(np.mean([o[3] for o in mine])) if mine else None,
                "repairs": len(mended),
                "mended": float(np.mean(mended)) if mended else None,
                "checks": len(mine),
                "weak": {s: (by_shape[s], p) for s, p in bound.items()},
                "untold": untold,
                "instead": [f"{s}: {w}" for (s, w), _ in instead.most_common(4)],
            }
        )
    return lines


def show(lines: list[dict[str, Any]], *, why: bool) -> None:
    """Print the table."""
    for line in lines:
        mended = "" if line["mended"] is None else f"{line['mended']:.0%}"
        print(
            f"  {line['fault']:<26} {oracle.shares(line)}  "
            f"{mended:>5} of {line['repairs']:>3}  {oracle.weak(line)}",
            flush=True,
        )
        if why and line["instead"]:
            print("      " + "\n      ".join(line["instead"]))


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
        lines = table(list(faults(*given, arguments.only)), rows)
        print(
            f"n = {rows:,} a side, {arguments.seeds} seeds: first / within two, mended"
        )
        show(lines, why=arguments.why)
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
