"""Promotion through the gates."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from nbmlops.api import Registry
from nbmlops.errors import AlreadyExists, GateFailed, NotAllowed, UsageError
from tests.flights import FEATURES, flights
from tests.gate.steps import policy, results

Add = Callable[..., Any]


def test_without_a_policy_only_integrity_is_asked(add: Add, registry: Registry) -> None:
    add()
    promotion = registry.promote("delays/1", reason="first")
    assert results(promotion.results) == {
        "digest and loading": True,
        "signature": True,
        "signature of the manifest": None,
    }
    assert (promotion.ref, promotion.previous) == ("delays/1", None)
    assert promotion.event.detail["reason"] == "first"
    assert registry.get("delays@champion").number == 1


def test_a_changed_artifact_is_not_promoted(add: Add, registry: Registry) -> None:
    version = add()
    registry._place.artifacts.path(version.digest).write_bytes(b"x")
    with pytest.raises(GateFailed, match="was changed"):
        registry.promote("delays/1")
    assert registry.models()[0].aliases == {}


def test_each_requirement_is_judged(add: Add, registry: Registry) -> None:
    add(test=None)
    policy('require = ["description", "test", "git-clean"]')
    with pytest.raises(GateFailed) as refused:
        registry.promote("delays/1")
    assert results(refused.value.results) == {
        "digest and loading": True,
        "signature": True,
        "signature of the manifest": None,
        "description": False,
        "test": False,
        "git-clean": False,
    }
    assert len(str(refused.value).splitlines()) <= 3
    add(description="with a test")
    found = results(registry.gates("delays/2"))
    assert (found["description"], found["test"]) == (True, True)


def test_limits_are_read_on_the_own_evaluation(add: Add, registry: Registry) -> None:
    value = add(metrics={"reported_only": 0.99}).metrics["roc_auc"]
    floors = f"roc_auc = {value - 0.01:.3f}, reported_only = 0.5, accuracy = 0.999"
    policy(
        f"min = {{ {floors} }}",
        "max = { log_loss = 5.0, latency_ms = 0.000001 }",
    )
    found = {r.name: r for r in registry.gates("delays/1")}
    assert found[f"roc_auc at least {value - 0.01:.3g}"].passed
    assert found["log_loss at most 5"].passed
    assert found["accuracy at least 0.999"].passed is False
    assert found["latency_ms at most 1e-06"].passed is False
    assert found["reported_only at least 0.5"].passed is False
    assert "not computed" in found["reported_only at least 0.5"].detail


def test_a_worse_version_is_refused_and_can_be_forced_with_a_reason(
    add: Add, registry: Registry, weaker: Any
) -> None:
    policy('not-worse-than = "champion"', 'metric = "roc_auc"', "margin = 0.005")
    add()
    name = "not worse than champion in roc_auc"
    assert results(registry.promote("delays/1").results)[name] is None
    add(weaker)
    with pytest.raises(GateFailed, match="difference to delays/1"):
        registry.promote("delays/2")
    assert registry.get("delays@champion").number == 1
    with pytest.raises(UsageError, match="force needs a reason"):
        registry.promote("delays/2", force=True)
    forced = registry.promote("delays/2", force=True, reason="an outage")
    assert forced.is_forced
    assert forced.event.detail["forced"]
    assert registry.get("delays@champion").number == 2


def test_without_a_common_evaluation_nothing_is_known_to_be_not_worse(
    add: Add, registry: Registry, test: pd.DataFrame
) -> None:
    policy('not-worse-than = "champion"', 'metric = "roc_auc"')
    add(test=None)
    registry.promote("delays/1")
    add()
    found = {r.name: r for r in registry.gates("delays/2")}
    gate = found["not worse than champion in roc_auc"]
    assert gate.passed  # registering delays/2 evaluated the champion on its test
    add(test=test[:300], metrics={"mine": "accuracy"})
    policy('not-worse-than = "champion"', 'metric = "pinball"')
    found = {r.name: r for r in registry.gates("delays/3")}
    assert found["not worse than champion in pinball"].passed is False


def test_groups_of_the_policy_decide_the_interval(add: Add, registry: Registry) -> None:
    policy('not-worse-than = "champion"', 'metric = "roc_auc"', 'groups = "day"')
    add(groups="day")
    registry.promote("delays/1")
    add(groups="day")
    found = {r.name: r for r in registry.gates("delays/2")}
    assert "by day" in found["not worse than champion in roc_auc"].detail


def test_slices_that_are_clearly_worse_fail(
    add: Add, registry: Registry, weaker: Any, test: pd.DataFrame
) -> None:
    lines = ['metric = "roc_auc"', 'slices = ["carrier"]', "slice-margin = 0.03"]
    policy(*lines)
    add(slices=["carrier"])
    registry.promote("delays/1")
    add(weaker, slices=["carrier"])
    found = {r.name: r for r in registry.gates("delays/2")}
    assert found["slices: carrier"].passed is False
    assert "carrier UA" in found["slices: carrier"].detail
    add(slices=["carrier"])
    again = {r.name: r for r in registry.gates("delays/3")}["slices: carrier"]
    assert again.passed
    assert "none clearly worse" in again.detail


def test_slices_that_are_all_too_small_are_not_said_to_pass(
    add: Add, registry: Registry, test: pd.DataFrame
) -> None:
    policy('metric = "roc_auc"', 'slices = ["carrier"]')
    few = test[:120]
    add(test=few, slices=["carrier"])
    registry.promote("delays/1")
    add(test=few, slices=["carrier"])
    found = {r.name: r for r in registry.gates("delays/2")}
    assert found["slices: carrier"].passed is None
    assert "too small to judge" in found["slices: carrier"].detail


def test_a_version_that_has_the_alias_is_not_promoted_again(
    add: Add, registry: Registry
) -> None:
    add()
    registry.promote("delays/1")
    with pytest.raises(NotAllowed, match="delays/1 is champion already"):
        registry.promote("delays/1")


def test_one_column_is_not_called_columns(
    registry: Registry, train: pd.DataFrame
) -> None:
    model = LogisticRegression().fit(train[["hour"]], train["late"])
    registry.register(model, "one", train=train[["hour", "late"]], target="late")
    assert "1 column, a row answered" in [g.detail for g in registry.gates("one")]


def test_a_partial_signature_asks_for_more(registry: Registry, model: Any) -> None:
    registry.register(model, "bare")
    with pytest.raises(GateFailed, match="only column names are known"):
        registry.promote("bare/1")


def test_a_bare_name_is_not_promoted_among_several(
    add: Add, registry: Registry
) -> None:
    add()
    add()
    with pytest.raises(UsageError, match="'delays' has several versions"):
        registry.promote("delays")


def test_other_aliases_with_gates_move_by_promotion(
    add: Add, registry: Registry
) -> None:
    Path("nbmlops.toml").write_text('[gate.shadow]\nrequire = ["test"]\n')
    add()
    with pytest.raises(NotAllowed, match="'shadow' moves through gates only"):
        registry.alias("delays/1", "shadow")
    assert registry.promote("delays/1", "shadow").alias == "shadow"


def test_promotions_show_themselves(add: Add, registry: Registry) -> None:
    add()
    promotion = registry.promote("delays/1")
    assert repr(promotion).startswith("delays/1 is champion")
    html = promotion._repr_html_()
    assert "digest and loading" in html
    assert promotion.to_dict()["results"][0]["passed"] is True


def test_a_reason_shows_its_control_codes(add: Add, registry: Registry) -> None:
    add()
    promotion = registry.promote("delays/1", reason="\x1b[2J\nfine")
    assert repr(promotion).endswith(": \\x1b[2J fine")


def test_the_rival_is_the_baseline_even_where_the_candidate_is_champion(
    add: Add, registry: Registry, weaker: Any
) -> None:
    add(weaker)
    add()
    registry.promote("delays/1")
    registry.promote("delays/2", "staging")
    Path("nbmlops.toml").write_text(
        '[gate.staging]\nnot-worse-than = "staging"\nmetric = "roc_auc"\n'
    )
    found = {r.name: r for r in registry.gates("delays/1", "staging")}
    assert found["not worse than staging in roc_auc"].passed is False


def test_the_tolerance_of_a_check_does_not_loosen_the_gate(
    add: Add, registry: Registry
) -> None:
    policy('skew = "within tolerance"')
    add()
    serving = flights(2_000, 7)[FEATURES]
    wrong = serving.assign(distance=serving["distance"] * 3)
    registry.check_skew("delays", wrong, tolerance=0.99)
    found = {r.name: r for r in registry.gates("delays/1")}
    assert found["skew within tolerance"].passed is False


def test_groups_that_give_no_interval_do_not_pass_by_row(
    add: Add, registry: Registry, test: pd.DataFrame
) -> None:
    policy('not-worse-than = "champion"', 'metric = "roc_auc"', 'groups = "day"')
    one_day = test.assign(day=1)
    add(test=one_day, groups="day")
    registry.promote("delays/1")
    add(test=one_day, groups="day")
    found = {r.name: r for r in registry.gates("delays/2")}
    assert found["not worse than champion in roc_auc"].passed is False


def test_a_metric_of_which_less_is_better_is_judged_the_other_way_round(
    add: Add, registry: Registry, weaker: Any
) -> None:
    policy('not-worse-than = "champion"', 'metric = "log_loss"', "margin = 0.001")
    add(weaker)
    registry.promote("delays/1")
    add()
    assert registry.promote("delays/2").ref == "delays/2"
    add(weaker)
    with pytest.raises(GateFailed, match="not worse than champion in log_loss"):
        registry.promote("delays/3")


def test_easier_rows_do_not_help_past_a_gate(
    add: Add, registry: Registry, weaker: Any, test: pd.DataFrame
) -> None:
    policy(
        "min = { roc_auc = 0.6 }", 'not-worse-than = "champion"', 'metric = "roc_auc"'
    )
    add()
    registry.promote("delays/1")
    add(weaker)
    before = {r.name: r for r in registry.gates("delays/2")}
    # On the rows that the candidate happens to get right it is as good as the champion.
    right = test[registry.load("delays/2").predict(test[FEATURES]) == test["late"]]
    with pytest.raises(AlreadyExists):
        registry.evaluate("delays/2", right)
    for ref in ("delays/1", "delays/2"):
        registry.evaluate(ref, right, name="easier")
    after = {r.name: r for r in registry.gates("delays/2")}
    for name in ("roc_auc at least 0.6", "not worse than champion in roc_auc"):
        assert before[name].passed is False
        assert after[name].passed is False
        assert after[name].detail == before[name].detail


def test_an_alias_that_never_was_is_a_misspelling_and_fails(
    add: Add, registry: Registry
) -> None:
    policy('not-worse-than = "champoin"', 'metric = "roc_auc"')
    add()
    gate = registry.gates("delays/1")[-1]
    assert gate.passed is False
    assert "no version of delays ever was 'champoin'" in gate.detail
    assert "did you mean 'champion'?" in gate.detail
    policy('not-worse-than = "shadow"', 'metric = "roc_auc"')
    registry.alias("delays/1", "shadow")
    registry.unalias("delays", "shadow")
    gate = registry.gates("delays/1")[-1]
    assert gate.passed is False
    assert "no version of delays is any longer 'shadow'" in gate.detail


def test_an_alias_of_its_own_has_nobody_to_be_worse_than_at_first(
    add: Add, registry: Registry
) -> None:
    text = '[gate.shadow]\nnot-worse-than = "shadow"\nmetric = "roc_auc"\n'
    Path("nbmlops.toml").write_text(text)
    add()
    assert registry.promote("delays/1", "shadow").results[-1].passed is None


@pytest.mark.parametrize(
    "line", ['not-worse-than = "champion"', 'slices = ["carrier"]']
)
def test_a_metric_that_is_not_there_fails_and_says_what_is(
    line: str, add: Add, registry: Registry
) -> None:
    policy(line, 'metric = "roc_acu"')
    add(slices=["carrier"])
    registry.promote("delays/1")
    add(slices=["carrier"])
    gate = registry.gates("delays/2")[-1]
    assert gate.passed is False
    assert "no metric 'roc_acu'" in gate.detail
    assert "did you mean 'roc_auc'?" in gate.detail


def test_gate_results_show_themselves(add: Add, registry: Registry) -> None:
    policy('require = ["description"]')
    add(description="")
    gate = registry.gates("delays/1")[-1]
    assert repr(gate).startswith("  fails  description  empty: %mlops")
    assert "description" in gate._repr_html_()
    assert gate.to_dict() == {
        "name": "description",
        "passed": False,
        "detail": "empty: %mlops describe delays/1 TEXT",
        "policy": "nbmlops.toml",
    }


def test_what_a_gate_asks_for_can_be_written_later(
    add: Add, registry: Registry
) -> None:
    policy('require = ["description"]')
    add(description="")
    with pytest.raises(GateFailed, match="description"):
        registry.promote("delays/1")
    registry.describe("delays/1", "late arrivals")
    assert registry.promote("delays/1").ref == "delays/1"
