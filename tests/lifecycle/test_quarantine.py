"""Models from elsewhere load first where a crash, a hang or a glutton harms nobody."""

import io
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from nbmlops.api import Registry
from nbmlops.errors import NotAllowed, Untrusted
from nbmlops.lifecycle import quarantine
from nbmlops.lifecycle.example import (
    ATTACHMENT,
    MOST_ROWS,
    example_bytes,
    given_example,
)
from nbmlops.lifecycle.quarantine import Limits, needs_quarantine
from nbmlops.registry.models.flavors.joblib import save as pickled
from nbmlops.registry.models.flavors.members import pack, unpack
from nbmlops.registry.models.serialise import save
from nbmlops.registry.models.trust import trust
from tests.lifecycle.foreign import IMPORTED, add_foreign, place_of
from tests.pickles import Calls

X = np.random.default_rng(0).normal(size=(60, 2))
Y = (X[:, 0] > 0).astype(int)
LINEAR = LogisticRegression().fit(X, Y)
SIGNATURE = {
    "columns": [
        {"name": name, "kind": "number", "dtype": "float64", "nullable": False}
        for name in ("x0", "x1")
    ],
    "is_partial": False,
}
EXAMPLE = {
    "columns": {"x0": [1.0, -1.0], "x1": [0.0, 0.0]},
    "answers": {"predict": LINEAR.predict([[1.0, 0.0], [-1.0, 0.0]]).tolist()},
}


@pytest.fixture(autouse=True)
def _forget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quarantine, "_released", set())


def add_imported(registry: Registry, data: bytes, **changed: Any) -> str:
    """Add bytes as imported, with an example, and vouched for by the reader's file."""
    told = {"imported": IMPORTED, "signature": SIGNATURE, "example": EXAMPLE}
    ref = add_foreign(registry, data, **{**told, **changed})
    trust(registry.get(ref).digest)
    return ref


def crashing_tree() -> bytes:
    """A tree whose nodes point outside: scikit-learn follows them without looking."""
    members = unpack(save(DecisionTreeClassifier().fit(X, Y)).data)
    for name, data in members.items():
        if name.endswith(".npy") and b"left_child" in data[:300]:
            nodes = np.load(io.BytesIO(data))
            nodes["left_child"][0] = nodes["right_child"][0] = 2**40
            buffer = io.BytesIO()
            np.save(buffer, nodes)
            members[name] = buffer.getvalue()
    return pack(members)


def test_a_sound_model_passes_once_per_process(registry: Registry) -> None:
    ref = add_imported(registry, save(LINEAR).data)
    assert needs_quarantine(registry.get(ref))
    assert (registry.load(ref).predict(X) == LINEAR.predict(X)).all()
    assert not needs_quarantine(registry.get(ref))


def test_what_was_registered_here_needs_no_quarantine(registry: Registry) -> None:
    assert not needs_quarantine(registry.register(LINEAR, "delays", train=(X, Y)))


def test_a_model_that_crashes_does_so_in_quarantine(registry: Registry) -> None:
    ref = add_imported(registry, crashing_tree())
    with pytest.raises(NotAllowed, match=r"in quarantine, and it crashed \(SIG"):
        registry.load(ref)
    assert needs_quarantine(registry.get(ref))


def test_a_model_that_hangs_is_ended(
    registry: Registry, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fifo = tmp_path / "never-written"
    os.mkfifo(fifo)
    ref = add_imported(registry, pickled(Calls(open, str(fifo))), flavor="joblib")
    monkeypatch.setattr(quarantine, "LIMITS", Limits(seconds=4))
    with pytest.raises(NotAllowed, match="not answered after 4 s"):
        registry.load(ref)


def test_a_model_that_fills_the_memory_is_stopped(registry: Registry) -> None:
    glutton = pickled(Calls(bytearray, 8 * 2**30))
    ref = add_imported(registry, glutton, flavor="joblib")
    with pytest.raises(NotAllowed, match="more memory than it was given"):
        registry.load(ref)


def test_a_model_that_ends_its_process_is_told_of(registry: Registry) -> None:
    ref = add_imported(registry, pickled(Calls(os._exit, 3)), flavor="joblib")
    with pytest.raises(NotAllowed, match="ended with status 3 and no answer"):
        registry.load(ref)


def test_a_model_that_cannot_answer_its_example_is_refused(registry: Registry) -> None:
    three = LogisticRegression().fit(np.c_[X, X[:, 0]], Y)
    ref = add_imported(registry, save(three).data)
    with pytest.raises(NotAllowed, match="it raised ValueError: X has 2 features"):
        registry.load(ref)


def test_quarantine_is_no_word_for_what_is_in_it(
    registry: Registry, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tree = save(DecisionTreeClassifier().fit(X, Y)).data
    ref = add_imported(registry, tree)
    monkeypatch.setenv("NBMLOPS_TRUST_FILE", str(tmp_path / "nobody"))
    with pytest.raises(Untrusted, match=f"{ref}: loading would make compiled types"):
        registry.load(ref)


def test_the_process_gets_none_of_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    given = quarantine.environment()
    assert "secret" not in given.values()
    assert {"PATH", "PYTHONPATH"} <= set(given)


def test_of_a_foreign_example_no_more_is_unpacked_than_was_ever_kept(
    registry: Registry,
) -> None:
    """Equal rows take no room in the file: this one could have been any number."""
    many = example_bytes(pd.DataFrame({name: np.zeros(10_000) for name in "ab"}))
    digest = place_of(registry).artifacts.put(many)
    attached = {"attachments": {ATTACHMENT: digest}}
    ref = add_imported(registry, save(LINEAR).data, **attached)
    rows = given_example(place_of(registry), registry.get(ref))
    assert rows is not None
    assert len(rows) == MOST_ROWS
