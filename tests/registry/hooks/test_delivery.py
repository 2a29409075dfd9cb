"""Webhooks: signed, in order, tried again, and never in the way of a change."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from sklearn.linear_model import LogisticRegression

from nbmlops.api import Registry
from nbmlops.errors import UsageError
from nbmlops.registry.hooks import delivery

SECRET = "a key that nobody guesses"


class Receiver:
    """A server on loopback that answers what it is told to, and keeps what it got."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        self.may_answer = threading.Event()
        self.may_answer.set()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.may_answer.wait()
                status = receiver.answers.pop(0) if receiver.answers else 204
                if status < 300:
                    headers = {k.lower(): v for k, v in self.headers.items()}
                    receiver.got.append((headers, body))
                self.send_response(status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/hook?token=hidden"

    @property
    def told(self) -> list[tuple[str, str]]:
        data = [json.loads(body)["data"] for _, body in self.got]
        return [(item["verb"], item["subject"]) for item in data]

    def close(self) -> None:
        self.may_answer.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setenv("HOOK_KEY", SECRET)
    found = Receiver()
    yield found
    found.close()


@pytest.fixture
def told(registry: Registry, receiver: Receiver) -> Iterator[Registry]:
    """A registry with a model, whose next events are told to the receiver."""
    registry.register(LogisticRegression().fit([[0.0], [1.0]], [0, 1]), "m")
    ask(receiver.url, events='["note", "alias"]')
    yield registry
    receiver.may_answer.set()
    delivery.wait(registry.location)


def ask(url: str, *, events: str, secret: str = "HOOK_KEY") -> None:
    Path("nbmlops.toml").write_text(
        f'[[webhook]]\nurl = "{url}"\nsecret-env = "{secret}"\nevents = {events}\n'
    )


def test_a_webhook_hears_of_its_events_in_order(
    told: Registry, receiver: Receiver
) -> None:
    told.note("m/1", "one")
    told.tag("m/1", team="ops")
    told.alias("m/1", "shadow")
    delivery.wait(told.location)
    assert receiver.told == [("note", "m/1"), ("alias", "m/1")]
    (status,) = told.webhooks()
    assert (status.delivered, status.refused, status.error) == (5, (), "")


def test_the_message_is_signed_and_named_by_the_events_hash(
    told: Registry, receiver: Receiver
) -> None:
    event = told.note("m/1", "one")
    delivery.wait(told.location)
    ((headers, body),) = receiver.got
    assert headers["webhook-id"] == event.hash
    signed = f"{event.hash}.{headers['webhook-timestamp']}.".encode() + body
    mac = hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(mac).decode()}"


def test_what_the_registry_knows_of_people_and_code_is_not_sent(
    told: Registry, receiver: Receiver
) -> None:
    told.note("m/1", "ask Jo at home")
    delivery.wait(told.location)
    assert b"Jo" not in receiver.got[0][1]


def test_a_change_does_not_wait_for_the_receiver(
    told: Registry, receiver: Receiver
) -> None:
    receiver.may_answer.clear()
    told.note("m/1", "one")  # would never return if it waited
    assert told.get("m/1").notes == ("one",)
    assert receiver.told == []
    receiver.may_answer.set()
    delivery.wait(told.location)
    assert receiver.told == [("note", "m/1")]


def test_a_receiver_that_is_busy_is_tried_again(
    told: Registry, receiver: Receiver
) -> None:
    receiver.answers = [503, 429]
    told.note("m/1", "one")
    delivery.wait(told.location)
    assert receiver.told == [("note", "m/1")]


def test_an_event_that_could_not_be_told_is_told_with_the_next(
    told: Registry, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HOOK_KEY")
    told.note("m/1", "one")
    delivery.wait(told.location)
    (status,) = told.webhooks()
    assert "$HOOK_KEY is not set" in status.error
    assert receiver.told == []
    monkeypatch.setenv("HOOK_KEY", SECRET)
    told.alias("m/1", "shadow")
    delivery.wait(told.location)
    assert receiver.told == [("note", "m/1"), ("alias", "m/1")]


def test_what_is_refused_for_good_does_not_hold_up_the_rest(
    told: Registry, receiver: Receiver
) -> None:
    receiver.answers = [400]
    refused = told.note("m/1", "one")
    told.note("m/1", "two")
    delivery.wait(told.location)
    assert receiver.told == [("note", "m/1")]
    assert told.webhooks()[0].refused == (refused.seq,)


def test_a_redirect_is_not_followed(told: Registry, receiver: Receiver) -> None:
    receiver.answers = [307]
    told.note("m/1", "one")
    delivery.wait(told.location)
    assert receiver.told == []
    assert "answered 307" in told.webhooks()[0].error


def test_the_address_is_not_shown_since_it_may_hold_a_secret(
    told: Registry, receiver: Receiver
) -> None:
    receiver.answers = [400]
    told.note("m/1", "one")
    delivery.wait(told.location)
    kept = "".join(p.read_text() for p in told.location.glob("webhooks/*.json"))
    assert "hidden" not in repr(told.webhooks()) + kept


@pytest.mark.parametrize(
    ("url", "events", "secret", "named"),
    [
        ("http://example.com/", '["note"]', "KEY", "url cannot be"),
        ("ftp://127.0.0.1/", '["note"]', "KEY", "url cannot be"),
        ("https://", '["note"]', "KEY", "url cannot be"),
        ("https://example.com/", '["notes"]', "KEY", "no event has the verb 'notes'"),
        ("https://example.com/", "[]", "KEY", "events cannot be"),
        ("https://example.com/", '["note"]', "a key", "secret-env cannot be"),
    ],
)
def test_a_wrong_table_is_named(
    registry: Registry, url: str, events: str, secret: str, named: str
) -> None:
    ask(url, events=events, secret=secret)
    with pytest.raises(UsageError, match=named):
        registry.webhooks()


def test_a_wrong_table_warns_and_the_change_stands(told: Registry) -> None:
    ask("http://example.com/", events='["note"]')
    with pytest.warns(UserWarning, match="no webhook is told.*url cannot be"):
        told.note("m/1", "one")
    assert told.get("m/1").notes == ("one",)
