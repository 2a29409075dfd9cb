"""No output outgrows a notebook: each view is cut, and says how the rest is seen."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from nbmlops.display.theme import LIMIT
from nbmlops.gate.results import GateResult, Promotion
from nbmlops.lifecycle.browse import History
from nbmlops.lifecycle.card import Card
from nbmlops.lifecycle.status import Attention, Status
from nbmlops.registry.audit.events import Event
from nbmlops.registry.audit.verification import Verification
from nbmlops.registry.records import ModelVersion
from nbmlops.registry.view import version_html, version_text
from nbmlops.verbs.listing import showable

NOW = datetime(2026, 11, 24, tzinfo=UTC)
LONG = "a reason \N{SNOWMAN} <b>" * 20_000


def event(seq: int, **detail: Any) -> Event:
    return Event(
        seq=seq,
        happened_at=NOW,
        actor="ana@example.com",
        verb="note",
        subject="delays/1",
        detail={"text": LONG[:2_000], **detail},
        salt="",
        previous="",
        hash="0" * 64,
    )


class LongVersion(SimpleNamespace):
    """What a version says, and too much of it."""

    def __repr__(self) -> str:
        return version_text(cast(ModelVersion, self))

    def _repr_html_(self) -> str:
        return version_html(cast(ModelVersion, self))


def long_version(short: ModelVersion) -> LongVersion:
    said = {
        name: getattr(short, name)
        for name, value in vars(ModelVersion).items()
        if isinstance(value, property)
    }
    too_much = {
        "notes": tuple(f"note {n} {LONG[:3_000]}" for n in range(300)),
        "tags": {f"tag{n}": LONG[:500] for n in range(400)},
        "description": LONG,
        "aliases": tuple(f"alias{n}" for n in range(200)),
        "params": {f"p{n}": LONG[:500] for n in range(3_000)},
        "source": {"cell": LONG, "command": LONG},
        "reported": {f"metric{n}": 0.5 for n in range(5_000)},
        "attachments": {f"file{n}": "0" * 64 for n in range(5_000)},
    }
    return LongVersion(**{**said, **too_much})


def many_models() -> Status:
    model = SimpleNamespace(
        versions=3, newest=3, aliases={f"a{n}": n for n in range(50)}, created_at=NOW
    )
    models: Any = tuple(
        SimpleNamespace(name=f"model{n}", **vars(model)) for n in range(1_000)
    )
    attention = tuple(
        Attention(model=f"model{n}", why="no version is champion", hint="promote")
        for n in range(1_000)
    )
    return Status(
        location=Path("x"), exists=True, models=models, checks={}, attention=attention
    )


def forced() -> Promotion:
    return Promotion(
        ref="delays/2",
        alias="champion",
        previous=None,
        results=(GateResult(name="skew", passed=False, detail=LONG),),
        event=event(9, reason=LONG, policy=None),
        is_forced=True,
    )


def damaged() -> Verification:
    return Verification(
        problems=tuple(LONG for _ in range(300)),
        orphans=(),
        head="",
        events=1,
        artifacts=1,
    )


VIEWS: dict[str, Callable[[ModelVersion], Any]] = {
    "version": long_version,
    "card": lambda short: Card(version=cast(ModelVersion, long_version(short))),
    "status": lambda _: many_models(),
    "promotion": lambda _: forced(),
    "history": lambda _: History(tuple(event(n) for n in range(10_000)), None),
    "verification": lambda _: damaged(),
    "models": lambda _: showable("models", list(many_models().models)),
    "versions": lambda short: showable("versions", [long_version(short)] * 2_000),
}


@pytest.mark.parametrize("name", VIEWS)
def test_no_view_outgrows_a_notebook(
    name: str, add: Callable[..., ModelVersion]
) -> None:
    shown = VIEWS[name](add())
    assert len(shown._repr_html_().encode()) < LIMIT


@pytest.mark.parametrize("name", sorted(set(VIEWS) - {"promotion", "verification"}))
def test_no_text_outgrows_a_few_screens(
    name: str, add: Callable[..., ModelVersion]
) -> None:
    assert len(repr(VIEWS[name](add()))) < 30_000


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("status", "and 980 more: %mlops models"),
        ("version", "and 297 more: %mlops history delays"),
        ("history", "more: assign it, and call its to_dict() or to_frame()"),
        ("models", "and 980 more: assign it, and call its to_dict() or to_frame()"),
    ],
)
def test_a_view_that_is_cut_says_how_the_rest_is_seen(
    name: str, said: str, add: Callable[..., ModelVersion]
) -> None:
    shown = VIEWS[name](add())
    assert said in shown._repr_html_()
    assert said in " ".join(repr(shown).split())
