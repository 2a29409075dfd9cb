"""Time a skew check of a million rows against the floor of scanning the same file.

From a Parquet file with 20 columns of numbers and 10 of text and a stored reference
profile to the verdicts, causes included. The floor is what one DuckDB connection takes
to sum each number column and to count each label of the same file. Both are timed in
turns, in one process; the memory is that of a fresh process that does only the check.
Two layouts of the same rows: one row group, as pyarrow writes them, and row groups of
122,880, as DuckDB does, over which it scans with all cores.

    python benchmarks/skew_speed.py [--rows N] [--repeat N] [--grow N] [--json FILE]

With --grow 10 the row groups are also written ten times over into one file, and the
check of it is set against the check of one: time and memory.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from profile_speed import floor, timed, write

ROW_GROUP = 122_880
FAULTS = ("n1 x1000", "n2 +0.3", "n7 nulls filled with -1", "c5 new category")


def main() -> None:
    """Run the benchmark, or the part of it that measures memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=7)
    parser.add_argument("--grow", type=int, default=0)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--memory-of", nargs=2, type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.memory_of:
        memory(*arguments.memory_of)
        return
    with tempfile.TemporaryDirectory() as folder:
        reference, serving = (
            Path(folder) / f"{n}.parquet" for n in ("before", "after")
        )
        write(reference, arguments.rows, seed=2)
        write(serving, arguments.rows, seed=3)
        spoil(serving)
        grouped = Path(folder) / "grouped.parquet"
        regroup(serving, grouped)
        stored = Path(folder) / "profile"
        print(f"rows                   {arguments.rows:>12,}")
        if arguments.grow:
            found = grow(reference, grouped, stored, arguments.grow, arguments.repeat)
            if arguments.json:
                arguments.json.write_text(json.dumps(found, indent=1), encoding="utf-8")
            return
        for layout, path in (("one row group", serving), ("row groups", grouped)):
            compare(layout, reference, path, stored, arguments.repeat)


def spoil(path: Path) -> None:
    """Put the faults into the file."""
    table = pq.read_table(path)
    changed = {
        "n1": pc.multiply(table["n1"], 1000.0),
        "n2": pc.add(table["n2"], 0.3 * 15),
        "n7": pc.fill_null(table["n7"], -1.0),
        "c5": pc.if_else(pc.equal(table["c5"], "label 0007"), "new", table["c5"]),
    }
    for name, column in changed.items():
        at = table.schema.get_field_index(name)
        table = table.set_column(at, name, column)
    pq.write_table(pa.table(table), path)


def regroup(path: Path, grouped: Path) -> None:
    """Write the file anew as DuckDB writes it."""
    with duckdb.connect() as connection:
        rows = connection.read_parquet(str(path))
        rows.write_parquet(str(grouped), row_group_size=ROW_GROUP)


def compare(
    layout: str, reference: Path, serving: Path, stored: Path, repeat: int
) -> None:
    """Time the floor and the check in turns, and print the ratio."""
    from nbmlops.profiles.building import build_profile
    from nbmlops.profiles.profile import Profile
    from nbmlops.skew.judge import check, judge

    profile = build_profile(reference)
    stored.write_bytes(profile.to_bytes())

    def whole() -> None:
        check(Profile.from_bytes(stored.read_bytes()), serving)

    floors, checks = [], []
    for _ in range(repeat):
        floors.append(timed(lambda: floor(serving)))
        checks.append(timed(whole))
    report, served = check(profile, serving)

    def judging() -> None:
        judge(profile, served)

    judged = min(timed(judging) for _ in range(repeat))
    command = [sys.executable, __file__, "--memory-of", str(serving), str(stored)]
    peak = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    middle = statistics.median(checks) / statistics.median(floors)
    print(f"\n{layout}")
    print(f"  scan floor           {min(floors):>12.3f} s best of {repeat}")
    print(f"  check                {min(checks):>12.3f} s best of {repeat}")
    print(f"    of it judging      {judged:>12.3f} s")
    print(f"  ratio                {min(checks) / min(floors):>12.2f} of the best")
    print(f"  ratio                {middle:>12.2f} of the medians (target: at most 3)")
    print(f"  peak memory          {peak['after']:>12,.0f} MB, whole process")
    print(f"    of it imports      {peak['before']:>12,.0f} MB")
    print(f"  put in: {', '.join(FAULTS)}; found:")
    for name, column in report.columns.items():
        if column.cause is not None:
            print(f"    {name:<4} {column.verdict}: {column.cause.kind}")


def grow(
    reference: Path, serving: Path, stored: Path, times: int, repeat: int
) -> dict[str, float]:
    """Time the check of a file and of one that is so many times as long, in turns."""
    from nbmlops.profiles.building import build_profile
    from nbmlops.profiles.profile import Profile
    from nbmlops.skew.judge import check

    stored.write_bytes(build_profile(reference).to_bytes())
    grown = serving.with_name("grown.parquet")
    with (
        pq.ParquetFile(serving) as file,
        pq.ParquetWriter(grown, file.schema_arrow) as writer,
    ):
        for _ in range(times):
            for group in range(file.num_row_groups):
                writer.write_table(file.read_row_group(group))
    seconds: dict[Path, list[float]] = {serving: [], grown: []}
    busy: dict[Path, list[float]] = {serving: [], grown: []}
    for _ in range(repeat):
        for path in seconds:
            start = time.process_time()
            seconds[path].append(
                timed(
                    lambda path=path: check(
                        Profile.from_bytes(stored.read_bytes()), path
                    )
                )
            )
            busy[path].append(time.process_time() - start)
    peaks = []
    for path in seconds:
        command = [sys.executable, __file__, "--memory-of", str(path), str(stored)]
        said = subprocess.run(command, capture_output=True, check=True).stdout
        peaks.append(json.loads(said)["after"])
    one, many = (min(taken) for taken in seconds.values())
    processor = [min(taken) for taken in busy.values()]
    print(
        f"check of one           {one:>12.3f} s best of {repeat}, processor "
        f"{processor[0]:.3f} s, peak {peaks[0]:,.0f} MB"
    )
    print(
        f"check of {times:<3}           {many:>12.3f} s best of {repeat}, processor "
        f"{processor[1]:.3f} s, peak {peaks[1]:,.0f} MB"
    )
    print(
        f"ratio                  {many / one:>12.2f} (target: at most "
        f"{1.05 * times:g}), of processor time {processor[1] / processor[0]:.2f}"
    )
    return {
        "one": one,
        "many": many,
        "processor_one": processor[0],
        "processor_many": processor[1],
        "peak_one": peaks[0],
        "peak_many": peaks[1],
    }


def memory(serving: Path, stored: Path) -> None:
    """Print the peak memory of a process that makes one check, in MB."""
    from nbmlops.profiles.profile import Profile
    from nbmlops.skew.judge import check

    before = peak_memory()
    check(Profile.from_bytes(stored.read_bytes()), serving)
    print(json.dumps({"before": before, "after": peak_memory()}))


def peak_memory() -> float:
    """Give the peak resident memory of this process since it began, in MB."""
    # Not getrusage: a child starts with the peak of the process that made it.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(part for part in status.splitlines() if part.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
