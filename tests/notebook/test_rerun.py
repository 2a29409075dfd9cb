"""Versions are made again from their cells, and it is said how far they agree."""

from pathlib import Path

import pandas as pd
import pytest

from nbmlops.api import Registry, open_registry
from nbmlops.config import INSTEAD_VARIABLE
from nbmlops.errors import Untrusted, UsageError
from nbmlops.lifecycle.reproduction import Reproduction
from tests.flights import NUMBERS
from tests.notebook.conftest import Notebook

REGISTER = "%mlops register model --name delays --train train --test test --target late"
DATA = f"""
import pandas as pd
data = pd.read_parquet("flights.parquet")
train, test = data[:300].copy(), data[300:].copy()
X, y = train[{NUMBERS}].fillna(0), train["late"]
train, test = [f[[*{NUMBERS}, "late"]].fillna(0) for f in (train, test)]
"""


@pytest.fixture
def flown(notebook: Notebook, train: pd.DataFrame) -> Notebook:
    """A notebook that has read flights from a file, with cells that do not matter."""
    train[:600].to_parquet("flights.parquet")
    notebook.ok(DATA)
    notebook.ok("nothing = 1")
    notebook.ok("train.head()")
    return notebook


def fit(notebook: Notebook, code: str) -> None:
    notebook.ok(
        f"from sklearn.ensemble import *\nfrom sklearn.linear_model import *\n{code}"
    )


def reproduced(notebook: Notebook) -> Reproduction:
    found = notebook.ok("again = %mlops reproduce delays/1\nagain")
    assert isinstance(found, Reproduction)
    return found


def test_the_same_cells_give_the_same_bytes(flown: Notebook) -> None:
    fit(flown, "model = LogisticRegression().fit(X, y)")
    flown.ok(REGISTER)
    before = Path(".nbmlops/head").read_text()
    found = reproduced(flown)
    assert found.outcome == "same bytes"
    assert found.ok
    assert found.digest == found.again
    assert found.data == {"train": True, "test": True}
    assert found.packages == {}
    event = open_registry().history("delays")[0]
    assert (event.verb, event.detail["outcome"]) == ("reproduce", "same bytes")
    assert event.seq == int(before.split()[0]) + 1
    assert len(open_registry().versions("delays")) == 1
    assert open_registry().verify().ok


def test_what_would_remove_the_registry_is_stopped(flown: Notebook) -> None:
    """Many a notebook begins by removing what its last run left."""
    flown.ok("import shutil\nshutil.rmtree('.nbmlops', ignore_errors=True)")
    fit(flown, "model = LogisticRegression().fit(X, y)")
    flown.ok(REGISTER)
    found = reproduced(flown)
    assert found.outcome == "same bytes"
    assert found.failures[0].endswith("remove or move the registry .nbmlops")
    assert open_registry().verify().ok


def test_a_location_that_a_cell_names_is_not_written_to(
    flown: Notebook, tmp_path: Path
) -> None:
    fit(flown, "model = LogisticRegression().fit(X, y)")
    elsewhere = tmp_path / "elsewhere" / ".nbmlops"
    flown.ok(f"import nbmlops\nregistry = nbmlops.open_registry({str(elsewhere)!r})")
    flown.ok("registry.register(model, 'delays', test=(X, y))")
    found = open_registry(elsewhere).reproduce("delays/1")
    assert found.outcome == "same bytes"
    assert len(open_registry(elsewhere).versions("delays")) == 1


def test_an_unseeded_forest_differs_and_the_reason_is_named(flown: Notebook) -> None:
    fit(flown, "model = RandomForestClassifier(3, max_depth=3).fit(X, y)")
    flown.ok(REGISTER)
    found = reproduced(flown)
    assert found.outcome in ("differs", "metrics agree")
    assert found.reasons[0].startswith("random_state is None")
    assert "predictions differ on" in found.detail
    assert found.again
    assert found.again != found.digest


def test_a_global_seed_of_an_earlier_cell_is_sown_again(flown: Notebook) -> None:
    flown.ok("import numpy as np\nnp.random.seed(7)")
    fit(flown, "model = RandomForestClassifier(3, max_depth=3).fit(X, y)")
    flown.ok(REGISTER)
    assert reproduced(flown).outcome == "same bytes"


