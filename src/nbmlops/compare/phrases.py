"""How versions, metrics and figures of a comparison are written everywhere."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from nbmlops.display import numbers
from nbmlops.display.text import clean, counted, middle_shorten

if TYPE_CHECKING:
    from nbmlops.compare.comparison import Comparison, MetricDifference

LABELS: Mapping[str, str] = {
    "roc_auc": "ROC AUC",
    "average_precision": "Average precision",
    "log_loss": "Log loss",
    "brier_score": "Brier score",
    "f1": "F1",
    "rmse": "RMSE",
    "mae": "MAE",
    "r2": "R\N{SUPERSCRIPT TWO}",
}


def gain_of(difference: "MetricDifference") -> float:
    """Turn a difference so that more is better, as a share of the value, else 0."""
    turned = difference.difference * (1 if difference.greater_is_better else -1)
    gain = turned / _size(difference)
    return gain if math.isfinite(gain) else 0.0


def gain_interval(
    difference: "MetricDifference", bounds: tuple[float, float] | None
) -> tuple[float, float] | None:
    """Turn an interval of the difference likewise; None where it is not finite."""
    if bounds is None:
        return None
    scale = (1 if difference.greater_is_better else -1) / _size(difference)
    low, high = sorted(scale * bound for bound in bounds)
    return (low, high) if math.isfinite(low) and math.isfinite(high) else None


def _size(difference: "MetricDifference") -> float:
    """Give the larger value, by which a gain is measured; 1 where all are 0."""
    sizes = [abs(value) for value in difference.values.values()]
    return max((size for size in sizes if math.isfinite(size)), default=0.0) or 1.0


def deciding(difference: "MetricDifference") -> tuple[float, float] | None:
    """Give the interval on which the verdict rests: by group where there is one."""
    return difference.group_interval or difference.interval


def decimals(difference: "MetricDifference") -> int:
    """Find the decimals that a metric's values, difference and interval share.

    Parameters
    ----------
    difference
        One metric of one challenger.

    Returns
    -------
    int
        So many that no end of an interval that excludes 0 is written as 0.
    """
    bounds = difference.interval or difference.group_interval
    spread = bounds[1] - bounds[0] if bounds else difference.difference
    sizes = [
        difference.values.get(ref)
        for ref in (difference.baseline, difference.challenger)
    ]
    places = numbers.places(*sizes, spread)
    nearest = min(map(abs, bounds or ()), default=0.0)
    while 0 < nearest < 0.5 * 10**-places and places < 8:
        places += 1
    return places


def figure(difference: "MetricDifference") -> str:
    """Write a difference with its sign."""
    return numbers.signed(difference.difference, decimals(difference))


def label_of(difference: "MetricDifference") -> str:
    """Name a metric for a reader."""
    name = difference.metric
    named = difference.label or LABELS.get(name)
    return clean(named or name.replace("_", " ").capitalize())


def marks_of(refs: Iterable[str]) -> dict[str, str]:
    """Give each version a short mark: its number, or a letter where names differ."""
    known = list(refs)
    pairs = [ref.rpartition("/") for ref in known]
    numbered = {tail for _, _, tail in pairs}
    if (
        len({head for head, _, _ in pairs}) == 1
        and len(numbered) == len(known)
        and all(len(tail) <= 5 and tail.isdigit() for tail in numbered)
    ):
        return {ref: ref.rpartition("/")[2] for ref in known}
    return {ref: chr(ord("A") + index % 26) for index, ref in enumerate(known)}


def name_of(ref: str) -> str:
    """Write a ref in a sentence."""
    return middle_shorten(ref, 48)


def groups_noun(column: str) -> str:
    """Name other groups: "other days", "other values of tail_num"."""
    name = clean(column)
    if name.isalpha() and name.islower() and len(name) < 16:
        return f"other {name}" + ("" if name.endswith("s") else "s")
    return f"other values of {middle_shorten(name, 40)}" if name else "other groups"


def gates_sentence(gates: Sequence[object]) -> tuple[bool, str]:
    """Say whether a promotion may go ahead, and why."""
    passed = [getattr(gate, "passed", None) for gate in gates]
    failed = [
        middle_shorten(getattr(gate, "name", ""), 40)
        for gate, answer in zip(gates, passed, strict=True)
        if answer is False
    ]
    judged = sum(answer is not None for answer in passed)
    if not judged:
        return True, "No gate applies."
    good = passed.count(True)
    if not failed:
        return True, f"{good} of {numbers.amount(judged, 'gate')} pass."
    named = failed if len(failed) < 4 else [*failed[:2], f"{len(failed) - 2} more"]
    verb = "fails" if len(failed) == 1 else "fail"
    return (
        False,
        f"{good} of {numbers.amount(judged, 'gate')} pass; {counted(named)} {verb}.",
    )


def leading(comparison: "Comparison") -> "MetricDifference | None":
    """Find the difference that decides: the leading metric's of the best challenger."""
    named = comparison.leading
    found = [d for d in comparison.differences if d.metric == named]
    order: Mapping[str, int] = {"better": 2, "not clear": 1, "no interval": 1}
    return max(
        found or comparison.differences,
        key=lambda d: (order.get(d.verdict, 0), gain_of(d)),
        default=None,
    )


def together(parts: Iterable[tuple[str, str]], *, is_named: bool = True) -> str:
    """Say of several versions what holds for each, once where it is the same.

    Parameters
    ----------
    parts
        A version's mark and what is said of it.
    is_named
        Whether the marks are written; not needed where there is one challenger.

    Returns
    -------
    str
        "2 and 3: better on 9E; 4: worse on none".
    """
    said: dict[str, list[str]] = {}
    for name, text in parts:
        said.setdefault(text, []).append(name)
    return "; ".join(
        f"{counted(names)}: {text}" if is_named else text
        for text, names in said.items()
    )
