"""How versions and history are shown, as text and as HTML."""

from collections.abc import Sequence
from datetime import datetime

from nbmlops.display import numbers
from nbmlops.display.markup import Child, Markup, tag
from nbmlops.display.table import (
    code,
    command,
    definitions,
    more,
    pills,
    table,
    unbroken,
    words,
)
from nbmlops.display.text import shorten, text_table
from nbmlops.display.theme import scoped
from nbmlops.host import typed
from nbmlops.registry.audit.events import Event
from nbmlops.registry.audit.keys import short
from nbmlops.registry.leading import leading_first
from nbmlops.registry.records import ModelVersion

SHOWN_EVENTS = 50
SHOWN_NOTES = 3
SHOWN_TEXTS = 8
MOST_IN_LINE = 240
BEFORE = "before the import, with the numbers of there"


def version_text(version: ModelVersion) -> str:
    """Show a version in a terminal."""
    aliases = ("aliases", ", ".join(version.aliases))
    known = [aliases, *facts(version)]
    rows = [(key, shorten(value, MOST_IN_LINE)) for key, value in known if value]
    lines = [f"{version.ref}  {shorten(_headline(version), MOST_IN_LINE)}"]
    lines.append(text_table(["", ""], rows, numeric=(), indent=2, running=1))
    if version.metrics:
        values = numbers.column(list(version.metrics.values()))
        rows = list(zip(version.metrics, values, strict=True))
        lines.append(text_table(["metric", "value"], rows, indent=2))
    return "\n".join(lines)


def version_html(version: ModelVersion) -> Markup:
    """Show a version in a notebook: its figures, its origin, and where its card is."""
    return scoped(
        tag("h2", version.ref, " ", pills(version.aliases)),
        tag("p", words(_headline(version), most=MOST_IN_LINE)),
        _metrics(version),
        definitions((key, value) for key, value in facts(version) if value),
        tag("p", "Model card:", command(typed(f"show {version.ref}"))),
    )


def history_text(events: Sequence[Event], earlier: Sequence[Event] = ()) -> str:
    """Show events in a terminal, newest first; then those of before an import."""
    if not events:
        return "nothing has happened yet"
    shown = _events_text(events)
    if earlier:
        shown += f"\n{BEFORE}\n{_events_text(earlier)}"
    return shown


def _events_text(events: Sequence[Event]) -> str:
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
    headers = ["#", "when (UTC)", "what", "on", "detail", "by"]
    shown = text_table(headers, rows, running=4)
    rest = len(events) - SHOWN_EVENTS
    return f"{shown}\n{more(rest)}" if rest > 0 else shown


def history_html(events: Sequence[Event]) -> Markup:
    """Show events in a notebook, newest first."""
    return scoped(history_table(events))


def history_table(events: Sequence[Event], caption: str = "Newest first") -> Markup:
    """Lay events out in a table, newest first."""
    rows: list[list[Child]] = [
        [
            event.seq,
            unbroken(numbers.moment(event.happened_at)),
            event.verb,
            event.subject,
            told(event),
            event.actor,
            unbroken(code(event.hash[:10])),
        ]
        for event in events
    ]
    if not rows:
        return tag("p", "Nothing has happened yet")
    headers = ["#", "When (UTC)", "What", "On", "Detail", "By", "Hash"]
    return table(headers, rows, caption=caption, numeric=(0,), most=SHOWN_EVENTS)


