"""An open registry: its folder, its catalog, its artifacts, and who is acting."""

import os
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path

from nbmlops.config import FOLDER, policy_path, registry_location
from nbmlops.errors import UsageError
from nbmlops.profiles.profile import Profile
from nbmlops.refs import Ref, parse_ref
from nbmlops.registry import context, lookup, pages
from nbmlops.registry.artifacts import Artifacts
from nbmlops.registry.audit.events import Event
from nbmlops.registry.catalog import Catalog
from nbmlops.registry.database import FILE
from nbmlops.registry.hooks import callbacks
from nbmlops.registry.hooks.settings import readable_webhooks
from nbmlops.registry.records import ModelVersion
from nbmlops.registry.unit import Unit


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the models of a project are; opening one makes nothing.

    Attributes
    ----------
    folder
        The `.nbmlops` folder, absolute.
    named_actor
        Who acts, if the caller said so.
    is_read_only
        True refuses every change, and takes no lock.
    """

    folder: Path
    named_actor: str | None = None
    is_read_only: bool = False
    artifacts: Artifacts = field(init=False)
    catalog: Catalog = field(init=False)

    def __post_init__(self) -> None:
        frozen = self.is_read_only
        artifacts = Artifacts(self.folder, is_read_only=frozen)
        object.__setattr__(self, "artifacts", artifacts)
        catalog = Catalog(
            self.folder, lambda: self.actor, self._tell, is_read_only=frozen
        )
        object.__setattr__(self, "catalog", catalog)

    @cached_property
    def actor(self) -> str:
        """Who acts: a claim, not a proof."""
        return self.named_actor or context.actor()

    @property
    def can_be_changed(self) -> bool:
        """False if it was opened for reading only, or this user can do no more."""
        if self.is_read_only:
            return False
        as_acting = os.access in os.supports_effective_ids
        return os.access(self.folder, os.W_OK, effective_ids=as_acting)

    @property
    def policy(self) -> Path:
        """Where the policy file lies, or would lie."""
        return policy_path(self.folder, start=Path.cwd())

    def _tell(self, events: Sequence[Event]) -> None:
        """Call this process's callbacks, and start to tell the webhooks."""
        callbacks.call(self.folder, events)
        webhooks = readable_webhooks(self.policy)
        if webhooks:
            from nbmlops.registry.hooks import delivery  # it loads an HTTP client

            delivery.tell(self.catalog, webhooks, events)

    def reading(self) -> AbstractContextManager[Unit]:
        """Run several reads of the catalog in one transaction."""
        return self.catalog.reading()

    def read_profile(self, digest: str) -> Profile:
        """Read a stored profile."""
        return Profile.from_bytes(self.artifacts.get(digest))

    def version(
        self,
        ref: str | Ref,
        *,
        as_of: datetime | None = None,
        to_change: bool = False,
    ) -> ModelVersion:
        """Read the version that a ref means.

        Parameters
        ----------
        ref
            As text or parsed.
        as_of
            Which it meant then, instead of now.
        to_change
            True refuses a bare name that could mean several.

        Returns
        -------
        ModelVersion
            As it is now, whatever `as_of`.
        """
        with self.catalog.reading() as unit:
            return self.version_in(unit, ref, as_of=as_of, to_change=to_change)

    def version_in(
        self,
        unit: Unit,
        ref: str | Ref,
        *,
        as_of: datetime | None = None,
        to_change: bool = False,
    ) -> ModelVersion:
        """Read the version that a ref means, in an open transaction."""
        parsed = parse_ref(ref) if isinstance(ref, str) else ref
        if as_of is not None:
            found = lookup.resolve_then(unit, parsed, as_of)
        else:
            found = lookup.resolve(unit, parsed, to_change=to_change)
        return self._one(unit, found)

    def champion_in(self, unit: Unit, name: str, alias: str) -> ModelVersion | None:
        """Read the version that holds an alias, if one does."""
        number = lookup.aliases_of(unit, name).get(alias)
        return None if number is None else self._one(unit, Ref(name, number=number))

    def _one(self, unit: Unit, ref: Ref) -> ModelVersion:
        assert ref.number is not None
        return pages.one(unit, self, ref.name, ref.number)


def open_place(
    location: str | Path | None, *, actor: str | None, read_only: bool = False
) -> Place:
    """Open the registry at a location.

    Parameters
    ----------
    location
        As in `config.registry_location`.
    actor
        Who acts; None asks the environment when it matters.
    read_only
        True refuses every change.

    Returns
    -------
    Place
        The registry, which may not exist yet.

    Raises
    ------
    UsageError
        If the location is a URL of a kind that cannot be opened, or a file.
    """
    found = registry_location(location, start=Path.cwd())
    if isinstance(found, str):
        raise UsageError(
            f"a {found.partition('://')[0]}:// registry cannot be opened",
            hint="name a folder",
        )
    if found.is_file():
        raise UsageError(
            f"{found} is a file: a registry is a folder",
            hint=f"name the folder that holds it: {found.parent}",
        )
    if not (found / FILE).exists() and (found / FOLDER / FILE).exists():
        found = found / FOLDER  # the project's folder was named
    return Place(folder=found, named_actor=actor, is_read_only=read_only)
