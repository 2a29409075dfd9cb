"""What a webhook is sent: a small message, signed as the Standard Webhooks ask.

See https://www.standardwebhooks.com: the signature is over id, time and body, so that
a receiver can tell who sent it and refuse one that is sent to it again.
"""

import base64
import binascii
import hashlib
import hmac
import json
from typing import Any

from nbmlops.errors import UsageError
from nbmlops.registry.audit.events import Event

_PREFIX = "whsec_"
# What an event says of code, people's machines and data stays in the registry.
_SENT = (
    "alias",
    "number",
    "previous",
    "reason",
    "forced",
    "results",
    "verdict",
    "ok",
    "digest",
    "task",
    "estimator",
)


def body_of(event: Event) -> bytes:
    """Write an event as the message's body.

    Parameters
    ----------
    event
        The event.

    Returns
    -------
    bytes
        JSON: `type`, `timestamp`, and `data` with the event's line of the audit trail
        and those parts of its detail that say what was decided.
    """
    detail = {key: event.detail[key] for key in _SENT if key in event.detail}
    message: dict[str, Any] = {
        "type": f"nbmlops.{event.verb}",
        "timestamp": event.happened_at.isoformat(),
        "data": {
            "seq": event.seq,
            "actor": event.actor,
            "verb": event.verb,
            "subject": event.subject,
            "hash": event.hash,
            **detail,
        },
    }
    return json.dumps(message, ensure_ascii=False).encode()


def headers_of(
    event: Event, body: bytes, *, secret: str, sent_at: int
) -> dict[str, str]:
    """Sign a message.

    Parameters
    ----------
    event, body
        The event, and the body made of it.
    secret
        The signing key: any text, or `whsec_` and base64.
    sent_at
        Now, in whole seconds since 1970.

    Returns
    -------
    dict
        The headers; `webhook-id` is the event's hash, the same however often it is
        sent.
    """
    signed = b".".join((event.hash.encode(), str(sent_at).encode(), body))
    mac = hmac.new(_key(secret), signed, hashlib.sha256).digest()
    return {
        "content-type": "application/json",
        "webhook-id": event.hash,
        "webhook-timestamp": str(sent_at),
        "webhook-signature": f"v1,{base64.b64encode(mac).decode()}",
    }


def _key(secret: str) -> bytes:
    if not secret.startswith(_PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        raise UsageError(
            f"the signing key begins with {_PREFIX} and is not base64 after it",
            hint="set it as it was given to you",
        ) from None
