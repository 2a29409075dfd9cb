"""The figures of a model card: metrics, permutation importance, slices."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nbmlops.compare.alone import MetricEstimate, SliceEstimate
from nbmlops.display import numbers
from nbmlops.display.document import Block, Grid, Mark, Section, Words
from nbmlops.display.table import Status
from nbmlops.display.text import counted, middle_shorten
from nbmlops.host import typed
from nbmlops.registry.records import ModelVersion

if TYPE_CHECKING:
    from nbmlops.lifecycle.card import Card

MOST_SLICES = 60
LOSSES: Mapping[str, str] = {
    "log_loss": "log loss",
    "error_rate": "error rate",
    "absolute_error": "absolute error",
}
_SLICE_STATUS: Mapping[str, Status] = {"better": "better", "worse": "worse"}


def metrics_section(card: "Card") -> Section:
    """Give the metrics with intervals, and those of other evaluations without."""
    version, own = card.version, card.evaluation
    if own is None:
        how = typed(f"evaluate {version.ref} FRAME")
        return Section(title="Metrics", answer=f"never evaluated; {how}")
    others = [e for e in version.evaluations if e is not own][:6]
    known = {metric.metric: metric for metric in card.figures.metrics}
    rows = []
    for name in dict.fromkeys([*known, *own.metrics]):
        metric = known.get(name)
        elsewhere = [e.metrics.get(name) for e in others]
        if metric is None:
            label, bounds = name, ""
            shown = numbers.column([own.metrics.get(name), *elsewhere])
        else:
            label, (value, bounds) = metric.label, figures(metric)
            decimals = len(value.partition(".")[2])
            shown = [value, *(numbers.fixed(v, decimals) for v in elsewhere)]
        rows.append((label, shown[0], bounds, *shown[1:]))
    by = _by(card.figures.group_column, card.figures.groups)
    names = [f"{e.name}, {e.rows:,} rows" for e in others]
    grid = Grid(
        headers=("Metric", f"{own.name}, {own.rows:,} rows", "95% interval", *names),
        rows=tuple(rows),
        caption=f"Intervals {by}" if known else "",
        numeric=tuple(range(1, 3 + len(others))),
    )
    answer = ", ".join(f"{label} {value}" for label, value, *_ in rows[:3])
    notes = tuple(Words(note) for note in own.notes[:8])
    return Section(
        title="Metrics", answer=answer, blocks=(grid, *notes), is_open=bool(rows)
    )


def importance_section(version: ModelVersion) -> Section | None:
    """Show the importance of each column; None where it was not looked at."""
    how = version.importance_details
    if not how:
        return None
    if not version.importance:
        return Section(title="Importance", answer=how["note"])
    spread = min(one["high"] - one["low"] for one in version.importance)
    places = min(4, numbers.places(spread, at_least=2))
    marks = tuple(_importance_mark(one, places) for one in version.importance)
    loss = LOSSES[how["loss"]]
    by = f", intervals by {how['groups']}" if how["groups"] else ""
    grid = Grid(
        headers=("Column",),
        rows=tuple((one["feature"],) for one in version.importance),
        caption=f"Permutation importance on {how['rows']:,} rows of test{by}",
        marks=marks,
        mark_header=f"increase of the {loss} (95% interval)",
        is_one_sided=True,
    )
    clear = [one["feature"] for one in version.importance if one["low"] > 0]
    named = counted(
        [*(middle_shorten(c, 24) for c in clear[:3]), *rest(len(clear) - 3)]
    )
    caveat = (
        "How much worse the model does when rows swap their values of a column. Of "
        "columns that say the same each may look unimportant: the other stands in."
    )
    notes = [Words(text) for text in (how["note"], caveat) if text]
    return Section(
        title="Importance",
        answer=f"{named or 'no column clearly matters'}",
        blocks=(grid, *notes),
        is_open=True,
    )


def _importance_mark(one: Mapping[str, Any], places: int) -> Mark:
    mean, low, high = one["mean"], one["low"], one["high"]
    return Mark(
        value=mean,
        interval=(low, high),
        figure=numbers.signed(mean, places),
        bounds=numbers.interval((low, high), places),
        status="within" if low > 0 else "unclear",
    )


def slices_section(card: "Card") -> Section | None:
    """Judge each slice against the other rows; None where there are no slices."""
    slices, lead = card.figures.slices, next(iter(card.figures.metrics), None)
    if not slices or lead is None:
        return None
    judged = [s for s in slices if s.verdict != "too small"]
    small = [s for s in slices if s.verdict == "too small"]
    counts = {v: sum(s.verdict == v for s in slices) for v in ("worse", "not clear")}
    worse = [s.slice for s in slices if s.verdict == "worse"]
    parts = [
        f"worse on {counted([*worse[:4], *rest(len(worse) - 4)])}"
        if worse
        else "no slice is clearly worse than the rest",
        f"{counts['not clear']:,} not clear" if counts["not clear"] else "",
        f"{len(small):,} too small to judge" if small else "",
    ]
    blocks: list[Block] = [_slice_grid(judged[:MOST_SLICES], lead)] if judged else []
    if small:
        named = [f"{s.column} {s.slice} ({s.rows:,})" for s in small[:20]]
        named += rest(len(small) - 20)
        blocks.append(Words(f"Too small to judge: {counted(named)}."))
    return Section(
        title="Slices",
        answer="; ".join(filter(None, parts)),
        blocks=tuple(blocks),
        is_open=bool(judged),
    )


def _slice_grid(slices: list[SliceEstimate], lead: MetricEstimate) -> Grid:
    spreads = [s.interval[1] - s.interval[0] for s in slices if s.interval]
    places = min(4, numbers.places(min(spreads, default=None), at_least=2))
    turn = 1 if lead.greater_is_better else -1
    rows, marks = [], []
    for one in slices:
        bounds = one.difference_interval or (0.0, 0.0)
        rows.append((
            f"{one.column} {one.slice}",
            numbers.count(one.rows),
            numbers.fixed(one.value, places),
            numbers.interval(one.interval, places),
        ))  # fmt: skip
        ends = sorted(turn * end for end in bounds)
        marks.append(
            Mark(
                value=turn * (one.difference or 0.0),
                interval=(ends[0], ends[1]),
                figure=numbers.signed(one.difference, places),
                bounds=numbers.interval(bounds, places),
                word=one.verdict,
                status=_SLICE_STATUS.get(one.verdict, "unclear"),
            )
        )
    return Grid(
        headers=("Slice", "Rows", lead.label, "95% interval"),
        rows=tuple(rows),
        caption="Against all other rows, surest first; right is better. False "
        "discoveries are held to 5%",
        numeric=(1, 2, 3),
        marks=tuple(marks),
        mark_header="difference to the rest (95% interval)",
    )


def figures(metric: MetricEstimate) -> tuple[str, str]:
    """Write a value and its interval with the digits that the interval allows."""
    bounds = metric.interval
    spread = None if bounds is None else bounds[1] - bounds[0]
    places = min(6, numbers.places(spread, at_least=2)) if spread else (
        numbers.places(metric.value)
    )  # fmt: skip
    return numbers.fixed(metric.value, places), numbers.interval(bounds, places)


def _by(column: str, groups: int) -> str:
    return f"by {column}, {groups:,} groups" if column else "by row"


def rest(count: int) -> list[str]:
    """Count what is not named: "3 more", or nothing."""
    return [f"{count:,} more"] if count > 0 else []
