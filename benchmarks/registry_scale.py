"""Listing and searching a registry of many versions.

Run: python benchmarks/registry_scale.py [versions ...]     (10000 100000)

A thousand versions of 10 models are written as events and projected as ever, each with
17 parameters, 2 tags, a cell of code, 150 packages, 2 datasets and 6 metrics. Events
and rows are then copied in bulk, under new numbers and a chain of their own. A small
place made so is verified first: its events are replayed and all rows compared.

Prints the times of lists and searches, each of which attaches the file anew.
"""

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from nbmlops.api import Registry, open_registry
from nbmlops.refs import Ref
from nbmlops.registry.audit.chain import Line, chain_hash
from nbmlops.registry.database import FILE
from nbmlops.registry.head import write_head
from nbmlops.registry.place import Place, open_place
from nbmlops.registry.tables import schema

MODELS = 10
REPEATS = 7
WORDS = ("night", "flights", "late", "storm", "carrier", "delay", "weather", "airport")
METRICS = ("roc_auc", "log_loss", "accuracy", "brier_score", "f1", "recall")
PARAMS = {f"logisticregression__p{number}": "None" for number in range(16)}
PACKAGES = {f"package_{number}": f"1.{number}.0" for number in range(150)}
# Of what a copy has none: these belong to a model, or to all.
NOT_COPIED = ("model", "alias", "alias_move", "dataset", "dataset_name", "package")
SEARCHES = (
    "metrics.roc_auc > 0.7",
    "metrics.roc_auc > 0.7 and tags.team = 'ops' and alias = 'champion'",
    "params.logisticregression__C < 0.01 or reported.cost > 0.99",
    "created > '2026-01-01' and not author = 'ben@example.com'",
    "text ~ 'storm carr*'",
    "dataset = 'flights' and task = 'binary'",
    "packages.package-7 >= '1.7' and python < '3.12'",
    "git_dirty = true and estimator ~ 'logistic'",
    "tags.ticket = 'OPS-77'",
)


