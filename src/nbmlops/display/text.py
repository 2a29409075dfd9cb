"""Text tables for terminals: aligned, cut to a width, safe to print."""

import unicodedata
from collections.abc import Collection, Iterator, Sequence
from itertools import zip_longest
from textwrap import wrap

from nbmlops import host

BLOCKS = "▁▂▃▄▅▆▇█"
ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
MOST_LINES = 3
ROOMY = 30  # cells that a column of running text keeps
NUMERIC = frozenset("0123456789.,+%<>∞e–−- ")


def clean(text: object) -> str:
    r"""Make text safe to print on one line: no control codes, no hidden reordering.

    Parameters
    ----------
    text
        Anything; a label may hold newlines, escape codes or right-to-left overrides.

    Returns
    -------
    str
        One line; what cannot be seen is written as its escape ("\x1b").
    """
    flat = " ".join(str(text).split())
    if flat.isascii() and flat.isprintable():
        return flat
    return "".join(char if _visible(char) else _escape(char) for char in flat)


def clean_lines(text: str) -> str:
    """Make text safe to print as `clean` does, but keep its lines and their blanks."""
    return "\n".join(
        "".join(
            char if char == "\t" or _visible(char) else _escape(char) for char in line
        )
        for line in text.splitlines()
    )


def width_of(text: str) -> int:
    """Count the terminal cells of a text: wide characters take two, accents none."""
    if text.isascii():
        return len(text)
    return sum(
        0
        if unicodedata.combining(char)
        else 2
        if unicodedata.east_asian_width(char) in "WF"
        else 1
        for char in text
    )


def shorten(text: object, width: int) -> str:
    """Cut a text to so many terminal cells, an ellipsis in place of what is lost."""
    line = clean(text)
    if width_of(line) <= width:
        return line
    kept = ""
    for char in line:
        if width_of(kept + char) > width - 1:
            break
        kept += char
    return kept.rstrip() + ELLIPSIS if width > 0 else ""


def middle_shorten(text: object, width: int) -> str:
    """Cut the middle out of a text, where its end tells as much as its start."""
    line = clean(text)
    if width_of(line) <= width:
        return line
    tail = ""
    for char in reversed(line):
        if width_of(char + tail) > (width - 1) // 3:
            break
        tail = char + tail
    return shorten(line, width - width_of(tail)) + tail


def text_table(
    headers: Sequence[object],
    rows: Sequence[Sequence[object]],
    *,
    numeric: Sequence[int] | None = None,
    width: int | None = None,
    indent: int = 0,
    running: int | None = None,
) -> str:
    """Lay rows out in columns, numbers to the right, no wider than `width`.

    Parameters
    ----------
    headers
        One per column; all empty: no header line.
    rows
        Cells are printed by `str`; shorter rows are filled up.
    numeric
        The columns set to the right; None: those whose cells all look like numbers.
    width
        Terminal cells in all; None: what there is. The widest columns give way first.
    indent
        Spaces before each line.
    running
        A column of running text: it gives way before the others, and goes on below
        itself for a few lines.

    Returns
    -------
    str
        Lines without trailing blanks, no final newline.
    """
    lines = [[clean(cell) for cell in row] for row in (headers, *rows)]
    columns = [list(cells) for cells in zip_longest(*lines, fillvalue="")]
    right = (
        {index for index, cells in enumerate(columns) if _all_numbers(cells[1:])}
        if numeric is None
        else {index % len(columns) for index in numeric}
    )
    widths = [max(map(width_of, cells)) for cells in columns]
    room = (width or host.width()) - indent - 2 * (len(columns) - 1)
    if running is not None:
        others = sum(widths) - widths[running]
        widths[running] = min(widths[running], max(ROOMY, room - others))
    _squeeze(widths, room)
    start = 0 if any(clean(header) for header in headers) else 1
    return "\n".join(
        (" " * indent + "  ".join(cells)).rstrip()
        for line in range(start, len(lines))
        for cells in _rows_of(
            [cells[line] for cells in columns], widths, right, running
        )
    )


def sparkline(shares: Sequence[float]) -> str:
    """Draw shares as one line of blocks, the largest full, nothing as a dot."""
    most = max(shares, default=0.0)
    return "".join(
        BLOCKS[max(0, min(7, round(8 * share / most) - 1))] if share > 0 else "\u00b7"
        for share in shares
    )


def counted(parts: Sequence[str]) -> str:
    """Say several things in one phrase: "a", "a and b", "a, b and c"."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def _squeeze(widths: list[int], room: int) -> None:
    widths[:] = [min(width, max(6, room)) for width in widths]
    while sum(widths) > room and max(widths) > 6:
        widths[widths.index(max(widths))] -= 1


def _rows_of(
    cells: Sequence[str],
    widths: Sequence[int],
    right: Collection[int],
    running: int | None,
) -> Iterator[list[str]]:
    """Lay one row out: its running text may go on below itself."""
    below = [] if running is None else _wrapped(cells[running], widths[running])
    for row in range(max(1, len(below))):
        now = [cell if row == 0 else "" for cell in cells]
        if running is not None:
            now[running] = below[row]
        yield [
            _pad(cell, widths[index], right=index in right)
            for index, cell in enumerate(now)
        ]


def _wrapped(text: str, width: int) -> list[str]:
    """Break a text into a few lines, the last cut where more was to come."""
    if width_of(text) <= width:
        return [text]
    lines = wrap(text, width, break_on_hyphens=False)
    kept, rest = lines[: MOST_LINES - 1], lines[MOST_LINES - 1 :]
    return [*kept, shorten(" ".join(rest), width)] if rest else kept


def _pad(cell: str, width: int, *, right: bool) -> str:
    cut = shorten(cell, width)
    blanks = " " * (width - width_of(cut))
    return blanks + cut if right else cut + blanks


def _all_numbers(cells: Sequence[str]) -> bool:
    return any(cells) and all(
        NUMERIC.issuperset(cell) and any(c.isdigit() or c == "–" for c in cell)
        for cell in cells
        if cell
    )


def _visible(char: str) -> bool:
    return (
        not unicodedata.category(char).startswith("C")
        or char == "\N{ZERO WIDTH JOINER}"
    )


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
