"""Which policy file decides, and how results, errors and events say so."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nbmlops.api import Registry, open_registry
from nbmlops.errors import GateFailed, UsageError

Add = Callable[..., Any]
TEXT = '[gate.champion]\nrequire = ["description"]\n'


@pytest.fixture(autouse=True)
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "nbmlops.toml"
    path.write_text(TEXT)
    return path


def test_results_errors_and_events_name_the_file(
    add: Add, registry: Registry, policy: Path
) -> None:
    add()
    with pytest.raises(GateFailed, match=r"2 passed \(nbmlops\.toml\)") as refused:
        registry.promote("delays/1")
    assert len(str(refused.value).splitlines()) <= 3
    assert {r.name: r.policy for r in registry.gates("delays/1")} == {
        "digest and loading": "",
        "signature": "",
        "signature of the manifest": "",
        "description": "nbmlops.toml",
    }
    promotion = registry.promote("delays/1", force=True, reason="an outage")
    digest = hashlib.sha256(TEXT.encode()).hexdigest()
    assert promotion.policy == promotion.to_dict()["policy"] == "nbmlops.toml"
    assert registry.history()[0].detail["policy"] == {
        "file": "nbmlops.toml",
        "digest": digest,
    }
    for shown in (repr(promotion), promotion._repr_html_()):
        assert f"Policy: nbmlops.toml ({digest[:10]})" in shown


def test_no_file_is_said_too(add: Add, registry: Registry, policy: Path) -> None:
    policy.unlink()
    add()
    promotion = registry.promote("delays/1")
    assert (promotion.policy, promotion.event.detail["policy"]) == ("", None)
    assert "no nbmlops.toml, so only the integrity gates apply" in repr(promotion)


def test_the_file_beside_the_registry_decides_wherever_the_user_is(
    add: Add, registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "nbmlops.toml").write_text("")
    monkeypatch.chdir(elsewhere)
    with pytest.raises(GateFailed, match="description"):
        open_registry(registry.location).promote("delays/1")


def test_a_file_further_away_is_named_from_the_project(
    tmp_path: Path, model: Any, train: Any
) -> None:
    registry = open_registry(tmp_path / "models" / ".nbmlops")
    registry.register(model, "delays", train=train, target="late")
    assert registry.gates("delays/1")[-1].policy == "../nbmlops.toml"


def test_a_policy_that_cannot_be_read_stops_a_promotion_and_no_rollback(
    add: Add, registry: Registry, policy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2, 3):
        add(description="with one")
        registry.promote(f"delays/{number}")
    policy.write_text("[gate.champion\n")
    with pytest.raises(UsageError, match="not valid TOML"):
        registry.promote("delays/1")
    back = registry.rollback("delays")
    (shown,) = [r for r in back.results if r.name == "policy"]
    assert shown.passed is False
    assert "not valid TOML" in shown.detail
    assert (back.ref, back.policy) == ("delays/2", "nbmlops.toml")
    assert "Policy: nbmlops.toml (not read)" in repr(back)

    def denied(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(self))

    with monkeypatch.context() as patch:
        original = Path.read_bytes
        patch.setattr(
            Path, "read_bytes", lambda p: denied(p) if p == policy else original(p)
        )
        with pytest.raises(UsageError, match="cannot be read: Permission denied"):
            registry.promote("delays/3")
        with pytest.warns(UserWarning, match="no webhook is told"):
            assert registry.rollback("delays").ref == "delays/1"
