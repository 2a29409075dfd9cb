"""Which webhooks the policy file asks for."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from nbmlops.config import parse_toml, read_bytes
from nbmlops.errors import UsageError, suggestion, warn
from nbmlops.registry.hooks.callbacks import EVERY, check_verb

TABLE = "webhook"
TOLD = (
    "register",
    "request",
    "approve",
    "reject",
    "promote",
    "rollback",
    "retire",
    "check",
)

_KEYS = ("url", "secret-env", "events")
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """An address that is told of events.

    Attributes
    ----------
    url
        Where events are posted. It may hold a secret: show `host` instead.
    secret_variable
        The environment variable that holds the key by which messages are signed.
    verbs
        Which events it is told of.
    """

    url: str
    secret_variable: str
    verbs: frozenset[str]

    @property
    def host(self) -> str:
        """The address's host and port, to be shown."""
        parts = urlsplit(self.url)
        return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)

    @property
    def key(self) -> str:
        """What its state is kept under."""
        return hashlib.sha256(self.url.encode()).hexdigest()[:16]

    @property
    def secret(self) -> str:
        """The signing key; a UsageError where the variable is not set."""
        found = os.environ.get(self.secret_variable, "")
        if not found:
            raise UsageError(
                f"${self.secret_variable} is not set: messages could not be signed",
                hint="set it where the registry is used",
            )
        return found

    def hears(self, verb: str) -> bool:
        """Tell whether it is told of events of a verb."""
        return verb in self.verbs or EVERY in self.verbs


def read_webhooks(policy: Path) -> tuple[Webhook, ...]:
    """Read the `[[webhook]]` tables of a policy file.

    Parameters
    ----------
    policy
        The file; there need be none.

    Returns
    -------
    tuple of Webhook
        In the file's order.

    Raises
    ------
    UsageError
        If a table is not understood; the message names the key and the value.
    """
    if not policy.is_file():
        return ()
    data = read_bytes(policy)
    if TABLE.encode() not in data:
        return ()  # asked after each transaction: most files are not worth parsing
    tables = parse_toml(data, policy).get(TABLE, [])
    if not isinstance(tables, list) or not all(isinstance(t, dict) for t in tables):
        raise UsageError(
            f"{policy.name}: {TABLE} is not a list of tables", hint="[[webhook]]"
        )
    return tuple(_read(policy.name, table) for table in tables)


def readable_webhooks(policy: Path) -> tuple[Webhook, ...]:
    """Read them after a change, which stands: a mistake in the file is a warning."""
    try:
        return read_webhooks(policy)
    except UsageError as error:
        warn(f"no webhook is told: {error}")
        return ()


def _read(file: str, table: Mapping[str, Any]) -> Webhook:
    where = f"{file} [[{TABLE}]]"
    for key in table:
        if key not in _KEYS:
            raise UsageError(
                f"{where}: unknown key {key!r}", hint=suggestion(key, _KEYS)
            )
    url, variable = table.get("url"), table.get("secret-env")
    if not isinstance(url, str) or not _is_safe(url):
        raise UsageError(
            f"{where}: url cannot be {url!r}",
            hint="an https:// address; http:// only to this machine",
        )
    if not isinstance(variable, str) or not variable.isidentifier():
        raise UsageError(
            f"{where}: secret-env cannot be {variable!r}",
            hint="name the environment variable that holds the signing key",
        )
    verbs = table.get("events", list(TOLD))
    if not isinstance(verbs, list) or not verbs:
        raise UsageError(
            f"{where}: events cannot be {verbs!r}", hint='a list such as ["promote"]'
        )
    heard = frozenset(check_verb(verb) for verb in verbs)
    return Webhook(url=url, secret_variable=variable, verbs=heard)


def _is_safe(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if not host:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
