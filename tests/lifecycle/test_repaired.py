"""From a faulty log to a pipeline that mends it, registered and promoted."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sklearn.pipeline import Pipeline

from nbmlops.api import Registry
from nbmlops.errors import GateFailed
from nbmlops.skew.report import SkewReport
from tests.flights import FEATURES, flights

Add = Callable[..., Any]


def faulty(frame: pd.DataFrame) -> pd.DataFrame:
    """Send distances in kilometres, unknown ages as -1, carriers in lower case."""
    return frame.assign(
        distance=frame["distance"] * 1.609344,
        age=frame["age"].fillna(-1),
        carrier=frame["carrier"].str.lower(),
    )


CLEAN = flights(3_000, seed=7)
LOG = faulty(CLEAN)


@pytest.fixture
def report(add: Add, registry: Registry) -> SkewReport:
    """Check the faulty log against a champion that was trained on clean rows."""
    add()
    registry.promote("delays/1")
    Path("nbmlops.toml").write_text('[gate.champion]\nskew = "within tolerance"\n')
    return registry.check_skew("delays", LOG[FEATURES])


@pytest.fixture
def repaired(report: SkewReport, model: Pipeline) -> Pipeline:
    return Pipeline([("repair", report.repair()), *model.steps])


def test_the_repaired_frame_passes_the_check(
    report: SkewReport, registry: Registry
) -> None:
    faults = {c.name for c in report.columns.values() if c.verdict == "handling fault"}
    assert faults == {"distance", "age", "carrier"}
    mended = report.repair().transform(LOG)
    assert list(mended) == FEATURES  # the target is not the model's to read
    assert registry.check_skew("delays", mended).ok


def test_the_repaired_pipeline_answers_the_log_as_the_model_answers_clean_rows(
    repaired: Pipeline, model: Pipeline
) -> None:
    found = repaired.predict_proba(LOG[FEATURES])
    assert found == pytest.approx(model.predict_proba(CLEAN[FEATURES]))


def test_it_is_registered_and_promoted_as_it_reads_what_is_served(
    report: SkewReport,
    repaired: Pipeline,
    registry: Registry,
    train: pd.DataFrame,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    version = registry.register(
        repaired,
        "delays",
        train=report.as_served(train),
        test=LOG,
        target="late",
        parent="delays/1",
    )
    assert (version.parent, version.flavor) == ("delays/1", "skops")
    assert version.signature.names == tuple(FEATURES)
    assert registry.promote("delays/2").ref == "delays/2"
    assert registry.check_skew("delays/2", LOG[FEATURES]).ok
    # On what is served, the mended model is better than the one that it follows.
    before = registry.evaluate("delays/1", LOG, target="late", name="log")
    assert version.metrics["roc_auc"] > before.metrics["roc_auc"]
    assert registry.verify_load("delays/2").ok
    monkeypatch.setenv("NBMLOPS_TRUST_FILE", str(tmp_path / "nobody"))
    loaded = registry.load("delays/2")
    assert (loaded.predict(LOG[FEATURES]) == repaired.predict(LOG[FEATURES])).all()


def test_the_same_repair_has_the_same_bytes(
    report: SkewReport, repaired: Pipeline, registry: Registry, model: Pipeline
) -> None:
    stored = registry.checks("delays")[0]
    assert stored.verdict == "handling fault"
    again = Pipeline([("repair", report.repair()), *model.steps])
    one, other = (registry.register(p, "delays") for p in (repaired, again))
    assert one.digest == other.digest


def test_training_rows_as_they_were_do_not_pass_the_gate(
    repaired: Pipeline, registry: Registry, train: pd.DataFrame
) -> None:
    registry.register(repaired, "delays", train=train, target="late")
    with pytest.raises(GateFailed, match=r"distance: unit"):
        registry.promote("delays/2")


def test_a_repair_does_not_hide_that_the_world_moved(
    add: Add, registry: Registry, model: Pipeline, train: pd.DataFrame
) -> None:
    add()
    registry.promote("delays/1")
    Path("nbmlops.toml").write_text('[gate.champion]\nskew = "within tolerance"\n')
    evening = LOG[LOG["hour"] > 14][FEATURES]
    with pytest.raises(GateFailed, match="hour: population"):
        _promote_repaired(registry, model, train, evening)


def test_gates_pass_over_what_was_acknowledged_of_a_moved_world(
    add: Add, registry: Registry, model: Pipeline, train: pd.DataFrame
) -> None:
    add()
    registry.promote("delays/1")
    Path("nbmlops.toml").write_text('[gate.champion]\nskew = "within tolerance"\n')
    evening = LOG[LOG["hour"] > 14][FEATURES]
    registry.check_skew("delays", evening)
    registry.acknowledge(
        "delays", "hour", until="9999-12-31", reason="evening flights only"
    )
    _promote_repaired(registry, model, train, evening)
    assert registry.get("delays@champion").number == 2


def _promote_repaired(
    registry: Registry, model: Pipeline, train: pd.DataFrame, log: pd.DataFrame
) -> None:
    report = registry.check_skew("delays", log)
    repaired = Pipeline([("repair", report.repair()), *model.steps])
    registry.register(repaired, "delays", train=report.as_served(train), target="late")
    registry.promote("delays/2")
