"""How often predictions and performance cry wolf, how soon they see, what they cover.

Run from the repository: `python benchmarks/skew_performance.py [section ...]`, the
sections being alarms, delay, sequences, tests, drifts, estimates, scores, slices (all
when none is given). `--quick` repeats less, `--json FILE` writes the figures as well.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.flights import FEATURES, flights, pipeline
from tests.lifecycle.serving import log_of

from nbmlops.api import open_registry
from nbmlops.skew import sequences
from nbmlops.skew.change_points import change_points
from nbmlops.skew.differences import Rows
from nbmlops.skew.estimation import Scores, estimate, why_not
from nbmlops.skew.gaps import judge_groups
from nbmlops.skew.judge import check
from nbmlops.skew.realised import Losses, judge_losses
from nbmlops.skew.strata import expected_mean, strata_of

SEED = 20130101
ROWS = 10_000
MANY_ROWS = 1_000_000
LOOKS = (50, 100, 200, 500, 1_000, 2_000, 5_000)
Draw = Callable[[np.random.Generator, int], Any]
Table = list[dict[str, Any]]


def coin(chance: float) -> Draw:
    return lambda rng, n: (rng.random(n) < chance).astype(np.float64)


STREAMS: dict[str, Draw] = {
    "error rate 0.2": coin(0.2),
    "error rate 0.02": coin(0.02),
    "error rate 0.5": coin(0.5),
    "Brier-like": lambda rng, n: rng.beta(1, 4, n) ** 2,
}


def weighted(rng: np.random.Generator, n: int) -> tuple[Any, Any]:
    """Sample a stream of error rate 0.2 by outcome: 0.9 of errors, 0.2 of others."""
    values = coin(0.2)(rng, 4 * n)
    kept = np.where(values > 0, 0.9, 0.2)
    drawn = rng.random(4 * n) < kept
    return values[drawn][:n], (1 / kept[drawn])[:n]


def alarms(repeats: int) -> Table:
    """Count stable streams of 10,000 rows in which a change is found."""
    rng = np.random.default_rng(SEED)
    lines = []
    for name, draw in STREAMS.items():
        found = sum(bool(change_points(draw(rng, ROWS))) for _ in range(repeats))
        lines.append({"stream": name, "streams": repeats, "alarms": found})
    found = sum(bool(change_points(*weighted(rng, ROWS))) for _ in range(repeats))
    lines.append({"stream": "sampled by outcome", "streams": repeats, "alarms": found})
    return lines


def delay(repeats: int) -> Table:
    """Measure rows from a change to its alarm, and where it is placed."""
    rng = np.random.default_rng(SEED)
    lines = []
    for before, after in ((0.2, 0.3), (0.2, 0.25), (0.02, 0.04), (0.2, 0.5)):
        delays, errors, extra = [], [], 0
        for _ in range(repeats):
            parts = coin(before)(rng, ROWS // 2), coin(after)(rng, ROWS // 2)
            found = change_points(np.concatenate(parts))
            extra += max(0, len(found) - 1)
            if found:
                delays.append(found[0].found - ROWS // 2)
                errors.append(abs(found[0].row - ROWS // 2))
        lines.append(
            {
                "change": f"{before} to {after}",
                "found": len(delays) / repeats,
                "mean delay": float(np.mean(delays)),
                "95% of delays": float(np.quantile(delays, 0.95)),
                "median misplaced": float(np.median(errors)),
                "second alarms": extra,
            }
        )
    return lines


def sequence_levels(repeats: int) -> Table:
    """Count streams whose mean is ever outside, at seven looks."""
    rng = np.random.default_rng(SEED)
    streams: dict[str, tuple[Draw, float, bool]] = {
        "error rate 0.2": (coin(0.2), 0.2, True),
        "error rate 0.02": (coin(0.02), 0.02, True),
        "exponential": (lambda r, n: r.exponential(1, n), 1.0, False),
        "lognormal(1)": (lambda r, n: r.lognormal(0, 1, n), float(np.exp(0.5)), False),
        "log loss": (
            _log_loss,
            _log_loss(np.random.default_rng(1), 4_000_000).mean(),
            False,
        ),
    }
    lines = []
    for name, (draw, mean, bounded) in streams.items():
        outside = above = 0
        widths = []
        for _ in range(repeats):
            values = draw(rng, LOOKS[-1])
            found = [sequences.interval(values[:n], bounded=bounded) for n in LOOKS]
            outside += any(not low <= mean <= high for low, high in found)
            above += any(
                sequences.lower(values[:n], miss=0.05, bounded=bounded) > mean
                for n in LOOKS
            )
            once = 2 * 1.96 * values.std() / np.sqrt(len(values))
            widths.append((found[-1][1] - found[-1][0]) / once)
        lines.append(
            {
                "stream": name,
                "mean ever outside 95%": outside / repeats,
                "ever below a 5% bound": above / repeats,
                "width to one look's": float(np.mean(widths)),
            }
        )
    return lines


def _log_loss(rng: np.random.Generator, n: int) -> Any:
    chance = rng.beta(1, 3, n)
    happened = rng.random(n) < chance
    return -np.log(np.clip(np.where(happened, chance, 1 - chance), 2.2e-16, 1))


def verdicts(repeats: int) -> Table:
    """Judge logs of 8 days checked after each day; alarms of all checks together."""
    rng = np.random.default_rng(SEED)
    lines = []
    for name, after, n_test in (
        ("no change", 0.2, 2_000),
        ("no change, few on test", 0.2, 300),
        ("rise by exactly the tolerance", 0.22, 2_000),
        ("0.2 to 0.3 on day 5", 0.3, 2_000),
        ("0.2 to 0.25 on day 5", 0.25, 2_000),
    ):
        rose = over = 0
        days = []
        for _ in range(repeats):
            test = Losses(values=coin(0.2)(rng, n_test))
            exact = after == 0.22
            first = coin(after if exact else 0.2)(rng, 4_000)
            values = np.concatenate([first, coin(after)(rng, 4_000)])
            seen = [_judged(values[: 1_000 * day], day, test) for day in range(1, 9)]
            rose += any(one.rose for one in seen)
            over += any(one.verdict == "over tolerance" for one in seen)
            days += [d for d, one in enumerate(seen, start=1) if one.rose][:1]
        lines.append(
            {
                "log": name,
                "ever worse": rose / repeats,
                "ever over tolerance": over / repeats,
                "median day": float(np.median(days)) if days else None,
            }
        )
    return lines


def _judged(values: Any, days: int, test: Losses) -> Any:
    spans = [slice(1_000 * day, 1_000 * (day + 1)) for day in range(days)]
    losses = Losses(values=values)
    return judge_losses(losses, spans, test, bounded=True, tolerance=0.1, alpha=0.05)


def world(rng: np.random.Generator, n: int, shift: float, gain: float = 1.2) -> Any:
    """Draw probabilities of a calibrated model, and labels whose slope is `gain`."""
    x = rng.normal(shift, 1, n)
    said = 1 / (1 + np.exp(0.5 - 1.2 * x))
    happened = (rng.random(n) < 1 / (1 + np.exp(0.5 - gain * x))).astype(np.int64)
    return np.column_stack([1 - said, said]), happened


def drifts(repeats: int) -> Table:
    """Say how often a rise of the loss is called more than the scores explain."""
    rng = np.random.default_rng(SEED)
    lines = []
    for name, shift, gain in (
        ("scores drift alone (-0.5 to 0.4 sd)", 0.4, 1.2),
        ("P(y | x) changes alone", 0.0, 0.6),
        ("both", 0.4, 0.6),
    ):
        beyond = 0
        for _ in range(repeats):
            (test, target), (log, happened) = (
                world(rng, 2_000, -0.5),
                world(rng, 3_000, shift, gain),
            )
            losses, realised = (test[:, 1] - target) ** 2, (log[:, 1] - happened) ** 2
            expected, error = expected_mean(strata_of(test, log), losses, None, None)
            noise = np.hypot(error, realised.std() / np.sqrt(len(realised)))
            beyond += realised.mean() - expected > 2.326 * noise
        lines.append({"what happened": name, "called concept drift": beyond / repeats})
    return lines


def estimates(repeats: int) -> Table:
    """Count intervals without labels that hold what labels then show."""
    rng = np.random.default_rng(SEED)
    lines = []
    for n_test, n_log, shift in (
        (500, 1_000, 0.0),
        (1_000, 1_000, 0.0),
        (1_000, 5_000, 0.7),
        (1_000, 5_000, -0.7),
        (2_000, 300, 1.0),
        (5_000, 20_000, 1.0),
    ):
        held: dict[str, int] = {}
        refused = made = 0
        for _ in range(repeats):
            (test, target), (log, happened) = (
                world(rng, n_test, 0),
                world(rng, n_log, shift),
            )
            sides = [
                Scores(probability=p, predicted=p.argmax(axis=1), weight=None)
                for p in (test, log)
            ]
            if why_not(sides[0], target):
                refused += 1
                continue
            made += 1
            truth = _truth(log, happened)
            for found in estimate(sides[0], target, sides[1]):
                low, high = found.interval
                held[found.metric] = held.get(found.metric, 0) + (
                    low <= truth[found.metric] <= high
                )
        line = {
            "test": n_test,
            "log": n_log,
            "shift (sd)": shift,
            "refused": refused / repeats,
        }
        lines.append({**line, **{name: count / made for name, count in held.items()}})
    return lines


def _truth(log: Any, happened: Any) -> dict[str, float]:
    from sklearn.metrics import roc_auc_score

    taken = log[np.arange(len(log)), happened]
    return {
        "accuracy": float((log.argmax(axis=1) == happened).mean()),
        "log_loss": float(-np.log(taken).mean()),
        "brier_score": float(((log[:, 1] - happened) ** 2).mean()),
        "roc_auc": float(roc_auc_score(happened, log[:, 1])),
    }


def score_levels(repeats: int) -> Table:
    """Count logs without any change in which a score is found to differ."""
    rng = np.random.default_rng(SEED)
    lines = []
    for n_test, n_log in ((500, 500), (1_000, 10_000), (10_000, 1_000)):
        real = over = 0
        for _ in range(repeats):
            frames = []
            for rows in (n_test, n_log):
                chances, _ = world(rng, rows, 0)
                said = np.where(chances[:, 1] > 0.5, "True", "False")
                frames.append(
                    pd.DataFrame({"probability": chances[:, 1], "prediction": said})
                )
            report, _ = check(*frames)
            columns = report.columns.values()
            real += any((column.p_value or 1) <= 0.05 for column in columns)
            over += not report.ok
        lines.append(
            {
                "test": n_test,
                "log": n_log,
                "any real": real / repeats,
                "any over": over / repeats,
            }
        )
    return lines


def slices(repeats: int) -> Table:
    """Time a million labelled rows: losses by day, slices, and a whole check."""
    rng = np.random.default_rng(SEED)
    values, rows = rng.random(MANY_ROWS) ** 4, np.arange(MANY_ROWS)
    days = [slice(a, a + MANY_ROWS // 30) for a in rows[:: MANY_ROWS // 30]]
    losses, test = Losses(values=values), Losses(values=values[:10_000])
    words = {"bounded": True, "tolerance": 0.1, "alpha": 0.05}
    works: dict[str, Callable[[], Any]] = {
        "performance, by 30 days": lambda: judge_losses(losses, days, test, **words)
    }
    names = np.array([f"label {at}" for at in range(20)], dtype=object)
    labels = {f"c{at}": names[rng.integers(0, 20, MANY_ROWS)] for at in range(20)}
    for what, units in (("", rows), (", by entity", rows // 4)):
        log = Rows(values=values, weight=np.ones(MANY_ROWS), units=units)
        works[f"slices, 20 columns of 20 labels{what}"] = lambda log=log: judge_groups(
            log, labels, None, {}, alpha=0.05, margin=0.03
        )
    train = flights(2_000, seed=1)
    model = pipeline().fit(train[FEATURES], train["late"])
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log.parquet"
        log_of(model, MANY_ROWS).to_parquet(log)
        registry = open_registry(Path(folder) / ".nbmlops")
        frames = {"train": train, "test": flights(6_000, seed=2), "target": "late"}
        registry.register(model, "delays", **frames, slices=["carrier"])
        works["a check of the log, all sections"] = lambda: registry.check_skew(
            "delays", log
        )
        return [{"what": what, **timed(work, repeats)} for what, work in works.items()]


def timed(work: Callable[[], Any], repeats: int) -> dict[str, float]:
    """Give the least seconds by the clock and of the processor."""
    taken = []
    for _ in range(repeats):
        start = time.perf_counter(), time.process_time()
        work()
        taken.append((time.perf_counter() - start[0], time.process_time() - start[1]))
    wall, busy = (min(each) for each in zip(*taken, strict=True))
    return {"seconds": wall, "processor": busy}


SECTIONS: dict[str, tuple[Callable[[int], Table], int]] = {
    "alarms": (alarms, 1_000),
    "delay": (delay, 300),
    "sequences": (sequence_levels, 1_000),
    "tests": (verdicts, 200),
    "drifts": (drifts, 1_000),
    "estimates": (estimates, 100),
    "scores": (score_levels, 300),
    "slices": (slices, 10),
}


def shown(value: Any) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sections", nargs="*", choices=[*SECTIONS, []])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found = {}
    for name in options.sections or SECTIONS:
        run, repeats = SECTIONS[name]
        found[name] = run(repeats // 10 if options.quick else repeats)
        print(f"\n{run.__doc__}")
        lines = [[shown(value) for value in line.values()] for line in found[name]]
        lines.insert(0, list(found[name][0]))
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        for line in lines:
            cells = [
                cell.ljust(width) for cell, width in zip(line, widths, strict=True)
            ]
            print("  ".join(cells), flush=True)
    if options.json:
        options.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
