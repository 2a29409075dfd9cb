"""The `[[webhook]]` tables of the policy file are read, and a mistake is named."""

from pathlib import Path

import pytest

from nbmlops.errors import UsageError
from nbmlops.registry.hooks import settings
from nbmlops.registry.hooks.settings import Webhook, read_webhooks

TABLE = '[[webhook]]\nurl = "https://example.com/"\nsecret-env = "KEY"\n'


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    return tmp_path / "nbmlops.toml"


def hook(url: str) -> Webhook:
    return Webhook(url=url, secret_variable="KEY", verbs=frozenset({"note"}))


def test_without_a_list_it_is_told_of_what_was_decided(policy: Path) -> None:
    policy.write_text(TABLE)
    (found,) = read_webhooks(policy)
    assert sorted(found.verbs) == [
        "approve",
        "check",
        "promote",
        "register",
        "reject",
        "request",
        "retire",
        "rollback",
    ]
    assert not found.hears("note")


def test_a_star_hears_of_every_verb(policy: Path) -> None:
    policy.write_text(f'{TABLE}events = ["*"]\n')
    assert read_webhooks(policy)[0].hears("note")


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/x",
        "http://localhost/",
        "http://127.0.0.1:80/",
        "http://[::1]/",
    ],
)
def test_only_this_machine_is_told_without_encryption(policy: Path, url: str) -> None:
    policy.write_text(f'[[webhook]]\nurl = "{url}"\nsecret-env = "KEY"\n')
    assert read_webhooks(policy)[0].url == url


@pytest.mark.parametrize(
    "url",
    [
        '"http://example.com/"',
        '"http://127.0.0.1.example.com/"',
        '"ftp://127.0.0.1/"',
        '"https://"',
        '"https://[::1"',
        '"https://example.com:port/"',
        "1",
    ],
)
def test_an_address_that_cannot_be_posted_to_in_private_is_refused(
    policy: Path, url: str
) -> None:
    policy.write_text(f'[[webhook]]\nurl = {url}\nsecret-env = "KEY"\n')
    with pytest.raises(UsageError, match=r"nbmlops\.toml \[\[webhook\]\]: url cannot"):
        read_webhooks(policy)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (f'{TABLE}events = ["notes"]', "no event has the verb 'notes'"),
        (f"{TABLE}events = []", r"events cannot be \[\]"),
        (f'{TABLE}events = "note"', "events cannot be 'note'"),
        (f"{TABLE}events = [1]", "no event has the verb 1"),
        (f'{TABLE}event = ["note"]', "unknown key 'event'"),
        (TABLE.replace("KEY", "a key"), "secret-env cannot be 'a key'"),
        (TABLE.replace('"KEY"', "1"), "secret-env cannot be 1"),
        ("webhook = 1", "webhook is not a list of tables"),
        ("webhook = [1]", "webhook is not a list of tables"),
        ('[webhook]\nurl = "https://example.com/"', "webhook is not a list of tables"),
    ],
)
def test_a_wrong_table_is_named(policy: Path, text: str, named: str) -> None:
    policy.write_text(text)
    with pytest.raises(UsageError, match=named):
        read_webhooks(policy)


def test_a_file_without_webhooks_is_not_parsed_at_each_change(
    policy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy.write_text("[gate]\n")
    monkeypatch.delattr(settings, "parse_toml")
    assert read_webhooks(policy) == ()


def test_addresses_with_one_path_are_kept_apart_and_not_named_in_the_key() -> None:
    one, other = hook("https://a.example/hidden"), hook("https://b.example/hidden")
    assert one.key != other.key
    assert "hidden" not in one.key


def test_the_host_is_shown_with_its_port_alone() -> None:
    assert hook("https://ana:hidden@a.example:8443/x?y").host == "a.example:8443"
    assert hook("https://a.example/x").host == "a.example"
