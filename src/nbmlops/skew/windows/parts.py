"""The cells in which a column is counted window by window, alike on both sides."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from nbmlops.frames.kinds import decoded, kind_of, numbers, texts
from nbmlops.profiles.cells import (
    CODES,
    NEGATIVE_OVERFLOW,
    POSITIVE_OVERFLOW,
    ZERO_CODE,
    Cells,
    by_place,
    looked_up,
)
from nbmlops.profiles.columns import ColumnProfile, NumberColumn, TimeColumn
from nbmlops.profiles.distinct import hashed_texts
from nbmlops.profiles.labels import LONGEST_LABEL, shortened
from nbmlops.profiles.profile import Profile
from nbmlops.profiles.times import HALF_HOUR, seconds
from nbmlops.skew.cells import ROWS_EXPECTED, ordered_sides
from nbmlops.skew.questions import (
    comparable_cells,
    comparable_kind,
    is_identifier,
    label_counts,
    time_labels,
)
from nbmlops.skew.statistics import Floats

MOST_LABELS = 200  # of a column, the heaviest; the rest share a few cells
WITHOUT_CELLS = ("", "vector", "free text")  # kinds
REST_CELLS = 8  # by hash, where labels were too many
DAY, THURSDAY = 86_400, 3  # 1 January 1970 was a Thursday; weeks begin on Monday

Clock = NDArray[np.float64]
Codes = NDArray[np.int16]  # small, so that tables stay in the processor's cache


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """One way to count a column.

    Attributes
    ----------
    name
        "values", "hour", "weekday", "lag".
    reference
        Shape (cells,): the reference's effective rows; the last cell is null.
    ordered
        How many of the first cells are in the order of values.
    codes
        Gives each row its cell; called with the column and the seconds of the column
        of time.
    """

    name: str
    reference: Floats
    ordered: int = 0
    codes: Callable[[pa.Array, Clock], Codes]

    @property
    def cells(self) -> int:
        """How many cells there are."""
        return len(self.reference)


def parts_of(
    reference: Profile, serving: Profile, columns: Collection[str] | None = None
) -> dict[str, tuple[Part, ...]]:
    """Choose the cells of all columns that both sides hold in one kind.

    Parameters
    ----------
    reference, serving
        The profiles: cells are chosen from both together, each weighing half, so that
        they carry no information on how the sides differ.
    columns
        Only these.

    Returns
    -------
    dict
        By column: numbers, booleans and text in one way; times by hour, weekday and
        lag.
    """
    sizes = (float(reference.effective_rows), float(serving.effective_rows))
    masses = (float(reference.mass), float(serving.mass))
    scales = (sizes[0] / masses[0], sizes[1] / masses[1])
    found: dict[str, tuple[Part, ...]] = {}
    for name, before in reference.columns.items():
        after = serving.columns.get(name)
        if after is None or (columns is not None and name not in columns):
            continue
        kind = comparable_kind(before, after)
        if kind in WITHOUT_CELLS or is_identifier(before, after):
            continue
        found[name] = _parts(before, after, kind, scales)
    return {name: parts for name, parts in found.items() if parts}


def _parts(
    before: ColumnProfile, after: ColumnProfile, kind: str, scales: tuple[float, float]
) -> tuple[Part, ...]:
    if kind == "boolean":
        labels = label_counts(before, after, scales)  # false, true
        held = np.append(labels.reference, labels.nulls[0])
        return (Part(name="values", reference=held, codes=_truths),)
    if isinstance(before, NumberColumn) and isinstance(after, NumberColumn):
        return (_numbers(before, after, scales),)
    if isinstance(before, TimeColumn) and isinstance(after, TimeColumn):
        return _times(before, after, scales)
    return (_labels(before, after, scales),)


def _numbers(
    before: NumberColumn, after: NumberColumn, scales: tuple[float, float]
) -> Part:
    ours, theirs = comparable_cells(before, after)
    nulls = (float(before.nulls) * scales[0], float(after.nulls) * scales[1])
    ends = [(c.negative_infinite, c.positive_infinite) for c in (before, after)]
    held, table = _table(ours, theirs, scales, nulls, (ends[0], ends[1]))
    centre, scale = ours.centre, ours.scale

    def codes(array: pa.Array, clock: Clock) -> Codes:
        del clock
        return looked_up(_centred(numbers(array), centre, scale), table)

    return Part(name="values", reference=held, ordered=len(held) - 1, codes=codes)


def _centred(values: Floats, centre: float, scale: float) -> Floats:
    if (centre, scale) == (0.0, 1.0):
        return values
    with np.errstate(over="ignore", invalid="ignore"):
        centred = values - centre
        centred *= 1 / scale
    return centred


def _table(
    ours: Cells,
    theirs: Cells,
    scales: tuple[float, float],
    nulls: tuple[float, float],
    infinite: tuple[tuple[float, float], tuple[float, float]] = ((0, 0), (0, 0)),
) -> tuple[Floats, Codes]:
    """Group fine cells: the reference's rows in each, and the group of each half."""
    sides = np.zeros((2, CODES))
    for at, (cells, ends) in enumerate(zip((ours, theirs), infinite, strict=True)):
        sides[at, cells.codes] = cells.mass
        sides[at, [NEGATIVE_OVERFLOW, POSITIVE_OVERFLOW]] += ends
        sides[at] *= scales[at]
    used = np.flatnonzero(sides.any(axis=0))
    if not len(used):
        used = np.array([ZERO_CODE])
    first, second = sides[:, used]
    question = ordered_sides(first, second, nulls, part="values")
    _, group = np.unique(question.groups[:-1], return_inverse=True)
    group = np.maximum.accumulate(group)
    count = int(group[-1]) + 1
    # Cells that neither side uses belong to the nearest below that one does.
    nearest = np.cumsum(sides.any(axis=0)) - 1
    table = group[np.maximum(nearest, 0)]
    table[POSITIVE_OVERFLOW + 1 :] = table[:NEGATIVE_OVERFLOW] = count  # NaN
    table[ZERO_CODE - 1] = table[ZERO_CODE]  # minus zero is zero
    held = np.append(np.bincount(group, first, count), nulls[0])
    return held, by_place(table.astype(np.int16))


