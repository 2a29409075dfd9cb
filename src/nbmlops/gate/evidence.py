"""What an approver sees: the parts that a version is judged by, each as a digest."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from nbmlops.gate.case import Case
from nbmlops.gate.policy import AliasPolicy
from nbmlops.registry.checks import muted_columns, stored_checks
from nbmlops.registry.records import ModelVersion

_CHANGED = {
    "model": "other bytes",
    "policy": "other rules for the alias",
    "evaluations": "a new evaluation",
    "check": "a new check",
    "acknowledgements": "other findings acknowledged",
    "holder": "another version, or other figures, to compare it with",
}


def evidence(case: Case) -> dict[str, str]:
    """Digest what the gates of a case look at, part by part.

    Parameters
    ----------
    case
        The candidate and the alias.

    Returns
    -------
    dict
        SHA-256 in hex by part: the artifact, what the policy asks for the alias, the
        version's evaluations, the newest whole check of the model, the findings that
        are acknowledged today, and the version that it is compared with.
    """
    with case.place.catalog.reading() as unit:
        name = case.candidate.name
        checks = stored_checks(unit, name)
        muted = muted_columns(unit, name, datetime.now(UTC))
    whole = next((check.report for check in checks if not check.is_partial), None)
    frames = {record.dataset for record in case.candidate.evaluations}
    return {
        "model": case.candidate.digest,
        "policy": _digest(_asked(case.policy)),
        "evaluations": _digest(_figures(case.candidate)),
        "check": _digest(whole),
        "acknowledgements": _digest(muted),
        "holder": _digest(_rival(case.rival, frames)),
    }


def digest_of(parts: Mapping[str, str]) -> str:
    """Digest all parts of what was seen into one."""
    return _digest(parts)


def changed(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    """Say which parts are no longer what was seen; "" where all are."""
    return ", ".join(
        words for part, words in _CHANGED.items() if before.get(part) != now.get(part)
    )


def _asked(policy: AliasPolicy) -> dict[str, Any]:
    """Return what a policy asks beyond nothing: a newer release knows more keys."""
    nothing = AliasPolicy()
    pairs = {f.name: getattr(policy, f.name) for f in fields(policy)}
    return {k: v for k, v in pairs.items() if v != getattr(nothing, k)}


def _figures(version: ModelVersion, frames: set[str] | None = None) -> list[Any]:
    """List a version's evaluations; of a rival, those on the candidate's frames."""
    return [
        [record.name, record.digest, dict(record.metrics), record.latency_ms]
        for record in sorted(version.evaluations, key=lambda record: record.name)
        if frames is None or record.dataset in frames
    ]


def _rival(rival: ModelVersion | None, frames: set[str]) -> list[Any] | None:
    return None if rival is None else [rival.digest, _figures(rival, frames)]


def _digest(value: object) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
