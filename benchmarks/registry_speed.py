"""How fast the registry is, beside the floor that its parts set in the same run.

Run: python benchmarks/registry_speed.py

Prints: a metadata transaction beside raw flock + ATTACH + read the newest + insert +
commit + DETACH;
registering pipelines trained on 50,000 rows beside their own dump, load and predict,
the two in turns;
and eight processes that register 25 versions each under one name.
"""

import fcntl
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler
from skops.io import dumps, get_untrusted_types, loads

from nbmlops.api import Registry, open_registry

ROWS = 50_000
TRANSACTIONS = 200
TURNS = 7
CLOCK, CPU = 0, 1
WORKER = """
import sys
from nbmlops import open_registry
from sklearn.linear_model import LogisticRegression
registry = open_registry(sys.argv[1], actor="worker")
model = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
for _ in range(25):
    print(registry.register(model, "shared").number)
"""


def in_turns(
    calls: Mapping[str, Callable[[], object]], times: int
) -> dict[str, list[tuple[float, float]]]:
    """Take turns at calls: seconds by the clock, and of the processors, of each.

    In turns, because what runs later finds memory that is mapped already.
    """
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in calls}
    for _ in range(times):
        for name, call in calls.items():
            start, spent = time.perf_counter(), time.process_time()
            call()
            ended = time.perf_counter() - start, time.process_time() - spent
            taken[name].append(ended)
    return taken


def median(taken: list[tuple[float, float]], clock: int = CLOCK) -> float:
    """Give the median of one of the two."""
    return statistics.median(each[clock] for each in taken)


def raw_transaction(folder: Path) -> Callable[[], None]:
    """Build the least that a safe write needs.

    Lock, attach, read the newest number, insert the next, commit, detach.
    """
    connection = duckdb.connect(config={"threads": 1})
    path = folder / "raw.duckdb"
    connection.execute(f"attach '{path}' as raw (storage_version 'v2.0.0')")
    connection.execute("create table raw.entry (seq bigint primary key, text varchar)")
    connection.execute("detach raw")
    descriptor = os.open(folder / "raw.lock", os.O_RDWR | os.O_CREAT)

    def write() -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        connection.execute(f"attach '{path}' as raw")
        connection.execute("begin")
        newest = "select coalesce(max(seq), 0) from raw.entry"
        (seq,) = connection.execute(newest).fetchone() or (0,)
        connection.execute("insert into raw.entry values (?, 'x')", [seq + 1])
        connection.execute("commit")
        connection.execute("detach raw")
        fcntl.flock(descriptor, fcntl.LOCK_UN)

    return write


def metadata(folder: Path) -> None:
    """Compare small changes, each with its event and head, with the raw transaction."""
    registry = open_registry(folder / ".nbmlops", actor="bench")
    registry.register(LogisticRegression().fit([[0.0], [1.0]], [0, 1]), "m")
    raw = raw_transaction(folder)
    changes: dict[str, Callable[[], object]] = {
        "note": lambda: registry.note("m/1", "x"),
        "alias": lambda: registry.alias("m/1", "shadow"),
        "tag": lambda: registry.tag("m/1", stage="x"),
    }
    for name, change in changes.items():
        taken = in_turns({"raw": raw, "ours": change}, TRANSACTIONS)
        floor, found = median(taken["raw"]), median(taken["ours"])
        sums = [sum(each[CLOCK] for each in taken[side]) for side in ("ours", "raw")]
        processor = median(taken["ours"], CPU) / median(taken["raw"], CPU)
        print(
            f"{name}: {found * 1e3:.1f} ms, raw {floor * 1e3:.1f} ms, "
            f"ratio {found / floor:.2f} (at most 2), of the means "
            f"{sums[0] / sums[1]:.2f}, of the processors' time {processor:.2f}"
        )


def flights(rows: int) -> pd.DataFrame:
    """Make rows with numbers and labels."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        rng.normal(size=(rows, 8)), columns=[f"n{i}" for i in range(8)]
    )
    frame["carrier"] = rng.choice(list("abcdefgh"), rows)
    frame["origin"] = rng.choice(["JFK", "LGA", "EWR"], rows)
    frame["late"] = frame["n0"] + rng.normal(size=rows) > 0.8
    return frame


def registering(registry: Registry) -> None:
    """Time registrations, and the parts that nobody can do without."""
    frame = flights(ROWS + 10_000)
    train, test = frame[:ROWS], frame[ROWS:]
    features = list(frame.columns[:-1])
    numbers, labels = features[:8], features[8:]
    coded = make_column_transformer(
        (OneHotEncoder(), labels), (StandardScaler(), numbers)
    )
    ordinal = make_column_transformer(
        (OrdinalEncoder(), labels), remainder="passthrough"
    )
    models = {
        "logistic": make_pipeline(coded, LogisticRegression()),
        "boosting": make_pipeline(
            ordinal, HistGradientBoostingClassifier(random_state=0)
        ),
        "forest of 100": make_pipeline(
            ordinal, RandomForestClassifier(100, random_state=0, n_jobs=2)
        ),
    }
    for name, model in models.items():
        model.fit(train[features], train["late"])

        def register(model: Any = model) -> None:
            registry.register(model, "m", train=train, target="late", test=test)

        def floor(model: Any = model) -> None:
            data = dumps(model)
            loads(data, trusted=get_untrusted_types(data=data))
            model.predict_proba(test[features])

        in_turns({"register": register, "floor": floor}, 1)  # not counted
        taken = in_turns({"register": register, "floor": floor}, TURNS)
        found, least = median(taken["register"]), median(taken["floor"])
        processor = median(taken["register"], CPU) / median(taken["floor"], CPU)
        print(
            f"register {name}: {found:.2f} s; dump + load + one predict {least:.2f} s, "
            f"ratio {found / least:.2f}, of the processors' time {processor:.2f}"
        )


def together(folder: Path) -> None:
    """Let eight processes register 25 versions each under one name."""
    place = folder / "together"
    start = time.perf_counter()
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, str(place)],
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(8)
    ]
    numbers = [int(n) for w in workers for n in w.communicate()[0].split()]
    taken = time.perf_counter() - start
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    complete = sorted(numbers) == list(range(1, 201))
    failed = sum(w.returncode != 0 for w in workers)
    print(
        f"8 processes x 25 versions: {taken:.1f} s with imports, of the processors "
        f"{spent.ru_utime + spent.ru_stime:.1f} s; numbers 1..200 "
        f"complete: {complete}, failed processes: {failed}, "
        f"verifies: {open_registry(place).verify().ok}"
    )


def main() -> None:
    """Run all three."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["NBMLOPS_TRUST_FILE"] = str(folder / "trusted")
        metadata(folder)
        registering(open_registry(folder / "models", actor="bench"))
        together(folder)


if __name__ == "__main__":
    main()
