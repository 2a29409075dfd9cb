"""Evaluations: a name stands for its rows, so that no gate can be talked round."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier

from nbmlops.api import Registry
from nbmlops.errors import AlreadyExists, UsageError
from tests.flights import flights

Add = Callable[..., Any]


def test_other_rows_under_a_name_that_is_taken_are_refused(
    add: Add, registry: Registry, test: pd.DataFrame
) -> None:
    before = add()
    weighted = test.assign(weight=np.where(test["late"], 0.01, 1.0))
    for rows, weight in ((test[:300], None), (weighted, "weight")):
        with pytest.raises(AlreadyExists, match="'test' on other rows") as refused:
            registry.evaluate("delays/1", rows, weight=weight)
        assert "name='july'" in refused.value.hint
    assert registry.get("delays/1").metrics == before.metrics
    assert [e.verb for e in registry.history()] == ["evaluate", "register", "init"]
    registry.evaluate("delays/1", test[:300], name="july")
    assert registry.get("delays/1").metrics == before.metrics


def test_other_weights_of_the_same_columns_are_other_rows(
    add: Add, registry: Registry, test: pd.DataFrame
) -> None:
    weighted = test.assign(weight=np.where(test["late"], 0.01, 1.0))
    add(test=weighted)
    with pytest.raises(AlreadyExists, match="weights"):
        registry.evaluate("delays/1", weighted, weight="weight")


def test_the_same_rows_may_be_looked_at_in_more_slices(
    add: Add, registry: Registry, test: pd.DataFrame
) -> None:
    before = add(metrics={"mine": lambda model, X, y: 0.1})
    again = registry.evaluate(
        "delays/1",
        test,
        slices="carrier",
        metrics={"mine": lambda model, X, y: 0.9, "other": lambda model, X, y: 0.5},
    )
    assert list(again.slices) == ["carrier"]  # one column, not its letters
    assert again.metrics == {**before.metrics, "other": 0.5}
    assert registry.get("delays/1").metrics == again.metrics


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"groups": ["day"]}, r"groups cannot be \['day'\]"),
        ({"slices": [3]}, r"slices cannot be \[3\]"),
        ({"slices": 3}, "slices cannot be 3"),
    ],
)
def test_columns_are_named_by_text(
    arguments: dict[str, Any],
    words: str,
    add: Add,
    registry: Registry,
    test: pd.DataFrame,
) -> None:
    with pytest.raises(UsageError, match=words):
        add(**arguments)
    add()
    add()
    with pytest.raises(UsageError, match=words):
        registry.evaluate("delays/1", test, name="july", **arguments)
    with pytest.raises(UsageError, match=words):
        registry.compare("delays/1", "delays/2", **arguments)
    assert len(registry.versions("delays")) == 2


@pytest.mark.parametrize("kept", [{"slices": ["carrier"]}, {"groups": "day"}])
def test_a_champion_is_evaluated_anew_where_slices_or_groups_were_not_kept(
    kept: dict[str, Any], add: Add, registry: Registry
) -> None:
    add()
    registry.promote("delays/1")
    add(**kept)
    found = registry.compare("delays/1", "delays/2")
    assert found.group_column == kept.get("groups", "")
    assert {s.column for s in found.slices} == set(kept.get("slices", ()))
    add(**kept)  # has all that is needed: not done again
    names = [e.name for e in registry.get("delays/1").evaluations]
    assert names == ["test of delays/2", "test"]


def test_an_untrusted_champion_is_not_paired_and_does_not_stop_a_registration(
    add: Add, registry: Registry, train: pd.DataFrame, tmp_path: Path
) -> None:
    numbers = ["hour", "distance"]
    forest = RandomForestClassifier(n_estimators=3, random_state=0)
    add(forest.fit(train[numbers], train["late"]))
    registry.promote("delays/1")
    (tmp_path / "trusted-digests").unlink()
    second = add(test=flights(400, seed=8))
    (own,) = second.evaluations
    assert any("delays/1 was not evaluated" in note for note in own.notes)
    assert second.metrics["roc_auc"] > 0.5
    third = add(test=flights(400, seed=9), trust=["delays/1"])
    assert not any("not evaluated" in n for n in third.evaluations[0].notes)


def test_a_file_that_cannot_be_read_is_not_attached(
    add: Add, registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "card.md").write_text("a model")

    def denied(self: Path, *_: Any, **__: Any) -> Any:
        raise PermissionError(13, "Permission denied", str(self))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", denied)
        with pytest.raises(UsageError, match=r"card\.md' cannot be attached"):
            add(attach=[tmp_path / "card.md"])
    assert not registry.status().exists