def main(sizes: list[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        small = make(Path(folder) / "small", 40, base=20)
        found = small.verify()
        assert found.ok, found
        print(f"verified: {found.events} events give the rows of {40} versions\n")
        for versions in sizes:
            registry = make(Path(folder) / str(versions), versions)
            size = (registry.location / FILE).stat().st_size / 1e6
            print(f"{versions:,} versions, {size:,.0f} MB; in ms: clock, its best, CPU")
            measure(registry)


def measure(registry: Registry) -> None:
    """Print the median and the slowest time of each list and search."""
    each = len(registry.versions("model0"))
    report("models()", registry.models)
    report(f"versions() of one model: {each:,}", lambda: registry.versions("model0"))
    report("search, all of them", lambda: registry.search("number > 0"))
    newest = "search, all, each ref and tags"
    report(newest, lambda: [(v.ref, v.tags) for v in registry.search("number > 0")])
    report("get('model0/1')", lambda: [registry.get("model0/1")])
    report("search_fields()", registry.search_fields)
    for query in SEARCHES:
        report(query, partial(registry.search, query))
    print()


def report(label: str, call: Callable[[], list[Any]]) -> None:
    """Print the clock's median and best, and the median of this process's work."""
    passed, worked = [], []
    found = call()
    for _ in range(REPEATS):
        clock, work = time.perf_counter(), time.process_time()
        call()
        passed.append((time.perf_counter() - clock) * 1_000)
        worked.append((time.process_time() - work) * 1_000)
    medians = statistics.median(passed), min(passed), statistics.median(worked)
    figures = " ".join(f"{figure:7.1f}" for figure in medians)
    print(f"  {label:67} {figures}  {len(found):,} found")


def make(folder: Path, versions: int, base: int = 1_000) -> Registry:
    """Make a place with so many versions, a multiple of the base."""
    place = open_place(folder, actor="ana@example.com")
    write_base(place, base)
    with place.reading() as unit:
        [(last,)] = unit.rows("select max(seq) from event")
    copy_rows(folder / FILE, base // MODELS, last - 1, versions // base)
    write_names(place)
    return open_registry(folder)


def write_base(place: Place, versions: int) -> None:
    """Write the versions, each with its evaluation, through the catalog."""
    draw = random.Random(1)
    digests = [place.artifacts.put(text) for text in (b"model", b"profile", b"rows")]
    for start in range(0, versions, 100):
        with place.catalog.writing(create=True) as writer:
            for index in range(start, min(start + 100, versions)):
                subject = f"model{index % MODELS}/{index // MODELS + 1}"
                writer.write("register", subject, version(draw, index, digests))
                writer.write("evaluate", subject, evaluation(draw, digests[2]))


def write_names(place: Place) -> None:
    """Give each model a champion, and a dataset its name."""
    with place.catalog.writing() as writer:
        for model in range(MODELS):
            ref = Ref(f"model{model}", number=1)
            writer.move_alias(ref, "champion", "promote", {})
        data = {"digest": "d" * 64, "rows": 9, "columns": [], "types": {}}
        detail = {"data": data, "name": "flights", "description": ""}
        writer.write("dataset", "dataset:dddddddddddd", detail)


def version(draw: random.Random, index: int, digests: list[str]) -> dict[str, Any]:
    """Give what a register event says."""
    code = (f"{draw.choice(WORDS)}_{n} = fit({draw.choice(WORDS)})" for n in range(12))
    columns = [f"column_{number}" for number in range(15)]
    return {
        "description": " ".join(draw.choices(WORDS, k=8)),
        "tags": {"team": draw.choice(("ops", "data")), "ticket": f"OPS-{index}"},
        "params": {**PARAMS, "logisticregression__C": str(draw.lognormvariate(0, 2))},
        "reported": {"cost": draw.random()},
        "task": "binary",
        "target": ["late"],
        "classes": [False, True],
        "signature": {
            "columns": [{"name": name, "kind": "number"} for name in columns],
            "is_partial": False,
        },
        "estimator": "Pipeline: StandardScaler, LogisticRegression",
        "digest": digests[0],
        "size": 4_000 + index,
        "flavor": "skops",
        "profile": digests[1],
        "parent": None,
        "source": {
            "git_commit": f"{draw.getrandbits(160):040x}",
            "git_branch": "main",
            "git_dirty": index % 3 == 0,
            "notebook": "delays.ipynb",
            "cell": "\n".join(code),
        },
        "environment": {"python": "3.11.9", "platform": "x", "packages": PACKAGES},
        "datasets": [
            {"role": role, "description": "DataFrame", **data(digest, columns)}
            for role, digest in (("train", "d" * 64), ("test", "e" * 64))
        ],
        "attachments": {},
    }


def data(digest: str, columns: list[str]) -> dict[str, Any]:
    types = dict.fromkeys(columns, "double")
    return {"digest": digest, "rows": 1_000, "columns": columns, "types": types}


def evaluation(draw: random.Random, rows: str) -> dict[str, Any]:
    """Give what an evaluate event says."""
    return {
        "evaluation": "test",
        "digest": rows,
        "rows": 1_000,
        "metrics": {name: draw.random() for name in METRICS},
        "dataset": "e" * 64,
        "slices": [],
        "groups": "",
        "latency_ms": 1.0,
        "notes": [],
    }


def copy_rows(path: Path, numbers: int, events: int, times: int) -> None:
    """Copy all events and their rows, each time under the next numbers."""
    moved = {
        "number": f"number + copy * {numbers}",
        "seq": f"seq + copy * {events}",
        "created_at": "(select max(happened_at) from event)",
    }
    with duckdb.connect(path) as connection:
        for table in schema.TABLES:
            if table in NOT_COPIED:
                continue
            names = [
                row[0] for row in connection.execute(f"describe {table}").fetchall()
            ]
            columns = ", ".join(moved.get(name, name) for name in names)
            copies = f"{table}, range(1, {times}) copies(copy)"
            connection.execute(f"insert into {table} select {columns} from {copies}")
        last = copy_events(connection, numbers, events, times)
    write_head(path.parent, *last)


def copy_events(
    connection: duckdb.DuckDBPyConnection, numbers: int, events: int, times: int
) -> tuple[int, str]:
    """Append the copies' events to the chain; return its last number and hash."""
    rows = connection.execute("from event order by seq").fetchall()
    moment, last = rows[-1][1], rows[-1][-1]
    copies: dict[str, list[Any]] = {name: [] for name in Line._fields}
    for copy in range(1, times):
        for seq, _, actor, verb, subject, detail, salt, _, _ in rows[1:]:
            name, _, number = subject.partition("/")
            line = Line(
                seq=seq + copy * events,
                happened_at=moment.isoformat(timespec="microseconds"),
                actor=actor,
                verb=verb,
                subject=f"{name}/{int(number) + copy * numbers}",
                detail=detail,
                salt=salt,
                previous=last,
                hash="",
            )
            last = chain_hash(line)
            values = line._replace(hash=last)._asdict()
            for key, value in {**values, "happened_at": moment}.items():
                copies[key].append(value)
    connection.register("copies", pa.table(copies))
    connection.execute("insert into event from copies")
    return rows[-1][0] + (times - 1) * events, last


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [10_000, 100_000])
