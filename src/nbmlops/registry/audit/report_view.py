"""How an audit report is laid out: one table after another, so that it prints whole."""

from collections.abc import Iterable, Iterator
from typing import Any

from nbmlops.display import numbers
from nbmlops.display.markup import Child, Markup, join, tag
from nbmlops.display.table import code, definitions, status, table, unbroken, words
from nbmlops.display.theme import page, scoped
from nbmlops.registry.audit.events import Event
from nbmlops.registry.audit.history_view import stays, stays_table
from nbmlops.registry.audit.report import Audit
from nbmlops.registry.audit.verification_view import verdict
from nbmlops.registry.records import ModelVersion
from nbmlops.registry.view import told

MOST_VERSIONS = 100  # described each by itself; the table lists more
_APPROVALS = frozenset({"request", "approve", "reject"})
_DECISIONS = frozenset({"promote", "rollback", "retire"})
_DATA = frozenset({"check", "acknowledge", "rebaseline"})
_PASSED = {True: "pass", False: "fails", None: "not applicable"}


def audit_page(audit: Audit) -> str:
    """Lay a report out as a whole HTML file.

    Parameters
    ----------
    audit
        What it tells.

    Returns
    -------
    str
        A document of under 2 MB: each section has a limit, and says what it left out.
    """
    sections: Iterable[Iterable[Child]] = (
        _summary(audit),
        _versions(audit),
        _each_version(audit),
        _production(audit),
        _decisions(audit),
        _of_verbs(audit, "Approvals", _APPROVALS, "Nobody asked for an approval."),
        _of_verbs(audit, "Data and skew", _DATA, "No check was made."),
        _trail(audit),
        _again(audit),
    )
    return page(map(scoped, sections), f"Audit report: {audit.name}")


def _summary(audit: Audit) -> Iterator[Child]:
    found = audit.verification
    yield tag("h2", f"Audit report: {audit.name}")
    yield tag("p", status("pass" if found.ok else "fail", verdict(found)))
    if found.problems:
        yield tag("ul", (tag("li", words(problem)) for problem in found.problems[:50]))
    holder = ", ".join(
        f"{alias} {version.ref}"
        for version in audit.versions
        for alias in version.aliases
    )
    yield definitions(
        [
            ("registry", code(audit.folder)),
            ("made", f"{numbers.moment(audit.made_at)} UTC by {audit.actor}"),
            ("versions", numbers.count(len(audit.versions))),
            ("in place", holder or "nothing"),
            ("events", numbers.count(len(audit.events))),
            ("head", code(found.head)),
        ]
    )


def _versions(audit: Audit) -> Iterator[Child]:
    rows: list[list[Child]] = [
        [
            version.ref,
            unbroken(numbers.moment(version.created_at)),
            version.author,
            version.estimator,
            ", ".join(version.aliases) + (" (deleted)" if version.is_deleted else ""),
            version.flavor,
            numbers.size(version.size),
            code(version.digest),
            len(audit.signers[version.ref]) or "no",
        ]
        for version in audit.versions
    ]
    headers = [
        "Version", "When (UTC)", "By", "Estimator", "Aliases", "Format", "Size",
        "SHA-256", "Signed",
    ]  # fmt: skip
    yield tag("h2", "Versions")
    yield table(headers, rows, numeric=(6,))


def _each_version(audit: Audit) -> Iterator[Child]:
    yield tag("h2", "What each version is made of")
    for version in audit.versions[:MOST_VERSIONS]:
        yield tag("h3", version.ref)
        yield definitions(
            (key, value) for key, value in _facts(audit, version) if value
        )
        yield _evaluations(version)
    rest = len(audit.versions) - MOST_VERSIONS
    if rest > 0:
        yield tag("p", f"{rest:,} older versions are in the table above only.")


