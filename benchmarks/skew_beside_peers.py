"""The skew check beside six peers, all in one run on one machine and the same files.

Run: python benchmarks/skew_beside_peers.py --venvs FOLDER [--rows N ...] [--only NAME]
    [--repeat N] [--no-drift N] [--json FILE]

FOLDER/NAME is a virtual environment of each peer's own; this file runs itself by
FOLDER/NAME/bin/python. What is not there, or fails on a small file, is named and left
out. On Python 3.11 these work today:

    evidently   evidently==0.7.23 "pandas<3" pyarrow
    deepchecks  deepchecks==0.19.1 "numpy<2" "pandas<2.2" "scikit-learn<1.4"
                "scipy<1.12" "ipython<9" "setuptools<70" "pyarrow<20"
    whylogs     "whylogs[viz]==1.6.4" "numpy<2" "pandas<3" "pyarrow<20"
    nannyml     nannyml==0.13.1 statsmodels pyarrow
    alibi       alibi-detect==0.13.0 "numpy<2" "pyarrow<20"
    tfdv        tensorflow==2.16.2 apache-beam==2.60.0 pyarrow==10.0.1 "numpy<2"
                "pandas<2" "protobuf<5" "absl-py<2" joblib dill pyfarmhash six
                "setuptools<70", then with --no-deps, since pip finds no end with them:
                tensorflow-data-validation==1.16.1 tfx-bsl==1.16.1
                tensorflow-metadata==1.16.1 tensorflow-serving-api==2.16.1

Reference and current hold 20 columns of numbers and 10 of text with 2 to 1,000 labels.
In the current file five differ: n0 by 0.25 standard deviations, n1 is x1000, 5% of n2
are null, of c3 one label is often another, one label of c5 is new. The whole is a
process from its start to its end, from two Parquet files to the columns that it flags;
`nbmlops` begins with a stored profile of the reference, `nbmlops-profiling` without.
Peers decide by their defaults; those without are told where they are. The default of
Deepchecks is to sample 100,000 rows; `deepchecks-all` looks at all of them. With
--no-drift N the sides judge N pairs of files of 1,000 rows in which nothing differs.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

FAULTS = {
    "n0": "+0.25 sd",
    "n1": "x1000",
    "n2": "5% nulls",
    "c3": "tilt",
    "c5": "new category",
}
SMALL = 1_000  # rows of the first run, and of the pairs without drift
SILENCE = {
    "DO_NOT_TRACK": "1",
    "WHYLOGS_NO_ANALYTICS": "True",
    "NML_DISABLE_USAGE_LOGGING": "1",
    "NML_DISABLE_USER_ANALYTICS": "1",
    "DISABLE_DEEPCHECKS_ANONYMOUS_TELEMETRY": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}


class Ours:
    """The check, from a stored profile or from the reference file."""

    def __init__(self) -> None:
        from nbmlops.profiles.building import build_profile
        from nbmlops.profiles.profile import Profile
        from nbmlops.skew.judge import check

        self.build_profile, self.Profile, self.check = build_profile, Profile, check

    def learn(self, path: Path) -> None:
        if path.suffix == ".profile":
            self.reference = self.Profile.from_bytes(path.read_bytes())
        else:
            self.reference = self.build_profile(path)

    def flagged(self, path: Path) -> list[str]:
        report, _ = self.check(self.reference, path)
        return [
            name
            for name, column in report.columns.items()
            if column.p_value is not None and column.p_value <= report.alpha
        ]


class Evidently:
    """The data drift preset."""

    def __init__(self) -> None:
        import pandas as pd
        from evidently import DataDefinition, Dataset, Report
        from evidently.presets import DataDriftPreset

        self.pd, self.definition, self.dataset = pd, DataDefinition, Dataset
        self.report = Report([DataDriftPreset()])

    def read(self, path: Path) -> Any:
        frame = self.pd.read_parquet(path)
        numbers, labels = kinds(frame)
        kind = self.definition(numerical_columns=numbers, categorical_columns=labels)
        return self.dataset.from_pandas(frame, data_definition=kind)

    def learn(self, path: Path) -> None:
        self.reference = self.read(path)

    def flagged(self, path: Path) -> list[str]:
        result = self.report.run(self.read(path), self.reference).dict()
        found = []
        for metric in result["metrics"]:
            config = metric["config"]
            if "column" not in config:
                continue
            value, threshold = metric["value"], config["threshold"]
            is_p = config["method"].endswith("p_value")
            if value < threshold if is_p else value >= threshold:
                found.append(config["column"])
        return found


class Deepchecks:
    """Feature drift at its condition's default of 0.2; it samples 100,000 rows."""

    def __init__(self) -> None:
        import pandas as pd
        from deepchecks.tabular import Dataset
        from deepchecks.tabular.checks import FeatureDrift

        self.pd, self.dataset, self.check = pd, Dataset, FeatureDrift

    def read(self, path: Path) -> Any:
        frame = self.pd.read_parquet(path)
        return self.dataset(frame, cat_features=kinds(frame)[1])

    def learn(self, path: Path) -> None:
        self.reference = self.read(path)

    def options(self, rows: int) -> dict[str, Any]:
        del rows
        return {}

    def flagged(self, path: Path) -> list[str]:
        current = self.read(path)
        check = self.check(**self.options(len(current.data)))
        value = check.run(self.reference, current, with_display=False).value
        return [str(n) for n, found in value.items() if found["Drift score"] >= 0.2]


