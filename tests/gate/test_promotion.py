"""Promotion through the gates, rollback and retirement."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from nbmlops.api import Registry
from nbmlops.errors import AlreadyExists, GateFailed, NotAllowed, NotFound, UsageError
from tests.flights import FEATURES, flights

Add = Callable[..., Any]


def policy(*lines: str) -> None:
    Path("nbmlops.toml").write_text("\n".join(["[gate.champion]", *lines]))


def results(found: Any) -> dict[str, bool | None]:
    return {result.name: result.passed for result in found}


def test_without_a_policy_only_integrity_is_asked(add: Add, registry: Registry) -> None:
    add()
    promotion = registry.promote("delays/1", reason="first")
    assert results(promotion.results) == {"digest and loading": True, "signature": True}
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


def test_skew_of_the_newest_serving_profile_stops_a_promotion(
    add: Add, registry: Registry
) -> None:
    policy('skew = "within tolerance"', 'max-age = "7d"')
    add()
    first = registry.promote("delays/1")
    assert results(first.results)["skew within tolerance"] is None
    serving = flights(2_000, 7)[FEATURES]
    registry.check_skew("delays", serving.assign(distance=serving["distance"] * 1000))
    add()
    with pytest.raises(GateFailed, match=r"skew within tolerance.*distance: unit"):
        registry.promote("delays/2")
    registry.check_skew("delays", serving)
    assert registry.promote("delays/2").ref == "delays/2"


def test_an_old_serving_profile_does_not_count(add: Add, registry: Registry) -> None:
    add()
    registry.check_skew("delays", flights(2_000, 7)[FEATURES])
    policy('skew = "within tolerance"', 'max-age = "0m"')
    found = {r.name: r for r in registry.gates("delays/1")}
    assert found["skew within tolerance"].passed is False
    assert "check again" in found["skew within tolerance"].detail


def test_skew_can_be_required(add: Add, registry: Registry) -> None:
    policy('skew = "within tolerance"', "skew-required = true")
    add()
    with pytest.raises(GateFailed, match="nothing was served yet"):
        registry.promote("delays/1")


def test_an_acknowledged_finding_does_not_stop_a_promotion(
    add: Add, registry: Registry
) -> None:
    policy('skew = "within tolerance"')
    add()
    serving = flights(2_000, 7)[FEATURES]
    wrong = serving.assign(distance=serving["distance"] * 1000)
    registry.check_skew("delays", wrong)
    registry.acknowledge("delays", "distance", until="2999-01-01", reason="known")
    registry.check_skew("delays", wrong)
    assert registry.promote("delays/1").ref == "delays/1"


def test_a_version_that_has_the_alias_is_not_promoted_again(
    add: Add, registry: Registry
) -> None:
    add()
    registry.promote("delays/1")
    with pytest.raises(NotAllowed, match="delays/1 is champion already"):
        registry.promote("delays/1")


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


def test_rollbacks_go_back_one_by_one_and_never_forward(
    add: Add, registry: Registry
) -> None:
    for number in (1, 2, 3):
        add()
        registry.promote(f"delays/{number}")
    assert registry.rollback("delays", reason="worse at night").ref == "delays/2"
    assert registry.rollback("delays").ref == "delays/1"
    with pytest.raises(NotAllowed, match="delays/1 is the first champion"):
        registry.rollback("delays")
    registry.promote("delays/3")
    assert registry.rollback("delays").ref == "delays/1"
    assert registry.rollback("delays", to="delays/2").ref == "delays/2"
    with pytest.raises(NotFound, match="former champion"):
        registry.rollback("delays", to=9)


def test_a_rollback_shows_the_gates_and_does_not_enforce_them(
    add: Add, registry: Registry
) -> None:
    add()
    registry.promote("delays/1")
    add()
    registry.promote("delays/2")
    policy("min = { roc_auc = 0.9999 }")
    back = registry.rollback("delays")
    assert results(back.results)["roc_auc at least 0.9999"] is False
    assert back.ref == "delays/1"
    assert "champion again (was delays/2)" in repr(back)


def test_a_rollback_target_must_load(add: Add, registry: Registry) -> None:
    first = add()
    registry.promote("delays/1")
    add(description="other")
    registry.tag("delays/2", a=1)
    registry.promote("delays/2")
    registry._place.artifacts.path(first.digest).write_bytes(b"x")
    from nbmlops.errors import Tampered

    with pytest.raises(Tampered):
        registry.rollback("delays")
    assert registry.get("delays@champion").number == 2


def test_a_deleted_holder_does_not_come_back(add: Add, registry: Registry) -> None:
    for number in (1, 2):
        add()
        registry.promote(f"delays/{number}")
    registry.delete("delays/1")
    with pytest.raises(NotAllowed, match="the champion before cannot come back"):
        registry.rollback("delays")


def test_retiring_empties_the_alias(add: Add, registry: Registry) -> None:
    add()
    registry.promote("delays/1")
    with pytest.raises(UsageError, match="retiring needs a reason"):
        registry.retire("delays", reason="")
    retired = registry.retire("delays", reason="replaced by rules")
    assert retired.previous == "delays/1"
    assert "no longer champion" in repr(retired)
    assert registry.models()[0].aliases == {}
    with pytest.raises(NotFound):
        registry.retire("delays", reason="again")
    with pytest.raises(NotAllowed, match="no version is champion"):
        registry.rollback("delays")


def test_nothing_was_promoted_yet(add: Add, registry: Registry) -> None:
    add()
    with pytest.raises(NotAllowed, match="no version is champion of delays"):
        registry.rollback("delays")


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


def test_a_gate_that_cannot_judge_fails_and_stops_no_rollback(
    add: Add, registry: Registry
) -> None:
    for number in (1, 2):
        add()
        registry.promote(f"delays/{number}")
    policy('not-worse-than = "champion"', 'metric = "roc_auc"', 'groups = "week"')
    back = registry.rollback("delays")
    assert back.ref == "delays/1"
    assert any("week" in r.detail for r in back.results if r.passed is False)
    forced = registry.promote("delays/2", force=True, reason="an outage")
    assert forced.is_forced


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


def test_an_acknowledgement_counts_at_once(add: Add, registry: Registry) -> None:
    policy('skew = "within tolerance"')
    add()
    serving = flights(2_000, 7)[FEATURES]
    registry.check_skew("delays", serving.assign(distance=serving["distance"] * 1000))
    registry.acknowledge("delays", "distance", until="2999-01-01", reason="known")
    assert registry.promote("delays/1").ref == "delays/1"


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


def test_another_models_ref_is_no_target_of_a_rollback(
    add: Add, registry: Registry, model: Any
) -> None:
    for number in (1, 2):
        add()
        registry.promote(f"delays/{number}")
    with pytest.raises(NotFound, match="former champion 'arrivals/1'"):
        registry.rollback("delays", to="arrivals/1")


def test_limits_of_age_without_skew_ask_nothing_and_are_refused(
    add: Add, registry: Registry
) -> None:
    add()
    for line in ("skew-required = true", 'max-age = "7d"', "slice-margin = nan"):
        policy(line)
        with pytest.raises(UsageError):
            registry.gates("delays/1")


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
