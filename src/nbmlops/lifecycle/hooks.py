"""How far each webhook was told of what happened."""

from dataclasses import dataclass
from typing import Any

from nbmlops.registry.hooks.delivery import delivered
from nbmlops.registry.hooks.settings import read_webhooks
from nbmlops.registry.place import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookStatus:
    """A webhook of the policy file, and how far it was told.

    Attributes
    ----------
    host
        Where messages go. The whole address may hold a secret, and is not shown.
    events
        The verbs that it is told of.
    delivered
        The newest event that it was told of, or that does not concern it; None if
        nothing has happened since it was added.
    refused
        Events that it refused for good.
    error
        Why the next event could not be delivered yet; it is tried again with the next
        change.
    """

    host: str
    events: tuple[str, ...]
    delivered: int | None
    refused: tuple[int, ...] = ()
    error: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "host": self.host,
            "events": list(self.events),
            "delivered": self.delivered,
            "refused": list(self.refused),
            "error": self.error,
        }


def webhooks(place: Place) -> list[WebhookStatus]:
    """List the webhooks in the order of the policy file."""
    return [
        WebhookStatus(
            host=webhook.host,
            events=tuple(sorted(webhook.verbs)),
            delivered=state.seq if state else None,
            refused=state.refused if state else (),
            error=state.error if state else "",
        )
        for webhook in read_webhooks(place.policy)
        for state in [delivered(place.folder, webhook)]
    ]
