"""What moved in one column, in one sentence with its figures."""

import numpy as np

from nbmlops.profiles.columns import ColumnProfile, NumberColumn, TimeColumn
from nbmlops.profiles.free_text_column import FreeTextColumn
from nbmlops.profiles.vector_column import VectorColumn
from nbmlops.skew.causes.points import Numbers, numbers_of
from nbmlops.skew.causes.words import listed, number, share
from nbmlops.skew.questions import (
    Labels,
    label_counts,
    loses_time_of_day,
    time_labels,
)
from nbmlops.skew.sentences import capital

MOVED = 0.05  # of the interquartile range: below it a median is told as unmoved
NULLS_MOVED = 0.002  # difference of null shares worth a word
LOST_TIME = "time of day is lost: all at 00:00"
# Sentences begin with a capital; labels keep their case.
FIRST_WORDS = (
    "median",
    "middle",
    "width",
    "nulls",
    "infinity",
    "hour",
    "weekday",
    "time of",
)
ATOM_MOVED = 0.01  # difference of one value's shares worth a word
ATOM_FIRST = 0.05  # the same, from which it says more than the middle half
OUTSIDE = 0.001  # share of rows beyond the reference's range worth a word


def summarise(
    reference: ColumnProfile,
    serving: ColumnProfile,
    scales: tuple[float, float],
    words: tuple[str, str],
) -> str:
    """Say what moved.

    Parameters
    ----------
    reference, serving
        The column on both sides, of one kind.
    scales
        Effective rows per unit of mass.
    words
        What the sides are called.

    Returns
    -------
    str
        One sentence without a full stop; figures of both sides, reference first.
    """
    parts: list[str] = []
    if isinstance(reference, VectorColumn) and isinstance(serving, VectorColumn):
        from nbmlops.skew.vector_words import vector_clauses

        parts += vector_clauses(reference, serving, scales)
    elif isinstance(reference, FreeTextColumn) and isinstance(serving, FreeTextColumn):
        from nbmlops.skew.free_text_words import free_text_clauses

        parts += free_text_clauses(reference, serving, scales)
    elif isinstance(reference, TimeColumn) and isinstance(serving, TimeColumn):
        found = time_labels(reference, serving, scales)
        lost = loses_time_of_day(reference, serving)
        parts = [LOST_TIME] if lost else []
        parts += [_largest(*one) for one in found if not (lost and one[1] == "hour")]
    elif isinstance(reference, NumberColumn) and isinstance(serving, NumberColumn):
        before, after = numbers_of(reference, scales[0]), numbers_of(serving, scales[1])
        quantiles = [_quartiles(reference), _quartiles(serving)]
        parts = _numbers(before, after, quantiles, words[0])
        parts += _infinities(reference, serving)
    else:
        labels = label_counts(reference, serving, scales)
        parts = [*_one_sided(labels), _largest(labels, "")]
    parts.append(_nulls(reference, serving))
    said = "; ".join(part for part in parts if part)
    is_prose = isinstance(reference, (VectorColumn, FreeTextColumn))
    return capital(said) if is_prose or said.startswith(FIRST_WORDS) else said


def _nulls(reference: ColumnProfile, serving: ColumnProfile) -> str:
    before = float(reference.nulls) / max(float(reference.mass), 1e-300)
    after = float(serving.nulls) / max(float(serving.mass), 1e-300)
    if abs(before - after) < NULLS_MOVED:
        return ""
    return f"nulls {share(before)} -> {share(after)}"


def _infinities(reference: NumberColumn, serving: NumberColumn) -> list[str]:
    """Tell of infinite values whose share changed."""
    mass = [max(float(side.mass), 1e-300) for side in (reference, serving)]
    parts = []
    for name, before, after in (
        ("infinity", reference.positive_infinite, serving.positive_infinite),
        ("-infinity", reference.negative_infinite, serving.negative_infinite),
    ):
        old, new = before / mass[0], after / mass[1]
        if abs(new - old) >= NULLS_MOVED:
            parts.append(f"{name} in {share(old)} -> {share(new)} of rows")
    return parts


def _pair(what: str, before: str, after: str) -> list[str]:
    """Tell of a figure on both sides, unless it reads the same."""
    return [] if before == after else [f"{what} {before} -> {after}"]


