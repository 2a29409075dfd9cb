"""Webhooks: signed, in order, tried again, and never in the way of a change."""

import base64
import hashlib
import hmac
import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from sklearn.linear_model import LogisticRegression

from nbmlops.api import Registry
from nbmlops.registry.hooks import delivery
from nbmlops.registry.hooks.settings import read_webhooks
from nbmlops.registry.lock import hold

SECRET = "a key that nobody guesses"


class Receiver:
    """A server on loopback that answers what it is told to, and keeps what it got."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        self.was_asked = threading.Event()
        self.may_answer = threading.Event()
        self.may_answer.set()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.was_asked.set()
                receiver.may_answer.wait()
                status = receiver.answers.pop(0) if receiver.answers else 204
                if status < 300:
                    headers = {k.lower(): v for k, v in self.headers.items()}
                    receiver.got.append((headers, body))
                self.send_response(status)
                self.send_header("location", "/elsewhere")
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
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


def ask(url: str, *, events: str) -> None:
    Path("nbmlops.toml").write_text(
        f'[[webhook]]\nurl = "{url}"\nsecret-env = "HOOK_KEY"\nevents = {events}\n'
    )


@pytest.fixture
def is_tried_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What fails is not tried again at once, which takes seconds."""
    monkeypatch.setattr(delivery, "_RETRIES", delivery._RETRIES.new(total=0))


@pytest.fixture
def unreachable() -> Iterator[str]:
    """An address at which nobody listens, and nobody can begin to."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}/hook?token=hidden"


def state_of(registry: Registry) -> Path:
    (found,) = (registry.location / delivery.FOLDER).glob("*.json")
    return found


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
    receiver.answers = [400, 404]
    refused = [told.note("m/1", text).seq for text in ("one", "two")]
    told.note("m/1", "three")
    delivery.wait(told.location)
    assert receiver.told == [("note", "m/1")]
    assert told.webhooks()[0].refused == tuple(refused)


@pytest.mark.usefixtures("is_tried_once")
def test_what_is_not_refused_for_good_is_told_again_before_what_came_after(
    told: Registry, receiver: Receiver
) -> None:
    receiver.answers = [503, 520]  # the latter is what a proxy before it answers
    told.note("m/1", "one")
    delivery.wait(told.location)
    told.alias("m/1", "shadow")
    delivery.wait(told.location)
    assert receiver.told == []
    told.note("m/1", "two")
    delivery.wait(told.location)
    assert receiver.told == [("note", "m/1"), ("alias", "m/1"), ("note", "m/1")]


def test_a_new_webhook_begins_with_the_change_after_it_was_asked_for(
    told: Registry, receiver: Receiver
) -> None:
    ask(receiver.url, events='["*"]')
    told.note("m/1", "one")
    delivery.wait(told.location)
    assert receiver.told == [("note", "m/1")]


def test_where_a_new_webhook_begins_is_noted_before_it_is_told(
    told: Registry, receiver: Receiver
) -> None:
    """So the next change tells it all, should this process be killed meanwhile."""
    receiver.may_answer.clear()
    event = told.note("m/1", "one")
    receiver.was_asked.wait()
    assert json.loads(state_of(told).read_text())["seq"] == event.seq - 1


@pytest.mark.usefixtures("is_tried_once")
def test_who_cannot_be_reached_is_told_later_and_the_address_is_not_shown(
    told: Registry, unreachable: str
) -> None:
    ask(unreachable, events='["note"]')
    event = told.note("m/1", "one")
    delivery.wait(told.location)
    (status,) = told.webhooks()
    assert (status.delivered, status.refused) == (event.seq - 1, ())
    assert status.error.endswith("MaxRetryError")
    assert "hidden" not in state_of(told).read_text()


def test_changes_take_turns_however_slow_the_receiver(
    told: Registry,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(delivery, "_LOCK_SECONDS", 0.0)
    receiver.may_answer.clear()
    told.note("m/1", "one")
    receiver.was_asked.wait()
    told.alias("m/1", "shadow")
    delivery._threads[told.location].join(0.05)  # it would give up, did it not wait
    receiver.may_answer.set()
    delivery.wait(told.location)
    assert receiver.told == [("note", "m/1"), ("alias", "m/1")]
    assert caplog.messages == []


def test_what_another_process_delivers_meanwhile_is_not_sent_twice(
    told: Registry, receiver: Receiver
) -> None:
    told.note("m/1", "one")
    delivery.wait(told.location)
    state = state_of(told)
    with hold(state.with_suffix(".lock")):  # as another process would
        event = told.note("m/1", "two")
        delivery._threads[told.location].join(0.05)
        state.write_text(
            json.dumps({**json.loads(state.read_text()), "seq": event.seq})
        )
    delivery.wait(told.location)
    assert receiver.told == [("note", "m/1")]


def test_a_change_does_not_wait_for_another_process_that_begins_to_deliver(
    told: Registry, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "_LOCK_SECONDS", 0.0)
    folder = told.location / delivery.FOLDER
    folder.mkdir()
    (webhook,) = read_webhooks(Path("nbmlops.toml"))
    with hold(folder / f"{webhook.key}.lock"):
        told.note("m/1", "one")
        delivery.wait(told.location)
    assert receiver.told == []
    assert told.get("m/1").notes == ("one",)


def test_how_far_it_got_is_replaced_whole(told: Registry) -> None:
    told.note("m/1", "one")
    delivery.wait(told.location)
    before = state_of(told).read_text()
    with state_of(told).open() as reader:
        told.note("m/1", "two")
        delivery.wait(told.location)
        assert reader.read() == before
    assert state_of(told).read_text() != before


@pytest.mark.parametrize(
    "damaged",
    ["", "{", "[]", '{"seq": 1}', '{"seq": 1, "refused": null, "error": ""}'],
)
def test_a_damaged_note_of_how_far_it_got_begins_anew(
    told: Registry, receiver: Receiver, damaged: str
) -> None:
    told.note("m/1", "one")
    delivery.wait(told.location)
    state_of(told).write_text(damaged)
    told.alias("m/1", "shadow")
    delivery.wait(told.location)
    assert receiver.told == [("note", "m/1"), ("alias", "m/1")]


def test_a_disk_that_takes_no_note_is_logged_and_the_change_stands(
    told: Registry, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    told.note("m/1", "one")
    delivery.wait(told.location)
    state_of(told).with_suffix(".tmp").mkdir()  # in the place of the file
    told.note("m/1", "two")
    delivery.wait(told.location)
    assert told.get("m/1").notes == ("one", "two")
    assert "could not be told" in caplog.text
    assert "hidden" not in caplog.text


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


def test_a_wrong_table_warns_and_the_change_stands(told: Registry) -> None:
    ask("http://example.com/", events='["note"]')
    with pytest.warns(UserWarning, match="no webhook is told.*url cannot be"):
        told.note("m/1", "one")
    assert told.get("m/1").notes == ("one",)
