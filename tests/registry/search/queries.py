"""Queries as values: written as text, and judged by plain Python."""

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from packaging.version import InvalidVersion, Version

from nbmlops.registry.records import ModelVersion
from nbmlops.registry.search.language import (
    Comparison,
    Joined,
    Name,
    Negation,
    Query,
    Value,
)

SIGNS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def written(query: Query) -> str:
    """Write a query as text that is parsed back to it."""
    if isinstance(query, Negation):
        return f"not ({written(query.part)})"
    if isinstance(query, Joined):
        return f" {query.word} ".join(f"({written(part)})" for part in query.parts)
    name = spelled(query.name)
    if query.operator in ("present", "missing"):
        return f"{name} is {query.operator}"
    values = [literal(value) for value in query.values]
    if query.operator.endswith("in"):
        return f"{name} {query.operator} ({', '.join(values)})"
    return f"{name} {query.operator} {values[0]}"


def spelled(name: Name) -> str:
    if name.key is None:
        return name.field
    return name.field + '."{}"'.format(name.key.replace('"', '""'))


def literal(value: Value) -> str:
    if isinstance(value.content, bool):
        return str(value.content).lower()
    if isinstance(value.content, float):
        return repr(value.content).replace("inf", "1e999")
    return "'{}'".format(value.content.replace("'", "''"))


class Judge:
    """What a query says of one version, found without any SQL.

    Parameters
    ----------
    version
        The version.
    verdicts
        Of its newest check, if it has one.
    datasets
        The digests of the frames it was seen with, and their names.
    """

    def __init__(
        self,
        version: ModelVersion,
        verdicts: Sequence[str],
        datasets: Sequence[tuple[str, str]],
    ) -> None:
        self.version = version
        self.datasets = datasets
        source = version.source
        packages = version.environment.get("packages", {})
        self.values: dict[str, Sequence[Any]] = {
            "name": [version.name],
            "number": [version.number],
            "version": [version.number],
            "ref": [version.ref],
            "created": [version.created_at.replace(tzinfo=None)],
            "author": [version.author],
            "description": [version.description] if version.description else [],
            "alias": version.aliases,
            "dataset": datasets,
            "verdict": verdicts,
            "task": [version.task],
            "target": version.target,
            "estimator": [version.estimator],
            "flavor": [version.flavor],
            "size": [version.size],
            "digest": [version.digest],
            "parent": [version.parent] if version.parent else [],
            "python": [
                version.environment[k] for k in version.environment if k == "python"
            ],
            "git_commit": [source[k] for k in source if k == "git_commit"],
            "git_dirty": [source[k] for k in source if k == "git_dirty"],
        }
        self.keyed: dict[str, Mapping[str, Any]] = {
            "metrics": version.metrics,
            "reported": version.reported,
            "params": version.params,
            "tags": version.tags,
            "packages": {
                re.sub(r"[-_.]+", "-", name).lower(): release
                for name, release in packages.items()
            },
        }

    def is_true(self, query: Query) -> bool:
        if isinstance(query, Negation):
            return not self.is_true(query.part)
        if isinstance(query, Joined):
            judged = [self.is_true(part) for part in query.parts]
            return all(judged) if query.word == "and" else any(judged)
        found = self.found(query.name)
        if query.operator in ("present", "missing"):
            return bool(found) == (query.operator == "present")
        if query.operator in ("!=", "not in"):
            return not self.fits(query, found, "=")
        return self.fits(
            query, found, "=" if query.operator == "in" else query.operator
        )

    def found(self, name: Name) -> Sequence[Any]:
        if name.field == "text":
            return []
        if name.key is None:
            return self.values[name.field]
        key = name.key
        if name.field == "packages":
            key = re.sub(r"[-_.]+", "-", key).lower()
        mapping = self.keyed[name.field]
        return [mapping[key]] if key in mapping else []

    def fits(self, query: Comparison, found: Sequence[Any], sign: str) -> bool:
        if query.name.field == "text":
            return self.has_words(str(query.values[0].content))
        return any(
            fits(query.name.field, one, sign, value)
            for one in found
            for value in query.values
        )

    def has_words(self, asked: str) -> bool:
        version = self.version
        tags = (text for pair in version.tags.items() for text in pair)
        params = (text for pair in version.params.items() for text in pair)
        cell = str(version.source.get("cell", ""))
        texts = (version.name, version.description, cell, *tags, *params)
        text = " ".join([*texts, *version.notes]).casefold()
        words = set(re.findall(r"[^\W_]+", text))
        return all(
            any(w.startswith(word[:-1]) for w in words)
            if word[-1] == "*"
            else word in words
            for word in re.findall(r"[^\W_]+\*?", asked.casefold())
        )


def fits(field: str, found: Any, sign: str, value: Value) -> bool:
    """Compare one value that was found with one that was written."""
    content = value.content
    if field == "dataset":
        digest, name = map(str, found)
        if sign == "~":
            return bool(str(content).lower() in name.lower())
        return name == content or digest.startswith(str(content).lower())
    if sign == "~":
        return bool(str(content).lower() in found.lower())
    if field in ("digest", "git_commit"):
        return bool(found.startswith(str(content).lower()))
    if field == "created":
        return _is_then(found, sign, str(content))
    if field in ("python", "packages"):
        return _is_release(found, sign, value.text)
    if field in ("tags", "params") and isinstance(content, bool):
        return SIGNS[sign](found.lower(), str(content).lower())
    if field in ("tags", "params") and isinstance(content, float):
        try:
            return SIGNS[sign](float(found), content)
        except ValueError:
            return False
    return SIGNS[sign](found, content)


def _is_then(found: datetime, sign: str, text: str) -> bool:
    if len(text) > len("2026-01-01"):
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            moment = moment.astimezone(UTC).replace(tzinfo=None)
        return SIGNS[sign](found, moment)
    day = date.fromisoformat(text)
    return SIGNS[sign](
        datetime.combine(found.date(), time()), datetime.combine(day, time())
    )


def _is_release(found: str, sign: str, text: str) -> bool:
    try:
        return SIGNS[sign](Version(found), Version(text))
    except InvalidVersion:
        return False
