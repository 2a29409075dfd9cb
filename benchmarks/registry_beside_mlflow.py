"""The registry beside MLflow on sqlite, both in one run on one machine.

Run: python benchmarks/registry_beside_mlflow.py --mlflow-python VENV/bin/python
where VENV has mlflow, scikit-learn, pandas and skops. This file runs itself by either
interpreter, as `--side nbmlops` or `--side mlflow`; times are inside the process, after
imports, and the sides take turns.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property, partial
from pathlib import Path
from typing import Any

PROCESSES = 8
VERSIONS = 25
ROUNDS = 3
WRITES = 100


class Ours:
    """What is measured, in nbmlops."""

    def __init__(self, place: Path) -> None:
        from nbmlops.api import open_registry

        self.registry = open_registry(place / ".nbmlops", actor="bench")

    def open_empty(self) -> None:
        self.registry.init()

    def register(self, model: Any, frame: Any) -> None:
        train, test = frame[:-1_000], frame[-1_000:]
        self.registry.register(model, "flights", train=train, target="late", test=test)

    def register_bare(self, model: Any, run: str) -> None:
        self.registry.register(model, "shared")

    def log_once(self, model: Any) -> str:
        return ""

    def alias(self, turn: int) -> None:
        self.registry.alias(f"flights/{1 + turn % 2}", "shadow")

    def tag(self, turn: int) -> None:
        self.registry.tag("flights/1", stage=str(turn))

    def numbers(self) -> list[int]:
        return [version.number for version in self.registry.versions("shared")]


class Theirs:
    """The same in MLflow, on sqlite, artifacts in a folder."""

    def __init__(self, place: Path) -> None:
        import logging

        os.environ["MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR"] = "false"
        os.environ["GIT_PYTHON_REFRESH"] = "quiet"
        import mlflow
        from mlflow import MlflowClient

        logging.disable(logging.WARNING)
        place.mkdir(parents=True, exist_ok=True)
        os.chdir(place)
        mlflow.set_tracking_uri(f"sqlite:///{place}/mlflow.db")
        self.mlflow = mlflow
        self.make_client = MlflowClient  # the first one makes the database

    @cached_property
    def client(self) -> Any:
        return self.make_client()

    def open_empty(self) -> None:
        self.client.search_registered_models()

    def register(self, model: Any, frame: Any) -> None:
        test = frame[-1_000:]
        features = test.drop(columns="late")
        with self.mlflow.start_run():
            self.mlflow.log_metric("accuracy", model.score(features, test["late"]))
            self.mlflow.sklearn.log_model(
                model,
                name="model",
                registered_model_name="flights",
                input_example=features[:5],
            )

    def log_once(self, model: Any) -> str:
        from mlflow.exceptions import MlflowException

        with self.mlflow.start_run():
            logged = self.mlflow.sklearn.log_model(model, name="model")
        with suppress(MlflowException):  # another process was first
            self.client.create_registered_model("shared")
        return str(logged.model_uri)

    def register_bare(self, model: Any, run: str) -> None:
        """Only a row of its database: the model was logged before the clock."""
        self.client.create_model_version("shared", run)

    def alias(self, turn: int) -> None:
        # Each turn changes something: what stays as it is MLflow does not write.
        number = str(1 + turn % 2)
        self.client.set_registered_model_alias("flights", "shadow", number)

    def tag(self, turn: int) -> None:
        self.client.set_model_version_tag("flights", "1", "stage", str(turn))

    def numbers(self) -> list[int]:
        found: list[Any] = []
        token = None
        while True:
            page = self.client.search_model_versions("name='shared'", page_token=token)
            found.extend(page)
            token = page.token
            if not token:
                return [int(version.version) for version in found]


SIDES = {"nbmlops": Ours, "mlflow": Theirs}


def timed(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def fitted(rows: int = 51_000) -> tuple[Any, Any]:
    """Fit a pipeline with numbers and labels."""
    import numpy as np
    import pandas as pd
    from sklearn.compose import make_column_transformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    rng = np.random.default_rng(0)
    names = [f"n{i}" for i in range(8)]
    frame = pd.DataFrame(rng.normal(size=(rows, 8)), columns=names)
    frame["carrier"] = rng.choice(list("abcdefgh"), rows)
    frame["late"] = frame["n0"] + rng.normal(size=rows) > 0.8
    coded = make_column_transformer(
        (OneHotEncoder(), ["carrier"]), (StandardScaler(), names)
    )
    model = make_pipeline(coded, LogisticRegression())
    return model.fit(frame.drop(columns="late"), frame["late"]), frame


def alone(side: Any) -> dict[str, float]:
    """Measure one process on its own place."""
    model, frame = fitted()
    found = {"first use of an empty place": timed(side.open_empty)}
    side.register(model, frame)  # the first also makes the model's name
    found["register a fitted pipeline"] = statistics.median(
        timed(lambda: side.register(model, frame)) for _ in range(ROUNDS)
    )
    for name in ("alias", "tag"):
        call = getattr(side, name)
        call(0)
        taken = [timed(partial(call, turn)) for turn in range(1, WRITES + 1)]
        found[f"set {name}"] = statistics.median(taken)
    return found


def together(side: Any, start: Path) -> list[float]:
    """Add versions once the other processes are ready too."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    run = side.log_once(model)
    wait_for(start)
    return [timed(lambda: side.register_bare(model, run)) for _ in range(VERSIONS)]


