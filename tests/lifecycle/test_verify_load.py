"""A version is proved anew on its stored example, after which it loads."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from nbmlops.api import Registry
from nbmlops.errors import NotAllowed, UsageError
from nbmlops.lifecycle import quarantine
from nbmlops.lifecycle.answers import answered_example, difference
from nbmlops.registry.models.serialise import save
from nbmlops.registry.signature import signature_of_frame
from tests.flights import FEATURES
from tests.lifecycle.foreign import IMPORTED, add_foreign
from tests.lifecycle.test_quarantine import EXAMPLE, LINEAR, SIGNATURE, X, Y

OLD: dict[str, Any] = {"environment": {"packages": {"scikit_learn": "1.5.2"}}}


@pytest.fixture
def old(registry: Registry) -> str:
    """A version of an older scikit-learn, with an example."""
    told: dict[str, Any] = {"signature": SIGNATURE, "example": EXAMPLE, **OLD}
    return add_foreign(registry, save(LINEAR).data, **told)


def test_a_proved_version_loads_from_then_on(registry: Registry, old: str) -> None:
    with pytest.raises(NotAllowed, match="verify_load"):
        registry.load(old)
    proof = registry.verify_load(old)
    assert proof.ok
    assert (proof.written, proof.values) == ("1.5.2", 2)
    assert "2 stored answers are the same" in repr(proof)
    assert registry.load(old)
    assert registry.history()[0].verb == "verify-load"
    assert registry.verify().ok


def test_other_answers_fail_the_proof_and_the_version_stays_shut(
    registry: Registry, monkeypatch: pytest.MonkeyPatch, old: str
) -> None:
    other = {"predict": [1, 1]}
    monkeypatch.setattr(
        "nbmlops.lifecycle.verify_load.quarantine", lambda *a, **k: other
    )
    proof = registry.verify_load(old)
    assert not proof.ok
    assert proof.detail == "predict answers 1, and answered 0"
    with pytest.raises(NotAllowed):
        registry.load(old)


def test_a_proof_counts_for_the_version_that_is_installed_only(
    registry: Registry, monkeypatch: pytest.MonkeyPatch, old: str
) -> None:
    monkeypatch.setattr(
        "nbmlops.lifecycle.verify_load.quarantine", lambda *a, **k: EXAMPLE["answers"]
    )
    assert registry.verify_load(old).ok
    assert registry.load(old)
    monkeypatch.setattr(
        "nbmlops.lifecycle.sklearn_version.sklearn.__version__", "2.0.0"
    )
    with pytest.raises(NotAllowed, match=r"here is 2\.0\.0"):
        registry.load(old)


def test_a_proved_import_needs_no_quarantine(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quarantine, "_released", set())
    monkeypatch.setattr(
        "nbmlops.lifecycle.verify_load.quarantine", lambda *a, **k: EXAMPLE["answers"]
    )
    told: dict[str, Any] = {
        "imported": IMPORTED,
        "signature": SIGNATURE,
        "example": EXAMPLE,
    }
    ref = add_foreign(registry, save(LINEAR).data, **told)
    registry.verify_load(ref)

    def entered(*args: Any, **kwargs: Any) -> Any:
        raise AssertionError("was put into quarantine")

    monkeypatch.setattr("nbmlops.lifecycle.load.quarantine", entered)
    assert registry.load(ref)


def test_a_failed_load_is_a_failed_proof(
    registry: Registry, monkeypatch: pytest.MonkeyPatch, old: str
) -> None:
    def fails(*args: Any, **kwargs: Any) -> Any:
        raise NotAllowed("delays/1 was loaded in quarantine, and it crashed")

    monkeypatch.setattr("nbmlops.lifecycle.verify_load.quarantine", fails)
    proof = registry.verify_load(old)
    assert not proof.ok
    assert "it crashed" in proof._repr_html_()


# --- what is stored for it


def test_register_keeps_made_up_rows_and_the_answers_to_them(
    registry: Registry, add: Callable[..., Any]
) -> None:
    example = add().example
    assert set(example["columns"]) == set(FEATURES)
    assert len(example["answers"]["predict"]) == 3
    assert registry.verify_load("delays/1").values == 3 + 6


def test_made_up_rows_are_asked_in_the_order_in_which_the_model_reads_them(
    registry: Registry, train: pd.DataFrame
) -> None:
    columns = ["hour", "distance", "day"]  # not the order of the alphabet
    frame = train[[*columns, "late"]]
    model = DecisionTreeClassifier(max_depth=4, random_state=0)
    model.fit(frame[columns], frame["late"])
    registry.register(model, "trees", train=frame, target="late")
    proof = registry.verify_load("trees/1")
    assert proof.ok, proof
    assert proof.values == 3 + 6


def test_an_example_that_was_given_is_asked_instead(
    add: Callable[..., Any], train: pd.DataFrame
) -> None:
    example = add(input_example=train[FEATURES].head(20)).example
    assert example["columns"] is None  # they are in the attachment
    assert len(example["answers"]["predict"]) == 5


def test_a_model_that_cannot_answer_made_up_rows_keeps_none() -> None:
    class Odd(LogisticRegression):  # type: ignore[misc]  # scikit-learn is untyped
        def predict(self, rows: Any) -> Any:
            raise UsageError("no")

    frame = pd.DataFrame(X, columns=["a", "b"])
    model = Odd().fit(frame, Y)
    signature = signature_of_frame(frame, ["a", "b"])
    assert answered_example(model, signature, given=frame, profile=None) is None


@pytest.mark.parametrize(
    ("expected", "found", "said"),
    [
        ({"predict": [1.0]}, {"predict": [1.0 + 1e-9]}, ""),
        ({"predict": [1.0]}, {"predict": [1.001]}, "predict answers 1.001"),
        ({"predict": ["a"]}, {"predict": ["b"]}, "predict answers 'b'"),
        ({"predict": [1, 2]}, {"predict": [1]}, "predict answers 1 values"),
        ({"predict": [1]}, {}, "predict answers 0 values"),
        ({"predict": [True]}, {"predict": [True], "predict_proba": [[1]]}, ""),
    ],
)
def test_a_difference_is_more_than_rounding(
    expected: Any, found: Any, said: str
) -> None:
    assert difference(expected, found).startswith(said)
    assert bool(difference(expected, found)) == bool(said)


def test_numbers_of_numpy_are_plain_in_what_is_stored() -> None:
    frame = pd.DataFrame(X, columns=["a", "b"])
    model = LogisticRegression().fit(frame, Y)
    signature = signature_of_frame(frame, ["a", "b"])
    example = answered_example(model, signature, given=frame, profile=None)
    assert example is not None
    assert type(example["answers"]["predict"][0]) is int
    assert np.shape(example["answers"]["predict_proba"]) == (5, 2)
