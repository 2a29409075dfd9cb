"""A bill of materials of a version: what it was made with, as CycloneDX 1.6.

It follows from the version alone, so that the same version gives the same text: the
serial number comes from the ref and the digest, the time is that of registration.
"""

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from nbmlops.display.markup import tag
from nbmlops.display.numbers import amount
from nbmlops.display.saving import save_text
from nbmlops.display.table import table
from nbmlops.display.theme import scoped
from nbmlops.errors import UsageError
from nbmlops.host import typed
from nbmlops.registry.records import ModelVersion


class BillOfMaterials(dict[str, Any]):
    """CycloneDX JSON as a dictionary, which prints as a sentence."""

    @property
    def ref(self) -> str:
        """The version that it is of."""
        model = self["metadata"]["component"]
        return f"{model['name']}/{model['version']}"

    def to_dict(self) -> dict[str, Any]:
        """Return it as a plain dictionary."""
        return dict(self)

    def __repr__(self) -> str:
        how = typed(f"sbom {self.ref} --out FILE")
        return f"{self._headline()}\n  {how} writes it as CycloneDX 1.6"

    def to_json(self) -> str:
        """Write it as it is exchanged."""
        return json.dumps(self, indent=2, ensure_ascii=False)

    def save(self, path: str | Path) -> Path:
        """Write the JSON into a file, and give its path."""
        return save_text(path, f"{self.to_json()}\n")

    def _headline(self) -> str:
        packages = sum("purl" in part for part in self["components"])
        return f"{self.ref} was made with {amount(packages, 'package')}"

    def _repr_html_(self) -> str:
        parts = self["components"]
        return scoped(
            tag("h2", self._headline()),
            table(
                ["Package", "Version"],
                [[part["name"], part.get("version", "")] for part in parts],
                fit=True,
                how="it is a dictionary: CycloneDX 1.6",
            ),
        )


def bill_of_materials(
    version: ModelVersion, *, out: str | Path | None = None
) -> BillOfMaterials:
    """List what a version was made with.

    Parameters
    ----------
    version
        With the environment that was recorded at registration.
    out
        A file to write it to as well.

    Returns
    -------
    BillOfMaterials
        The model with its digest, Python, and every distribution with its purl.

    Raises
    ------
    UsageError
        If cyclonedx-python-lib is not installed.
    """
    if find_spec("cyclonedx") is None:
        raise UsageError(
            "a bill of materials needs cyclonedx-python-lib, which is not installed",
            hint="pip install 'nbmlops[sbom]'",
        )
    from cyclonedx.model.bom import Bom, BomMetaData
    from cyclonedx.model.component import Component
    from cyclonedx.output.json import JsonV1Dot6

    model = _model(version)
    parts: list[Component] = _parts(version)
    bom = Bom(
        serial_number=uuid5(NAMESPACE_URL, f"models:/{version.ref}#{version.digest}"),
        metadata=BomMetaData(component=model, timestamp=version.created_at),
        components=parts,
    )
    bom.register_dependency(model, parts)
    found = BillOfMaterials(json.loads(JsonV1Dot6(bom).output_as_string()))
    if out is not None:
        found.save(out)
    return found


def _model(version: ModelVersion) -> Any:
    from cyclonedx.model import HashAlgorithm, HashType, Property
    from cyclonedx.model.component import Component, ComponentType

    told = {
        "author": version.author,
        "estimator": version.estimator,
        "flavor": version.flavor,
        "task": version.task,
        "git_commit": str(version.source.get("git_commit", "")),
    }
    return Component(
        type=ComponentType.MACHINE_LEARNING_MODEL,
        bom_ref=f"models:/{version.ref}",
        name=version.name,
        version=str(version.number),
        description=version.description or None,
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=version.digest)],
        properties=[
            Property(name=f"nbmlops:{key}", value=value)
            for key, value in told.items()
            if value
        ],
    )


def _parts(version: ModelVersion) -> list[Any]:
    from cyclonedx.model.component import Component, ComponentType
    from packageurl import PackageURL

    python = Component(
        type=ComponentType.PLATFORM,
        bom_ref="python",
        name="python",
        version=version.environment.get("python"),
        description=version.environment.get("platform"),
    )
    parts = [python] if version.environment.get("python") else []
    for name, number in sorted(version.environment.get("packages", {}).items()):
        # A purl of PyPI has dashes and small letters, whatever the folder is called.
        purl = PackageURL("pypi", name=name.replace("_", "-").lower(), version=number)
        parts.append(
            Component(
                bom_ref=str(purl), name=purl.name, version=number or None, purl=purl
            )
        )
    return parts
