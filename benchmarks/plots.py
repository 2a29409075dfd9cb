"""Draw the plots of docs/benchmarks.md from what the benchmarks wrote.

    pip install '.[benchmarks]'
    python benchmarks/plots.py [--results FOLDER] [--to FOLDER]

What is not among the results (calibration.json, causes.json, peers.json) is left out.
Text and axes are of a grey that can be read on white as on black.
"""

import argparse
import json
from collections.abc import Callable
from math import sqrt
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

HERE = Path(__file__).parent
GREY, OURS, THEIRS = "#808080", "#2f7fd1", "#b3793a"
PROMISE, GOAL = 0.05, 0.95
STYLE: dict[Any, Any] = {
    "svg.hashsalt": "nbmlops",  # the same figures give the same file
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 9,
    "text.color": GREY,
    "axes.edgecolor": GREY,
    "axes.labelcolor": GREY,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


def main() -> None:
    """Draw every plot whose results are there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, default=HERE / "results")
    parser.add_argument("--to", type=Path, default=HERE.parent / "docs" / "images")
    given = parser.parse_args()
    with mpl.rc_context(STYLE):
        for name, draw in PLOTS.items():
            source = given.results / f"{name}.json"
            if not source.exists():
                print(f"left out: {source} is not there")
                continue
            target = given.to / f"benchmark-{name}.svg"
            figure = draw(json.loads(source.read_text(encoding="utf-8")))
            figure.savefig(
                target, transparent=True, bbox_inches="tight", metadata={"Date": None}
            )
            print(f"drawn: {target}")


def calibration(found: dict[str, Any]) -> Figure:
    """Draw false alarms by rows, and what of the shifts is found."""
    figure = Figure(figsize=(8, 3.2))
    calm, power = figure.subplots(1, 2, width_ratios=(5, 4))
    lines = found["lines"]
    drift = [line for line in lines if line["section"] == "drift"]
    at = range(len(drift))
    rates = [line["real"] for line in drift]
    ends = [interval(line["real"], line["checks"]) for line in drift]
    calm.vlines(at, [low for low, _ in ends], [high for _, high in ends], color=OURS)
    calm.plot(at, rates, "o", color=OURS, label="any column real, 95% interval")
    over = [line["over"] for line in drift]
    calm.plot(at, over, "s", color=THEIRS, fillstyle="none", label="any over tolerance")
    dashes = {"color": GREY, "linestyle": "--", "linewidth": 1}
    calm.axhline(PROMISE, label="the promise: at most 5%", **dashes)
    calm.set(ylim=(-0.004, 0.12), xlabel="rows a side", ylabel="share of checks")
    calm.set_xticks(at, [d["what"] for d in drift])
    calm.set_title("Nothing differs, 20 columns", color=GREY, fontsize=10)
    calm.legend(frameon=False, loc="upper right")
    _percent(calm, "y")
    shifts = [line for line in lines if line["section"] == "power"]
    shifts = [line for line in shifts if line["what"].startswith("1,000 ")]
    _bars(
        power,
        [s["what"].removeprefix("1,000 ") for s in shifts],
        [s["found"] for s in shifts],
        [OURS] * len(shifts),
    )
    power.axvline(GOAL, **dashes)
    power.set(xlim=(0, 1), xlabel="found, 1,000 rows a side")
    power.set_title("One of 20 columns shifted", color=GREY, fontsize=10)
    _percent(power, "x")
    figure.tight_layout()
    return figure


def causes(found: dict[str, Any]) -> Figure:
    """Draw how often each fault is named first, and within a set of two."""
    lines = found["2000"]["faults"]
    figure = Figure(figsize=(8, 0.22 * len(lines) + 1))
    axes = figure.subplots()
    down = range(len(lines))
    first, both = [line["first"] for line in lines], [line["set"] for line in lines]
    axes.hlines(down, first, both, color=GREY, linewidth=1)
    axes.plot(first, down, "o", color=OURS, fillstyle="none", label="named first")
    axes.plot(both, down, "o", color=OURS, label="first or second")
    axes.axvline(GOAL, color=GREY, linestyle="--", linewidth=1)
    axes.set_yticks(down, [line["fault"] for line in lines])
    axes.set_ylim(len(lines) - 0.5, -0.5)
    axes.set(xlim=(0, 1.01), xlabel="share of columns, 2,000 rows a side")
    axes.legend(frameon=False, loc="lower left")
    _percent(axes, "x")
    return figure


def peers(found: dict[str, Any]) -> Figure:
    """Draw the whole process beside the peers', on the largest files that were run."""
    rows = max((key for key in found if key.isdigit()), key=int)
    sides = dict(sorted(found[rows].items(), key=lambda item: item[1]["whole"]))
    figure = Figure(figsize=(8, 0.3 * len(sides) + 0.9))
    axes = figure.subplots()
    seconds = [side["whole"] for side in sides.values()]
    colours = [OURS if name.startswith("nbmlops") else THEIRS for name in sides]
    _bars(axes, list(sides), seconds, colours)
    for at, (second, side) in enumerate(zip(seconds, sides.values(), strict=True)):
        said = f" {second:.1f} s; {len(side['found'])} of 5, false {len(side['false'])}"
        axes.text(second, at, said, va="center")
    axes.set(xscale="log", xlim=(0.5, max(seconds) * 8))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set_xlabel(f"seconds of the whole process, {int(rows):,} rows x 30 columns")
    return figure


def interval(rate: float, count: int) -> tuple[float, float]:
    """Give the 95% interval of a share (Wilson 1927)."""
    z = 1.96
    middle = (rate + z**2 / (2 * count)) / (1 + z**2 / count)
    reach = z * sqrt(rate * (1 - rate) / count + z**2 / (4 * count**2))
    reach /= 1 + z**2 / count
    return middle - reach, middle + reach


def _bars(
    axes: Axes, names: list[str], values: list[float], colours: list[str]
) -> None:
    axes.barh(range(len(names)), values, 0.6, color=colours)
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()


def _percent(axes: Axes, which: str) -> None:
    axis = getattr(axes, f"{which}axis")
    axis.set_major_formatter(lambda value, _: f"{value:.0%}")


PLOTS: dict[str, Callable[[dict[str, Any]], Figure]] = {
    "calibration": calibration,
    "causes": causes,
    "peers": peers,
}

if __name__ == "__main__":
    main()
