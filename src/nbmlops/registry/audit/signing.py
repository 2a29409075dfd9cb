"""Signed manifests: what somebody vouches for when they sign a version.

A manifest names the version's bytes, columns, environment and frames by digest, and the
event that registered it by its hash: so a signature also pins the audit trail up to
there. It is checked at each load, at promotion, and by `verify`.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nbmlops.errors import NotAllowed, Tampered, UsageError, warn
from nbmlops.refs import Ref
from nbmlops.registry.audit import keys
from nbmlops.registry.audit.events import Event
from nbmlops.registry.head import SignedHead
from nbmlops.registry.moving.bundle import REGISTERING
from nbmlops.registry.moving.past import documents_of_imported, earlier
from nbmlops.registry.place import Place
from nbmlops.registry.records import ModelVersion
from nbmlops.registry.unit import Unit

SIGN = "sign"
FORMAT = "nbmlops manifest 1"

_REGISTERED = """
select event.seq, event.hash
from event
join model_version using (seq)
where name = $name and number = $number
"""
_HASH = "select hash from event where seq = $seq"
_SIGNATURES = """
select key, manifest, signature
from manifest_signature
where name = $name and number = $number
order by seq
"""


@dataclass(frozen=True, slots=True)
class Signed:
    """One signature of a version's manifest, as it lies in the catalog."""

    key: str
    manifest: str
    signature: str


def sign(place: Place, ref: str) -> Event:
    """Sign a version's manifest with this user's key.

    Parameters
    ----------
    place
        The registry.
    ref
        Which version; a bare name only if it has one version. Its bytes are verified.

    Returns
    -------
    Event
        With the manifest, the public key and the signature.

    Raises
    ------
    NotAllowed
        If this key has signed it.
    """
    key = keys.own_key()
    with place.catalog.writing() as writer:
        version = place.version_in(writer.unit, ref, to_change=True)
        place.artifacts.check(version.digest)
        if key.public in check_signatures(writer.unit, version):
            raise NotAllowed(f"{version.ref} is signed by this key already")
        signed = manifest(writer.unit, version)
        return writer.write(
            SIGN,
            version.ref,
            {
                "manifest": signed,
                "key": key.public,
                "signature": key.sign(canonical(signed)),
            },
        )


def manifest(unit: Unit, version: ModelVersion) -> dict[str, Any]:
    """Say what a signature of a version vouches for."""
    found = unit.row(_REGISTERED, name=version.name, number=version.number)
    seq, digest = found or (0, "")
    return {**claims(version), "event": {"seq": seq, "hash": digest}}


def claims(version: ModelVersion) -> dict[str, Any]:
    """Say of a manifest what is true of the version in any registry."""
    environment = json.dumps(dict(version.environment), sort_keys=True)
    return {
        "format": FORMAT,
        "ref": version.ref,
        "digest": version.digest,
        "size": version.size,
        "flavor": version.flavor,
        "signature": version.signature.to_dict(),
        "environment": hashlib.sha256(environment.encode()).hexdigest(),
        "datasets": {d["role"]: d["digest"] for d in version.datasets},
    }


