"""Who vouches for a version's bytes: the reader's own files, or the caller.

What a caller vouches for with `trust=` is an event, written before anything is loaded:
whatever the bytes then do, the trail says who let them.
"""

from collections.abc import Sequence

from nbmlops.errors import Untrusted, UsageError, warn
from nbmlops.host import option
from nbmlops.registry.audit.signing import signers
from nbmlops.registry.models.scanner import Findings, advice, scan
from nbmlops.registry.models.serialise import check
from nbmlops.registry.models.trust import Trust, trust_toml
from nbmlops.registry.place import Place
from nbmlops.registry.records import ModelVersion


def read_vouched(trust: Sequence[str]) -> tuple[str, ...]:
    """Read what the caller vouches for.

    Parameters
    ----------
    trust
        A ref or digest, or several.

    Returns
    -------
    tuple of str
        Them.

    Raises
    ------
    UsageError
        If it names nothing: True, say.
    """
    named: object = (trust,) if isinstance(trust, str) else trust
    if not isinstance(named, (list, tuple, set, frozenset)) or not all(
        isinstance(name, str) for name in named
    ):
        raise UsageError(
            f"trust cannot be {trust!r}: it names what is meant",
            hint=f"{option('trust', ['delays/2'])}, or digests",
        )
    return tuple(named)


def own_ref(version: ModelVersion, asked: str, trust: Sequence[str]) -> tuple[str, ...]:
    """Read what the caller vouches for, in the very words of the ref asked for.

    Parameters
    ----------
    version, asked
        What was found, and by which ref: an alias, say.
    trust
        As in `read_vouched`.

    Returns
    -------
    tuple of str
        The same, with the version's own ref where `asked` stood.
    """
    return tuple(version.ref if word == asked else word for word in read_vouched(trust))


def is_vouched(
    place: Place,
    version: ModelVersion,
    data: bytes,
    *,
    reader: Trust,
    trust: Sequence[str],
) -> bool:
    """Tell whether the reader vouches for the bytes of a version.

    Parameters
    ----------
    place, version, data
        The version and its verified bytes.
    reader
        What the reader's own files vouch for.
    trust
        Digests or refs that the caller vouches for on this call. An event keeps that,
        if these bytes are among them and do not load without.

    Returns
    -------
    bool
        False means that only reviewed types may be made.
    """
    if signers(place, version) & reader.keys or version.digest in reader.digests:
        return True
    named = {version.ref, version.digest}.intersection(read_vouched(trust))
    if not named or not _needs_word(version, data, reader):
        return False
    findings = scan(data, version.flavor)
    _record(place, version, sorted(named), findings)
    _refuse_dangerous(version, findings)
    if findings.lines:
        warn(advice(version.ref, "loaded", findings))
    return True


def _needs_word(version: ModelVersion, data: bytes, reader: Trust) -> bool:
    try:
        check(data, version.flavor, types=reader.types)
    except Untrusted:
        return True
    return False


def _record(
    place: Place, version: ModelVersion, named: list[str], findings: Findings
) -> None:
    detail = {
        "digest": version.digest,
        "flavor": version.flavor,
        "trust": named,
        "findings": list(findings.lines),
        "refused": bool(findings.dangerous),
    }
    with place.catalog.writing() as writer:
        writer.write("load", version.ref, detail)


def _refuse_dangerous(version: ModelVersion, findings: Findings) -> None:
    if findings.dangerous:
        raise Untrusted(
            f"{version.ref} is a pickle that calls {', '.join(findings.dangerous)}: "
            "no model needs that",
            hint="if it does, and you have read it: digests = "
            f'["{version.digest}"] under [trust] in {trust_toml()}',
        )
