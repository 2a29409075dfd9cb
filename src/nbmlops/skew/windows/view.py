"""How windows are shown: a strip of columns by days, and since when columns differ."""

from datetime import datetime

from nbmlops.display import numbers, svg
from nbmlops.display.bars import strip
from nbmlops.display.markup import Child, Markup, classes, join, tag
from nbmlops.display.table import code, details, fitting, hidden, shape, table
from nbmlops.display.text import counted, middle_shorten
from nbmlops.skew.column_view import STATUS_OF
from nbmlops.skew.sentences import sentence
from nbmlops.skew.windows.section import ColumnWindows, Windows

ROOM = 9_500  # bytes of drawn strips, out of the 15,000 of a section
MOST_IN_TEXT, MOST_IN_NUMBERS = 5, 2
MOST_TICKS = 6
BLOCKS = "▁▂▃▄▅▆▇█"


def headline_of(windows: Windows) -> str:
    """Say since when columns differ, the worst first.

    Parameters
    ----------
    windows
        The section.

    Returns
    -------
    str
        One sentence without its full stop.
    """
    differing = [c for c in windows.columns if c.how]
    span = numbers.amount(windows.windows, windows.unit)
    if windows.size > 1:
        span = f"{windows.windows:,} windows of {windows.size} days"
    if not differing:
        return f"no column differs over {span}"
    dated = [c for c in differing if c.how == "since"]
    if not dated:
        first = differing[0]
        rest = len(differing) - 1
        more = f"; {numbers.amount(rest, 'other column')} too" if rest else ""
        return f"{_name(first)} differs {_when(first, windows)}{more}"
    first = dated[0]
    same = [c for c in dated if c.first == first.first]
    names = [_name(c) for c in same[:3]]
    rest = len(same) - len(names)
    who = counted([*names, *([f"{rest} more"] if rest else [])])
    others = len(differing) - len(same)
    more = (
        f"; {numbers.amount(others, 'other column')} at other times" if others else ""
    )
    verb = "differs" if len(same) == 1 else "differ"
    return f"{who} {verb} {_when(first, windows)}{more}"


def lines_of(windows: Windows) -> list[str]:
    """Say since when each column differs, with its distances, and the error rate.

    Parameters
    ----------
    windows
        The section.

    Returns
    -------
    list of str
        At most eight lines.
    """
    differing = [c for c in windows.columns if c.how]
    lines = [
        f"{_name(c)} {_blocks(c)} {_when(c, windows)}{_change(c)}"
        for c in differing[:MOST_IN_TEXT]
    ]
    rest = len(differing) - MOST_IN_TEXT
    if rest > 0:
        lines.append(f"and {numbers.amount(rest, 'column')} more")
    return [*lines, *_worth(windows)]


def html_of(windows: Windows) -> Markup:
    """Show the distance of every window, the worst columns first.

    Parameters
    ----------
    windows
        The section.

    Returns
    -------
    Markup
        Under 15,000 bytes for any number of columns and windows.
    """
    rows = fitting((_row(c, windows) for c in windows.columns), ROOM)
    rest = len(windows.columns) - len(rows)
    head = tag(
        "tr",
        tag("th", "Column", scope="col"),
        tag("th", _axis(windows), scope="col", class_=classes("days")),
        tag("th", "Largest", scope="col", class_=classes("num")),
        tag("th", "Differs", scope="col"),
    )
    body = tag("tbody", rows)
    laid = tag("table", tag("thead", head), body, class_=classes("strips"))
    more = f"And {rest:,} more columns, none worse: see to_dict()." if rest else None
    return join(
        tag("p", _legend(windows), class_=classes("note")),
        tag("div", laid, class_=classes("scroll"), tabindex=0),
        tag("p", more, class_=classes("note")) if more else None,
        _in_numbers(windows),
        [tag("p", sentence(line), class_=classes("note")) for line in _worth(windows)],
    )


