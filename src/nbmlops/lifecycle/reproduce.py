"""Making a version again from its recorded code, and saying how far it agrees."""

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from nbmlops.display.numbers import amount, number
from nbmlops.errors import NbmlopsError, Untrusted, UsageError
from nbmlops.evaluate.scored import Scored
from nbmlops.host import call, option
from nbmlops.lifecycle.answers import count, difference
from nbmlops.lifecycle.browse import versions
from nbmlops.lifecycle.estimators import unseeded
from nbmlops.lifecycle.evaluate import read_scored
from nbmlops.lifecycle.reproduction import Agreement, Reproduction
from nbmlops.lifecycle.rerunning import Rerun, job_of, rerun
from nbmlops.lifecycle.vouching import read_vouched
from nbmlops.registry import context
from nbmlops.registry.place import Place
from nbmlops.registry.records import OWN_EVALUATION, ModelVersion
from nbmlops.registry.secrets import SECRET

VERB = "reproduce"
_SECONDS = 600.0
_ROUNDING = 1e-9  # relative: several threads add up in another order
_AGREE = 1e-3  # of a metric, and of its value


def reproduce(
    place: Place, ref: str, *, timeout: float = _SECONDS, trust: Sequence[str] = ()
) -> Reproduction:
    """Run what made a version again, and compare what comes of it.

    The recorded cells, or the script, run in a new process in the current folder, with
    the caller's rights. What they register goes to an empty registry that is thrown
    away, whatever location they name. An event keeps the outcome.

    Parameters
    ----------
    place
        The registry.
    ref
        Which version.
    timeout
        Seconds until the process is ended.
    trust
        The ref of a version that was imported: its code is somebody else's.

    Returns
    -------
    Reproduction
        `ok` if the metrics agree, or more.

    Raises
    ------
    UsageError
        If the timeout is none.
    Untrusted
        If the version was imported and nobody vouches for its code.
    """
    if not timeout > 0:
        hint = f"seconds: {option('timeout', 600)}"
        raise UsageError(f"timeout cannot be {timeout!r}", hint=hint)
    version = place.version(ref)
    job = job_of(version)
    if version.imported and not {ref, version.ref} & set(read_vouched(trust)):
        raise Untrusted(
            f"{version.ref} was imported: its code would run with your rights",
            hint=f"read it ({call('card', version.ref)}); then "
            f"{option('trust', [version.ref])}",
        )
    begun = time.perf_counter()
    with rerun(job, keep=place.folder, seconds=timeout) as done:
        found = _judged(place, version, done, seconds=time.perf_counter() - begun)
    with place.catalog.writing() as writer:
        detail = {
            "outcome": found.outcome,
            "text": found.detail,
            "digest": version.digest,
            "again": found.again,
        }
        writer.write(VERB, version.ref, detail)
    return found


def _judged(
    place: Place, version: ModelVersion, done: Rerun, *, seconds: float
) -> Reproduction:
    again = _again(done, version)
    outcome: Agreement
    if again is None:
        outcome = "failed"
        detail = _failure(version, done)
    else:
        outcome, detail = _agreement(place, version, done.place, again)
    data = {} if again is None else _data(version, again)
    packages = _packages(version.environment, context.environment())
    return Reproduction(
        ref=version.ref,
        digest=version.digest,
        outcome=outcome,
        detail=detail,
        reasons=tuple(_reasons(version, outcome, data, packages)),
        again="" if again is None else again.digest,
        metrics={} if again is None else _metrics(version, again),
        data=data,
        packages=packages,
        failures=done.failures,
        seconds=round(seconds, 3),
    )


def _again(done: Rerun, version: ModelVersion) -> ModelVersion | None:
    """Find the version that came of it: where several did, the one that fits best."""
    if not done.place.catalog.exists:
        return None
    try:
        found = versions(done.place, version.name)
    except NbmlopsError:
        return None
    return max(found, key=lambda one: _fit(one, version), default=None)


def _fit(one: ModelVersion, version: ModelVersion) -> tuple[bool, ...]:
    return (
        one.digest == version.digest,
        one.params == version.params,
        one.metrics == version.metrics,
        one.description == version.description,
    )


def _failure(version: ModelVersion, done: Rerun) -> str:
    if done.failures:
        return done.failures[0]
    return done.stopped or f"nothing was registered as {version.name}"


