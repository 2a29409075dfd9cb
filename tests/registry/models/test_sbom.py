"""The bill of materials: what the version says, and nothing of here and now."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nbmlops.api import Registry
from nbmlops.errors import UsageError
from nbmlops.registry.models import sbom

PACKAGES = {"scikit_learn": "1.9.1", "Jinja2": "3.1", "ruamel.yaml": "0.18"}


@pytest.fixture
def bill(
    registry: Registry, add: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> sbom.BillOfMaterials:
    told = {"python": "3.12.1", "platform": "Linux", "packages": PACKAGES}
    monkeypatch.setattr("nbmlops.lifecycle.register.context.environment", lambda: told)
    add(description="late <b>or</b> not")
    return registry.sbom("delays/1")


def test_it_names_the_model_and_its_digest(
    registry: Registry, bill: dict[str, Any]
) -> None:
    model = bill["metadata"]["component"]
    version = registry.get("delays/1")
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert model["type"] == "machine-learning-model"
    assert (model["name"], model["version"]) == ("delays", "1")
    assert model["hashes"] == [{"alg": "SHA-256", "content": version.digest}]


def test_it_lists_every_package_by_its_purl(bill: dict[str, Any]) -> None:
    purls = {part.get("purl") for part in bill["components"]}
    assert purls == {
        None,  # Python itself
        "pkg:pypi/jinja2@3.1",
        "pkg:pypi/ruamel-yaml@0.18",
        "pkg:pypi/scikit-learn@1.9.1",
    }
    [needs] = [d for d in bill["dependencies"] if d["ref"] == "models:/delays/1"]
    assert len(needs["dependsOn"]) == 4


def test_it_is_the_same_each_time_in_a_file_too(registry: Registry, bill: Any) -> None:
    again = registry.sbom("delays/1", out="bom.json")
    assert again.to_json() == bill.to_json()
    text = Path("bom.json").read_text(encoding="utf-8")
    assert json.loads(text) == bill == again.to_dict()


def test_it_prints_as_a_sentence_that_says_how_to_have_it_all(bill: Any) -> None:
    assert repr(bill).splitlines() == [
        "delays/1 was made with 3 packages",
        "  %mlops sbom delays/1 --out FILE writes it as CycloneDX 1.6",
    ]


def test_it_shows_as_a_table_with_everything_escaped(bill: Any) -> None:
    html = bill._repr_html_()
    assert "delays/1 was made with 3 packages" in html
    assert "scikit-learn" in html
    assert "<b>" not in html


def test_without_the_library_it_says_what_to_install(
    registry: Registry, add: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    add()
    monkeypatch.setattr(sbom, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"nbmlops\[sbom\]"):
        registry.sbom("delays/1")
