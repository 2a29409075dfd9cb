"""What stands behind the metrics: slices, flips, data, parameters, environment, size.

Each section is one line that already gives the answer, and what is found inside.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from nbmlops.compare import phrases
from nbmlops.compare.curve_view import curves_answer, curves_body
from nbmlops.compare.settings_view import settings_answer, settings_body
from nbmlops.compare.slice_view import slices_answer, slices_body
from nbmlops.display import numbers
from nbmlops.display.markup import Child, Markup, classes, join, tag
from nbmlops.display.table import code, fold, folds, mark, status, table, words
from nbmlops.display.text import clean, counted, middle_shorten

if TYPE_CHECKING:
    from nbmlops.compare.comparison import Comparison, Flips, VersionSide
    from nbmlops.display.table import Status

Marks = Mapping[str, str]
ARROW = f" {numbers.ARROW} "
MOST_ROWS = 60  # of parameters, packages, columns
MOST_VERSIONS = 8  # side by side
STATUS_OF: Mapping[str, "Status"] = {
    "handling fault": "fault",
    "over tolerance": "over",
    "within tolerance": "within",
    "not enough data": "short",
    "no evidence": "none",
}


class Section(NamedTuple):
    """A title, its answer in a line, and what is inside."""

    title: str
    answer: str
    body: Markup


def sections(comparison: "Comparison", marks: Marks) -> list[Section]:
    """Give every section that has something to say, in the order of use.

    Parameters
    ----------
    comparison
        What `compare` found.
    marks
        The short mark of each version, by ref.

    Returns
    -------
    list of Section
        Their answers are plain text.
    """
    versions = comparison.versions
    both = (comparison, marks)
    shown = versions[:MOST_VERSIONS]
    labels, heads = [marks[version.ref] for version in shown], _heads(shown, marks)
    params = [version.params for version in shown]
    found = [
        Section("Slices", slices_answer(*both), slices_body(*both)),
        Section("Curves", curves_answer(*both), curves_body(*both)),
        Section("Flips", _flips_answer(*both), _flips_body(*both)),
        Section("Training data", _data_answer(*both), _data_body(*both)),
        Section(
            "Parameters",
            settings_answer(params, "parameter", labels),
            settings_body(params, "parameter", heads),
        ),
        Section(
            "Environment",
            _environment_answer(shown, labels),
            _environment_body(shown, heads),
        ),
        Section(
            "Size and speed", _size_answer(versions, marks), _size_body(versions, marks)
        ),
        Section("Reported", _reported_answer(comparison), _reported_body(*both)),
    ]
    return [section for section in found if section.answer]


def all_folds(comparison: "Comparison", marks: Marks) -> Markup:
    """Fold every section under its answer."""
    return folds(fold(s.title, s.answer, s.body) for s in sections(comparison, marks))


def answers(comparison: "Comparison", marks: Marks) -> list[tuple[str, str]]:
    """Give the titles and answers alone, for a terminal."""
    return [(s.title, s.answer) for s in sections(comparison, marks)]


def _environment_answer(
    versions: Sequence["VersionSide"], labels: Sequence[str]
) -> str:
    packages = [version.environment for version in versions]
    pythons = {version.python for version in versions}
    found = "Python differs" if len(pythons) > 1 else ""
    answer = settings_answer(packages, "package", labels)
    return "; ".join(filter(None, [found, answer]))


def _environment_body(
    versions: Sequence["VersionSide"], heads: Sequence[Child]
) -> Markup:
    packages = [version.environment for version in versions]
    pythons = [version.python or numbers.NOTHING for version in versions]
    return join(
        table(["", *heads], [["Python", *pythons]], fit=True)
        if any(version.python for version in versions)
        else None,
        settings_body(packages, "package", heads),
    )


def _flips_answer(comparison: "Comparison", marks: Marks) -> str:
    several = len(comparison.flips) > 1
    parts = []
    for f in comparison.flips[:MOST_VERSIONS]:
        if not f.rows:
            continue
        one, other = marks.get(f.baseline, "?"), marks.get(f.challenger, "?")
        share = numbers.percent(f.disagree / f.rows)
        rows = numbers.amount(f.disagree, "row")
        right = numbers.percent(f.challenger_right / f.disagree) if f.disagree else ""
        said = f"{other} and {one} disagree on {rows} ({share})"
        if several:
            said = f"not as {one} on {share} of rows"
        if right:
            said += f", {'' if several else f'{other} is '}right on {right} of them"
        parts.append((other, said))
    return phrases.together(parts, is_named=several)


def _flips_body(comparison: "Comparison", marks: Marks) -> Markup:
    return join(_flips(f, marks) for f in comparison.flips[:MOST_VERSIONS])


def _flips(flips: "Flips", marks: Marks) -> Markup:
    one, other = marks.get(flips.baseline, "?"), marks.get(flips.challenger, "?")
    lead = tag(
        "p",
        tag("b", "Where they disagree, "),
        mark(other, solid=True),
        f" is right on {numbers.amount(flips.challenger_right, 'row')}, ",
        mark(one),
        f" on {numbers.count(flips.baseline_right)}.",
    )
    rows = [
        (
            join(words(p.baseline_prediction, most=40), ARROW,
                 words(p.challenger_prediction, most=40)),
            numbers.count(p.rows),
            numbers.count(p.baseline_right),
            numbers.count(p.challenger_right),
        )
        for p in flips.pairs[:20]
    ]  # fmt: skip
    heads: list[Child] = [
        [mark(one), " says", ARROW, mark(other, solid=True), " says"],
        "Rows",
        [mark(one), " right"],
        [mark(other, solid=True), " right"],
    ]
    return tag(
        "div",
        lead,
        _shares(flips),
        table(heads, rows, numeric=[1, 2, 3], fit=True) if rows else None,
    )


def _shares(flips: "Flips") -> Markup:
    """Draw who is right on how many of the rows, the challenger first."""
    shares = [(flips.challenger_right, "solid"), (flips.baseline_right, "")]
    return tag(
        "div",
        (
            tag(
                "span",
                class_=classes(look) if look else None,
                style=f"flex-grow:{number}",
            )
            for number, look in shares
        ),
        class_=classes("share"),
        aria_hidden="true",
    )


def _data_answer(comparison: "Comparison", marks: Marks) -> str:
    parts = []
    for ref, columns in comparison.data.items():
        lost = [c for c in columns if c.get("cause") == "missing-column"]
        moved = [c for c in columns if _moved(c) and c not in lost]
        rest = numbers.amount(len(columns) - len(moved) - len(lost), "column")
        said = [
            f"{_first_of(found)} {what}"
            for found, what in ((moved, "moved"), (lost, "left out"))
            if found
        ]
        parts.append((marks.get(ref, "?"), ", ".join([*said, f"{rest} alike"])))
    trained = [v.training for v in comparison.versions]
    if not parts and len(set(trained)) > 1:
        return clean(ARROW.join(trained[:MOST_VERSIONS]))
    return phrases.together(parts, is_named=len(comparison.versions) > 2)


def _first_of(columns: Sequence[Mapping[str, object]]) -> str:
    named = [middle_shorten(c.get("column", ""), 24) for c in columns[:3]]
    more = [f"{len(columns) - 3} more"] if len(columns) > 3 else []
    return counted([*named, *more])


def _data_body(comparison: "Comparison", marks: Marks) -> Markup:
    parts = [_data(ref, columns, marks) for ref, columns in comparison.data.items()]
    trained = [
        (_marked(v.ref, comparison, marks), words(v.training, most=120))
        for v in comparison.versions[:MOST_VERSIONS]
        if v.training
    ]
    return join(table(["Version", "Trained on"], trained) if trained else None, parts)


def _data(ref: str, columns: Sequence[Mapping[str, object]], marks: Marks) -> Markup:
    order = list(STATUS_OF)
    known = sorted(
        (c for c in columns if c.get("verdict") in STATUS_OF),
        key=lambda c: order.index(str(c["verdict"])),
    )
    shown = [c for c in known if c["verdict"] != "no evidence"][:MOST_ROWS]
    rows = [
        (
            code(c.get("column", ""), width=60),
            status(STATUS_OF[str(c["verdict"])], calm=True),
            numbers.fixed(_float(c.get("distance")), 2),
            words(c.get("cause") or "", most=200),
        )
        for c in shown
    ]
    rest = [middle_shorten(c.get("column", ""), 40) for c in known if c not in shown]
    caption = [tag("b", "Columns"), " of ", mark(marks.get(ref, "?"), solid=True)]
    more = f"Alike: {', '.join(rest[:20])}" + (
        f" and {len(rest) - 20} more." if len(rest) > 20 else "."
    )
    return join(
        table(
            ["Column", "Verdict", "Distance", "Cause"],
            rows,
            caption=caption,
            numeric=[2],
        )
        if rows
        else None,
        tag("p", more, class_=classes("note")) if rest else None,
    )


def _moved(column: Mapping[str, object]) -> bool:
    return column.get("verdict") in ("over tolerance", "handling fault")


def _size_answer(versions: Sequence["VersionSide"], marks: Marks) -> str:
    several = len(versions) > 2
    shown = versions[:MOST_VERSIONS]

    def chain(texts: Iterable[str]) -> str:
        known = list(texts)
        if several:
            return ", ".join(
                f"{marks[v.ref]}: {text}" for v, text in zip(shown, known, strict=True)
            )
        return ARROW.join(known)

    parts = []
    if any(v.size for v in versions):
        parts.append(chain(numbers.size(v.size or None) for v in shown))
    if any(v.latency_ms is not None for v in versions):
        parts.append(f"{chain(_latency(v) for v in shown)} per row")
    return "; ".join(parts)


def _size_body(versions: Sequence["VersionSide"], marks: Marks) -> Markup:
    shown = versions[:MOST_VERSIONS]
    rows: list[Sequence[Child]] = [
        ["Size", *(numbers.size(v.size or None) for v in shown)],
        ["One row, median", *(_latency(v) for v in shown)],
    ]
    heads: list[Child] = ["Measure", *_heads(shown, marks)]
    return table(heads, rows, numeric=range(1, len(shown) + 1), fit=True)


def _latency(version: "VersionSide") -> str:
    measured = version.latency_ms
    return numbers.duration(None if measured is None else measured / 1000)


def _reported_answer(comparison: "Comparison") -> str:
    names = list(
        dict.fromkeys(n for side in comparison.reported.values() for n in side)
    )
    if not names:
        return ""
    kept = [middle_shorten(name, 30) for name in names[:4]]
    more = [f"{len(names) - 4} more"] if len(names) > 4 else []
    return f"{counted([*kept, *more])}, given at registering and not computed here"


def _reported_body(comparison: "Comparison", marks: Marks) -> Markup:
    shown = comparison.versions[:MOST_VERSIONS]
    names = list(
        dict.fromkeys(n for side in comparison.reported.values() for n in side)
    )
    rows: list[Sequence[Child]] = [
        [
            code(name, width=60),
            *(
                numbers.number(comparison.reported.get(v.ref, {}).get(name))
                for v in shown
            ),
        ]
        for name in names[:MOST_ROWS]
    ]
    heads: list[Child] = ["Number", *_heads(shown, marks)]
    return table(heads, rows, numeric=range(1, len(shown) + 1), fit=True)


def _heads(versions: Sequence["VersionSide"], marks: Marks) -> list[Markup]:
    return [
        mark(marks[version.ref], solid=index > 0)
        for index, version in enumerate(versions)
    ]


def _marked(ref: str, comparison: "Comparison", marks: Marks) -> Markup:
    is_first = ref == comparison.versions[0].ref
    return join(mark(marks[ref], solid=not is_first), " ", phrases.name_of(ref))


def _float(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) else None
