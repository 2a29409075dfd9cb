"""What a webhook is sent: what was decided, signed as Standard Webhooks ask."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from nbmlops.errors import UsageError
from nbmlops.registry.audit.events import Event
from nbmlops.registry.hooks.message import body_of, headers_of

DECIDED = {
    "alias": "champion",
    "number": 2,
    "previous": 1,
    "reason": "better",
    "forced": False,
    "results": [],
    "verdict": "within tolerance",
    "ok": True,
    "digest": "d" * 64,
    "task": "binary",
    "estimator": "LogisticRegression",
}


def event(**detail: Any) -> Event:
    return Event(
        seq=7,
        happened_at=datetime(2026, 1, 2, tzinfo=UTC),
        actor="ana",
        verb="promote",
        subject="delays/2",
        detail=detail,
        salt="s",
        previous="p",
        hash="msg_p5jXN8AQM9LWM0D4loKWxJek",
    )


def test_a_message_says_what_was_decided_and_nothing_else() -> None:
    told = event(**DECIDED, source={"path": "/home/ana"}, params={"C": "1"}, text="Jo")
    assert json.loads(body_of(told)) == {
        "type": "nbmlops.promote",
        "timestamp": "2026-01-02T00:00:00+00:00",
        "data": {
            "seq": 7,
            "actor": "ana",
            "verb": "promote",
            "subject": "delays/2",
            "hash": "msg_p5jXN8AQM9LWM0D4loKWxJek",
            **DECIDED,
        },
    }


def test_a_signature_is_that_of_the_standards_own_example() -> None:
    headers = headers_of(
        event(),
        b'{"test": 2432232314}',
        secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        sent_at=1614265330,
    )
    signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert headers["webhook-signature"] == signature


@pytest.mark.parametrize("secret", ["whsec_abc", "whsec_YWJj!!!!"])
def test_a_signing_key_that_was_mistyped_is_refused_and_not_shown(secret: str) -> None:
    with pytest.raises(UsageError, match="is not base64") as refused:
        headers_of(event(), b"{}", secret=secret, sent_at=0)
    assert secret.removeprefix("whsec_") not in str(refused.value)
