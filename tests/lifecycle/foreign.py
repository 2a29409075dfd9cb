"""Versions as an import would write them: bytes that were not registered here."""

import json
from typing import Any

from nbmlops.api import Registry
from nbmlops.registry.catalog import Catalog
from nbmlops.registry.place import Place, open_place
from tests.registry.conftest import add_version

IMPORTED = {"from": "elsewhere"}


def place_of(registry: Registry) -> Place:
    return open_place(registry.location, actor="eve@example.com")


def add_foreign(
    registry: Registry, data: bytes, *, flavor: str = "skops", **changed: Any
) -> str:
    """Keep bytes as the next version of delays, and return its ref."""
    place = place_of(registry)
    digest = place.artifacts.put(data)
    number = add_version(
        place.catalog, digest=digest, size=len(data), flavor=flavor, **changed
    )
    return f"delays/{number}"


def relabel(registry: Registry, ref: str, **changed: Any) -> None:
    """Edit what the table says of a version, as an attacker with the file would."""
    name, _, number = ref.partition("/")
    catalog: Catalog = place_of(registry).catalog
    with catalog.writing() as writer:
        [(text,)] = writer.unit.rows(
            "select document from model_version where name = $name and number = $n",
            name=name,
            n=int(number),
        )
        document = json.dumps({**json.loads(text), **changed})
        writer.unit.run(
            "update model_version set document = $d where name = $name and number = $n",
            d=document,
            name=name,
            n=int(number),
        )
