"""Delivering events to webhooks: after the commit, in a thread, in order.

What was delivered is noted beside the registry, one small file per webhook. A process
that dies before it has delivered leaves the rest to whoever writes next; a message may
so arrive twice, with the same id.
"""

import json
import logging
import threading
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import urllib3

from nbmlops.errors import NbmlopsError
from nbmlops.registry.audit.events import Event, read_since
from nbmlops.registry.catalog import Catalog
from nbmlops.registry.hooks.message import body_of, headers_of
from nbmlops.registry.hooks.settings import Webhook
from nbmlops.registry.lock import hold

FOLDER = "webhooks"

_logger = logging.getLogger("nbmlops.webhooks")
_RETRIES = urllib3.Retry(
    total=4,
    redirect=0,
    backoff_factor=0.25,
    status_forcelist=(408, 425, 429, *range(500, 600)),
    allowed_methods=None,  # a message has an id: sending it again is harmless
    raise_on_redirect=False,
    raise_on_status=False,
)
_TIMEOUT = urllib3.Timeout(connect=3.0, read=10.0)
_LOCK_SECONDS = 120.0
_threads: dict[Path, threading.Thread] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """How far a webhook was told.

    Attributes
    ----------
    seq
        Of the newest event that it was told of, or that does not concern it.
    refused
        Events that it answered with an error that sending again would not mend.
    error
        Why the next one could not be delivered yet; "" if it could.
    """

    seq: int
    refused: tuple[int, ...] = ()
    error: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {**asdict(self), "refused": list(self.refused)}


def tell(
    catalog: Catalog, webhooks: Sequence[Webhook], events: Sequence[Event]
) -> None:
    """Start to deliver events that have just been committed; does not wait.

    Parameters
    ----------
    catalog
        The registry's.
    webhooks
        Whom to tell.
    events
        What was written. A webhook that is new begins with these.
    """
    before = _threads.get(catalog.folder)
    thread = threading.Thread(
        target=_deliver_after,
        args=(before, catalog, webhooks, events[0].seq - 1),
        name="nbmlops-webhooks",
    )
    _threads[catalog.folder] = thread
    thread.start()


def wait(folder: Path) -> None:
    """Wait until what this process began to deliver was delivered or given up."""
    thread = _threads.get(folder)
    if thread is not None:
        thread.join()


def delivered(folder: Path, webhook: Webhook) -> Delivered | None:
    """Read how far a webhook was told; None if it never was."""
    try:
        kept = json.loads(_state(folder, webhook).read_text(encoding="utf-8"))
        refused = tuple(int(seq) for seq in kept["refused"])
        return Delivered(seq=int(kept["seq"]), refused=refused, error=kept["error"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _deliver_after(
    before: threading.Thread | None,
    catalog: Catalog,
    webhooks: Sequence[Webhook],
    begin: int,
) -> None:
    """Deliver once the thread before has ended: events keep their order."""
    if before is not None:
        before.join()
    for webhook in webhooks:
        try:
            (catalog.folder / FOLDER).mkdir(exist_ok=True)
            with _alone(catalog.folder, webhook):
                _deliver(catalog, webhook, begin)
        except (NbmlopsError, OSError) as error:
            _logger.warning("%s could not be told: %s", webhook.host, error)


def _deliver(catalog: Catalog, webhook: Webhook, begin: int) -> None:
    state = delivered(catalog.folder, webhook)
    if state is None:  # noted before it is told, for whoever goes on if this ends
        state = Delivered(seq=begin)
        _write(catalog.folder, webhook, state)
    with catalog.reading() as unit:
        pending = read_since(unit, state.seq)
    with urllib3.PoolManager(retries=_RETRIES, timeout=_TIMEOUT) as pool:
        for event in pending:
            refused, error = state.refused, ""
            if webhook.hears(event.verb):
                error, is_final = _post(pool, webhook, event)
                if error and not is_final:
                    _write(catalog.folder, webhook, _failed(state, error))
                    return
                if error:
                    refused = (*refused, event.seq)
            state = Delivered(seq=event.seq, refused=refused, error=error)
            _write(catalog.folder, webhook, state)


def _failed(state: Delivered, error: str) -> Delivered:
    return Delivered(seq=state.seq, refused=state.refused, error=error)


def _post(
    pool: urllib3.PoolManager, webhook: Webhook, event: Event
) -> tuple[str, bool]:
    """Post one event; return what went wrong, and whether trying again is in vain."""
    body = body_of(event)
    try:
        headers = headers_of(
            event, body, secret=webhook.secret, sent_at=int(time.time())
        )
        answer = pool.request("POST", webhook.url, body=body, headers=headers)
    except NbmlopsError as error:
        return str(error), False
    except urllib3.exceptions.HTTPError as error:
        # Its text may hold the address, and that a secret.
        return f"{webhook.host}: {type(error).__name__}", False
    if 200 <= answer.status < 300:
        return "", True
    is_final = answer.status not in _RETRIES.status_forcelist
    _logger.warning(
        "%s answered %d to event %d", webhook.host, answer.status, event.seq
    )
    return f"{webhook.host} answered {answer.status}", is_final


def _alone(folder: Path, webhook: Webhook) -> AbstractContextManager[None]:
    """Keep other processes from delivering to the webhook at the same time."""
    lock = _state(folder, webhook).with_suffix(".lock")
    return hold(lock, timeout=_LOCK_SECONDS)


def _write(folder: Path, webhook: Webhook, state: Delivered) -> None:
    path = _state(folder, webhook)
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(state.to_dict()), encoding="utf-8")
    temporary.replace(path)


def _state(folder: Path, webhook: Webhook) -> Path:
    return folder / FOLDER / f"{webhook.key}.json"
