"""From events to the tables that only search reads: facts, packages and words."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from nbmlops.registry.audit.events import Event
from nbmlops.registry.installed import package_name
from nbmlops.registry.search.words import words_of
from nbmlops.registry.tables.values import pairs, version_key
from nbmlops.registry.unit import Unit

_ADD_FACT = """
insert into version_fact
values (
  $name, $number, $estimator, $target, $python, $environment, $git_commit, $git_dirty
)
"""
_ADD_REPORTED = """
insert into reported
select $name, $number, unnest($keys), unnest($values)
"""
_HAS_PACKAGES = "select 1 from package where environment = $environment limit 1"
_ADD_PACKAGES = """
insert into package
select $environment, unnest($keys), unnest($values)
"""
_ADD_ALL_WORDS = """
insert into search_text
select $name, $number, unnest($parts), unnest($words)
"""
_ADD_WORDS = "insert into search_text values ($name, $number, $part, $words)"
_SET_WORDS = """
update search_text
set words = $words
where name = $name and number = $number and part = $part
"""
_REGISTERED = """
select document
from model_version
where name = $name and number = $number
"""
_DROP_WORDS = """
delete from search_text
where name = $name and number = $number and part = $part
"""


def add_registered(unit: Unit, event: Event) -> None:
    """Write what a `register` event says that search asks for."""
    detail = event.detail
    source = detail["source"]
    python, packages = _environment(detail["environment"])
    environment = _digest(packages)
    unit.run(
        _ADD_FACT,
        **version_key(event),
        estimator=detail["estimator"],
        target=json.dumps(detail["target"], ensure_ascii=False),
        python=python,
        environment=environment,
        git_commit=source.get("git_commit"),
        git_dirty=source.get("git_dirty"),
    )
    if detail["reported"]:
        unit.run(_ADD_REPORTED, **version_key(event), **pairs(detail["reported"]))
    if packages and not unit.rows(_HAS_PACKAGES, environment=environment):
        unit.run(_ADD_PACKAGES, environment=environment, **pairs(packages))
    parts = {"": _own_words(version_key(event)["name"], detail)}
    for key, value in detail["tags"].items():
        parts[f"tag {key}"] = words_of(key, value)
    listed = {"parts": list(parts), "words": list(parts.values())}
    unit.run(_ADD_ALL_WORDS, **version_key(event), **listed)


def add_tagged(unit: Unit, event: Event) -> None:
    """Put the words of tags in the place of those that they had."""
    subject = version_key(event)
    for key, value in event.detail["tags"].items():
        part = f"tag {key}"
        if value is None:
            unit.run(_DROP_WORDS, **subject, part=part)
            continue
        words = words_of(key, value)
        if not unit.changed(_SET_WORDS, **subject, part=part, words=words):
            unit.run(_ADD_WORDS, **subject, part=part, words=words)


def add_noted(unit: Unit, event: Event) -> None:
    """Write the words of a note."""
    part, words = f"note {event.seq}", words_of(event.detail["text"])
    unit.run(_ADD_WORDS, **version_key(event), part=part, words=words)


def add_described(unit: Unit, event: Event) -> None:
    """Put the words of a description in the place of those of the one before."""
    subject = version_key(event)
    ((document,),) = unit.rows(_REGISTERED, **subject)
    words = _own_words(subject["name"], {**json.loads(document), **event.detail})
    unit.run(_SET_WORDS, **subject, part="", words=words)


def _own_words(name: str, detail: Mapping[str, Any]) -> str:
    """Give the words of what a registration says, but for its tags."""
    params = detail["params"]
    code = _code(detail["source"])
    return words_of(name, detail["description"], *code, *params, *params.values())


def _code(source: Mapping[str, Any]) -> list[str]:
    """Give the cells that made a version; of an older one, the last alone."""
    cells = source.get("cells")
    return [cell["code"] for cell in cells] if cells else [source.get("cell", "")]


def _environment(recorded: Mapping[str, Any]) -> tuple[str | None, dict[str, str]]:
    """Give Python's version, and each package's by the name that all spellings have."""
    packages = recorded.get("packages", {})
    named = {package_name(name): version for name, version in packages.items()}
    return recorded.get("python"), dict(sorted(named.items()))


def _digest(packages: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(packages).encode()).hexdigest()
