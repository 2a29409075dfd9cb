"""`--python` prints what can be pasted: each example of each verb, run as Python."""

import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, tzinfo
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sklearn.linear_model import LogisticRegression

import nbmlops
from nbmlops.api import Registry
from nbmlops.errors import Untrusted, UsageError
from nbmlops.verbs.table import verbs_of
from tests.notebook.conftest import Notebook
from tests.notebook.flights import variables

EXAMPLES = [
    example
    for verb in verbs_of("notebook").values()
    if verb.method
    for example in verb.examples
]
STORE = Path(__file__).parents[1] / "lifecycle" / "stores" / "mlflow-3.zip"


class Clock(datetime):
    """Says that it is the same day whenever the examples run: they name days."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "Clock":
        return cls(2025, 12, 1, 9, 30, tzinfo=tz)


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
        patch.setattr("nbmlops.registry.audit.events.datetime", Clock)
        patch.setenv("NBMLOPS_TRUST_FILE", str(folder / "trust"))
        patch.chdir(folder)
        registry = nbmlops.open_registry(folder / ".nbmlops", actor="li@example.com")
        Path("notes.md").write_text("trained without the storm of 9 February")
        for _ in range(4):
            registry.register(
                made["model"],
                "delays",
                train=made["train"],
                target="late",
                test=made["test"],
                attach=["notes.md"],
            )
        registry.promote("delays/1")
        registry.promote("delays/4")
        registry.alias("delays/1", "challenger")
        registry.check_skew("delays/2", made["july"])
    made["july"].to_parquet(folder / "july.parquet")
    made["july"].to_parquet(folder / "june.parquet")
    return folder


def asked_by_another(registry: Registry) -> None:
    Path("nbmlops.toml").write_text("[gate.champion]\napprovals = 1\n")
    bo = nbmlops.open_registry(registry.location, actor="bo@example.com")
    bo.request("delays/2", reason="better at night")


def with_an_elliptic_key(_: Registry) -> None:
    key = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    Path("key.pem").write_bytes(key)


def exported_elsewhere(registry: Registry) -> None:
    theirs = shutil.copytree(registry.location, Path("theirs") / ".nbmlops")
    nbmlops.open_registry(theirs).export("delays", "delays.zip")
    shutil.rmtree(registry.location)


def beside_mlflow(registry: Registry) -> None:
    with zipfile.ZipFile(STORE) as archive:
        archive.extractall()
    shutil.rmtree(registry.location)


# What was done before a line makes sense, by the line or its verb.
BEFORE: dict[str, Callable[[Registry], object]] = {
    "approve": asked_by_another,
    "reject": asked_by_another,
    "restore": lambda registry: registry.delete("delays/2"),
    "dataset flights": lambda registry: registry.dataset(world()["train"], "flights"),
    "lineage flights": lambda registry: registry.dataset(world()["train"], "flights"),
    "key": lambda registry: registry.key(new=True),
    "key --new": lambda registry: None,
    "sign": lambda registry: registry.key(new=True),
    "sign-head": lambda registry: registry.key(new=True),
    "export-oms": with_an_elliptic_key,
    "import": exported_elsewhere,
    "import-mlflow": beside_mlflow,
    "recover": lambda registry: registry.backup("monday.zip"),
}


def unasked(*arguments: Any, **named: Any) -> Any:
    raise Untrusted("not now")


@contextmanager
def as_expected(verb: str, example: str) -> Iterator[None]:
    """Await what a good line warns of, and the one refusal: for want of a package."""
    with ExitStack() as stack:
        if verb == "import-mlflow":
            for said in ("the alias 'Live' of", r"'Taxi Times \(JFK\)' is Taxi-Times"):
                stack.enter_context(pytest.warns(UserWarning, match=said))
        if "--trust" in example:
            stack.enter_context(pytest.warns(UserWarning, match="a pickle, opened on"))
        if verb == "export-oms" and find_spec("model_signing") is None:
            needs = "needs the packages model-signing"
            stack.enter_context(pytest.raises(UsageError, match=needs))
        yield


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_python_of_each_example_runs_where_it_is_pasted(
    example: str, flown: Path, notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, verb = Path.cwd(), example.split()[0]
    shutil.copytree(flown, here / "project")
    monkeypatch.chdir(here / "project")
    monkeypatch.setenv("NBMLOPS_TRUST_FILE", str(here / "project" / "trust"))
    monkeypatch.setattr("nbmlops.lifecycle.decided.datetime", Clock)
    # What each model of a store is, tests of import-mlflow ask: it takes processes.
    monkeypatch.setattr("nbmlops.lifecycle.mlflow_version.check", unasked)
    prepare = BEFORE.get(example) or BEFORE.get(verb)
    if prepare is not None:
        prepare(nbmlops.open_registry(here / "project" / ".nbmlops"))
    for name, value in world().items():
        notebook[name] = value
    notebook.ok(f"%mlops {example} --python")
    pasted = notebook.stdout
    assert "registry = nbmlops.open_registry(" in pasted
    with as_expected(verb, example):
        exec(pasted, dict(world()))