def _facts(audit: Audit, version: ModelVersion) -> Iterator[tuple[str, Child]]:
    source, environment = version.source, version.environment
    packages = environment.get("packages", {})
    yield "description", words(version.description)
    yield "task", f"{version.task} {', '.join(version.target)}"
    yield "columns", numbers.count(len(version.signature.columns))
    for entry in version.datasets:
        shape = f"{entry['rows']:,} rows, {len(entry['columns'])} columns"
        yield entry["role"], join(f"{shape}, ", code(entry["digest"]))
    yield "code", words(_code(source))
    python = f"Python {environment.get('python', '?')}"
    yield "environment", f"{python}, {numbers.amount(len(packages), 'package')}"
    yield "parent", version.parent or ""
    yield "tags", words(", ".join(f"{k}={v}" for k, v in version.tags.items()))
    yield "signed by", join(*(code(key) for key in audit.signers[version.ref]))


def _code(source: Any) -> str:
    named = ("git_commit", "git_branch", "notebook", "script", "run")
    parts = [str(source[key]) for key in named if source.get(key)]
    if source.get("git_dirty"):
        parts.insert(1, "uncommitted changes")
    return ", ".join(parts)


def _evaluations(version: ModelVersion) -> Markup | None:
    rows: list[list[Child]] = [
        [
            record.name,
            f"{record.rows:,}",
            ", ".join(f"{k} {numbers.number(v)}" for k, v in record.metrics.items()),
            code(record.digest),
        ]
        for record in version.evaluations
    ]
    if not rows:
        return None
    headers = ["Evaluation", "Rows", "Metrics", "SHA-256 of the predictions"]
    return table(headers, rows, numeric=(1,))


def _production(audit: Audit) -> Iterator[Child]:
    yield tag("h2", "Who stood where")
    shown = stays_table(stays(audit.events), audit.made_at)
    yield shown or tag("p", "No version ever held an alias.")


def _decisions(audit: Audit) -> Iterator[Child]:
    yield tag("h2", "Promotions, and the gates as they were judged")
    events = [event for event in audit.events if event.verb in _DECISIONS]
    if not events:
        yield tag("p", "Nothing was promoted.")
    for event in events:
        forced = " FORCED" if event.detail.get("forced") else ""
        when = numbers.moment(event.happened_at)
        yield tag("h3", f"{event.verb} {event.subject}{forced}")
        yield tag("p", f"{when} UTC by {event.actor}. {told(event)}")
        results = event.detail.get("results", [])
        if results:
            rows = [[_PASSED[r["passed"]], r["name"], r["detail"]] for r in results]
            yield table(["Then", "Gate", "Figures"], rows)


def _of_verbs(
    audit: Audit, title: str, verbs: frozenset[str], none: str
) -> Iterator[Child]:
    events = [event for event in audit.events if event.verb in verbs]
    yield tag("h2", title)
    yield _events(events) if events else tag("p", none)


def _trail(audit: Audit) -> Iterator[Child]:
    yield tag("h2", "Every event, newest first")
    yield _events(audit.events)


def _events(events: Iterable[Event]) -> Markup:
    rows: list[list[Child]] = [
        [
            event.seq,
            unbroken(numbers.moment(event.happened_at)),
            event.verb,
            event.subject,
            told(event),
            event.actor,
            code(event.hash),
        ]
        for event in events
    ]
    headers = ["#", "When (UTC)", "What", "On", "Detail", "By", "Hash"]
    return table(headers, rows, numeric=(0,), most=1_000)


def _again(audit: Audit) -> Iterator[Child]:
    """Say how somebody who does not trust this page finds out for themselves."""
    yield tag("h2", "How to verify this again")
    yield tag(
        "pre",
        f"nbmlops --registry {audit.folder} verify --head \\\n"
        f'  "{audit.verification.head}"',
    )
    yield tag(
        "p",
        "It re-hashes every event and every artifact, replays the tables from the "
        "events, and looks for the head above in the chain. Keep the head where who "
        "can write to the registry cannot: a chain computed anew, or an older copy put "
        "back as a whole, shows against it and against nothing inside of the folder.",
    )
    yield tag(
        "p",
        "Without nbmlops: history --out writes the events, a hash is SHA-256 over "
        "the JSON list [seq, happened_at, verb, subject, sha256(salt + actor), "
        "sha256(salt + detail), previous], and an artifact's name is its SHA-256.",
    )
