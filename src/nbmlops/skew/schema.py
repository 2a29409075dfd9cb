"""The JSON Schema of a report, made from the types that a report is made of.

`python -m nbmlops.skew.schema src/nbmlops/skew/report.schema.json` writes it; a test
compares, and validates reports with sections of every kind.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from inspect import getdoc
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from nbmlops.skew import report
from nbmlops.skew.repair import steps
from nbmlops.skew.report import ColumnSkew, SkewReport
from nbmlops.skew.section_kinds import KINDS
from nbmlops.skew.storing import SCHEMA
from nbmlops.skew.windows.since import How

DIALECT = "https://json-schema.org/draft/2020-12/schema"
TITLE = "A skew check's report, as SkewReport.to_dict() and to_json() write it"
_PLAIN = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    NoneType: "null",
}
_STEPS = {
    named.__forward_arg__: getattr(steps, named.__forward_arg__)
    for named in get_args(steps.Step)
}
# Names that the modules of sections know for type checkers only.
_NAMES = {"Bar": report.Bar, "Verdict": report.Verdict, "How": How, **_STEPS}


def report_schema() -> dict[str, Any]:
    """Describe what `SkewReport.to_dict` gives, and `nbmlops skew --json` prints.

    Returns
    -------
    dict
        A JSON Schema (2020-12) in which every field is required, and no other allowed.
    """
    made = _Schemas()
    hints = get_type_hints(SkewReport, localns=_NAMES)
    told = _told(SkewReport)
    properties: dict[str, Any] = {
        "schema": {"const": SCHEMA, "description": "The version of this form."},
        "ok": {"type": "boolean", "description": "Whether nothing fails."},
        **{name: made.of(hints[name]) for name in hints if name not in _SHAPED},
        "columns": {"type": "array", "items": made.of(ColumnSkew)},
        "sections": _object({key: made.of(kind) for key, kind in KINDS.items()}, ()),
    }
    described = {
        name: {**schema, "description": told[name]} if name in told else schema
        for name, schema in properties.items()
    }
    return {
        "$schema": DIALECT,
        "title": TITLE,
        **_object(described, described),
        "$defs": dict(sorted(made.found.items())),
    }


_SHAPED = ("columns", "sections")  # lists and objects of their own form in JSON


class _Schemas:
    """Turns types into schemas, and keeps those of classes by name."""

    def __init__(self) -> None:
        self.found: dict[str, dict[str, Any]] = {}

    def of(self, kind: Any) -> dict[str, Any]:
        """Give the schema of one type."""
        if kind in _PLAIN:
            return {"type": _PLAIN[kind]}
        if is_dataclass(kind):
            return self._reference(kind)
        origin, inner = get_origin(kind), get_args(kind)
        if origin is Literal:
            return {"enum": list(inner)}
        if origin in (Union, UnionType):
            return {"anyOf": [self.of(one) for one in inner]}
        if origin is tuple and inner[-1] is not Ellipsis:
            return {
                "type": "array",
                "prefixItems": [self.of(one) for one in inner],
                "minItems": len(inner),
                "maxItems": len(inner),
            }
        if origin is tuple:
            return {"type": "array", "items": self.of(inner[0])}
        if origin is Mapping:
            return {"type": "object", "additionalProperties": self.of(inner[1])}
        raise TypeError(f"{kind!r} has no schema yet")

    def _reference(self, kind: Any) -> dict[str, Any]:
        name = kind.__name__
        if name not in self.found:
            self.found[name] = {}  # it may name itself
            hints = get_type_hints(kind, localns=_NAMES)
            told = _told(kind)
            properties: dict[str, Any] = {}
            if name in _STEPS:
                properties["step"] = {"const": name}
            for field in fields(kind):
                properties[field.name] = self.of(hints[field.name])
                if field.name in told:
                    properties[field.name]["description"] = told[field.name]
            says = (getdoc(kind) or "").partition("\n")[0]
            self.found[name] = {"description": says, **_object(properties, properties)}
        return {"$ref": f"#/$defs/{name}"}


def _object(properties: Mapping[str, Any], required: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
    }


def _told(kind: Any) -> dict[str, str]:
    """Read what a class's docstring says of each attribute."""
    _, _, block = (getdoc(kind) or "").partition("\nAttributes\n----------\n")
    found: dict[str, list[str]] = {}
    names: list[str] = []
    for line in block.splitlines():
        if line and not line.startswith(" "):
            names = line.split(", ")
        for name in names if line.startswith(" ") else ():
            found.setdefault(name, []).append(line.strip())
    return {name: " ".join(lines) for name, lines in found.items()}


def main(path: Path) -> None:
    """Write the schema into a file."""
    text = json.dumps(report_schema(), indent=2, ensure_ascii=False)
    path.write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
