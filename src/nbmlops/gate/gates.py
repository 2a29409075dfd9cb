"""The gates: each looks at one thing, and says whether it holds and with which figures.

A gate is a function of a `Case`; `GATES` lists them in the order in which they are
shown. The integrity gates hold for every alias, the others as the policy asks.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from nbmlops.compare.comparison import (
    Comparison,
    MetricDifference,
    SliceDifference,
)
from nbmlops.display.numbers import (
    amount,
    duration,
    interval,
    number,
    places,
    signed,
)
from nbmlops.errors import NbmlopsError, suggestion
from nbmlops.gate.approvals import newest_request
from nbmlops.gate.case import Case
from nbmlops.gate.policy import LATENCY, AliasPolicy
from nbmlops.gate.results import GateResult
from nbmlops.host import typed
from nbmlops.lifecycle.check import absent_targets
from nbmlops.lifecycle.example import example_of
from nbmlops.lifecycle.kept_checks import newest_check
from nbmlops.lifecycle.load import load_version
from nbmlops.refs import CHAMPION
from nbmlops.registry import lookup
from nbmlops.registry.audit.keys import short
from nbmlops.registry.audit.signing import signers
from nbmlops.registry.checks import muted_columns
from nbmlops.registry.models.trust import reader_trust
from nbmlops.registry.records import OWN_EVALUATION, ModelVersion
from nbmlops.skew.judge import judge
from nbmlops.skew.report import VERDICTS, SkewReport, Verdict

Gate = Callable[[Case], Iterator[GateResult]]


def judge_gates(case: Case) -> tuple[GateResult, ...]:
    """Let every gate judge the case.

    Parameters
    ----------
    case
        The candidate and the alias.

    Returns
    -------
    tuple of GateResult
        In the order of `GATES`.
    """
    return tuple(result for gate in GATES for result in _judged_by(gate, case))


def _judged_by(gate: Gate, case: Case) -> Iterator[GateResult]:
    """Let one gate judge; what it cannot judge has not passed."""
    file = "" if gate is _integrity else case.policy_file
    try:
        yield from (replace(result, policy=file) for result in gate(case))
    except NbmlopsError as error:
        name = gate.__name__.strip("_").replace("_", " ")
        yield GateResult(name=name, passed=False, detail=error.message, policy=file)


def _integrity(case: Case) -> Iterator[GateResult]:
    """Verify that the bytes are the registered ones, load, and answer a row."""
    version = case.candidate
    try:
        model = load_version(case.place, version, trust=case.trust)
    except NbmlopsError as error:
        yield GateResult(name="digest and loading", passed=False, detail=error.message)
        return
    yield GateResult(
        name="digest and loading",
        passed=True,
        detail=f"{version.digest[:12]} verified, loaded from {version.flavor}",
    )
    yield _answers(case, model)
    yield _signed(case)


def _signed(case: Case) -> GateResult:
    """Say who signed the version: one whose signature is bad does not load."""
    made = signers(case.place, case.candidate)
    trusted = made & reader_trust().keys
    named = ", ".join(short(key) for key in sorted(trusted or made))
    detail = f"by {named}" + ("" if trusted else ", whom you do not trust")
    return GateResult(
        name="signature of the manifest",
        passed=True if trusted else None,
        detail=detail if made else "not signed",
    )


def _answers(case: Case, model: Any) -> GateResult:
    version = case.candidate
    name = "signature"
    if version.signature.is_partial:
        detail = "only column names are known: register it with train= or test="
        return GateResult(name=name, passed=False, detail=detail)
    try:
        model.predict(example_of(case.place, version, model))
    except Exception as error:
        # Whatever the estimator raises here it would raise when serving.
        detail = f"a typical row fails: {type(error).__name__}: {error}"
        return GateResult(name=name, passed=False, detail=detail)
    columns = amount(len(version.signature.columns), "column")
    return GateResult(name=name, passed=True, detail=f"{columns}, a row answered")


def _requirements(case: Case) -> Iterator[GateResult]:
    for requirement in case.policy.require:
        yield _REQUIREMENTS[requirement](case.candidate)


def _has_description(version: ModelVersion) -> GateResult:
    given = bool(version.description.strip())
    detail = "present" if given else f"empty: {typed(f'describe {version.ref} TEXT')}"
    return GateResult(name="description", passed=given, detail=detail)


def _has_test(version: ModelVersion) -> GateResult:
    record = version.evaluation(OWN_EVALUATION)
    detail = f"{record.rows:,} rows" if record else "no evaluation: register with test="
    return GateResult(name="test", passed=record is not None, detail=detail)


def _is_clean(version: ModelVersion) -> GateResult:
    commit = version.source.get("git_commit", "")
    if not commit:
        is_inside = "git_branch" in version.source
        detail = "no commit yet" if is_inside else "not made in a git repository"
        return GateResult(name="git-clean", passed=False, detail=detail)
    dirty = version.source.get("git_dirty")
    states = {True: "with uncommitted changes", False: "clean", None: "state unknown"}
    return GateResult(
        name="git-clean",
        passed=dirty is False,
        detail=f"commit {commit[:10]}, {states[dirty]}",
    )


_REQUIREMENTS: dict[str, Callable[[ModelVersion], GateResult]] = {
    "description": _has_description,
    "test": _has_test,
    "git-clean": _is_clean,
}


def _limits(case: Case) -> Iterator[GateResult]:
    for metric, limit in case.policy.minimum.items():
        yield _limit(case.candidate, metric, limit, is_floor=True)
    for metric, limit in case.policy.maximum.items():
        yield _limit(case.candidate, metric, limit, is_floor=False)


def _limit(
    version: ModelVersion, metric: str, limit: float, *, is_floor: bool
) -> GateResult:
    name = f"{metric} at {'least' if is_floor else 'most'} {limit:g}"
    record = version.evaluation(OWN_EVALUATION)
    value = None
    if record is not None:
        value = record.latency_ms if metric == LATENCY else record.metrics.get(metric)
    if value is None:
        known = ", ".join(record.metrics) if record else "nothing: no evaluation"
        return GateResult(
            name=name, passed=False, detail=f"not computed on test; there is: {known}"
        )
    holds = value >= limit if is_floor else value <= limit
    where = f"on {record.name}, {record.rows:,} rows" if record else ""
    return GateResult(name=name, passed=holds, detail=f"{number(value)} {where}")


def _not_worse(case: Case) -> Iterator[GateResult]:
    if not case.policy.not_worse_than:
        return
    policy = case.policy
    name = f"not worse than {policy.not_worse_than} in {policy.metric}"
    if case.rival is None:
        passed, detail = _no_rival(case)
        yield GateResult(name=name, passed=passed, detail=detail)
        return
    if case.comparison is None:
        yield GateResult(name=name, passed=None, detail="it holds that alias itself")
        return
    found = [d for d in case.comparison.differences if d.metric == policy.metric]
    bounds = _bounds(found[0], policy) if found else None
    if not found or bounds is None:
        detail = _no_interval(case.comparison, policy)
        yield GateResult(name=name, passed=False, detail=detail)
        return
    better = found[0].greater_is_better
    worst = bounds[0] if better else -bounds[1]
    by = f" by {case.comparison.group_column}" if found[0].group_interval else " by row"
    yield GateResult(
        name=name,
        passed=worst >= -policy.margin,
        detail=f"difference to {case.rival.ref} {_difference(found[0], bounds)}{by}; "
        f"a loss of {policy.margin:g} is allowed; on {case.comparison.evaluation}",
    )


def _no_rival(case: Case) -> tuple[bool | None, str]:
    """Tell an alias that nobody holds yet from one that was misspelt, or taken away."""
    wanted, model = case.policy.not_worse_than, case.candidate.name
    if wanted in {CHAMPION, case.alias}:
        return None, f"no version is {wanted} yet"
    with case.place.catalog.reading() as unit:
        known = {CHAMPION, *lookup.aliases_of(unit, model)}
        was_there = bool(lookup.moves_of(unit, model, wanted))
    ever = "is any longer" if was_there else "ever was"
    return (
        False,
        f"no version of {model} {ever} {wanted!r}: {suggestion(wanted, known)}",
    )


def _no_interval(found: Comparison, policy: AliasPolicy) -> str:
    """Say why a metric cannot be judged: not on these rows, or not known at all."""
    paired = [d.metric for d in found.differences if d.interval]
    if paired and policy.metric not in paired:
        known = suggestion(policy.metric, paired)
        return f"no metric {policy.metric!r} can be paired row by row: {known}"
    nowhere = f"no evaluation that both have gives {policy.metric}"
    return f"{nowhere}: evaluate both on one frame"


def _bounds(found: MetricDifference, policy: AliasPolicy) -> tuple[float, float] | None:
    """Give the interval that decides: by group where the policy names groups."""
    if policy.groups:
        return found.group_interval
    return found.group_interval or found.interval


def _difference(found: MetricDifference, bounds: tuple[float, float]) -> str:
    decimals = places(found.difference, *bounds)
    return f"{signed(found.difference, decimals)} ({interval(bounds, decimals)})"


def _slices(case: Case) -> Iterator[GateResult]:
    if not case.policy.slices:
        return
    name = f"slices: {', '.join(case.policy.slices)}"
    if case.comparison is None:
        yield GateResult(name=name, passed=None, detail="nothing to compare with yet")
        return
    slices = case.comparison.slices
    if case.comparison.leading != case.policy.metric:
        detail = _no_interval(case.comparison, case.policy)
        yield GateResult(name=name, passed=False, detail=detail)
        return
    if not slices:
        yield GateResult(
            name=name,
            passed=False,
            detail="not kept at registration: register with slices=",
        )
        return
    margin = case.policy.slice_margin
    bad = [s for s in slices if _is_beyond(s, margin)]
    small = [s for s in slices if s.verdict == "too small"]
    parts = [f"{s.column} {s.value} {s.difference:+.3f}" for s in bad if s.difference]
    detail = f"worse on {', '.join(parts)}" if bad else "none clearly worse"
    if small:
        listed = ", ".join(f"{s.column} {s.value}" for s in small[:6])
        more = f" and {len(small) - 6} more" if len(small) > 6 else ""
        detail += f"; too small to judge: {listed}{more}"
    passed = None if len(small) == len(slices) else not bad
    yield GateResult(name=name, passed=passed, detail=detail)


def _is_beyond(found: SliceDifference, margin: float) -> bool:
    """Tell whether a slice is surely worse by more than the margin."""
    if found.verdict != "worse" or found.interval is None or found.difference is None:
        return False
    low, high = found.interval
    least_loss = -high if found.difference < 0 else low
    return least_loss > margin


def _skew(case: Case) -> Iterator[GateResult]:
    """Judge the candidate's training profile against the newest serving profile."""
    policy = case.policy
    if policy.skew is None:
        return
    name = f"skew {policy.skew}"
    if case.check is None:
        passed, detail = _no_check(case)
        yield GateResult(name=name, passed=passed, detail=detail)
        return
    trained = case.candidate.profile
    if trained is None:
        detail = "no training profile: register with train="
        yield GateResult(name=name, passed=False, detail=detail)
        return
    record = case.check.record
    age = datetime.now(UTC) - record.happened_at
    if policy.max_age is not None and age > policy.max_age:
        yield GateResult(
            name=name,
            passed=False,
            detail=f"the newest serving profile is {_words(age)} old, at most "
            f"{_words(policy.max_age)}: check again",
        )
        return
    report = _judged(case, trained)
    worst = [c for c in report.columns.values() if not c.muted_until]
    verdict = worst[0].verdict if worst else VERDICTS[0]
    yield GateResult(
        name=name,
        passed=VERDICTS.index(verdict) <= VERDICTS.index(policy.skew),
        detail=f"{_findings(report, policy.skew)} (served: {record.serving}, checked "
        f"{_words(age)} ago)",
    )


