"""How versions, history and verifications are shown, as text and as HTML."""

from collections.abc import Iterable, Sequence

from nbmlops.display import numbers
from nbmlops.display.markup import Child, Markup, join, tag
from nbmlops.display.table import code, definitions, fold, folds, pill, status, table
from nbmlops.display.text import clean, text_table
from nbmlops.display.theme import scoped
from nbmlops.registry.events import Event
from nbmlops.registry.records import ModelVersion
from nbmlops.registry.verification import Verification

SHOWN_EVENTS = 50
SHOWN_PROBLEMS = 20


def version_text(version: ModelVersion) -> str:
    """Show a version in a terminal."""
    pairs = [(key, _plain(value)) for key, value in _facts(version)]
    lines = [f"{version.ref}  {_headline(version)}"]
    lines.append(text_table(["", ""], [p for p in pairs if p[1]], numeric=(), indent=2))
    if version.metrics:
        values = numbers.column(list(version.metrics.values()))
        rows = list(zip(version.metrics, values, strict=True))
        lines.append(text_table(["metric", "value"], rows, indent=2))
    return "\n".join(lines)


def version_html(version: ModelVersion) -> Markup:
    """Show a version in a notebook: what decides first, the settings folded."""
    headline = tag(
        "h2", version.ref, " ", *(join(pill(alias), " ") for alias in version.aliases)
    )
    return scoped(
        headline,
        tag("p", _headline(version)),
        definitions((key, value) for key, value in _facts(version) if value),
        _metrics(version),
        folds(*_folds(version)),
    )


def history_text(events: Sequence[Event]) -> str:
    """Show events in a terminal, newest first."""
    if not events:
        return "nothing has happened yet"
    rows = [
        [
            str(event.seq),
            numbers.moment(event.happened_at),
            event.verb,
            event.subject,
            told(event),
            event.actor,
        ]
        for event in events[:SHOWN_EVENTS]
    ]
    shown = text_table(["#", "when (UTC)", "what", "on", "detail", "by"], rows)
    return shown + _rest(len(events) - SHOWN_EVENTS, "\n{} earlier")


def history_html(events: Sequence[Event]) -> Markup:
    """Show events in a notebook, newest first."""
    rows: list[list[Child]] = [
        [
            event.seq,
            numbers.moment(event.happened_at),
            event.verb,
            event.subject,
            told(event),
            event.actor,
            code(event.hash[:10]),
        ]
        for event in events[:SHOWN_EVENTS]
    ]
    headers = ["#", "When (UTC)", "What", "On", "Detail", "By", "Hash"]
    rest = _rest(len(events) - SHOWN_EVENTS, "{} earlier events are not shown")
    return scoped(
        table(headers, rows, caption="Newest first", numeric=(0,)),
        tag("p", rest) if rest else None,
    )


def told(event: Event) -> str:
    """Say in a few words what an event did."""
    detail = event.detail
    reason = f": {detail['reason']}" if detail.get("reason") else ""
    match event.verb:
        case "register":
            return f"{detail['estimator']}, {numbers.size(detail['size'])}"
        case "evaluate":
            metrics = list(detail["metrics"].items())[:2]
            figures = ", ".join(f"{k} {numbers.number(v)}" for k, v in metrics)
            return f"{detail['evaluation']}, {detail['rows']:,} rows: {figures}"
        case "check":
            columns = ", ".join(detail["columns"][:3])
            return f"{detail['verdict']}" + (f": {columns}" if columns else "")
        case "promote":
            forced = " (forced)" if detail["forced"] else ""
            return f"{_moved(detail)}{forced}{reason}"
        case "rollback" | "alias" | "retire" | "unalias":
            return f"{_moved(detail)}{reason}"
        case "tag":
            return ", ".join(f"{k}={v}" for k, v in detail["tags"].items())
        case "note":
            return str(detail["text"])
        case "acknowledge":
            return f"{detail['column']} until {detail['until']}{reason}"
    return reason.removeprefix(": ")


def verification_text(found: Verification) -> str:
    """Show a verification in a terminal."""
    lines = [_verdict(found), *(f"  {p}" for p in found.problems[:SHOWN_PROBLEMS])]
    more = _rest(len(found.problems) - SHOWN_PROBLEMS, "  and {} more")
    if more:
        lines.append(more)
    if found.orphans:
        lines.append(f"  {_orphans(found)}")
    if found.head:
        lines.append(f"  head: {found.head}")
    return "\n".join(lines)


def verification_html(found: Verification) -> Markup:
    """Show a verification in a notebook."""
    return scoped(
        tag("h2", status("pass" if found.ok else "fail", _verdict(found))),
        tag("ul", *(tag("li", p) for p in found.problems[:SHOWN_PROBLEMS]))
        if found.problems
        else None,
        tag("p", _rest(len(found.problems) - SHOWN_PROBLEMS, "and {} more")),
        tag("p", _orphans(found)) if found.orphans else None,
        tag("p", "Head: ", code(found.head)) if found.head else None,
    )