def canonical(signed: Mapping[str, Any]) -> bytes:
    """Write a manifest, or what was read of one, in the one way that is signed."""
    text = json.dumps(signed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def signers(place: Place, version: ModelVersion) -> frozenset[str]:
    """Check a version's signatures, and return the keys that made them.

    Parameters
    ----------
    place
        The registry.
    version
        As it is about to be loaded.

    Returns
    -------
    frozenset of str
        Public keys, of those too who signed an imported version where it came from.
        None are trusted by that: see `Trust.keys`.
    """
    with place.catalog.reading() as unit:
        here = check_signatures(unit, version)
        return here | _signers_there(place, unit, version)


def check_signatures(unit: Unit, version: ModelVersion) -> frozenset[str]:
    """Do as `signers`, in an open transaction.

    Parameters
    ----------
    unit
        The transaction.
    version
        The version.

    Returns
    -------
    frozenset of str
        As `signers`; empty, with a warning, where nothing here can check a signature.
        One that does not fit, or is of another version than this, is Tampered.
    """

    def stands(event: Mapping[str, Any]) -> bool:
        return unit.row(_HASH, seq=event["seq"]) == (event["hash"],)

    return _checked(version, signatures(unit, version), claims(version), stands)


def _signers_there(place: Place, unit: Unit, version: ModelVersion) -> frozenset[str]:
    """Check the signatures that an imported version brought along."""
    if not version.imported:
        return frozenset()
    documents = documents_of_imported(unit, Ref(version.name, version.number))
    past = earlier(place, documents, is_whole=False)
    registered = {(e.seq, e.hash) for e in past if e.verb in REGISTERING}
    found = [
        Signed(e.detail["key"], json.dumps(e.detail["manifest"]), e.detail["signature"])
        for e in past
        if e.verb == SIGN
    ]
    # The ref and the event are those of there; all else is as it is here.
    expected = {key: value for key, value in claims(version).items() if key != "ref"}

    def stands(event: Mapping[str, Any]) -> bool:
        return (event["seq"], event["hash"]) in registered

    return _checked(version, found, expected, stands)


def _checked(
    version: ModelVersion,
    found: Sequence[Signed],
    expected: Mapping[str, Any],
    stands: Callable[[Mapping[str, Any]], bool],
) -> frozenset[str]:
    if found and not keys.can_check():
        warn(
            f"{version.ref} is signed, which cannot be checked without the package "
            "cryptography: pip install 'nbmlops[signing]'"
        )
        return frozenset()
    for signed in found:
        problem = next(_problems(signed, expected, stands), "")
        if problem:
            raise Tampered(
                f"{version.ref}: {problem}",
                hint="bring the registry back from a copy, or ask who signed it",
            )
    return frozenset(signed.key for signed in found)


def signatures(unit: Unit, version: ModelVersion) -> list[Signed]:
    """List a version's signatures, oldest first."""
    rows = unit.rows(_SIGNATURES, name=version.name, number=version.number)
    return [Signed(*row) for row in rows]


def bad_signatures(events: list[Event]) -> Iterator[str]:
    """Name each signature in the trail that does not fit what it signed.

    A chain that was computed anew after a signed version shows here: the signed
    manifest has the hash that its event had.

    Parameters
    ----------
    events
        The whole trail.

    Yields
    ------
    str
        A problem.
    """
    hashes = {event.seq: event.hash for event in events}
    for event in events:
        if event.verb != SIGN:
            continue
        signed = event.detail["manifest"]
        named = f"event {event.seq} (sign {event.subject})"
        detail = event.detail
        if not keys.fits(detail["key"], detail["signature"], canonical(signed)):
            yield f"{named}: the signature does not fit"
        elif hashes.get(signed["event"]["seq"]) != signed["event"]["hash"]:
            yield (
                f"{named}: event {signed['event']['seq']} has another hash than the "
                "signed one: the chain was computed anew"
            )


def sign_head(place: Place) -> str:
    """Sign the newest event's number and hash with this user's key.

    Parameters
    ----------
    place
        The registry.

    Returns
    -------
    str
        "SEQ HASH KEY SIGNATURE", to be kept elsewhere, for `verify(head=...)`.
    """
    key = keys.own_key()
    with place.catalog.reading() as unit:
        seq, _, digest = unit.newest[0]
    head = f"{seq} {digest}"
    return f"{head} {key.public} {key.sign(_head_bytes(head))}"


def check_head(signed: SignedHead) -> None:
    """Check the signature of a head that was kept elsewhere.

    Parameters
    ----------
    signed
        What `sign_head` gave.

    Raises
    ------
    UsageError
        If it does not fit: the line was changed, and says nothing of the registry.
    """
    if not keys.fits(signed.key, signed.signature, _head_bytes(signed.head)):
        raise UsageError(
            f"the signature of the noted head {signed.head[:24]} does not fit",
            hint="look where it was noted: what you gave is not what was signed",
        )


def _problems(
    signed: Signed,
    expected: Mapping[str, Any],
    stands: Callable[[Mapping[str, Any]], bool],
) -> Iterator[str]:
    found = json.loads(signed.manifest)
    if not keys.fits(signed.key, signed.signature, canonical(found)):
        yield f"the signature of its manifest by {keys.short(signed.key)} does not fit"
    for key, value in expected.items():
        if found.get(key) != value:
            yield f"its {key} is not what {keys.short(signed.key)} signed"
    if not stands(found["event"]):
        yield f"event {found['event']['seq']} is not the one that was signed"


def _head_bytes(head: str) -> bytes:
    return canonical({"format": "nbmlops head 1", "head": head})