class DeepchecksAllRows(Deepchecks):
    """The same without sampling."""

    def options(self, rows: int) -> dict[str, Any]:
        return {"n_samples": rows}


class Whylogs:
    """Drift scores of two profiles."""

    def __init__(self) -> None:
        import pandas as pd
        import whylogs
        from whylogs.viz.drift.column_drift_algorithms import calculate_drift_scores

        self.pd, self.why, self.scores = pd, whylogs, calculate_drift_scores

    def read(self, path: Path) -> Any:
        return self.why.log(self.pd.read_parquet(path)).profile().view()

    def learn(self, path: Path) -> None:
        self.reference = self.read(path)

    def flagged(self, path: Path) -> list[str]:
        scores = self.scores(self.read(path), self.reference, with_thresholds=True)
        return [
            name
            for name, score in scores.items()
            if score and score["drift_category"] == "DRIFT"
        ]


class NannyML:
    """Jensen-Shannon by 10 chunks; flagged is what half of the chunks alert about."""

    def __init__(self) -> None:
        import nannyml
        import pandas as pd

        self.pd, self.nannyml = pd, nannyml

    def learn(self, path: Path) -> None:
        frame = self.pd.read_parquet(path)
        self.names = list(frame)
        self.calculator = self.nannyml.UnivariateDriftCalculator(
            column_names=self.names,
            continuous_methods=["jensen_shannon"],
            categorical_methods=["jensen_shannon"],
            chunk_number=10,
        ).fit(frame)

    def flagged(self, path: Path) -> list[str]:
        result = self.calculator.calculate(self.pd.read_parquet(path))
        table = result.filter(period="analysis").to_df()
        alerts = {n: table[n, "jensen_shannon", "alert"].mean() for n in self.names}
        return [str(name) for name, share in alerts.items() if share >= 0.5]


class AlibiDetect:
    """Kolmogorov-Smirnov and chi-squared, corrected; labels coded, nulls filled."""

    def __init__(self) -> None:
        import numpy as np
        import pandas as pd
        from alibi_detect.cd import TabularDrift

        self.np, self.pd, self.drift = np, pd, TabularDrift

    def coded(self, frame: Any) -> Any:
        columns = []
        for name in frame:
            if name in self.levels:
                levels = self.levels[name]
                levels.extend(sorted(set(frame[name].unique()) - set(levels)))
                columns.append(self.pd.Categorical(frame[name], levels).codes)
            else:
                columns.append(frame[name].fillna(self.middles[name]).to_numpy())
        return self.np.column_stack(columns)

    def learn(self, path: Path) -> None:
        frame = self.pd.read_parquet(path)
        numbers, labels = kinds(frame)
        self.names = list(frame)
        self.levels: dict[str, list[str]] = {name: [] for name in labels}
        self.middles = frame[numbers].median()
        places = {self.names.index(name): None for name in labels}
        self.detector = self.drift(
            self.coded(frame), p_val=0.05, categories_per_feature=places
        )

    def flagged(self, path: Path) -> list[str]:
        data = self.detector.predict(self.coded(self.pd.read_parquet(path)))["data"]
        pairs = zip(self.names, data["p_val"], strict=True)
        return [str(name) for name, p in pairs if p < data["threshold"]]