def _no_check(case: Case) -> tuple[bool | None, str]:
    if newest_check(case.place, case.candidate.name) is not None:
        return False, "only some columns were checked: check again without columns="
    return False if case.policy.skew_required else None, "nothing was served yet"


def _judged(case: Case, trained: Any) -> SkewReport:
    assert case.check is not None
    with case.place.catalog.reading() as unit:
        muted = muted_columns(unit, case.candidate.name, datetime.now(UTC))
    served = case.place.read_profile(case.check.record.profile)
    return judge(
        trained,
        served,
        ignore=absent_targets(case.candidate, served.columns),
        reference_label=f"training of {case.candidate.ref}",
        serving_label=case.check.report.serving,
        muted=muted,
    )


def _findings(report: SkewReport, allowed: Verdict) -> str:
    bad = [
        column
        for column in report.columns.values()
        if VERDICTS.index(column.verdict) > VERDICTS.index(allowed)
        and not column.muted_until
    ]
    if not bad:
        return f"{len(report.columns)} columns {allowed} or better"
    parts = [
        f"{c.name}: {c.cause.kind if c.cause else c.verdict}"
        + (f" {c.distance:.2f}" if c.distance is not None else "")
        for c in bad[:4]
    ]
    more = f" and {len(bad) - 4} more" if len(bad) > 4 else ""
    return f"{bad[0].verdict}: {', '.join(parts)}{more}"


def _approvals(case: Case) -> Iterator[GateResult]:
    """Count who approved what there is now: it comes last, as it is about the rest."""
    if not case.policy.approvals:
        return
    found = newest_request(case)
    if found is None:
        ask = typed(f"request {case.candidate.ref} --to {case.alias}")
        detail = f"0 of {case.policy.approvals}: nobody requested it: {ask}"
        yield GateResult(name="approvals", passed=False, detail=detail)
        return
    passed = found.state == "approved"
    yield GateResult(name="approvals", passed=passed, detail=found.detail)


def _words(age: timedelta) -> str:
    return duration(age.total_seconds())


GATES: tuple[Gate, ...] = (
    _integrity,
    _requirements,
    _limits,
    _not_worse,
    _slices,
    _skew,
    _approvals,
)
