"""A registry folder with a few events in it, written without any model."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from nbmlops.refs import Ref
from nbmlops.registry.artifacts import Artifacts
from nbmlops.registry.catalog import Catalog
from nbmlops.registry.lookup import new_number
from nbmlops.registry.place import Place, open_place

ARTIFACT = b"a model"
DIGEST = hashlib.sha256(ARTIFACT).hexdigest()
PROMOTED = {"reason": "", "forced": False, "results": []}


def version_detail(**changed: Any) -> dict[str, Any]:
    """Give what a register event says of a version, as small as it may be."""
    detail: dict[str, Any] = {
        "description": "",
        "tags": {},
        "params": {"C": "1.0"},
        "reported": {},
        "task": "binary",
        "target": ["late"],
        "classes": [False, True],
        "signature": {"columns": [], "is_partial": True},
        "estimator": "LogisticRegression",
        "digest": DIGEST,
        "size": 10,
        "flavor": "skops",
        "profile": None,
        "parent": None,
        "source": {},
        "environment": {},
        "datasets": [],
        "attachments": {},
    }
    return {**detail, **changed}


def evaluation_detail(name: str, **metrics: float) -> dict[str, Any]:
    """Give what an evaluate event says of a version."""
    return {
        "evaluation": name,
        "digest": DIGEST,
        "rows": 9,
        "metrics": metrics,
        "dataset": "e" * 64,
        "slices": [],
        "groups": "",
        "latency_ms": 1.0,
        "notes": [],
    }


def add_version(catalog: Catalog, name: str = "delays", **changed: Any) -> int:
    """Write a register event for the next version and return its number."""
    with catalog.writing(create=True) as writer:
        Artifacts(catalog.folder).put(ARTIFACT)
        number = new_number(writer.unit, name)
        writer.write("register", f"{name}/{number}", version_detail(**changed))
        return number


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """An empty place."""
    return open_place(tmp_path / ".nbmlops", actor=None)


@pytest.fixture
def filled(place: Place) -> Place:
    """A place with delays/1 and delays/2, the first of them champion."""
    place.artifacts.put(ARTIFACT)
    add_version(place.catalog)
    add_version(place.catalog, tags={"team": "ops"})
    with place.catalog.writing() as writer:
        writer.move_alias(Ref("delays", number=1), "champion", "promote", PROMOTED)
    return place
