"""What a model card says, section by section."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from nbmlops.display import numbers
from nbmlops.display.document import (
    Block,
    Code,
    Document,
    Facts,
    Grid,
    Items,
    Section,
    Words,
)
from nbmlops.display.table import STATUS, Status
from nbmlops.display.text import counted
from nbmlops.host import typed
from nbmlops.lifecycle.card_figures import (
    figures,
    importance_section,
    metrics_section,
    rest,
    slices_section,
)
from nbmlops.lifecycle.estimators import unseeded
from nbmlops.profiles.view import HEADERS, profile_line
from nbmlops.registry.audit.keys import short
from nbmlops.registry.records import ModelVersion
from nbmlops.registry.view import facts

if TYPE_CHECKING:
    from nbmlops.lifecycle.card import Card

#: What only a person can say, as tags.
INTENDED_USE, OUT_OF_SCOPE, LIMITS = "intended_use", "out_of_scope", "limits"
SAID_TAGS = (INTENDED_USE, OUT_OF_SCOPE, LIMITS)
FEW_TEST_ROWS = 500
MOST_ROWS = 60  # of columns, parameters, packages
_ORIGIN = {"branch": "git_branch", "remote": "git_remote", "notebook": "notebook"}
_ELSEWHERE = ("trained on", "code", "tags", "digest")


def card_document(card: "Card") -> Document:
    """Write a card.

    Parameters
    ----------
    card
        What is known.

    Returns
    -------
    Document
        What decides first, then the sections of a model card.
    """
    version = card.version
    title, detail = _headline(card)
    made = f"{numbers.moment(version.created_at)} UTC by {version.author}"
    deleted = ", deleted" if version.is_deleted else ""
    found = [
        _details(version),
        _use(version),
        metrics_section(card),
        importance_section(version),
        slices_section(card),
        _data(card),
        _production(card),
        _limits(card),
        _provenance(version),
        *_settings(version),
        _loading(card),
    ]
    return Document(
        eyebrow=f"Model card \N{MIDDLE DOT} registered {made}{deleted}",
        title=title,
        detail=detail,
        labels=version.aliases,
        buts=tuple(_buts(card)),
        lead=version.description,
        sections=tuple(section for section in found if section is not None),
    )


def _headline(card: "Card") -> tuple[str, str]:
    """Say the number that decides, and its interval."""
    version = card.version
    lead = next(iter(card.figures.metrics), None)
    if lead is None or card.evaluation is None:
        return f"{version.ref}: {version.estimator}", ""
    value, bounds = figures(lead)
    interval = f"(95% {bounds}) " if bounds else ""
    where = f"on {card.evaluation.name}, {card.evaluation.rows:,} rows"
    return f"{version.ref}: {lead.label} {value}", f"{interval}{where}"


def _buts(card: "Card") -> Iterator[tuple[Status, str]]:
    worse = [s for s in card.figures.slices if s.verdict == "worse"]
    if worse:
        named = [f"{s.column} {s.slice}" for s in worse[:4]]
        yield "worse", f"clearly worse on {counted([*named, *rest(len(worse) - 4)])}"
    check = card.check
    if check is not None:
        when = numbers.moment(check.happened_at)
        yield _verdict(check.verdict), f"newest skew check: {check.outcome}, {when} UTC"
    for problem in card.problems:
        yield "fault", problem


def _details(version: ModelVersion) -> Section:
    tags = [f"{k}={v}" for k, v in version.tags.items() if k not in SAID_TAGS]
    known = [pair for pair in facts(version) if pair[1] and pair[0] not in _ELSEWHERE]
    if tags:
        known.append(("tags", ", ".join([*tags[:12], *rest(len(tags) - 12)])))
    answer = f"{version.estimator}, {numbers.size(version.size)}"
    return Section(title="Details", answer=answer, blocks=(Facts(tuple(known)),))


def _use(version: ModelVersion) -> Section:
    said = version.tags.get(INTENDED_USE, ""), version.tags.get(OUT_OF_SCOPE, "")
    how = typed(f'tag {version.ref} {INTENDED_USE}="..." {OUT_OF_SCOPE}="..."')
    if not any(said):
        return Section(title="Intended use", answer=f"not said; {how}")
    pairs = tuple((term, text or "not said") for term, text in zip(
        ("intended use", "out of scope"), said, strict=True
    ))  # fmt: skip
    answer = said[0] or f"not for: {said[1]}"
    return Section(title="Intended use", answer=answer, blocks=(Facts(pairs),))


def _data(card: "Card") -> Section:
    version = card.version
    rows = []
    for entry in version.datasets:
        known = card.datasets.get(entry["role"])
        name = known.name if known else ""
        what = name or (known.shown if known else "") or entry["description"]
        columns = numbers.count(len(entry["columns"]))
        rows.append(
            (entry["role"], what, f"{entry['rows']:,}", columns, entry["digest"][:12])
        )
    grid = Grid(
        headers=("Role", "Dataset", "Rows", "Columns", "Digest"),
        rows=tuple(rows),
        numeric=(2, 3),
    )
    answer = ", ".join(
        f"{role}: {count} rows of {what}" for role, what, count, *_ in rows
    )
    profile = version.profile
    blocks: list[Block] = [grid] if rows else []
    if profile is not None:
        shown = list(profile.columns.items())[:MOST_ROWS]
        rest = len(profile.columns) - len(shown)
        blocks.append(
            Grid(
                headers=tuple(header.capitalize() for header in HEADERS),
                rows=tuple(profile_line(name, column) for name, column in shown),
                caption="The training data"
                + (f"; {rest:,} columns more" if rest else ""),
                numeric=(2, 3),
            )
        )
    return Section(title="Data", answer=answer or "not known", blocks=tuple(blocks))


def _production(card: "Card") -> Section:
    version, check = card.version, card.check
    aliases = ", ".join(version.aliases) or "no alias"
    pairs = [("aliases", aliases)]
    if check is not None:
        when = f"{numbers.moment(check.happened_at)} UTC"
        pairs.append(("newest check", f"{check.outcome}, {when}, of {check.serving}"))
    else:
        how = typed(f"skew {version.ref} FRAME")
        pairs.append(("newest check", f"never checked for skew; {how}"))
    pairs += [
        ("muted" if index == 0 else "", f"{column} until {until}: {reason}")
        for index, (column, (until, reason)) in enumerate(card.muted.items())
    ]
    seen = f"newest check: {check.outcome}" if check else "never checked for skew"
    answer = f"{aliases}; {seen}"
    return Section(title="Production", answer=answer, blocks=(Facts(tuple(pairs)),))


def _limits(card: "Card") -> Section:
    said = card.version.tags.get(LIMITS, "")
    found = [*filter(None, [said]), *_found_limits(card)]
    if not found:
        return Section(title="Limits", answer="none known")
    items = Items(tuple((None, text) for text in found))
    answer = "; ".join([found[0], *rest(len(found) - 1)])
    return Section(title="Limits", answer=answer, blocks=(items,))


def _found_limits(card: "Card") -> Iterator[str]:
    """Say what the record itself shows to be weak."""
    version, own = card.version, card.evaluation
    if own is None and version.target:
        yield "it was never evaluated: nothing says how good it is"
    if own is not None and own.rows < FEW_TEST_ROWS:
        yield f"{own.name} has {own.rows:,} rows: its figures are rough"
    if own is not None and not own.groups:
        yield "no groups were named: the intervals take the rows as independent"
    if own is not None and not own.slices:
        yield "no slices were named: whether it is worse for some rows is not known"
    if version.signature.is_partial:
        yield "only the names of its columns are known, not their types"
    if version.profile is None:
        yield "no training data was given: skew needs a reference of its own"
    if version.source.get("git_dirty"):
        yield "made with uncommitted changes: the commit alone does not give it again"
    if not version.source.get("git_commit"):
        is_inside = "git_branch" in version.source
        where = "before the first commit" if is_inside else "outside"
        yield f"made {where} of a git repository: no commit has its code"
    for key in unseeded(version.params):
        yield f"{key} is None: fitted again it may come out differently"
    if card.muted:
        yield f"skew findings are muted in {counted(list(card.muted)[:6])}"


def _provenance(version: ModelVersion) -> Section:
    source = version.source
    pairs = [(k, v) for k, v in facts(version) if v and k == "code"]
    pairs += [
        (label, str(source[key])) for label, key in _ORIGIN.items() if source.get(key)
    ]
    if "seconds" in source:
        pairs.append(("took", numbers.duration(source["seconds"])))
    if source.get("process_peak_bytes"):
        peak = numbers.size(source["process_peak_bytes"])
        pairs.append(("peak memory", f"{peak}, of the whole process"))
    environment = version.environment
    packages = environment.get("packages", {})
    python = f"Python {environment.get('python', '?')}"
    pairs.append(("environment", f"{python}, {environment.get('platform', '')}"))
    blocks: list[Block] = [Facts(tuple(pairs))]
    blocks += [Code(code, "python") for code in _cells(source)]
    answer = f"{pairs[0][1]}; {python}, {numbers.amount(len(packages), 'package')}"
    return Section(title="Provenance", answer=answer, blocks=tuple(blocks))


def _cells(source: Mapping[str, Any]) -> Iterator[str]:
    """Give the cells that made a version; of an older one, the last alone."""
    cells = source.get("cells") or ()
    if source.get("cells_left_out"):
        yield f"# {source['cells_left_out']} cells before these were not kept"
    for cell in cells:
        yield f"# In [{cell['count']}]\n{cell['code']}"
    if not cells and source.get("cell"):
        yield str(source["cell"])


def _settings(version: ModelVersion) -> Iterator[Section]:
    """List what the model reads, its parameters, and the packages."""
    signature = version.signature
    columns = [
        (c.name, c.kind, c.dtype, "yes" if c.nullable else "no")
        for c in signature.columns
    ]
    names_only = ", names only" if signature.is_partial else ""
    yield _table(
        "Signature",
        numbers.amount(len(columns), "column") + names_only,
        ("Column", "Kind", "Type", "Nulls seen"),
        columns,
    )
    params = list(version.params.items())
    if params:
        count = numbers.amount(len(params), "parameter")
        yield _table("Parameters", count, ("Name", "Value"), params)
    packages = version.environment.get("packages", {})
    yield Section(
        title="Environment",
        answer=numbers.amount(len(packages), "package"),
        blocks=(Words(", ".join(f"{k} {v}" for k, v in packages.items())),),
    )


def _table(
    title: str, answer: str, headers: tuple[str, ...], rows: list[Any]
) -> Section:
    return Section(
        title=title, answer=answer, blocks=(Grid(headers=headers, rows=tuple(rows)),)
    )


def _loading(card: "Card") -> Section:
    version = card.version
    lines = (
        f'registry = nbmlops.open_registry()\nmodel = registry.load("{version.ref}")'
    )
    signed = ", ".join(short(key) for key in card.signed_by)
    pairs = (
        ("digest", version.digest),
        ("signed by", signed or "nobody"),
    )
    return Section(
        title="Loading",
        answer=f'registry.load("{version.ref}")',
        blocks=(Code(lines, "python"), Facts(pairs)),
    )


def _verdict(word: str) -> Status:
    return next((kind for kind, known in STATUS.items() if known[1] == word), "none")