def _legend(windows: Windows) -> Markup:
    step = windows.unit if windows.size == 1 else f"{windows.size} days"
    if windows.together > 1:
        step = f"{windows.together} windows"
    return join(
        f"Distance from the reference, a bar for each {step}; dashed: the tolerance, "
        f"{windows.tolerance:g}; ",
        tag("span", class_=classes("key", "hot"), aria_hidden="true"),
        "outlined: surely over it.",
    )


def _axis(windows: Windows) -> Markup:
    """Name a few windows over their bars."""
    count = len(windows.starts)
    every = max(1, -(-count // MOST_TICKS))
    marks = [
        (100 * (at + 0.5) / count, _tick(windows, at), False)
        for at in range(0, count, every)
    ]
    said = f"{windows.starts[0]} to {windows.starts[-1]}"
    return join(hidden(f"Distance, {said}"), svg.ticks(marks))


def _tick(windows: Windows, at: int) -> str:
    start = datetime.fromisoformat(windows.starts[at])
    is_hour = windows.unit == "hour" and (at or start.hour)
    return f"{start:%H:%M}" if is_hour else f"{start.day} {start:%b}"


def _row(column: ColumnWindows, windows: Windows) -> Markup:
    known = [value for value in column.distances if value is not None]
    largest = numbers.fixed(max(known, default=None), 2)
    label = (
        f"{column.name}: {len(known)} windows, {len(column.over)} surely over "
        f"{windows.tolerance:g}, largest {largest}"
    )
    drawn = strip(
        column.distances, limit=windows.tolerance, hot=column.over, label=label
    )
    said = f"{_when(column, windows)}{_change(column)}" if column.how else ""
    return tag(
        "tr",
        tag(
            "th",
            shape(STATUS_OF[column.verdict]),
            code(column.name, width=40),
            scope="row",
        ),
        tag("td", drawn, class_=classes("days")),
        tag("td", largest, class_=classes("num")),
        tag("td", said),
    )


def _in_numbers(windows: Windows) -> Markup | None:
    """Give the worst columns' distances as a table, for who cannot see the drawing."""
    worst = windows.columns[:MOST_IN_NUMBERS]
    if not worst:
        return None
    rows = [
        [start, *(numbers.fixed(column.distances[at], 2) for column in worst)]
        for at, start in enumerate(windows.starts)
    ]
    heads: list[Child] = ["From (UTC)", *(code(c.name, width=24) for c in worst)]
    inner = table(heads, rows, numeric=range(1, len(heads)), fit=True)
    return details("The distances of the worst columns in numbers", inner)


def _when(column: ColumnWindows, windows: Windows) -> str:
    if column.how == "since":
        return f"since {column.first}"
    if column.how == "at times":
        unit = windows.unit if windows.size == 1 else "window"
        return (
            f"on {column.differing} of {numbers.amount(windows.windows, unit)}, "
            f"first {column.first}"
        )
    return f"over all, in no {windows.unit} alone"


def _change(column: ColumnWindows) -> str:
    if column.after is None:
        return ""
    if column.before is None:
        return ""
    before, after = (numbers.fixed(x, 2) for x in (column.before, column.after))
    return f": {before} before, {after} from then on"


def _worth(windows: Windows) -> list[str]:
    """Say what a date is worth, and what natural change is known."""
    level = numbers.percent(windows.alpha, decimals=0)
    lines = [
        f"a date is the first {windows.unit} that differs beyond chance: at most "
        f"{level} are too early"
    ]
    if windows.reference_windows:
        lines = [
            "a date is the first of lasting days that are farther off than any of the "
            "reference's",
            f"real is more than days vary: {windows.reference_windows:,} of the "
            "reference were dealt out with serving's",
        ]
    elif windows.why:
        lines.append(
            f"rows count as independent, days may vary by nature: {windows.why}"
        )
    if windows.without_time:
        lines.append(f"{numbers.amount(windows.without_time, 'row')} without a time")
    return lines


def _blocks(column: ColumnWindows) -> str:
    """Draw distances in text, on the same square-root axis."""
    return "".join(
        " " if value is None else BLOCKS[min(7, int(svg.root(value) / 100 * 8))]
        for value in column.distances
    )


def _name(column: ColumnWindows) -> str:
    return middle_shorten(column.name, 20)