def told(event: Event) -> str:
    """Say in a few words what an event did."""
    detail = event.detail
    reason = f": {detail['reason']}" if detail.get("reason") else ""
    match event.verb:
        case "register":
            return f"{detail['estimator']}, {numbers.size(detail['size'])}"
        case "import":
            origin = detail["imported"]
            return f"{detail['estimator']}, was {origin['ref']} by {origin['author']}"
        case "evaluate":
            metrics = list(leading_first(detail["metrics"]).items())[:2]
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
        case "describe":
            return str(detail["description"])
        case "load":
            found = "; ".join(detail["findings"])
            outcome = "refused" if detail["refused"] else "loaded"
            return f"{detail['flavor']}, {outcome} on the caller's word" + (
                f": {found}" if found else ""
            )
        case "reproduce":
            return f"{detail['outcome']}: {detail['text']}"
        case "verify-load":
            return f"{'loads' if detail['ok'] else 'failed'}: {detail['detail']}"
        case "dataset":
            data, said = detail["data"], detail["description"]
            named = detail["name"] or data["digest"][:12]
            return f"{named}, {data['rows']:,} rows" + (f": {said}" if said else "")
        case "gc":
            of = numbers.amount(len(detail["versions"]), "deleted version")
            count = numbers.amount(len(detail["digests"]), "artifact")
            return f"{count} of {of}, {numbers.size(detail['size'])}"
        case "request" | "approve" | "reject":
            return f"{detail['alias']}{reason}"
        case "redact":
            return f"event {detail['seq']}{reason}"
        case "sign":
            return f"by {short(detail['key'])}"
        case "acknowledge":
            return f"{detail['column']} until {detail['until']}{reason}"
    return reason.removeprefix(": ")


def _moved(detail: dict[str, object]) -> str:
    before, after = detail["previous"], detail["number"]
    move = f"{before or 'none'} → {after or 'none'}"
    return f"{detail['alias']} {move}"


def _headline(version: ModelVersion) -> str:
    said = version.description or version.estimator
    return f"{said} (deleted)" if version.is_deleted else said


def facts(version: ModelVersion) -> list[tuple[str, str]]:
    """Say where a version comes from; what is empty is left out."""
    reported = [f"{k} {numbers.number(v)}" for k, v in version.reported.items()]
    train = next((d for d in version.datasets if d["role"] == "train"), None)
    return [
        ("estimator", version.estimator if version.description else ""),
        ("task", _task(version)),
        ("trained on", _dataset(train) if train else ""),
        ("made", f"{numbers.moment(version.created_at)} UTC by {version.author}"),
        ("imported", _origin(version)),
        ("code", _code(version)),
        ("parent", version.parent or ""),
        ("tags", _first([f"{k}={v}" for k, v in version.tags.items()])),
        *_notes(version),
        ("reported", _first(reported)),
        ("attached", _first(list(version.attachments))),
        ("size", f"{numbers.size(version.size)}, {version.flavor}"),
        ("digest", version.digest[:16]),
    ]


def _origin(version: ModelVersion) -> str:
    """Say what an imported version was where it was made."""
    origin = version.imported
    if not origin:
        return ""
    made = numbers.moment(datetime.fromisoformat(origin["created_at"]))
    where = origin["registry"][:12] if origin["head"] else origin["registry"]
    return f"was {origin['ref']} of {where}, made {made} UTC by {origin['author']}"


def _first(texts: Sequence[str]) -> str:
    """List the first of some texts of a user's, the rest counted."""
    shown = ", ".join(shorten(text, 40) for text in texts[:SHOWN_TEXTS])
    return shown + _rest(len(texts) - SHOWN_TEXTS, " and {} more")


def _notes(version: ModelVersion) -> list[tuple[str, str]]:
    """Show the newest notes first; the others are in the history."""
    shown = list(version.notes[::-1][:SHOWN_NOTES])
    rest = len(version.notes) - SHOWN_NOTES
    if rest > 0:
        shown.append(more(rest, typed(f"history {version.name}")))
    return list(zip(["notes", *[""] * len(shown)], shown, strict=False))


def _task(version: ModelVersion) -> str:
    target = ", ".join(version.target)
    task = f"{version.task}, {target}" if target else version.task
    if version.task == "binary" and version.classes:
        return f"{task} (positive: {version.classes[1]!r})"
    return task


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


def _rest(count: int, words: str) -> str:
    return words.format(f"{count:,}") if count > 0 else ""
