"""Signed versions: a trusted key vouches for bytes, a bad signature for nothing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier

from nbmlops.api import Registry
from nbmlops.errors import GateFailed, Tampered, Untrusted
from nbmlops.registry.models.trust import trust_file, trust_toml
from tests.flights import FEATURES
from tests.registry.audit.test_events import edit

Add = Callable[..., Any]
LINE = "signature of the manifest"


@pytest.fixture
def forest(registry: Registry, train: pd.DataFrame) -> Registry:
    """A registry whose delays/1 holds compiled trees, which need a word of trust."""
    numbers = [name for name in FEATURES if train[name].dtype.kind in "if"]
    model = RandomForestClassifier(3, max_depth=2, random_state=0)
    model.fit(train[numbers], train["late"])
    registry.register(model, "delays", train=train[[*numbers, "late"]], target="late")
    registry.key(new=True)
    registry.sign("delays/1")
    trust_file().unlink()  # the reader did not register it
    return registry


def trust_key(registry: Registry) -> None:
    trust_toml().write_text(f'[trust]\nkeys = ["{registry.key().public}"]\n')


def test_what_a_trusted_key_signed_loads(forest: Registry) -> None:
    with pytest.raises(Untrusted):
        forest.load("delays/1")
    trust_key(forest)
    assert isinstance(forest.load("delays/1"), RandomForestClassifier)


def test_another_key_vouches_for_nothing(forest: Registry, tmp_path: Path) -> None:
    trust_toml().write_text(f'[trust]\nkeys = ["ed25519:{"A" * 43}="]\n')
    with pytest.raises(Untrusted):
        forest.load("delays/1")


def test_bytes_in_place_of_the_signed_ones_do_not_load(forest: Registry) -> None:
    """The tables name another digest, whose bytes are there: the signature tells."""
    trust_key(forest)
    place = forest._place
    evil = place.artifacts.put(b"a pickle that runs a command")
    good = forest.get("delays/1").digest
    edit(
        place,
        f"update model_version set digest = '{evil}', "
        f"document = replace(document, '{good}', '{evil}')",
    )
    with pytest.raises(Tampered, match="its digest is not what ed25519:"):
        forest.load("delays/1")


def test_the_gate_says_who_signed(add: Add, registry: Registry) -> None:
    add()

    def line() -> Any:
        return next(r for r in registry.gates("delays/1") if r.name == LINE)

    assert (line().passed, line().detail) == (None, "not signed")
    registry.key(new=True)
    registry.sign("delays/1")
    assert line().passed is None
    assert "whom you do not trust" in line().detail
    trust_key(registry)
    assert line().passed is True


def test_a_bad_signature_is_not_promoted(add: Add, registry: Registry) -> None:
    add()
    registry.key(new=True)
    registry.sign("delays/1")
    edit(registry._place, "update manifest_signature set signature = 'bm8='")
    with pytest.raises(GateFailed, match="does not fit"):
        registry.promote("delays/1")
