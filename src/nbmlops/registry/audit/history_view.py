"""The history as a timeline: what stood where, and each day's events with their detail.

It is made of tables and folds, so that it reads the same where style is stripped.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from nbmlops.display import numbers
from nbmlops.display.markup import Markup, join, tag
from nbmlops.display.table import (
    code,
    definitions,
    details,
    fold,
    folds,
    more,
    table,
    unbroken,
)
from nbmlops.display.theme import scoped
from nbmlops.registry.audit.events import Event
from nbmlops.registry.view import BEFORE, history_table, told

MOST_EVENTS = 100
_MOST_DETAIL = 2_000
_MOVES = frozenset({"promote", "rollback", "retire", "alias", "unalias"})


class Stay(NamedTuple):
    """How long a version held an alias."""

    alias: str
    ref: str
    since: Event
    until: Event | None

    def seconds(self, now: datetime) -> float:
        """Count for how long, until now if it holds the alias still."""
        end = self.until.happened_at if self.until else now
        return (end - self.since.happened_at).total_seconds()


def stays(events: Iterable[Event]) -> list[Stay]:
    """Say which version held which alias, since when and until when.

    Parameters
    ----------
    events
        Newest first, as `history` gives them.

    Returns
    -------
    list of Stay
        The newest first; `until` is None for what holds it now.
    """
    found: list[Stay] = []
    ended: dict[tuple[str, str], Event] = {}
    for event in events:
        if event.verb not in _MOVES:
            continue
        name = event.subject.partition("/")[0]
        key = name, event.detail["alias"]
        if event.detail["number"] is not None:
            ref = f"{name}/{event.detail['number']}"
            found.append(Stay(key[1], ref, event, ended.get(key)))
        ended[key] = event
    return found


def history_html(
    events: Sequence[Event], now: datetime, earlier: Sequence[Event] = ()
) -> Markup:
    """Show a history in a notebook: as a table, and folded as a timeline.

    Parameters
    ----------
    events
        Newest first.
    now
        As in `timeline`.
    earlier
        Those of before an import.

    Returns
    -------
    Markup
        One output.
    """
    if not events:
        return scoped(history_table(events))
    answer = f"since {numbers.moment(events[-1].happened_at)}, day by day"
    return scoped(
        history_table(events),
        folds(fold("Timeline", answer, timeline(events, now))),
        history_table(earlier, BEFORE.capitalize()) if earlier else None,
    )


def timeline(events: Sequence[Event], now: datetime) -> Markup:
    """Lay events out by day, newest first, each with all that it says.

    Parameters
    ----------
    events
        Newest first.
    now
        Until when what holds an alias has held it.

    Returns
    -------
    Markup
        Folds, for inside of `scoped`.
    """
    shown = events[:MOST_EVENTS]
    rest = len(events) - len(shown)
    days = groupby(shown, key=lambda event: event.happened_at.date())
    return join(
        stays_table(stays(events), now),
        folds(
            *(
                _day(f"{day:%A, %-d %B %Y}", list(of_day), is_open=not index)
                for index, (day, of_day) in enumerate(days)
            )
        ),
        tag("p", more(rest)) if rest else None,
    )


def stays_table(found: Sequence[Stay], now: datetime) -> Markup | None:
    """Show who held what; None where nothing ever did."""
    if not found:
        return None
    rows = [
        [
            stay.alias,
            stay.ref,
            unbroken(numbers.moment(stay.since.happened_at)),
            unbroken(numbers.moment(stay.until.happened_at)) if stay.until else "now",
            numbers.duration(stay.seconds(now)),
            stay.since.actor,
            stay.since.detail.get("reason", ""),
        ]
        for stay in found
    ]
    headers = ["Alias", "Held by", "Since (UTC)", "Until (UTC)", "For", "By", "Why"]
    return table(headers, rows)


def _day(title: str, events: list[Event], *, is_open: bool) -> Markup:
    answer = numbers.amount(len(events), "event")
    return fold(title, answer, map(_entry, events), is_open=is_open)


def _entry(event: Event) -> Markup:
    line = join(
        unbroken(f"{event.happened_at:%H:%M:%S}"),
        "  ",
        tag("b", event.verb),
        f" {event.subject}  ",
        told(event),
    )
    return details(line, definitions(_facts(event)))


def _facts(event: Event) -> Iterator[tuple[str, Markup | str]]:
    yield "by", event.actor
    yield "event", join(f"{event.seq}, ", code(event.hash))
    text = json.dumps(event.detail, indent=1, sort_keys=True, ensure_ascii=False)
    yield "detail", tag("pre", text[:_MOST_DETAIL])
