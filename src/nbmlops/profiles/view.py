"""How a profile is shown: a text table, the same in HTML, and plain values."""

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from nbmlops.display.markup import Markup, classes, tag
from nbmlops.display.numbers import amount, count, duration, number, percent
from nbmlops.display.text import counted, shorten, sparkline, text_table
from nbmlops.display.theme import scoped
from nbmlops.profiles.columns import (
    BooleanColumn,
    ColumnProfile,
    NumberColumn,
    OtherColumn,
    TextColumn,
    TimeColumn,
)
from nbmlops.profiles.free_text_column import FreeTextColumn
from nbmlops.profiles.vector_column import VectorColumn

if TYPE_CHECKING:
    from nbmlops.profiles.profile import Profile

HEADERS = ("column", "kind", "null", "distinct", "shape", "what is in it")
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
LABELS_SHOWN = 3
LABEL_WIDTH = 18
BARS = 12
COLUMNS_SHOWN = 200


def profile_text(profile: "Profile") -> str:
    """Write a profile as a table for the terminal."""
    rows = [profile_line(name, column) for name, column in _shown(profile)]
    table = text_table(HEADERS, rows, numeric=(2, 3), width=118)
    return "\n".join([_headline(profile), table, *_notes(profile)])


def profile_html(profile: "Profile") -> Markup:
    """Write a profile as one self-contained piece of HTML."""
    rows = [
        tag(
            "tr",
            [_cell(at, text) for at, text in enumerate(profile_line(name, column))],
        )
        for name, column in _shown(profile)
    ]
    head = tag("tr", [tag("th", header, scope="col") for header in HEADERS])
    return scoped(
        tag("p", tag("strong", _headline(profile))),
        tag("table", tag("thead", head), tag("tbody", rows)),
        [tag("p", note, class_=classes("note")) for note in _notes(profile)],
    )


def profile_dict(profile: "Profile") -> dict[str, Any]:
    """Give the summary of a profile as plain values, ready for JSON."""
    return {
        "rows": profile.rows,
        "effective_rows": profile.effective_rows,
        "weight": profile.weight,
        "time": profile.time,
        "columns": {
            name: _column_dict(column) for name, column in profile.columns.items()
        },
    }


def _shown(profile: "Profile") -> list[tuple[str, ColumnProfile]]:
    return list(profile.columns.items())[:COLUMNS_SHOWN]


def _headline(profile: "Profile") -> str:
    text = (
        f"Profile of {amount(profile.rows, 'row')}, "
        f"{amount(len(profile.columns), 'column')}"
    )
    if profile.weight is None:
        return text
    return (
        f"{text}, weighted by {profile.weight}: "
        f"as good as {count(profile.effective_rows)} equal rows"
    )


def _notes(profile: "Profile") -> list[str]:
    notes = []
    rest = len(profile.columns) - COLUMNS_SHOWN
    if rest > 0:
        notes.append(f"and {amount(rest, 'more column')}")
    away = [
        name
        for name, column in profile.columns.items()
        if isinstance(column, (NumberColumn, TimeColumn)) and not column.is_centred
    ]
    if away:
        notes.append(
            "Added up of profiles with other centres, so with coarser cells: "
            f"{counted(away[:8])}. Profile with like= to keep them."
        )
    return notes


def profile_line(name: str, column: ColumnProfile) -> tuple[str, ...]:
    """Sum a column up in texts, as `HEADERS` says."""
    share = column.nulls / column.mass if column.mass else None
    distinct = column.distinct
    return (
        name,
        column.kind,
        percent(share),
        "" if distinct is None else count(distinct),
        sparkline(_bars(column)),
        _words(column),
    )


def _words(column: ColumnProfile) -> str:
    if isinstance(column, NumberColumn):
        return _number_words(column)
    if isinstance(column, TextColumn):
        return _text_words(column)
    if isinstance(column, BooleanColumn):
        there = column.true + column.false
        return f"true {percent(column.true / there)}" if there else "all null"
    if isinstance(column, TimeColumn):
        return _time_words(column)
    if isinstance(column, VectorColumn):
        return _vector_words(column)
    if isinstance(column, FreeTextColumn):
        return _free_text_words(column)
    return column.types or "all null"


def _number_words(column: NumberColumn) -> str:
    if column.minimum is None:
        return "all null" if not column.positive_infinite else "infinite"
    inner = "  ".join(number(column.quantile(share)) for share in (0.25, 0.5, 0.75))
    text = (
        f"{number(column.minimum)} \N{HORIZONTAL ELLIPSIS} {inner} "
        f"\N{HORIZONTAL ELLIPSIS} {number(column.maximum)}"
    )
    infinite = column.positive_infinite + column.negative_infinite
    if infinite:
        text += f", infinite {percent(infinite / column.mass)}"
    return f"{text}, identifier" if column.is_identifier else text


