"""The look of every output: one scoped style, one page for files, one fold."""

import re
from pathlib import Path

from nbmlops.display.markup import Child, Markup, join, pieces, tag
from nbmlops.host import whole


def _stylesheet() -> Markup:
    source = Path(__file__).with_name("theme.css").read_text(encoding="utf-8")
    without_comments = re.sub(r"/\*.*?\*/", "", source, flags=re.DOTALL)
    lines = (line.strip() for line in without_comments.splitlines())
    tight = "\n".join(line for line in lines if line)
    bare = re.sub(r"(?<=[{};:,]) | (?=[{}])", "", tight)
    # In a selector only: within a rule, calc() needs the blanks around its plus.
    return Markup(re.sub(r" ([>+]) (?=[^{}]*\{)", r"\1", bare))


STYLE = _stylesheet()
# Bytes of one output: more makes notebooks that nobody can save, mail or diff.
LIMIT = 200_000
DOCTYPE = Markup("<!doctype html>")
PAGE_STYLE = Markup(
    ":root{color-scheme:light dark}"
    "@media (prefers-color-scheme:dark){:root{"
    "--jp-content-font-color1:#f1f2f4;--jp-layout-color0:#111}}"
    "body{margin:0;background:var(--jp-layout-color0,#fff)}"
    "main{max-width:1200px;margin:0 auto;padding:14px}"
    "main>.nbmlops+.nbmlops{margin-top:34px}"
)


def scoped(*children: Child) -> Markup:
    """Make one self-contained output: a root element with the style it needs.

    Parameters
    ----------
    *children
        The content, as in `markup.tag`; the most important first.

    Returns
    -------
    Markup
        What `_repr_html_` returns: no ids, no script, nothing from the network, and
        less than `LIMIT`: parts that no longer fit are left out, and this is said.
    """
    kept: list[str] = []
    room = LIMIT - len(STYLE) - 500
    for piece in pieces(children):
        room -= len(piece.encode("utf-8", "replace"))
        if room < 0:
            kept.append(tag("p", f"The rest is too long to be shown: {whole()}"))
            break
        kept.append(piece)
    return tag("div", tag("style", STYLE), map(Markup, kept), class_="nbmlops")


def folded(
    headline: Child, content: Markup, *, key: str = "", is_open: bool = True
) -> Markup:
    """Wrap a report that has a live widget twin in a fold; its headline is the line.

    Parameters
    ----------
    headline
        The sentence that stays when the fold is closed; the report's own is hidden.
    content
        What `scoped` made.
    key
        Letters, digits and dashes: the class `nbmlops-twin-KEY` by which the widget
        finds its twin in the page (ids do not survive in an untrusted notebook).
    is_open
        Whether the report is shown at first; the widget closes it where it can.

    Returns
    -------
    Markup
        A `<details>`.
    """
    names = "nbmlops-twin" + (f" nbmlops-twin-{key}" if key else "")
    return tag("details", tag("summary", headline), content, class_=names, open=is_open)


def page(content: Child, title: str) -> str:
    """Make a whole HTML file, light or dark as the reader's system is.

    Parameters
    ----------
    content
        One or more outputs made by `scoped`.
    title
        The window's title.

    Returns
    -------
    str
        A document that needs nothing else.
    """
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", title),
        tag("style", PAGE_STYLE),
    )
    body = tag("body", tag("main", content))
    return join(DOCTYPE, "\n", tag("html", head, body, lang="en"), "\n")
