"""HTML and SVG made of escaped parts: the one way in which markup comes about."""

from collections.abc import Iterable
from html import escape
from typing import TypeAlias, Union

VOID_TAGS = frozenset({"br", "col", "hr", "img", "input", "meta"})


class Markup(str):
    """Text that is already HTML and is not escaped again."""

    __slots__ = ()


Child: TypeAlias = Union[str, int, float, "Markup", None, Iterable["Child"]]


def tag(
    name: str, *children: "Child", **attributes: str | float | bool | None
) -> Markup:
    """Build one element; children and attribute values are escaped unless Markup.

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
        else f' {_attribute(key)}="{escape(_text(value), quote=True)}"'
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    opening = Markup(f"<{name}{pairs}>")
    if name in VOID_TAGS:
        return opening
    return Markup(f"{opening}{join(*children)}</{name}>")


def join(*children: "Child") -> Markup:
    """Put children one after another, each escaped unless Markup."""
    return Markup("".join(_pieces(children)))


def _pieces(children: Iterable["Child"]) -> Iterable[str]:
    for child in children:
        if child is None:
            continue
        if isinstance(child, Markup):
            yield child
        elif isinstance(child, (str, int, float)):
            yield escape(_text(child), quote=False)
        else:
            yield from _pieces(child)


def _attribute(key: str) -> str:
    return key.rstrip("_").replace("_", "-")


def _text(value: str | float) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