def _quartiles(column: NumberColumn) -> list[float]:
    return [column.quantile(share) or 0.0 for share in (0.25, 0.5, 0.75)]


def _numbers(
    before: Numbers, after: Numbers, quantiles: list[list[float]], word: str
) -> list[str]:
    if before.finite <= 0 or after.finite <= 0:
        return []
    middle = quantiles[0][1], quantiles[1][1]
    parts = _pair("median", number(middle[0]), number(middle[1]))
    quartiles, theirs = quantiles[0][::2], quantiles[1][::2]
    width = quartiles[1] - quartiles[0]
    stays = abs(middle[1] - middle[0]) <= MOVED * width
    wider = abs(theirs[1] - theirs[0] - width) > MOVED * width
    moved, by, is_new = _most_moved(before, after)
    if stays and by >= (ATOM_FIRST if wider else ATOM_MOVED):
        parts = [moved]
    elif stays and wider:
        halves = [
            f"{number(low)} to {number(high)}" for low, high in (quartiles, theirs)
        ]
        parts += _pair("middle half", *halves)
        if halves[0] == halves[1]:
            spread = number(width), number(theirs[1] - theirs[0])
            parts += _pair("width of the middle half", *spread)
    elif by >= ATOM_MOVED and (is_new or not parts):
        parts.append(moved)
    above = float(after.mass[after.low > before.maximum].sum()) / after.rows
    below = float(after.mass[after.high < before.minimum].sum()) / after.rows
    for part, side, bound, limit in (
        (above, "above", "maximum", before.maximum),
        (below, "below", "minimum", before.minimum),
    ):
        if part >= OUTSIDE:
            parts.append(
                f"{share(part)} of rows lie {side} the {word} {bound} ({number(limit)})"
            )
    return parts


def _most_moved(before: Numbers, after: Numbers) -> tuple[str, float, bool]:
    """Tell of the single value whose share changed most, by how much, and if new."""
    values = np.union1d(before.atoms, after.atoms)
    if not len(values):
        return "", 0.0, False
    shares = before.shares_of(values), after.shares_of(values)
    top = int(np.argmax(np.abs(shares[1] - shares[0])))
    old, new = float(shares[0][top]), float(shares[1][top])
    text = f"{number(float(values[top]))} in {share(old)} -> {share(new)} of rows"
    return text, abs(new - old), old <= 0


def _one_sided(labels: Labels) -> list[str]:
    """Tell of labels that one side lacks."""
    parts = []
    rows = float(labels.serving.sum()) + labels.nulls[1] + labels.others[1]
    new = np.flatnonzero((labels.reference <= 0) & (labels.serving > 0))
    if len(new) and rows:
        new = new[np.argsort(-labels.serving[new], kind="stable")]
        names = [labels.names[int(k)] for k in new]
        held = float(labels.serving[new].sum()) / rows
        what = "new label" if len(names) == 1 else "new labels"
        parts.append(f"{len(names)} {what} in {share(held)} of rows: {listed(names)}")
    rows = float(labels.reference.sum()) + labels.nulls[0] + labels.others[0]
    lost = np.flatnonzero((labels.reference > 0) & (labels.serving <= 0))
    if len(lost) and rows:
        held = float(labels.reference[lost].sum()) / rows
        if held >= OUTSIDE:
            lost = lost[np.argsort(-labels.reference[lost], kind="stable")]
            names = [labels.names[int(k)] for k in lost]
            what = "label" if len(names) == 1 else "labels"
            parts.append(f"{len(names)} {what} gone ({share(held)}): {listed(names)}")
    return parts


def _largest(labels: Labels, part: str) -> str:
    """Tell of the label whose share moved most."""
    rows = [
        float(side.sum()) + nulls + others
        for side, nulls, others in zip(
            (labels.reference, labels.serving), labels.nulls, labels.others, strict=True
        )
    ]
    if not len(labels.names) or min(rows) <= 0:
        return ""
    p, q = labels.reference / rows[0], labels.serving / rows[1]
    top = int(np.argmax(np.abs(p - q)))
    before, after = share(p[top]), share(q[top])
    if before == after:
        return ""
    text = f"{listed([labels.names[top]])} {before} -> {after}"
    return f"{part} {text}" if part else text