def _text_words(column: TextColumn) -> str:
    there = column.mass - column.nulls
    if not there:
        return "all null"
    if column.is_identifier:
        return f"identifier, {column.minimum_length} to {column.maximum_length} long"
    top = list(column.labels.items())[:LABELS_SHOWN]
    parts = [
        f"{shorten(label, LABEL_WIDTH) or repr(label)} {percent(mass / there)}"
        for label, mass in top
    ]
    rest = column.distinct - len(top)
    if rest > 0:
        parts.append(f"{count(rest)} more")
    return ", ".join(parts)


def _time_words(column: TimeColumn) -> str:
    if column.minimum is None or column.maximum is None:
        return "all null"
    first, last = _moment(column.minimum), _moment(column.maximum)
    if not column.has_time_of_day:
        first, last = first[:10], last[:10]
    text = f"{first} \N{HORIZONTAL ELLIPSIS} {last}"
    lag = None if column.lag is None else _median(column.lag.middle, column.lag.mass)
    if lag is None:
        return text
    sign = "after" if lag >= 0 else "before"
    return f"{text}, mostly {duration(abs(lag))} {sign} the clock"


def _vector_words(column: VectorColumn) -> str:
    text = f"{amount(column.dimensions, 'number')}"
    if column.lengths.minimum is not None:
        text += f", length {_number_words(column.lengths)}"
    if column.broken:
        text += f", not finite {percent(column.broken / column.mass)}"
    return text


def _free_text_words(column: FreeTextColumn) -> str:
    there = column.mass - column.nulls
    if not there:
        return "all null"
    script, mass = next(iter(column.scripts.items()))
    return (
        f"{number(column.words.quantile(0.5))} words, "
        f"{number(column.lengths.quantile(0.5))} characters in the middle; "
        f"{percent(mass / there)} {script}; {percent(column.unseen[0])} of a text's "
        "words are in no other"
    )


def _moment(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M")
    except (OverflowError, OSError, ValueError):
        return f"{number(seconds)} s"


def _median(middle: Any, mass: Any) -> float | None:
    if not len(mass):
        return None
    total = np.cumsum(mass)
    return float(middle[np.searchsorted(total, total[-1] / 2)])


def _bars(column: ColumnProfile) -> list[float]:
    """Give the shares that the sparkline draws: of vectors and texts their length."""
    if isinstance(column, (VectorColumn, FreeTextColumn)):
        column = column.lengths
    if isinstance(column, NumberColumn):
        low, high = column.quantile(0.01), column.quantile(0.99)
        if low is None or high is None or not 0 < high - low < math.inf:
            return []
        bars, _ = np.histogram(
            column.cells.middle, bins=BARS, range=(low, high), weights=column.cells.mass
        )
        return [float(bar) for bar in bars]
    if isinstance(column, TextColumn):
        if column.is_identifier:
            return []
        return list(column.labels.values())[:BARS]
    if isinstance(column, BooleanColumn):
        return [column.false, column.true]
    if isinstance(column, TimeColumn):
        bars = column.hours.reshape(12, 2).sum(axis=1)
        if not column.has_time_of_day:
            bars = column.weekdays
        return [float(bar) for bar in bars]
    return []


def _cell(at: int, text: str) -> Markup:
    if not at:
        return tag("th", text, scope="row")
    return tag("td", text, class_=classes("num") if at in (2, 3) else None)


def _column_dict(column: ColumnProfile) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "kind": column.kind,
        "rows": column.rows,
        "nulls": column.nulls,
        "distinct": column.distinct,
        "is_identifier": column.is_identifier,
    }
    if isinstance(column, NumberColumn):
        plain |= {
            "minimum": column.minimum,
            "maximum": column.maximum,
            "mean": column.mean,
            "deviation": column.deviation,
            "infinite": column.negative_infinite + column.positive_infinite,
            "quantiles": {str(q): column.quantile(q) for q in QUANTILES},
        }
    elif isinstance(column, TextColumn):
        plain |= {"labels": dict(list(column.labels.items())[:100])}
    elif isinstance(column, BooleanColumn):
        plain |= {"true": column.true, "false": column.false}
    elif isinstance(column, TimeColumn):
        plain |= {
            "minimum": column.minimum,
            "maximum": column.maximum,
            "hours": column.hours.tolist(),
            "weekdays": column.weekdays.tolist(),
        }
    elif isinstance(column, VectorColumn):
        plain |= {
            "dimensions": column.dimensions,
            "not_finite": column.broken,
            "length": _column_dict(column.lengths),
        }
    elif isinstance(column, FreeTextColumn):
        plain |= {
            "length": _column_dict(column.lengths),
            "words": _column_dict(column.words),
            "scripts": dict(column.scripts),
            "signs": dict(column.signs),
            "unseen": column.unseen[0],
        }
    elif isinstance(column, OtherColumn):
        plain |= {"types": column.types}
    return plain