def test_other_bytes_with_equal_predictions_are_an_answer_of_their_own(
    flown: Notebook,
) -> None:
    fit(flown, "import time\nmodel = LogisticRegression().fit(X, y)")
    flown.ok("model.made_at_ = time.time()")
    flown.ok(REGISTER)
    found = reproduced(flown)
    assert found.outcome == "bytes differ, predictions equal"
    assert found.detail == "equal on 300 rows of test"
    assert found.ok


def test_changed_data_is_named(flown: Notebook, train: pd.DataFrame) -> None:
    fit(flown, "model = LogisticRegression().fit(X, y)")
    flown.ok(REGISTER)
    train[600:1200].to_parquet("flights.parquet")
    found = reproduced(flown)
    assert found.outcome == "differs"
    assert found.reasons[:2] == (
        "the train data is not what it was",
        "the test data is not what it was",
    )


def test_a_cell_that_raises_is_told(flown: Notebook) -> None:
    fit(flown, "model = LogisticRegression().fit(X, y)")
    flown.ok(REGISTER)
    Path("flights.parquet").unlink()
    found = reproduced(flown)
    assert found.outcome == "failed"
    assert not found.ok
    assert found.detail.startswith("In [1] raised FileNotFoundError")
    assert "raised" in repr(found)
    assert "FileNotFoundError" in found._repr_html_()


def test_a_run_that_does_not_end_is_ended(flown: Notebook) -> None:
    fit(flown, "model = LogisticRegression().fit(X, y)")
    flown.ok(
        "import os, time\nif 'NBMLOPS_REGISTRY_INSTEAD' in os.environ: time.sleep(99)"
    )
    flown.ok(f"time.time(); os.getcwd()\n{REGISTER}")
    found = open_registry().reproduce("delays/1", timeout=8)
    assert found.outcome == "failed"
    assert found.detail == "it had not ended after 8 s"


def test_a_named_run_and_a_function_of_an_earlier_cell_are_made_again(
    flown: Notebook,
) -> None:
    flown.ok("def fitted(model):\n    return model.fit(X, y)")
    flown.ok(
        "%%mlops run winter\n"
        "from sklearn.linear_model import LogisticRegression\n"
        "import nbmlops\n"
        "model = fitted(LogisticRegression())\n"
        "nbmlops.open_registry().register(model, 'delays', test=test, target='late')"
    )
    assert reproduced(flown).outcome == "same bytes"


def test_a_script_is_run_again(tmp_path: Path, train: pd.DataFrame) -> None:
    train[:600].to_parquet("flights.parquet")
    script = tmp_path / "train_delays.py"
    script.write_text(
        f"{DATA}\nimport nbmlops\n"
        "from sklearn.linear_model import LogisticRegression\n"
        "model = LogisticRegression().fit(X, y)\n"
        "nbmlops.open_registry().register(model, 'delays', test=test, target='late')\n"
    )
    exec(compile(script.read_text(), str(script), "exec"), {})
    assert open_registry().reproduce("delays/1").outcome == "same bytes"
    script.unlink()
    with pytest.raises(UsageError, match="which is not there"):
        open_registry().reproduce("delays/1")


def test_without_recorded_code_nothing_is_run(
    registry: Registry, notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nbmlops.registry import context

    notebook.ok("from sklearn.linear_model import LinearRegression")
    notebook.ok("model = LinearRegression().fit([[1.0], [2.0]], [1.0, 2.0])")
    typed = {"command": "nbmlops register"}
    monkeypatch.setattr(context, "place_in_code", lambda: typed)
    registry.register(notebook["model"], "line")
    with pytest.raises(UsageError, match="no code was recorded that made line/1"):
        registry.reproduce("line/1")


def test_the_code_of_an_import_runs_only_if_it_is_vouched_for(
    flown: Notebook, tmp_path: Path
) -> None:
    fit(flown, "model = LogisticRegression().fit(X, y)")
    flown.ok(REGISTER)
    open_registry().export("delays/1", tmp_path / "delays.zip")
    other = open_registry(tmp_path / "other" / ".nbmlops")
    other.import_(tmp_path / "delays.zip")
    with pytest.raises(Untrusted, match="its code would run with your rights"):
        other.reproduce("delays/1")
    assert other.reproduce("delays/1", trust=["delays/1"]).outcome == "same bytes"


def test_the_variable_wins_over_every_location(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(INSTEAD_VARIABLE, str(tmp_path / "instead"))
    assert open_registry("named/.nbmlops").location == tmp_path / "instead"
