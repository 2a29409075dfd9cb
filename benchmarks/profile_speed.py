"""Time the profile of a million rows against the floor of scanning the same file.

The file has 20 columns of numbers and 10 of text with 2 to 1,000 labels. The floor is
what one DuckDB connection takes to sum each number column and to count each label. The
profile is built as a check builds it: against a stored reference profile. Both are
timed in turns, in one process; the memory is measured in a process of its own.

    python benchmarks/profile_speed.py [--rows N] [--repeat N] [--file PATH]
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

NUMBERS = 20
CARDINALITIES = (2, 4, 8, 16, 32, 64, 128, 256, 512, 1000)


def main() -> None:
    """Run the benchmark, or the part of it that measures memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=7)
    parser.add_argument("--file", type=Path)
    parser.add_argument("--memory-of", nargs=2, type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.memory_of:
        memory(*arguments.memory_of)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = arguments.file or Path(folder) / "serving.parquet"
        if not path.exists():
            write(path, arguments.rows, seed=2)
        compare(path, Path(folder) / "reference.profile", arguments.repeat)


def compare(path: Path, stored: Path, repeat: int) -> None:
    """Time the floor and the profile in turns, and print the ratio."""
    from nbmlops.profiles.building import build_profile
    from nbmlops.profiles.profile import Profile

    stored.write_bytes(build_profile(path).to_bytes())

    def profile() -> None:
        build_profile(path, like=Profile.from_bytes(stored.read_bytes()))

    floors, profiles = [], []
    for _ in range(repeat):
        floors.append(timed(lambda: floor(path)))
        profiles.append(timed(profile))
    rows = pq.ParquetFile(path).metadata.num_rows
    size = stored.stat().st_size
    command = [sys.executable, __file__, "--memory-of", str(path), str(stored)]
    peak = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    middle = statistics.median(profiles) / statistics.median(floors)
    print(f"rows                {rows:>12,}")
    print(f"scan floor          {min(floors):>12.3f} s best of {repeat}")
    print(f"profile             {min(profiles):>12.3f} s best of {repeat}")
    print(f"ratio               {min(profiles) / min(floors):>12.2f} of the best")
    print(f"ratio               {middle:>12.2f} of the medians")
    print(f"peak memory         {peak['after']:>12,.0f} MB, whole process")
    print(f"  of it imports     {peak['before']:>12,.0f} MB")
    print(f"stored profile      {size / 1000:>12,.0f} KB")


def memory(path: Path, stored: Path) -> None:
    """Print the peak memory of a process that builds one profile, in MB."""
    from nbmlops.profiles.building import build_profile
    from nbmlops.profiles.profile import Profile

    before = peak_memory()
    build_profile(path, like=Profile.from_bytes(stored.read_bytes()))
    print(json.dumps({"before": before, "after": peak_memory()}))


def peak_memory() -> float:
    """Give the peak resident memory of this process, in MB."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage on Linux counts the process that started us too
        lines = status.read_text().splitlines()
        kilobytes = next(line.split()[1] for line in lines if line.startswith("VmHWM"))
        return int(kilobytes) / 1e3
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e3)


def timed(call: Callable[[], None]) -> float:
    """Give how long a call takes, in seconds."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def floor(path: Path) -> None:
    """Sum each number column and count each label: the least that a check reads."""
    with duckdb.connect() as connection:
        sums = ", ".join(f"sum(n{at})" for at in range(NUMBERS))
        connection.execute(
            f"select {sums} from read_parquet(?)", [str(path)]
        ).fetchall()
        for at in range(len(CARDINALITIES)):
            connection.execute(
                f"select c{at}, count(*) from read_parquet(?) group by c{at}",
                [str(path)],
            ).fetchall()


def write(path: Path, rows: int, seed: int) -> None:
    """Write the file: numbers of several shapes, some with nulls, and labels."""
    random = np.random.default_rng(seed)
    shapes: tuple[Callable[[], np.ndarray], ...] = (
        lambda: random.normal(size=rows),
        lambda: random.lognormal(size=rows),
        lambda: random.normal(100, 15, size=rows),
        lambda: random.gamma(2.0, 3.0, size=rows),
        lambda: np.round(random.lognormal(3, 1, size=rows), 2),
    )
    columns: dict[str, pa.Array] = {}
    for at in range(NUMBERS):
        values = shapes[at % len(shapes)]()
        mask = random.random(rows) < 0.02 if at % 7 == 0 else None
        columns[f"n{at}"] = pa.array(values, mask=mask)
    for at, cardinality in enumerate(CARDINALITIES):
        labels = np.array([f"label {label:04d}" for label in range(cardinality)])
        share = 1 / np.arange(1, cardinality + 1)
        codes = random.choice(cardinality, size=rows, p=share / share.sum())
        columns[f"c{at}"] = pa.array(labels.astype(object)[codes])
    pq.write_table(pa.table(columns), path)


if __name__ == "__main__":
    main()