def _verdict(found: Verification) -> str:
    looked = f"{found.events:,} events and {found.artifacts:,} artifacts"
    if found.ok:
        return f"{looked} are what was recorded"
    count = len(found.problems)
    return f"{numbers.amount(count, 'problem')} in {looked}"


def _orphans(found: Verification) -> str:
    count = numbers.amount(len(found.orphans), "artifact")
    return f"{count} named by no event (left by an interrupted change; harmless)"


def _moved(detail: dict[str, object]) -> str:
    before, after = detail["previous"], detail["number"]
    move = f"{before or 'none'} → {after or 'none'}"
    return f"{detail['alias']} {move}"


def _headline(version: ModelVersion) -> str:
    said = version.description or version.estimator
    return f"{said} (deleted)" if version.is_deleted else said


def _facts(version: ModelVersion) -> list[tuple[str, Child]]:
    train = next((d for d in version.datasets if d["role"] == "train"), None)
    return [
        ("estimator", version.estimator),
        ("aliases", ", ".join(version.aliases)),
        ("task", _task(version)),
        ("trained on", _dataset(train) if train else ""),
        ("made", f"{numbers.moment(version.created_at)} UTC by {version.author}"),
        ("code", _code(version)),
        ("parent", version.parent),
        ("tags", ", ".join(f"{k}={v}" for k, v in version.tags.items())),
        ("size", f"{numbers.size(version.size)}, {version.flavor}"),
        ("digest", version.digest[:16]),
        ("notes", "; ".join(version.notes)),
        ("reported", _listed(version.reported)),
        ("attached", ", ".join(version.attachments)),
    ]


def _task(version: ModelVersion) -> str:
    target = ", ".join(version.target)
    if version.task == "binary" and version.classes:
        return f"binary, {target} (positive: {version.classes[1]!r})"
    return f"{version.task}, {target}" if target else version.task


def _dataset(entry: object) -> str:
    assert isinstance(entry, dict)
    return (
        f"{entry['rows']:,} rows, {len(entry['columns'])} columns of a "
        f"{entry['description']} ({entry['digest'][:12]})"
    )


def _code(version: ModelVersion) -> str:
    source = version.source
    parts = []
    if source.get("git_commit"):
        dirty = ", uncommitted changes" if source.get("git_dirty") else ""
        parts.append(f"commit {source['git_commit'][:10]}{dirty}")
    if source.get("notebook"):
        parts.append(str(source["notebook"]))
    if source.get("run"):
        parts.append(f"run {source['run']}")
    if source.get("command"):
        parts.append(str(source["command"]))
    if source.get("script"):
        parts.append(f"{source['script']} line {source['line']}")
    return ", ".join(parts)


def _listed(values: object) -> str:
    assert isinstance(values, dict)
    return ", ".join(f"{k} {numbers.number(v)}" for k, v in values.items())


def _metrics(version: ModelVersion) -> Markup | None:
    if not version.evaluations:
        return None
    names = list(dict.fromkeys(m for e in version.evaluations for m in e.metrics))
    rows: list[list[Child]] = []
    for name in names:
        values = [e.metrics.get(name) for e in version.evaluations]
        rows.append([name, *numbers.column(values)])
    headers = ["Metric", *(f"{e.name} ({e.rows:,} rows)" for e in version.evaluations)]
    columns = tuple(range(1, len(headers)))
    return table(headers, rows, caption="Evaluations", numeric=columns, fit=True)


def _folds(version: ModelVersion) -> Iterable[Markup]:
    signature = version.signature
    yield fold(
        "Signature",
        f"{len(signature.columns)} columns"
        + (", names only" if signature.is_partial else ""),
        table(
            ["Column", "Kind", "Type", "Nulls seen"],
            [
                [c.name, c.kind, c.dtype, "yes" if c.nullable else "no"]
                for c in signature.columns
            ],
            fit=True,
        ),
    )
    if version.params:
        rows = [[key, code(value)] for key, value in version.params.items()]
        answer = numbers.amount(len(rows), "parameter")
        yield fold("Parameters", answer, table(["Name", "Value"], rows, fit=True))
    cell = version.source.get("cell")
    if cell:
        yield fold("Cell", "the code that registered it", tag("pre", str(cell)))
    packages = version.environment.get("packages", {})
    yield fold(
        "Environment",
        f"Python {version.environment.get('python', '?')}, {len(packages)} packages",
        table(["Package", "Version"], [[k, v] for k, v in packages.items()], fit=True),
    )


def _plain(value: Child) -> str:
    return clean(value) if isinstance(value, str) else str(value)


def _rest(count: int, words: str) -> str:
    return words.format(f"{count:,}") if count > 0 else ""
