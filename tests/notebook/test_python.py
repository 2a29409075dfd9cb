"""`--python` prints what can be pasted: each example of each verb, run as Python."""

import shutil
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

import nbmlops
from nbmlops.errors import NbmlopsError
from nbmlops.verbs.table import verbs_of
from tests.notebook.conftest import Notebook
from tests.notebook.flights import variables

EXAMPLES = [
    example
    for verb in verbs_of("notebook").values()
    if verb.method
    for example in verb.examples
]

# A deleted version, a dataset of that name, an open request, a signing key, a file: the
# call is good, and is refused.
OF_WHAT_IS_NOT_HERE = (
    "approve",
    "dataset",
    "export-oms",
    "import",
    "import-mlflow",
    "key",
    "lineage",
    "recover",
    "reject",
    "restore",
    "sign",
    "sign-head",
)


@cache
def world() -> dict[str, Any]:
    """Give every name that the examples use, but no `registry`."""
    made = variables()
    for name in ("train", "test", "july"):
        made[name] = made[name].assign(temp=np.arange(len(made[name])) % 30)
    reads = ["a", "b", "c", "temp"]
    made["model"] = LogisticRegression().fit(made["train"][reads], made["train"].late)
    made["X"], made["y"] = made["train"][reads], made["train"]["late"]
    return made


@pytest.fixture(scope="module")
def flown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with files and a registry: four versions, two promotions, a check."""
    folder = tmp_path_factory.mktemp("flown")
    made = world()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NBMLOPS_TRUST_FILE", str(folder / "trust"))
        patch.chdir(folder)
        registry = nbmlops.open_registry(folder / ".nbmlops", actor="ana@example.com")
        for _ in range(4):
            registry.register(
                made["model"],
                "delays",
                train=made["train"],
                target="late",
                test=made["test"],
            )
        registry.promote("delays/1")
        registry.promote("delays/4")
        registry.alias("delays/1", "challenger")
        registry.check_skew("delays/2", made["july"])
    made["july"].to_parquet(folder / "july.parquet")
    made["july"].to_parquet(folder / "june.parquet")
    return folder


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_python_of_each_example_runs_where_it_is_pasted(
    example: str, flown: Path, notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = Path.cwd()
    shutil.copytree(flown, here / "project")
    monkeypatch.chdir(here / "project")
    monkeypatch.setenv("NBMLOPS_TRUST_FILE", str(here / "project" / "trust"))
    for name, value in world().items():
        notebook[name] = value
    notebook.ok(f"%mlops {example} --python")
    pasted = notebook.stdout
    assert "registry = nbmlops.open_registry(" in pasted
    is_dated = "--as-of" in example or "--until" in example  # and days go by
    is_not_here = example.split()[0] in OF_WHAT_IS_NOT_HERE
    may_refuse = (NbmlopsError,) if is_not_here or is_dated else ()
    with suppress(*may_refuse):
        exec(pasted, dict(world()))
