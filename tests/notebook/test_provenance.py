"""What a version records of its notebook: the path, the cells that it needs."""

from pathlib import Path

import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell

from nbmlops.notebook.provenance import notebook_path
from nbmlops.registry.records import ModelVersion
from tests.flights import NUMBERS
from tests.notebook.conftest import Notebook


def test_the_path_comes_from_the_host(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    monkeypatch.delenv("PAPERMILL_OUTPUT_PATH", raising=False)
    assert notebook_path({}) == ""
    monkeypatch.setenv("JPY_SESSION_NAME", str(tmp_path / "sub" / "a.ipynb"))
    assert notebook_path({}) == "sub/a.ipynb"
    assert notebook_path({"__vsc_ipynb_file__": "/else/b.ipynb"}) == "/else/b.ipynb"
    monkeypatch.setenv("JPY_SESSION_NAME", "console-1")
    assert notebook_path({}) == ""


MODEL = """
from sklearn.linear_model import LogisticRegression
model = LogisticRegression().fit(train[FEATURES], train["late"])
"""


@pytest.fixture
def session(notebook: Notebook, train: pd.DataFrame) -> Notebook:
    """A notebook in which data was made, looked at, and a model fitted."""
    train.to_parquet("train.parquet")
    notebook.ok("import pandas as pd\nimport nbmlops")
    notebook.ok("train = pd.read_parquet('train.parquet')")
    notebook.ok("train.head()")
    notebook.ok(f"FEATURES = {NUMBERS}")
    notebook.ok("def fill(frame):\n    return frame.fillna(FILLER)")
    notebook.ok("FILLER = 0")
    notebook.ok("other = pd.DataFrame({'a': [1]})")
    notebook.ok("train[FEATURES] = fill(train[FEATURES])")
    notebook.run("train = 1 / 0")
    notebook.ok(MODEL)
    return notebook


def counts(version: ModelVersion) -> list[int]:
    return [cell["count"] for cell in version.source["cells"]]


def test_a_version_has_the_cells_that_made_it_and_no_others(session: Notebook) -> None:
    version = session.ok(
        "%mlops register model --name delays --train train --target late"
    )
    assert counts(version) == [1, 2, 4, 5, 6, 8, 10, 11]
    assert version.source["cells"][-2] == {"count": 10, "code": MODEL}
    assert version.source["cell"] == version.source["cells"][-1]["code"]


def test_the_python_call_and_a_named_run_record_the_same_cells(
    session: Notebook,
) -> None:
    session.ok(
        "%%mlops run winter\n"
        "registry = nbmlops.open_registry()\n"
        "version = registry.register(model, 'delays', train=train, target='late')"
    )
    version = session["version"]
    assert counts(version) == [1, 2, 4, 5, 6, 8, 10, 11]
    assert version.source["run"] == "winter"
    assert version.source["seconds"] >= 0
    assert version.source["process_peak_bytes"] > 2**20


def test_of_a_cell_that_was_run_again_the_last_run_counts(session: Notebook) -> None:
    session.ok("FILLER = 1")
    session.ok("train = pd.read_parquet('train.parquet')")
    session.ok("train[FEATURES] = fill(train[FEATURES])")
    session.ok(MODEL)
    version = session.ok("%mlops register model --name delays")
    assert counts(version) == [1, 4, 5, 11, 12, 13, 14, 15]


def test_cells_from_before_the_extension_are_known(shell: InteractiveShell) -> None:
    plain = Notebook(shell)
    plain.ok("from sklearn.linear_model import LinearRegression")
    plain.ok("model = LinearRegression().fit([[1.0], [2.0]], [1.0, 2.0])")
    plain.ok("%load_ext nbmlops\nrows = [[3.0]]")
    version = plain.ok("model.predict(rows)\n%mlops register model --name line")
    plain.ok("%unload_ext nbmlops")
    assert counts(version) == [1, 2, 3, 4]


def test_code_that_a_magic_runs_is_followed(notebook: Notebook) -> None:
    notebook.ok("k = 1")
    notebook.ok("%%time\ndef double(x):\n    return [[k * 2 * v] for v in x]")
    notebook.ok("from sklearn.linear_model import LinearRegression")
    notebook.ok("k = 2")
    notebook.ok("%%capture\nX = double([1.0, 2.0])")
    notebook.ok("%time model = LinearRegression().fit(X, [1.0, 2.0])")
    version = notebook.ok("%mlops register model --name line")
    assert counts(version) == [2, 3, 4, 5, 6, 7]


def test_secrets_leave_every_cell(notebook: Notebook) -> None:
    notebook.ok("api_key = 'hunter2hunter2'")
    notebook.ok("from sklearn.linear_model import LinearRegression")
    notebook.ok("rows = [[1.0], [len(api_key)]]")
    notebook.ok("model = LinearRegression().fit(rows, [1.0, 2.0])")
    version = notebook.ok("%mlops register model --name line")
    assert counts(version) == [1, 2, 3, 4, 5]
    assert "hunter2" not in str(version.to_dict())


def test_very_many_cells_are_cut_to_the_newest(notebook: Notebook) -> None:
    notebook.ok("from sklearn.linear_model import LinearRegression\nrows = []")
    for number in range(205):
        notebook.ok(f"rows.append([{number}.0])")
    notebook.ok("model = LinearRegression().fit(rows, list(range(205)))")
    version = notebook.ok("%mlops register model --name line")
    assert counts(version) == list(range(9, 209))
    assert version.source["cells_left_out"] == 8


def test_search_reads_every_recorded_cell(session: Notebook) -> None:
    session.ok("%mlops register model --name delays --train train --target late")
    assert session.ok("%mlops search \"text ~ 'fillna'\"")
    assert not session.ok("%mlops search \"text ~ 'DataFrame'\"")
