"""Answers that were logged against the model's own answers to the same rows."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from nbmlops.skew.predictions import Mismatch
from nbmlops.skew.report import Verdict
from nbmlops.skew.statistics import Floats

SAME = 1e-6  # of a probability; of a number times its size
NOISE = 1e-4  # up to here it is arithmetic: another library, 32-bit floats
SYSTEMATIC = 0.01  # a share of differing rows that is surely above it is no accident
EXPLAINED = 0.95  # the share of differing rows that a relation has to fit
FEWEST = 20  # differing rows from which a relation is named
MOST_DECIMALS = 6

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answers:
    """Answers to the same rows.

    Attributes
    ----------
    values
        Shape (n, classes) of probabilities, or (n, 1) of codes or of numbers.
    kind
        "probability", "class" or "number".
    """

    values: Floats
    kind: str

    def differ_from(self, other: "Answers") -> Floats:
        """Give how far each row is from the other's, shape (n,); classes: 0 or 1."""
        apart = np.abs(self.values - other.values).max(axis=1)
        if self.kind == "class":
            return np.asarray((apart > 0).astype(np.float64))
        if self.kind == "number":
            size = np.abs(other.values[:, 0])
            return np.asarray(apart / np.maximum(size, max(np.median(size), 1e-300)))
        return np.asarray(apart)


def compare(logged: Answers, again: Answers) -> Mismatch:
    """Say how many logged answers are not the model's, and what they are instead.

    Parameters
    ----------
    logged, again
        What the log has, and what the registered bytes answer now; n >= 1 rows.

    Returns
    -------
    Mismatch
        A handling fault where a relation fits nearly all rows that differ, or surely
        more than 1% of rows differ, by more than arithmetic.
    """
    apart = logged.differ_from(again)
    differs = apart > SAME
    count, rows = int(differs.sum()), len(apart)
    worst = float(apart.max())
    kind, detail = "", ""
    if count:
        kind, detail = _named(logged, again, differs)
    if worst <= NOISE:
        kind, detail = ("arithmetic", "computed less precisely") if count else ("", "")
    return Mismatch(
        rows=rows,
        differing=count,
        interval=share_interval(count, rows),
        worst=worst,
        answer=logged.kind,
        kind=kind,
        detail=detail,
        verdict=_verdict(count, rows, worst, kind),
    )


def explains(logged: Answers, again: Answers, other: Answers) -> bool:
    """Say whether another version's answers are those that differ from this one's."""
    differs = logged.differ_from(again) > SAME
    if int(differs.sum()) < FEWEST:
        return False
    fits = logged.differ_from(other)[differs] <= SAME
    return bool(fits.mean() >= EXPLAINED)


def share_interval(count: float, rows: float) -> tuple[float, float]:
    """Give the 95% interval of a share (Clopper and Pearson 1934).

    Parameters
    ----------
    count, rows
        How many of how many; fractions where rows are weighted.

    Returns
    -------
    tuple
        Lower and upper bound, 0 to 1.
    """
    low = special.betaincinv(count, rows - count + 1, 0.025) if count > 0 else 0.0
    high = special.betaincinv(count + 1, rows - count, 0.975) if count < rows else 1.0
    return float(low), float(high)


def _verdict(count: int, rows: int, worst: float, kind: str) -> Verdict:
    if not count:
        return "no evidence"
    if worst <= NOISE:
        return "within tolerance"
    is_systematic = bool(kind) or share_interval(count, rows)[0] > SYSTEMATIC
    return "handling fault" if is_systematic else "within tolerance"


def _named(logged: Answers, again: Answers, differs: Bools) -> tuple[str, str]:
    """Name the first relation that fits nearly all rows that differ."""
    if int(differs.sum()) < FEWEST:
        return "", ""
    said, own = logged.values[differs], again.values[differs]
    # The relation must be told from a constant, which fits anything.
    if len(np.unique(own[:, -1])) < 3 and logged.kind != "class":
        return "", ""
    relations = {
        "probability": _of_chances,
        "number": _of_numbers,
        "class": _of_classes,
    }
    for kind, detail, fits in relations[logged.kind](said, own):
        if fits.mean() >= EXPLAINED:
            return kind, detail
    return "", ""


Relations = Iterator[tuple[str, str, Bools]]


def _close(first: Floats, second: Floats) -> Bools:
    return np.asarray(np.abs(first - second).max(axis=1) <= SAME)


def _of_chances(said: Floats, own: Floats) -> Relations:
    largest = (own == own.max(axis=1, keepdims=True)).astype(np.float64)
    if own.shape[1] == 2:  # the log has the positive class's, the rest is ours
        said, own, largest = said[:, 1:], own[:, 1:], largest[:, 1:]
        yield "other class", "the probability of the other class", _close(said, 1 - own)
        yield "percent", "the probability in percent", _close(said / 100, own)
        odds = special.logit(np.clip(own, 1e-12, 1 - 1e-12))
        yield "log odds", "the log odds, not the probability", _close(said, odds)
    else:
        far = [np.abs(own - column[:, None]).mean(axis=0) for column in said.T]
        order = [int(column.argmin()) for column in far]
        if sorted(order) == list(range(own.shape[1])):
            detail = "the probabilities of the classes in another order"
            yield "other class", detail, _close(said, own[:, order])
    detail = "the predicted class as 0 or 1, not its probability"
    yield "label", detail, _close(said, largest)
    yield from _rounded(said, own, near=1.0)


def _of_numbers(said: Floats, own: Floats) -> Relations:
    size = np.maximum(np.abs(own), max(float(np.median(np.abs(own))), 1e-300))
    yield from _rounded(said, own, near=float(size.min()))
    factor = float(np.median(said[own != 0] / own[own != 0]))
    yield (
        "unit",
        f"the answer times {factor:.6g}",
        _close(said / size, factor * own / size),
    )
    offset = float(np.median(said - own))
    yield (
        "offset",
        f"the answer plus {offset:.6g}",
        _close(said / size, (own + offset) / size),
    )
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for name, mapped in (("exp", np.exp(own)), ("log", np.log(own))):
            detail = f"{name} of the answer"
            yield "transform", detail, _close(said / mapped, np.ones_like(said))


def _of_classes(said: Floats, own: Floats) -> Relations:
    if set(np.unique(own)) <= {0.0, 1.0}:
        yield "other class", "the other class", _close(said, 1 - own)


def _rounded(said: Floats, own: Floats, *, near: float) -> Relations:
    """Try numbers of decimals, the most first, and half precision."""
    for decimals in range(MOST_DECIMALS, -1, -1):
        detail = (
            f"rounded to {decimals} decimals"
            if decimals != 1
            else "rounded to 1 decimal"
        )
        yield "rounded", detail, _close(said / near, np.round(own, decimals) / near)
    with np.errstate(over="ignore"):
        half = own.astype(np.float16).astype(np.float64)
    yield "rounded", "kept in half precision", _close(said / near, half / near)
