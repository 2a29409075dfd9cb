"""Tables, folds and small marks that read the same with and without style."""

from collections.abc import Collection, Iterable, Sequence
from typing import Literal

from nbmlops.display.markup import Child, Markup, classes, join, tag
from nbmlops.display.text import clean, clean_lines, middle_shorten
from nbmlops.host import whole

MOST_ROWS = 200
MOST_BYTES = 60_000  # of one table; an output has a limit of its own
MOST_IN_CELL = 400

Status = Literal[
    "fault", "over", "short", "within", "none", "muted",
    "better", "worse", "unclear", "pass", "fail", "wait", "skip",
]  # fmt: skip
STATUS: dict[Status, tuple[str, str, str]] = {
    # shape, word, tone; a disc is drawn round the first
    "fault": ("\N{MULTIPLICATION X}", "handling fault", "bad disc"),
    "over": ("\N{BLACK UP-POINTING TRIANGLE}", "over tolerance", "warn"),
    "short": ("\N{DOTTED CIRCLE}", "not enough data", "quiet"),
    "within": ("\N{BLACK CIRCLE}", "within tolerance", "quiet"),
    "none": ("\N{WHITE CIRCLE}", "no evidence", "quiet"),
    "muted": ("\N{WHITE DIAMOND}", "muted", "quiet"),
    "better": ("\N{BLACK UP-POINTING TRIANGLE}", "better", "good loud"),
    "worse": ("\N{BLACK DOWN-POINTING TRIANGLE}", "worse", "bad loud"),
    "unclear": ("\N{WHITE CIRCLE}", "not clear", "quiet"),
    "pass": ("\N{CHECK MARK}", "pass", "good"),
    "fail": ("\N{MULTIPLICATION X}", "fails", "bad loud"),
    "wait": ("\N{HORIZONTAL ELLIPSIS}", "waits", "warn loud"),
    "skip": ("\N{EN DASH}", "not applicable", "quiet"),
}


def status(kind: Status, word: Child = None, *, calm: bool = False) -> Markup:
    """Judge in a shape, a word and a colour.

    Parameters
    ----------
    kind
        Which of `STATUS`.
    word
        Instead of the usual word.
    calm
        Colour the shape only, where the word stands in running text.

    Returns
    -------
    Markup
        Reads "▲ over tolerance" without style.
    """
    shape, usual, tone = STATUS[kind]
    return tag(
        "span",
        tag("i", shape, aria_hidden="true"),
        " ",
        tag("span", usual if word is None else word),
        class_=classes("s", *tone.split(), "calm" if calm else ""),
    )


def shape(kind: Status) -> Markup:
    """Draw the shape of a status alone, and a blank, before words that say it."""
    glyph, _, tone = STATUS[kind]
    inner = tag("i", glyph, aria_hidden="true")
    return tag("span", inner, " ", class_=classes("s", *tone.split()))


def judged(word: str) -> Child:
    """Draw one of the words that judge as a status; any other stays as it is."""
    kind = next((kind for kind, known in STATUS.items() if known[1] == word), None)
    return word if kind is None else status(kind)


def pill(text: Child) -> Markup:
    """Set a short label in a rounded frame: an alias, a tag."""
    return tag("span", _short(text), class_=classes("pill"))


def pills(texts: Iterable[Child], *, most: int = 12) -> Markup:
    """Set labels side by side, the rest counted."""
    known = list(texts)
    rest = len(known) - most
    shown = join((pill(text) for text in known[:most]), between=" ")
    return join(shown, f" and {rest:,} more" if rest > 0 else None)


def command(words: str) -> Markup:
    """Show what to type, to be copied whole."""
    return tag("code", words, class_=classes("command"))


def unbroken(text: Child) -> Markup:
    """Keep a text on one line: a time, a hash."""
    return tag("span", text, class_=classes("nowrap"))


def mark(label: Child, *, solid: bool = False) -> Markup:
    """Mark a version: a ring for the baseline, a disc for a challenger."""
    return tag("b", label, class_=classes("v", "solid" if solid else ""))


def code(text: object, *, width: int = 80) -> Markup:
    """Set a name or a line of code apart; hidden characters become visible."""
    return tag("code", middle_shorten(text, width))


def source(text: str) -> Markup:
    """Show lines of code, to be copied whole; hidden characters become visible."""
    inner = tag("code", clean_lines(text))
    return tag("pre", inner, class_=classes("source"), tabindex=0)  # it may scroll


def hidden(*children: Child, is_sketch: bool = False) -> Markup:
    """Say in words what is drawn: for screen readers, and where style is stripped.

    Parameters
    ----------
    *children
        Words, or a small sketch made of characters.
    is_sketch
        Keep it from screen readers, which would spell it.

    Returns
    -------
    Markup
        An element that the stylesheet takes out of sight.
    """
    return tag(
        "div" if is_sketch else "span",
        children,
        class_=classes("alt"),
        aria_hidden="true" if is_sketch else None,
    )


