"""The audit report of one model: all that an auditor asks for, read from the trail."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from nbmlops.display.saving import save_text
from nbmlops.errors import UsageError
from nbmlops.refs import parse_ref
from nbmlops.registry import lookup, pages
from nbmlops.registry.audit import events
from nbmlops.registry.audit.events import Event
from nbmlops.registry.audit.signing import signatures
from nbmlops.registry.audit.verification import Verification, verify
from nbmlops.registry.place import Place
from nbmlops.registry.records import ModelVersion

_VERSIONS = """
select name, number, seq
from model_version
where name = $name
order by number desc
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What the report tells, before it is laid out.

    Attributes
    ----------
    name, folder
        The model, and its registry.
    made_at, actor
        When (UTC), and who asked for it.
    versions
        Deleted ones too, newest first.
    signers
        The public keys by ref.
    events
        The model's, newest first.
    verification
        Of the whole registry, when the report was made.
    """

    name: str
    folder: Path
    made_at: datetime
    actor: str
    versions: tuple[ModelVersion, ...]
    signers: dict[str, tuple[str, ...]]
    events: tuple[Event, ...]
    verification: Verification


def audit_report(place: Place, name: str, path: str | Path) -> Path:
    """Write the audit report of a model as one self-contained HTML file.

    Parameters
    ----------
    place
        The registry; it is verified.
    name
        The model.
    path
        The file.

    Returns
    -------
    Path
        The file, absolute. It has no script and nothing from the network.
    """
    from nbmlops.registry.audit.report_view import audit_page

    return save_text(path, audit_page(audit(place, name))).resolve()


def audit(place: Place, name: str) -> Audit:
    """Read what the report of a model tells.

    Parameters
    ----------
    place
        The registry.
    name
        The model.

    Returns
    -------
    Audit
        All of it from one transaction, but the verification.

    Raises
    ------
    UsageError
        If the name is a ref to one version.
    """
    ref = parse_ref(name)
    if not ref.is_bare:
        raise UsageError(
            f"{name!r} is one version: a report is of a whole model",
            hint=f"name it by {ref.name!r}",
        )
    found = verify(place)
    with place.catalog.reading() as unit:
        known = lookup.known_name(unit, ref.name)
        models = pages.selected(unit, place, _VERSIONS, name=known)
        signed = {
            version.ref: tuple(one.key for one in signatures(unit, version))
            for version in models
        }
        trail = events.read_all(unit)
    return Audit(
        name=known,
        folder=place.folder,
        made_at=datetime.now(UTC),
        actor=place.actor,
        versions=tuple(models),
        signers=signed,
        events=tuple(e for e in reversed(trail) if events.is_of(e, known)),
        verification=found,
    )