def _agreement(
    place: Place, version: ModelVersion, other: Place, again: ModelVersion
) -> tuple[Agreement, str]:
    if again.digest == version.digest:
        return "same bytes", f"the digest is {version.digest[:12]} again"
    metrics = _metrics(version, again)
    differing, compared = _predictions(place, version, other, again)
    if compared and not differing:
        return "bytes differ, predictions equal", f"equal on {compared}"
    said = (
        f"predictions differ on {differing} of {compared}"
        if compared
        else ("no predictions were stored to compare")
    )
    apart = [
        f"{name} {number(then)}, now {number(now)}"
        for name, (then, now) in metrics.items()
        if not math.isclose(then, now, rel_tol=_AGREE, abs_tol=_AGREE)
    ]
    if metrics and not apart:
        return "metrics agree", f"to {_AGREE:.1%}; {said}"
    return "differs", "; ".join([said, *apart])


def _predictions(
    place: Place, version: ModelVersion, other: Place, again: ModelVersion
) -> tuple[int, str]:
    """Compare predictions: how many differ, and of what; "" if nothing can be said."""
    one, two = version.evaluation(OWN_EVALUATION), again.evaluation(OWN_EVALUATION)
    if one is not None and two is not None and one.dataset == two.dataset:
        rows = _differing(read_scored(place, one), read_scored(other, two))
        return rows, f"{amount(one.rows, 'row')} of {one.name}"
    then, now = version.example, again.example
    if then.get("answers") and then.get("columns") == now.get("columns"):
        differs = difference(then["answers"], now["answers"])
        return int(bool(differs)), f"{count(then['answers'])} answers to its example"
    return 0, ""


def _differing(one: Scored, two: Scored) -> int:
    """Count the rows on which two versions answer differently."""
    differ = _unequal(one.prediction, two.prediction)
    for first, second in (
        (one.probability, two.probability),
        (one.decision, two.decision),
    ):
        if (first is None) != (second is None):
            return one.rows
        if first is not None and second is not None:
            differ |= _unequal(first, second)
    return int(differ.sum())


def _unequal(one: Any, two: Any) -> Any:
    if one.shape != two.shape:
        return np.ones(len(one), dtype=bool)
    if one.dtype.kind == "f" and two.dtype.kind == "f":
        near = np.isclose(one, two, rtol=_ROUNDING, atol=1e-12, equal_nan=True)
    else:
        near = one == two
    return ~near.reshape(len(one), -1).all(axis=1)


def _metrics(
    version: ModelVersion, again: ModelVersion
) -> dict[str, tuple[float, float]]:
    other = again.metrics
    return {
        name: (value, other[name])
        for name, value in version.metrics.items()
        if name in other
    }


def _data(version: ModelVersion, again: ModelVersion) -> dict[str, bool | None]:
    then = {entry["role"]: entry["digest"] for entry in version.datasets}
    now = {entry["role"]: entry["digest"] for entry in again.datasets}
    return {
        role: then[role] == now[role] if role in then and role in now else None
        for role in dict.fromkeys((*then, *now))
    }


def _packages(
    then: Mapping[str, Any], now: Mapping[str, Any]
) -> dict[str, tuple[str, str]]:
    before = {"python": str(then.get("python", "")), **then["packages"]}
    here = {"python": str(now["python"]), **now["packages"]}
    return {
        name: (before.get(name, ""), here.get(name, ""))
        for name in sorted({*before, *here})
        if before.get(name) != here.get(name)
    }


def _reasons(
    version: ModelVersion,
    outcome: Agreement,
    data: Mapping[str, bool | None],
    packages: Mapping[str, tuple[str, str]],
) -> Iterator[str]:
    """Say what may explain a difference; nothing needs to where there is none."""
    source = version.source
    if outcome == "same bytes":
        return
    for role, is_same in data.items():
        if is_same is False:
            yield f"the {role} data is not what it was"
    if packages:
        verb = "is" if len(packages) == 1 else "are"
        yield f"{amount(len(packages), 'package')} {verb} not of the recorded version"
    for key in unseeded(version.params):
        yield f"{key} is None: fitting again may come out differently"
    if any(SECRET in cell["code"] for cell in source.get("cells", ())):
        yield "secrets were taken out of the recorded cells: they ran without them"
    if source.get("cells_left_out"):
        yield f"{amount(source['cells_left_out'], 'cell')} before these were not kept"
    if source.get("git_dirty"):
        yield "it was made with uncommitted changes: files may not be what they were"