def table(
    headers: Sequence[Child],
    rows: Iterable[Sequence[Child]],
    *,
    caption: Child = None,
    numeric: Collection[int] = (),
    fit: bool = False,
    most: int = MOST_ROWS,
    room: int = MOST_BYTES,
    how: str = "",
) -> Markup:
    """Lay rows out; the first cell of each row is its header.

    What would make an output that cannot be saved is cut: a cell's text, and the rows
    after the first ones, which are counted.

    Parameters
    ----------
    headers
        One per column; all empty: no head.
    rows
        One cell per column.
    caption
        What the table shows.
    numeric
        The columns set to the right.
    fit
        As wide as its content rather than as the page.
    most, room
        How many rows are shown, and how many bytes they may take.
    how
        How the others are seen: what `typed("history delays")` writes.

    Returns
    -------
    Markup
        A `<table>` in an element that scrolls sideways where it must, and a line that
        says how many rows there are more.
    """
    right = set(numeric)
    head = [
        tag("th", cell, scope="col", class_=_num(index, right))
        for index, cell in enumerate(headers)
    ]
    known = [*rows]
    body = fitting((tag("tr", _cells(row, right)) for row in known[:most]), room)
    rest = len(known) - len(body)
    laid = tag(
        "table",
        None if caption is None else tag("caption", caption),
        tag("thead", tag("tr", head)) if any(headers) else None,
        tag("tbody", body),
        class_=classes("fit") if fit else None,
    )
    scrolling = tag("div", laid, class_=classes("scroll"), tabindex=0)
    return (
        join(scrolling, tag("p", more(rest, how), class_=classes("note")))
        if rest
        else scrolling
    )


def more(count: int, how: str = "") -> str:
    """Say how many there are that are not shown, and how to see them."""
    return f"and {count:,} more: {how or whole()}"


def fitting(parts: Iterable[Markup], room: int) -> list[Markup]:
    """Take parts from the front while they fit into so many bytes."""
    kept: list[Markup] = []
    for part in parts:
        room -= len(part.encode("utf-8", "replace"))
        if room < 0:
            break
        kept.append(part)
    return kept


def _cells(row: Sequence[Child], right: set[int]) -> list[Markup]:
    return [
        tag("th", _short(cell), scope="row", class_=_num(index, right))
        if index == 0
        else tag("td", _short(cell), class_=_num(index, right))
        for index, cell in enumerate(row)
    ]


def _num(index: int, right: set[int]) -> str | None:
    return classes("num") if index in right else None


def _short(cell: Child) -> Child:
    is_text = isinstance(cell, str) and not isinstance(cell, Markup)
    return words(cell, most=MOST_IN_CELL) if is_text else cell


def definitions(pairs: Iterable[tuple[Child, Child]]) -> Markup:
    """List terms with what they are, side by side; long texts are cut."""
    return tag(
        "dl", ([tag("dt", term), tag("dd", _short(text))] for term, text in pairs)
    )


def details(summary: Child, *content: Child, is_open: bool = False) -> Markup:
    """Fold content under a small line such as "13 more"."""
    return tag(
        "details",
        tag("summary", summary),
        content,
        class_=classes("more"),
        open=is_open,
    )


def fold(title: Child, answer: Child, *content: Child, is_open: bool = False) -> Markup:
    """Fold a section under its title and the answer that its content gives.

    Parameters
    ----------
    title
        One or two words: "Slices".
    answer
        What the reader would find inside: "better on 9E, UA; worse on none".
    *content
        What is inside.
    is_open
        Whether it is open at first.

    Returns
    -------
    Markup
        A `<details>`; put several into `folds`.
    """
    return tag(
        "details",
        tag("summary", tag("b", title), " ", tag("span", answer)),
        tag("div", content, class_=classes("body")),
        class_=classes("fold"),
        open=is_open,
    )


def folds(*content: Child) -> Markup:
    """Put folds under each other, lines between."""
    return tag("div", content, class_=classes("folds"))


def tally(parts: Iterable[tuple[Status, int, Child]]) -> Markup:
    """Show how many of a whole are what: a bar in proportion, and the words.

    Parameters
    ----------
    parts
        A status, how many, and what they are called; zeros are left out.

    Returns
    -------
    Markup
        A list.
    """
    hollow = {"none": "hollow", "short": "dashed", "muted": "hollow"}
    return tag(
        "ul",
        (
            tag(
                "li",
                tag("span", aria_hidden="true"),
                shape(kind),
                tag("b", f"{number:,}"),
                " ",
                words,
                class_=classes(STATUS[kind][2].split()[0], hollow.get(kind, "")),
                style=f"flex-grow:{number}",
            )
            for kind, number, words in parts
            if number
        ),
        class_=classes("tally"),
    )


def listed(names: Iterable[object], *, most: int = 8, width: int = 40) -> Markup:
    """Name things in a line, the rest counted: "temp, dewp and 14 more"."""
    known = list(names)
    shown = join((code(name, width=width) for name in known[:most]), between=", ")
    rest = len(known) - most
    return join(shown, f" and {rest:,} more" if rest > 0 else None)


def words(text: object, *, most: int = 400) -> str:
    """Make running text of a user's or an engine's sentence, cut where endless."""
    line = clean(text)
    return line if len(line) <= most else line[: most - 1] + "\N{HORIZONTAL ELLIPSIS}"