class TFDV:
    """Statistics and an inferred schema; divergence at Vertex AI's 0.3."""

    def __init__(self) -> None:
        import pandas as pd
        import tensorflow_data_validation as tfdv

        self.pd, self.tfdv = pd, tfdv

    def read(self, path: Path) -> Any:
        frame = self.pd.read_parquet(path)
        return self.tfdv.generate_statistics_from_dataframe(frame)

    def learn(self, path: Path) -> None:
        self.reference = self.read(path)
        self.schema = self.tfdv.infer_schema(self.reference)
        for feature in self.schema.feature:
            limits = feature.drift_comparator
            limits.jensen_shannon_divergence.threshold = 0.3

    def flagged(self, path: Path) -> list[str]:
        anomalies = self.tfdv.validate_statistics(
            self.read(path), self.schema, previous_statistics=self.reference
        )
        return list(anomalies.anomaly_info)


SIDES: dict[str, type[Any]] = {
    "nbmlops": Ours,
    "nbmlops-profiling": Ours,
    "evidently": Evidently,
    "deepchecks": Deepchecks,
    "deepchecks-all": DeepchecksAllRows,
    "whylogs": Whylogs,
    "nannyml": NannyML,
    "alibi": AlibiDetect,
    "tfdv": TFDV,
}


def kinds(frame: Any) -> tuple[list[str], list[str]]:
    """Split a frame's columns into numbers and labels."""
    return [n for n in frame if n[0] == "n"], [n for n in frame if n[0] == "c"]


def work(name: str, pairs: list[tuple[Path, Path]]) -> dict[str, Any]:
    """Judge pairs of files in this process; times are of the last."""
    times = [time.perf_counter()]
    side = SIDES[name]()
    times.append(time.perf_counter())
    flagged = []
    for reference, current in pairs:
        times[2:] = [time.perf_counter()]
        side.learn(reference)
        times.append(time.perf_counter())
        flagged.append(side.flagged(current))
        times.append(time.perf_counter())
    return {
        "import": times[1] - times[0],
        "reference": times[3] - times[2],
        "check": times[4] - times[3],
        "peak_mb": peak_memory(),
        "flagged": flagged,
    }


def peak_memory() -> float:
    """Give the peak resident memory of this process since it began, in MB."""
    # Not getrusage: a child starts with the peak of the process that made it.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(part for part in status.splitlines() if part.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


class Files:
    """Makes the files that the sides read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def pair(self, rows: int, seed: int, faults: bool) -> tuple[Path, Path]:
        from profile_speed import write

        made = []
        for at, name in enumerate(("reference", "current")):
            path = self.folder / f"{name}-{rows}-{seed}.parquet"
            if not path.exists():
                write(path, rows, seed=2 * seed + at)
                if faults and name == "current":
                    spoil(path)
            made.append(path)
        return made[0], made[1]

    def stored(self, reference: Path) -> Path:
        from nbmlops.profiles.building import build_profile

        path = reference.with_suffix(".profile")
        if not path.exists():
            path.write_bytes(build_profile(reference).to_bytes())
        return path


def spoil(path: Path) -> None:
    """Put the faults into the file."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    draws = np.random.default_rng(1).random((2, table.num_rows))
    is_tilted = pc.and_(pc.equal(table["c3"], "label 0001"), pa.array(draws[0] < 0.3))
    changed = {
        "n0": pc.add(table["n0"], 0.25),
        "n1": pc.multiply(table["n1"], 1000.0),
        "n2": pc.if_else(pa.array(draws[1] < 0.05), None, table["n2"]),
        "c3": pc.if_else(is_tilted, "label 0000", table["c3"]),
        "c5": pc.if_else(pc.equal(table["c5"], "label 0007"), "new", table["c5"]),
    }
    for name, column in changed.items():
        table = table.set_column(table.schema.get_field_index(name), name, column)
    pq.write_table(table, path)


class Runner:
    """Runs this file by each side's interpreter."""

    def __init__(self, venvs: Path, files: Files) -> None:
        self.venvs, self.files = venvs.absolute(), files

    def python(self, name: str) -> Path:
        if SIDES[name] is Ours:
            return Path(sys.executable)
        return self.venvs / name.partition("-")[0] / "bin" / "python"

    def run(self, name: str, pairs: list[tuple[Path, Path]]) -> dict[str, Any]:
        if name == "nbmlops":
            pairs = [(self.files.stored(before), after) for before, after in pairs]
        command = [str(self.python(name)), __file__, "--side", name, "--pairs"]
        command.extend(str(path) for pair in pairs for path in pair)
        started = time.perf_counter()
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | SILENCE,
        )
        whole = time.perf_counter() - started
        if done.returncode:
            raise RuntimeError(done.stderr[-2_000:])
        return {"whole": whole, **json.loads(done.stdout.splitlines()[-1])}

    def working(self, names: list[str]) -> list[str]:
        """Run each side on a small file, after which its code is in memory too."""
        pair = self.files.pair(SMALL, seed=1, faults=True)
        found = []
        for name in names:
            if not self.python(name).exists():
                print(f"left out: {name}, no {self.python(name)}")
                continue
            try:
                self.run(name, [pair])
            except RuntimeError as error:
                print(f"left out: {name}, which fails:\n{error}")
            else:
                found.append(name)
        return found


