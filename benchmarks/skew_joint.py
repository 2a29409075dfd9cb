"""Print how often columns together are falsely found to differ, and what is found.

Run from the repository:

    python benchmarks/skew_joint.py [--repeats 200] [--only TEXT] [--json FILE]

20 columns of `tests/skew/shapes.py`; a dependence that breaks, or two columns that
exchange their rows, leave every single column as it was.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.skew import shapes

from nbmlops.frames.opening import open_frame
from nbmlops.skew.joint.judge import judge_joint
from nbmlops.skew.joint.section import Joint
from nbmlops.skew.judge import check

SEED = 20130701
Sides = tuple[pd.DataFrame, pd.DataFrame]
Change = Callable[[np.random.Generator, int], tuple[dict[str, Any], dict[str, Any]]]


def correlated(before: float, after: float) -> Change:
    """Two normal columns whose correlation changes."""

    def change(r: np.random.Generator, n: int) -> tuple[dict[str, Any], dict[str, Any]]:
        made = []
        for rho in (before, after):
            u, e = r.normal(size=(2, n))
            made.append({"u": u, "v": rho * u + np.sqrt(1 - rho**2) * e})
        return made[0], made[1]

    return change


def later(r: np.random.Generator, n: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """One of four labels moves to late hours, the others make room."""
    hours, labels = r.integers(0, 24, 2 * n), r.choice(list("abcd"), 2 * n)
    first = {"u": hours[:n].copy(), "v": labels[:n]}
    h, own = hours[n:], labels[n:] == "a"
    early, late = np.flatnonzero(own & (h < 12)), np.flatnonzero(~own & (h >= 12))
    count = min(len(early), len(late)) // 2
    a, b = early[:count], late[:count]
    h[a], h[b] = h[b].copy(), h[a].copy()
    return first, {"u": h, "v": labels[n:]}


def moved(r: np.random.Generator, n: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """One column moves alone: no joint shift beside it."""
    return {"u": r.normal(size=n)}, {"u": r.normal(1, 1, n)}


CHANGES: dict[str, Change | None] = {
    "no shift": None,
    "one column moved alone": moved,
    "correlation 0.3 to 0": correlated(0.3, 0.0),
    "correlation 0.6 to 0": correlated(0.6, 0.0),
    "correlation 0.5 to -0.5": correlated(0.5, -0.5),
    "a label's hours": later,
}


def sides_of(seed: tuple[int, ...], n: int, change: Change | None) -> Sides:
    """Make both sides."""
    both = shapes.frame(seed, 2 * n)
    first, second = both.iloc[:n], both.iloc[n:]
    if change is None:
        return first, second
    own, theirs = change(np.random.default_rng((*seed, 1)), n)
    return first.assign(**own), second.assign(**theirs)


def looked(first: pd.DataFrame, second: pd.DataFrame) -> tuple[Joint, float]:
    """Check both sides, and time the look at columns together."""
    report, _ = check(first, second)
    started = time.perf_counter()
    joint = judge_joint(open_frame(first), open_frame(second), report)
    return joint, time.perf_counter() - started


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=200)
    parser.add_argument("--sizes", type=int, nargs="+", default=[500, 2_000, 20_000])
    parser.add_argument("--only", default="", help="changes whose name holds this")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    lines = []
    print("Share of checks in which columns differ together (without: at most 5%)")
    for size in arguments.sizes:
        for name, change in CHANGES.items():
            if arguments.only not in name:
                continue
            is_calm = change is None or change is moved
            repeats = arguments.repeats // (1 if is_calm else 10)
            repeats = max(3, repeats // (10 if size >= 10_000 else 1))
            found = [
                looked(*sides_of((SEED, size, k), size, change)) for k in range(repeats)
            ]
            line = {
                "case": name,
                "rows": size,
                "repeats": repeats,
                "found": float(np.mean([joint.is_found for joint, _ in found])),
                "over": float(
                    np.mean([j.verdict == "over tolerance" for j, _ in found])
                ),
                "auc": float(np.mean([j.auc or np.nan for j, _ in found])),
                "seconds": float(np.median([seconds for _, seconds in found])),
            }
            lines.append(line)
            print(
                f"{size:>7,}  {name:<24} found {line['found']:6.1%}  over tolerance "
                f"{line['over']:6.1%}  AUC {line['auc']:.3f}  {line['seconds']:.1f} s  "
                f"({repeats})",
                flush=True,
            )
    if arguments.json:
        arguments.json.write_text(json.dumps({"seed": SEED, "lines": lines}, indent=2))


if __name__ == "__main__":
    main()
