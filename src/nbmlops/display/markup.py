"""HTML and SVG made of escaped parts: the one way in which markup comes about."""

from collections.abc import Iterable
from html import escape
from typing import TypeAlias, Union

VOID_TAGS = frozenset({"br", "col", "hr", "img", "input", "meta"})
SAFE_SCHEMES = ("https://", "http://", "mailto:")
PREFIX = "nbmlops"
MOST_TEXT = 5_000


class Markup(str):
    """Text that is already HTML and is not escaped again."""

    __slots__ = ()


Child: TypeAlias = Union[str, int, float, "Markup", Iterable["Child"], None]


def tag(
    name: str, /, *children: "Child", **attributes: str | float | bool | None
) -> Markup:
    """Build one element; children are escaped unless Markup, attributes always.

    Parameters
    ----------
    name
        The element's name.
    *children
        Text, numbers, Markup, None (left out), or iterables of these.
    **attributes
        A trailing underscore is dropped (`class_`), other underscores become dashes.
        None and False leave the attribute out, True writes it bare.

    Returns
    -------
    Markup
        The element.
    """
    pairs = "".join(
        f" {_attribute(key)}"
        if value is True
        else f' {_attribute(key)}="{_escaped(_text(value), quote=True)}"'
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    opening = Markup(f"<{name}{pairs}>")
    if name in VOID_TAGS:
        return opening
    return Markup(f"{opening}{join(*children)}</{name}>")


def join(*children: "Child", between: str = "") -> Markup:
    """Put children one after another, each escaped unless Markup.

    Parameters
    ----------
    *children
        As in `tag`.
    between
        What stands between two pieces that are not empty; escaped unless Markup.

    Returns
    -------
    Markup
        All pieces in one.
    """
    separator = between if isinstance(between, Markup) else _escaped(between)
    return Markup(separator.join(piece for piece in pieces(children) if piece))


def pieces(children: Iterable["Child"]) -> Iterable[str]:
    """Write children one by one, each escaped unless Markup.

    Parameters
    ----------
    children
        As in `tag`; a text too long to be read is cut, and says so.

    Yields
    ------
    str
        HTML.
    """
    for child in children:
        if child is None:
            continue
        if isinstance(child, Markup):
            yield child
        elif isinstance(child, (str, int, float)):
            yield _escaped(_cut(_text(child)))
        else:
            yield from pieces(child)


def classes(*names: str) -> str:
    """Spell class names with the one prefix: `classes("num")` is "nbmlops-num"."""
    return " ".join(f"{PREFIX}-{name}" for name in names if name)


def link(text: "Child", url: str) -> Markup:
    """Link to a web address; what is not http, https or mailto stays plain text.

    Parameters
    ----------
    text
        What is read.
    url
        Where it leads; may come from a user, as in a description or a tag.

    Returns
    -------
    Markup
        An `<a>`, or the escaped text where the address could run code.
    """
    if not url.strip().lower().startswith(SAFE_SCHEMES):
        return join(text)
    return tag("a", text, href=url.strip(), rel="noopener noreferrer", target="_blank")


def _cut(text: str) -> str:
    rest = len(text) - MOST_TEXT
    if rest <= 0:
        return text
    return f"{text[:MOST_TEXT]}\N{HORIZONTAL ELLIPSIS} ({rest:,} more characters)"


def _escaped(text: str, *, quote: bool = False) -> str:
    if isinstance(text, Markup):
        return text
    if not text.isascii():  # a lone surrogate could not be written to a file
        text = text.encode("utf-8", "replace").decode("utf-8")
    return escape(text.replace("\0", "\N{REPLACEMENT CHARACTER}"), quote=quote)


def _attribute(key: str) -> str:
    return key.rstrip("_").replace("_", "-")


def _text(value: str | float) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
