"""Time a skew check of 30,000 columns of 1,000 rows, from Parquet to the report.

Six columns in ten hold numbers, one integers, two labels, one booleans; in one of a
hundred the serving side is 1,000 times as large. The reference profile is stored. What
is timed is a fresh process: imports, reading the profile and the file, the verdicts,
and the report as HTML.

    python benchmarks/skew_wide.py [--columns N] [--rows N] [--faulty N] [--json FILE]
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq


def main() -> None:
    """Run the benchmark, or the process that is timed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--columns", type=int, default=30_000)
    parser.add_argument("--rows", type=int, default=1_000)
    parser.add_argument("--faulty", type=int, default=300)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--check", nargs=2, type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.check:
        print(json.dumps(check(*arguments.check)))
        return
    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder) / "before.parquet", Path(folder) / "after.parquet"
        size = arguments.columns, arguments.rows
        write(before, *size, seed=2)
        write(after, *size, seed=3, faulty=arguments.faulty)
        stored = Path(folder) / "profile"
        store(before, stored)
        start = time.perf_counter()
        command = [sys.executable, __file__, "--check", str(after), str(stored)]
        said = subprocess.run(command, capture_output=True, check=True).stdout
        whole = time.perf_counter() - start
        found = {"seconds": whole, **json.loads(said)}
        found["profile_megabytes"] = stored.stat().st_size / 1e6
    print(f"columns x rows   {arguments.columns:>10,} x {arguments.rows:,}")
    print(f"whole process    {whole:>10.1f} s (target: below 60)")
    for part in ("processor", "read_profile", "profile", "judge", "html"):
        print(f"  {part:<14} {found[part]:>10.1f} s")
    print(
        f"HTML             {found['html_bytes'] / 1000:>10.0f} KB (target: below 200)"
    )
    print(f"peak memory      {found['peak']:>10,.0f} MB")
    print(f"stored profile   {found['profile_megabytes']:>10.1f} MB")
    print(f"faults named     {found['named']:>10,} of {arguments.faulty:,}")
    print(f"others found     {found['others']:>10,}")
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


def write(path: Path, columns: int, rows: int, *, seed: int, faulty: int = 0) -> None:
    """Write the file."""
    random = np.random.default_rng(seed)
    labels = np.array([f"label {at}" for at in range(12)], dtype=object)
    table: dict[str, pa.Array] = {}
    values: np.ndarray
    for at in range(columns):
        kind = at % 10
        if kind < 3:
            values = np.round(random.normal(at % 97, 3, rows), 2)
        elif kind < 6:
            values = random.lognormal(1, 1, rows)
        elif kind == 6:
            values = random.integers(0, 50, rows)
        elif kind < 9:
            values = labels[random.integers(0, 12, rows)]
        else:
            values = random.random(rows) < 0.3
        if kind == 0 and at // 10 < faulty:
            values = values * 1_000
        table[f"c{at:05}"] = pa.array(values)
    pq.write_table(pa.table(table), path)


def store(reference: Path, stored: Path) -> None:
    """Store the reference's profile."""
    from nbmlops.profiles.building import build_profile

    stored.write_bytes(build_profile(reference).to_bytes())


def check(serving: Path, stored: Path) -> dict[str, float]:
    """Make one check, and time its parts."""
    from nbmlops.profiles.building import build_profile
    from nbmlops.profiles.profile import Profile
    from nbmlops.skew.judge import judge

    times = [time.perf_counter()]
    reference = Profile.from_bytes(stored.read_bytes())
    times.append(time.perf_counter())
    profile = build_profile(serving, like=reference)
    times.append(time.perf_counter())
    report = judge(reference, profile)
    times.append(time.perf_counter())
    page = report._repr_html_()
    times.append(time.perf_counter())
    parts = dict(
        zip(("read_profile", "profile", "judge", "html"), np.diff(times), strict=True)
    )
    faults = [
        n for n, c in report.columns.items() if c.cause and c.cause.kind == "unit"
    ]
    found = [c for c in report.columns.values() if c.cause is not None]
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return {
        **{name: float(seconds) for name, seconds in parts.items()},
        "processor": time.process_time(),
        "html_bytes": len(page.encode()),
        "peak": int(peak.split()[1]) / 1024,
        "named": len(faults),
        "others": len(found) - len(faults),
    }


if __name__ == "__main__":
    main()