def speed(runner: Runner, names: list[str], rows: int, repeat: int) -> dict[str, Any]:
    """Run all sides on one pair of files, in turns, and print the table."""
    pair = runner.files.pair(rows, seed=2, faults=True)
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for _ in range(repeat):
        for name in names:
            found[name].append(runner.run(name, [pair]))
    figures = ("whole", "import", "reference", "check", "peak_mb")
    lines = {
        name: {what: statistics.median(run[what] for run in runs) for what in figures}
        for name, runs in found.items()
    }
    print(f"\n{rows:,} rows a side; median of {repeat}; x = times ours")
    print(
        f"{'':<18}{'whole s':>9}{'x':>7}{'import':>8}{'reference':>11}"
        f"{'check':>9}{'x':>7}{'peak MB':>9}{'x':>6}"
    )
    for name, line in lines.items():
        times = {what: line[what] / lines["nbmlops"][what] for what in figures}
        print(
            f"{name:<18}{line['whole']:>9.2f}{times['whole']:>7.1f}"
            f"{line['import']:>8.2f}{line['reference']:>11.2f}{line['check']:>9.2f}"
            f"{times['check']:>7.1f}{line['peak_mb']:>9,.0f}{times['peak_mb']:>6.1f}"
        )
    differing = ", ".join(f"{name} {what}" for name, what in FAULTS.items())
    print(f"Which columns each flags; {differing}:")
    answers: dict[str, Any] = {}
    for name in names:
        flagged = found[name][0]["flagged"][0]
        right = [column for column in FAULTS if column in flagged]
        false = sorted(set(flagged) - set(FAULTS))
        missed = [column for column in FAULTS if column not in flagged]
        print(
            f"{name:<18} found {' '.join(right) or '-':<15} missed "
            f"{' '.join(missed) or '-':<15} false {len(false)} {' '.join(false)}"
        )
        answers[name] = {
            **lines[name],
            "runs": found[name],
            "found": right,
            "missed": missed,
            "false": false,
        }
    return answers


def false_alarms(runner: Runner, names: list[str], sets: int) -> dict[str, Any]:
    """Run all sides on pairs of files in which nothing differs, and print the rates."""
    pairs = [runner.files.pair(SMALL, 100 + at, faults=False) for at in range(sets)]
    print(f"\nFalse alarms: {sets} pairs of {SMALL:,} rows in which nothing differs")
    answers = {}
    for name in names:
        flagged = runner.run(name, pairs)["flagged"]
        columns = statistics.mean(len(each) / 30 for each in flagged)
        any_flag = statistics.mean(bool(each) for each in flagged)
        print(f"{name:<18} columns {columns:6.1%}   pairs with a flag {any_flag:6.1%}")
        answers[name] = {"columns": columns, "pairs": any_flag, "flagged": flagged}
    return answers


def main() -> None:
    """Compare, or be one side of the comparison."""
    parser = argparse.ArgumentParser(description="The skew check beside six peers.")
    parser.add_argument("--venvs", type=Path, default=Path("peers"))
    parser.add_argument("--rows", type=int, nargs="*", default=[100_000, 1_000_000])
    parser.add_argument("--only", nargs="+", choices=list(SIDES)[1:], metavar="NAME")
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--no-drift", type=int, default=0, metavar="N")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--side", help=argparse.SUPPRESS)
    parser.add_argument("--pairs", type=Path, nargs="+", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.side:
        pairs = list(zip(given.pairs[::2], given.pairs[1::2], strict=True))
        print("\n" + json.dumps(work(given.side, pairs)))
        return
    with tempfile.TemporaryDirectory() as folder:
        runner = Runner(given.venvs, Files(Path(folder)))
        asked = given.only or list(SIDES)[1:]
        names = runner.working(["nbmlops", *asked])
        answers = {
            str(rows): speed(runner, names, rows, given.repeat) for rows in given.rows
        }
        if given.no_drift:
            answers["no drift"] = false_alarms(runner, names, given.no_drift)
        if given.json:
            given.json.write_text(json.dumps(answers, indent=2))


if __name__ == "__main__":
    main()
