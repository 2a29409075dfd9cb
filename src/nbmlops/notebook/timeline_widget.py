"""The history as a widget: a timeline to filter, to zoom, and to ask for details.

The front end is `timeline_widget.js`. All that it shows travels once, so it needs no
kernel afterwards: what is long is cut here, and the history itself has the rest.
"""

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from nbmlops.display.text import clean
from nbmlops.display.theme import STYLE
from nbmlops.registry.audit.history_view import stays
from nbmlops.registry.view import told
from nbmlops.skew.report import FAILING

if TYPE_CHECKING:
    from nbmlops.lifecycle.browse import History
    from nbmlops.registry.audit.events import Event

MOST_EVENTS = 2_000
MOST_STAYS = 200
_MOST_DETAIL = 2_000  # characters of one event
_MOST_DETAILS = 400_000  # and of all of them
_STILL = "The timeline to filter and zoom needs a kernel: run the cell again."


class TimelineWidget(anywidget.AnyWidget):
    """Events along time, one lane for each verb, and who held which alias.

    Parameters
    ----------
    history
        What is shown.
    twin
        The key of the static report that this closes.
    """

    _esm = Path(__file__).with_suffix(".js")

    look = traitlets.Unicode().tag(sync=True)
    headline = traitlets.Unicode().tag(sync=True)
    events: traitlets.List[Any] = traitlets.List().tag(sync=True)
    stays: traitlets.List[Any] = traitlets.List().tag(sync=True)
    left_out = traitlets.Int().tag(sync=True)
    twin = traitlets.Unicode().tag(sync=True)

    def __init__(self, history: "History", *, twin: str = "") -> None:
        super().__init__(
            look=str(STYLE),
            headline=history.headline,
            events=list(_events(history.events[:MOST_EVENTS])),
            stays=list(islice(_stays(history.events), MOST_STAYS)),
            left_out=max(0, len(history) - MOST_EVENTS),
            twin=twin,
        )

    def __repr__(self) -> str:
        """Say what a host that draws no widgets should show in its place."""
        return _STILL


def _events(events: Sequence["Event"]) -> Iterator[dict[str, Any]]:
    """Write events for the front end, newest first; older details may not fit."""
    room = _MOST_DETAILS
    for event in events:
        detail = json.dumps(event.detail, indent=1, sort_keys=True, ensure_ascii=False)
        detail = detail[: min(_MOST_DETAIL, room)]
        room -= len(detail)
        yield {
            "seq": event.seq,
            "at": event.happened_at.isoformat(timespec="milliseconds"),
            "verb": event.verb,
            "on": event.subject,
            "by": event.actor,
            "told": clean(told(event)),
            "hash": event.hash,
            "detail": detail,
            "grave": _is_grave(event),
        }


def _stays(events: Sequence["Event"]) -> Iterator[dict[str, Any]]:
    for stay in stays(events):
        yield {
            "alias": stay.alias,
            "ref": stay.ref,
            "since": stay.since.happened_at.isoformat(timespec="milliseconds"),
            "until": stay.until
            and stay.until.happened_at.isoformat(timespec="milliseconds"),
        }


def _is_grave(event: "Event") -> bool:
    """Tell whether a promotion was forced, or a check has found something."""
    return bool(event.detail.get("forced")) or event.detail.get("verdict") in FAILING
