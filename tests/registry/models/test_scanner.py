"""A scanner's findings: dangerous calls, unknown types, and what it could not read."""

import io
import os
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.cluster import Birch

from nbmlops.registry.models import scanner
from nbmlops.registry.models.flavors.joblib import save
from nbmlops.registry.models.scanner import NO_SCANNER, Findings, scan
from tests.pickles import Calls


def test_formats_that_run_no_code_are_not_scanned() -> None:
    assert scan(b"anything", "skops") == Findings()


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (Calls(os.system, "true"), "posix.system"),
        (Calls(eval, "1"), "__builtin__.eval"),
        ([np.zeros(3), Calls(os.system, "true")], "posix.system"),
    ],
)
def test_calls_that_no_model_needs_are_dangerous(call: Any, name: str) -> None:
    found = scan(save(call), "joblib")
    assert [n.replace("builtins", "__builtin__") for n in found.dangerous] == [name]


def test_a_model_is_named_by_what_it_makes() -> None:
    found = scan(save(Birch().fit(np.eye(4))), "joblib")
    assert found.dangerous == ()
    [note] = found.notes
    assert note.startswith("makes ")
    assert "sklearn.cluster._birch.Birch" in note


def test_what_lies_behind_joblibs_arrays_is_said_not_to_be_scanned() -> None:
    buffer = io.BytesIO()
    joblib.dump([np.zeros(3), Calls(os.system, "true")], buffer)
    assert "could not be read to its end" in scan(buffer.getvalue(), "joblib").lines[-1]


def test_without_a_scanner_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanner, "find_spec", lambda name: None)
    assert scan(b"", "joblib").lines == (NO_SCANNER,)


def test_a_long_list_is_cut_and_counted() -> None:
    text = b"".join(b"cmodule\nname%d\n0" % number for number in range(20)) + b"N."
    [note] = scan(text, "joblib").notes
    assert note.endswith("and 8 more")