def _truths(array: pa.Array, clock: Clock) -> Codes:
    """Give false, true and null the codes 0, 1 and 2."""
    del clock
    array = decoded(array)
    if not pa.types.is_boolean(array.type):
        values = numbers(array)
        return np.where(np.isnan(values), 2, values != 0).astype(np.int16)
    states = array.cast(pa.uint8()).fill_null(2).to_numpy(zero_copy_only=False)
    return np.asarray(states, dtype=np.int16)


def _labels(
    before: ColumnProfile, after: ColumnProfile, scales: tuple[float, float]
) -> Part:
    labels = label_counts(before, after, scales)
    a, b = labels.reference, labels.serving
    n, m = float(before.mass) * scales[0], float(after.mass) * scales[1]
    share = a / n + b / m
    heavy = np.argsort(-share, kind="stable")[:MOST_LABELS]
    heavy = heavy[(a + b)[heavy] * min(n, m) / (n + m) >= ROWS_EXPECTED]
    known = pa.array([labels.names[k] for k in heavy], type=pa.large_string())
    rest = REST_CELLS if len(labels.names) > MOST_LABELS else 1
    null = len(known) + rest
    places = _of_words(pa.array(labels.names, type=pa.large_string()), known, rest)
    held = np.bincount(places, a, null + 1).astype(np.float64)
    held[len(known) : null] += labels.others[0] / rest
    held[null] = labels.nulls[0]

    def codes(array: pa.Array, clock: Clock) -> Codes:
        del clock
        if not pa.types.is_dictionary(array.type):
            array = texts(array).dictionary_encode()
        words = _of_words(texts(array.dictionary), known, rest)
        of_word = np.append(words, np.int16(null))
        at = pc.fill_null(array.indices, len(of_word) - 1)
        return np.asarray(of_word[at.to_numpy(zero_copy_only=False)])

    return Part(name="values", reference=held, codes=codes)


def _of_words(words: pa.Array, known: pa.Array, rest: int) -> Codes:
    """Give the cell of each label: its own, or one of the rest's by its hash."""
    null = len(known) + rest
    lengths = pc.max(pc.utf8_length(words)).as_py() or 0
    if lengths > LONGEST_LABEL:
        kept = [None if word is None else shortened(word) for word in words.to_pylist()]
        words = pa.array(kept, type=pa.large_string())
    found = pc.fill_null(pc.index_in(words, value_set=known), -1)
    codes = np.array(found.to_numpy(zero_copy_only=False), dtype=np.int16)
    codes[words.is_null().to_numpy(zero_copy_only=False)] = null
    other = np.flatnonzero(codes < 0)
    if len(other):
        codes[other] = len(known)
        if rest > 1:
            several = words.take(pa.array(other)).to_numpy(zero_copy_only=False)
            hashes = hashed_texts(several.astype(object)) % np.uint32(rest)
            codes[other] += hashes.astype(np.int16)
    return codes


def _times(
    before: TimeColumn, after: TimeColumn, scales: tuple[float, float]
) -> tuple[Part, ...]:
    asked = {part for _, part in time_labels(before, after, scales)}
    nulls = (float(before.nulls) * scales[0], float(after.nulls) * scales[1])
    found = []
    for name, mass, codes in (
        ("hour", before.hours, _hours),
        ("weekday", before.weekdays, _weekdays),
    ):
        if name in asked:
            held = np.append(mass * scales[0], nulls[0])
            found.append(Part(name=name, reference=held, codes=codes))
    first, second = before.lag, after.lag
    if first is None or second is None or not first.has_grid_of(second):
        return tuple(found)
    if first.total and second.total:
        found.append(_lag(first, second, scales, nulls))
    return tuple(found)


def _lag(
    first: Cells, second: Cells, scales: tuple[float, float], nulls: tuple[float, float]
) -> Part:
    held, table = _table(first, second, scales, nulls)

    def codes(array: pa.Array, clock: Clock) -> Codes:
        return looked_up(seconds(array) - clock, table)

    return Part(name="lag", reference=held, ordered=len(held) - 1, codes=codes)


def _hours(array: pa.Array, clock: Clock) -> Codes:
    del clock
    at = seconds(array)
    there = ~np.isnan(at)
    codes = np.full(len(at), 24, dtype=np.int16)
    codes[there] = at[there] % DAY // (2 * HALF_HOUR)
    return codes


def _weekdays(array: pa.Array, clock: Clock) -> Codes:
    del clock
    at = seconds(array)
    there = ~np.isnan(at)
    codes = np.full(len(at), 7, dtype=np.int16)
    codes[there] = (at[there] // DAY + THURSDAY) % 7
    return codes


def is_countable(type_: pa.DataType, profile: ColumnProfile) -> bool:
    """Say whether rows of this type can be counted in cells made of this profile."""
    return kind_of(type_) == profile.kind