def wait_for(start: Path) -> None:
    (start.parent / f"ready-{os.getpid()}").touch()
    while not start.exists():
        time.sleep(0.002)


def work(action: str, name: str, place: Path, start: Path) -> object:
    """Do one thing in this process and return what it took."""
    side = SIDES[name](place)
    if action == "alone":
        return alone(side)
    if action == "together":
        return together(side, start)
    if action == "numbers":
        return side.numbers()
    if action == "make":
        return side.open_empty()
    wait_for(start)
    return timed(side.open_empty)  # "open": all at once, on an empty place


class Runner:
    """Runs this file by either interpreter."""

    def __init__(self, pythons: dict[str, str]) -> None:
        self.pythons = pythons

    def begin(
        self, name: str, action: str, place: Path, start: Path
    ) -> subprocess.Popen[str]:
        command = [self.pythons[name], __file__, "--side", name, "--action", action]
        return subprocess.Popen(
            [*command, "--place", str(place), "--start", str(start)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, name: str, action: str, place: Path) -> Any:
        process = self.begin(name, action, place, place)
        out, err = process.communicate()
        if process.returncode:
            raise SystemExit(f"{name} {action} failed:\n{err[-2_000:]}")
        return json.loads(out.splitlines()[-1])

    def at_once(self, name: str, action: str, place: Path) -> tuple[float, list[Any]]:
        """Start eight, let them go together; return the wall time and what they say."""
        with a_folder() as folder:
            start = folder / "go"
            workers = [self.begin(name, action, place, start) for _ in range(PROCESSES)]
            while len(list(folder.glob("ready-*"))) < PROCESSES:
                if all(w.poll() is not None for w in workers):
                    break
                time.sleep(0.01)
            began = time.perf_counter()
            start.touch()
            answers = [(w, w.communicate()[0]) for w in workers]
            taken = time.perf_counter() - began
        said = [
            json.loads(out.splitlines()[-1]) for w, out in answers if not w.returncode
        ]
        return taken, said


@contextmanager
def a_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def main_alone(runner: Runner, folder: Path) -> None:
    found: dict[str, list[dict[str, float]]] = {name: [] for name in SIDES}
    for turn in range(ROUNDS):
        for name in SIDES:
            found[name].append(runner.run(name, "alone", folder / f"{name}-{turn}"))
    for what in found["nbmlops"][0]:
        ours, theirs = (
            statistics.median(turn[what] for turn in found[name]) for name in SIDES
        )
        print(
            f"{what}: nbmlops {ours * 1e3:.1f} ms, MLflow {theirs * 1e3:.1f} ms, "
            f"{theirs / ours:.1f} x"
        )


def main_together(runner: Runner, folder: Path) -> None:
    for name in SIDES:
        place = folder / f"{name}-together"
        runner.run(name, "make", place)
        wall, said = runner.at_once(name, "together", place)
        times = sorted(taken for each in said for taken in each)
        numbers = sorted(runner.run(name, "numbers", place))
        p95 = times[int(0.95 * len(times))] if times else float("nan")
        complete = numbers == list(range(1, PROCESSES * VERSIONS + 1))
        print(
            f"{name}, {PROCESSES} processes x {VERSIONS} versions: {wall:.2f} s, p95 "
            f"{p95 * 1e3:.0f} ms, {len(said)} of {PROCESSES} ended well, "
            f"numbers complete: {complete}"
        )


def main_open(runner: Runner, folder: Path) -> None:
    for name in SIDES:
        _, said = runner.at_once(name, "open", folder / f"{name}-empty")
        print(
            f"{name}, {PROCESSES} processes opening an empty place at once: "
            f"{len(said)} of {PROCESSES} succeed"
        )


PARTS = {"alone": main_alone, "together": main_together, "open": main_open}


def main() -> None:
    """Compare, or be one side of the comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mlflow-python", default=sys.executable)
    parser.add_argument("--part", choices=PARTS, help="only this part")
    for hidden in ("--side", "--action", "--place", "--start"):
        parser.add_argument(hidden, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.side:
        said = work(given.action, given.side, Path(given.place), Path(given.start))
        print(json.dumps(said))
        return
    with a_folder() as folder:
        os.environ["NBMLOPS_TRUST_FILE"] = str(folder / "trusted")
        runner = Runner({"nbmlops": sys.executable, "mlflow": given.mlflow_python})
        for name, part in PARTS.items():
            if given.part in (None, name):
                part(runner, folder)


if __name__ == "__main__":
    main()
