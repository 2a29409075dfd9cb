"""Make tests/lifecycle/stores/mlflow-3.zip: a store as MLflow 3 writes it.

Run it in an environment with mlflow, scikit-learn, skops and pandas:

    python benchmarks/make_mlflow_store.py

Nothing in the zip names the machine that made it: paths are rewritten to /models.
"""

import os
import sqlite3
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

STORES = Path(__file__).resolve().parents[1] / "tests" / "lifecycle" / "stores"
ELSEWHERE = "/models"
_PATHS = {
    "experiments": "artifact_location",
    "runs": "artifact_uri",
    "logged_models": "artifact_location",
    "model_versions": "storage_location",
}


def log(name: str, model: Any, rows: pd.DataFrame, form: str, **metrics: float) -> str:
    """Log and register a model in a run of its own, and return its version."""
    with mlflow.start_run(run_name=f"{name}-{form}"):
        mlflow.log_metrics(metrics)
        mlflow.log_metric("never", float("nan"))
        mlflow.log_params({"rows": len(rows), "note": "by night"})
        mlflow.set_tags({"team": "ops", "mlflow.user": "ana"})
        info = mlflow.sklearn.log_model(
            model,
            name="model",
            serialization_format=form,
            input_example=rows.head(3),
            registered_model_name=name,
        )
    return str(info.registered_model_version)


def fill(folder: Path) -> None:
    """Write two models with three versions."""
    mlflow.set_tracking_uri(f"sqlite:///{folder / 'mlflow.db'}")
    mlflow.set_experiment("flights")
    rng = np.random.default_rng(0)
    rows = pd.DataFrame(rng.normal(size=(60, 2)), columns=["distance", "hour"])
    late = (rows["distance"] + rows["hour"] > 0).map({True: "late", False: "on time"})
    classifier = make_pipeline(StandardScaler(), LogisticRegression()).fit(rows, late)
    log("delays", classifier, rows, "skops", auc=0.91, loss=0.3)
    log("delays", classifier, rows, "cloudpickle", auc=0.92)
    minutes = LinearRegression().fit(rows, rows["hour"] * 3)
    log("Taxi Times (JFK)", minutes, rows, "skops", rmse=1.5)
    client = mlflow.MlflowClient()
    client.update_registered_model("delays", description="Late departures")
    client.update_model_version("delays", "2", description="With winter")
    client.set_model_version_tag("delays", "2", "team", "night")
    client.set_registered_model_alias("delays", "champion", "1")
    client.set_registered_model_alias("delays", "challenger", "2")
    client.set_registered_model_alias("Taxi Times (JFK)", "Live", "1")


def rewrite(folder: Path) -> None:
    """Let nothing name the machine, its user or its folders."""
    connection = sqlite3.connect(folder / "mlflow.db")
    for table, column in _PATHS.items():
        connection.execute(
            f"update {table} set {column} = replace({column}, ?, ?)",
            (str(folder), ELSEWHERE),
        )
    connection.execute("update runs set user_id = 'ana'")
    for table in ("tags", "logged_model_tags"):
        key, value = ("key", "value") if table == "tags" else ("tag_key", "tag_value")
        for name, said in (("mlflow.source.name", "train.py"), ("mlflow.user", "ana")):
            connection.execute(
                f"update {table} set {value} = ? where {key} = ?", (said, name)
            )
        connection.execute(f"delete from {table} where {key} like 'mlflow.source.git%'")
    connection.commit()
    connection.execute("vacuum")
    connection.close()
    for path in folder.rglob("MLmodel"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(str(folder), ELSEWHERE), encoding="utf-8")


def main() -> None:
    """Make the store, and zip it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        os.chdir(folder)
        fill(folder)
        rewrite(folder)
        target = STORES / "mlflow-3.zip"
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(p for p in folder.rglob("*") if p.is_file()):
                info = zipfile.ZipInfo(path.relative_to(folder).as_posix())
                archive.writestr(info, path.read_bytes(), zipfile.ZIP_DEFLATED, 9)
        left = [n for n in archive.namelist() if str(folder) in n]
        assert not left
        print(target, target.stat().st_size)


if __name__ == "__main__":
    main()
