"""Where the boxes of a lineage stand: five columns, a block of rows per version."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nbmlops.display.graph import BOX, PITCH, Box, Link
from nbmlops.refs import CHAMPION
from nbmlops.registry.lineage.values import Kind, Lineage, Node

HEADERS = ("Data", "Made in", "Version", "What became of it", "Alias now")
_WITH_DATA = "Version, and data to judge it"
MOST_VERSIONS = 16
_MOST_OF_A_KIND: Mapping[Kind, int] = {
    "evaluation": 3,
    "check": 2,
    "baseline": 1,
    "promotion": 3,
}
_BETWEEN = 8  # px more between two versions than between what became of one
_LOOKS: Mapping[Kind, str] = {
    "dataset": "data",
    "run": "run",
    "version": "version",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What is drawn of a lineage.

    Attributes
    ----------
    headers, boxes, links
        As `display.graph.graph` takes them.
    left_out
        How many versions, and how many of what became of those drawn, are not.
    """

    headers: tuple[str, ...]
    boxes: tuple[Box, ...]
    links: tuple[Link, ...]
    left_out: tuple[int, int]


def lay_out(lineage: Lineage) -> Layout:
    """Choose what is drawn of a lineage, and where.

    Parameters
    ----------
    lineage
        What to draw.

    Returns
    -------
    Layout
        Data stand to the left of what was made with them, or, where they were only
        judged on, between the versions beside what they judged.
    """
    versions = _chosen(lineage)
    signs = {node.ref: _signs(lineage, node.ref) for node in versions}
    shown = {key for node in versions for key in (node.key, f"run:{node.ref}")}
    shown |= {sign.key for of_one in signs.values() for sign in of_one}
    shown |= {node.key for node in lineage.of_kind("deployment") if node.ref in signs}
    runs: dict[str, list[str]] = {}
    beside: dict[str, list[str]] = {}
    for node in lineage.of_kind("dataset"):
        near = [n for n in lineage.effects(node.key) if n.key in shown]
        kinds = runs if any(n.kind == "run" for n in near) else beside
        if near or node.key in lineage.starts:
            kinds[node.key] = [n.key for n in near]
    places = _rows(versions, signs, beside)
    _put_near(places, 0, runs)
    _put_near(
        places,
        4,
        {
            live.key: [cause.key for cause in lineage.causes(live.key)]
            for live in lineage.of_kind("deployment")
            if live.key in shown
        },
    )
    every = sum(len(lineage.of_version(n.ref, *_MOST_OF_A_KIND)) for n in versions)
    left_out = (
        len(lineage.of_kind("version")) - len(versions),
        every - sum(map(len, signs.values())),
    )
    return _drawn(lineage, places, left_out)


def _chosen(lineage: Lineage) -> list[Node]:
    """Take the starts, the champions and the newest, in the order of their making."""
    every = lineage.of_kind("version")
    live = {node.ref for node in lineage.of_kind("deployment")}
    by_weight = sorted(
        reversed(every), key=lambda n: (n.key not in lineage.starts, n.ref not in live)
    )
    kept = {node.key for node in by_weight[:MOST_VERSIONS]}
    return [node for node in every if node.key in kept]


def _signs(lineage: Lineage, ref: str) -> list[Node]:
    """Take the newest of each kind, in the order in which they came about."""
    every = lineage.of_version(ref, *_MOST_OF_A_KIND)
    kept: set[str] = set()
    for kind, most in _MOST_OF_A_KIND.items():
        kept |= {node.key for node in [n for n in every if n.kind == kind][-most:]}
    return sorted(
        (n for n in every if n.key in kept), key=lambda node: node.facts["seq"]
    )


_Places = dict[str, tuple[int, float]]  # column and middle by key


def _rows(
    versions: Sequence[Node],
    signs: Mapping[str, Sequence[Node]],
    beside: Mapping[str, Sequence[str]],
) -> _Places:
    """Stack the versions with what became of each, and data among them."""
    order = {f"version:{node.ref}": at for at, node in enumerate(versions)}
    owner = {s.key: f"version:{ref}" for ref, of_one in signs.items() for s in of_one}
    blocks: list[tuple[float, str]] = [(at, key) for key, at in order.items()]
    for key, targets in beside.items():
        judged = [order[owner[target]] for target in targets if target in owner]
        middle = sum(judged) / len(judged) if judged else -1.0
        blocks.append((int(middle) + 0.5, key))
    places: _Places = {}
    top = BOX / 2
    for _, key in sorted(blocks):
        ref = key.removeprefix("version:")
        rows = signs.get(ref, ()) if key in order else ()
        middle = top + PITCH * (max(1, len(rows)) - 1) / 2
        places[key] = (2, middle)
        if key in order:
            places[f"run:{ref}"] = (1, middle)
        for at, sign in enumerate(rows):
            places[sign.key] = (3, top + PITCH * at)
        top += PITCH * max(1, len(rows)) + _BETWEEN
    return places


def _put_near(
    places: _Places, column: int, groups: Mapping[str, Sequence[str]]
) -> None:
    """Put boxes of one column where the others that they belong to are, on average."""
    wished = sorted(
        (sum(ys) / len(ys) if ys else BOX / 2, key)
        for key, near in groups.items()
        for ys in [[places[k][1] for k in near if k in places]]
    )
    below = 0.0
    found: list[tuple[str, float]] = []
    for wish, key in wished:
        y = max(wish, below)
        found.append((key, y))
        below = y + PITCH
    moved = sum(y - wish for (_, y), (wish, _) in zip(found, wished, strict=True))
    up = min(moved / len(found), found[0][1] - BOX / 2) if found else 0.0
    for key, y in found:
        places[key] = (column, y - up)


def _drawn(lineage: Lineage, places: _Places, left_out: tuple[int, int]) -> Layout:
    columns = sorted({column for column, _ in places.values()})
    keys = list(places)
    marked: set[str] = set() if len(lineage.starts) > 1 else set(lineage.starts)
    is_mixed = any(places[key][0] == 2 and "dataset:" in key for key in keys)
    at = {key: index for index, key in enumerate(keys)}
    boxes = tuple(
        Box(
            column=columns.index(places[key][0]),
            y=round(places[key][1], 1),
            label=lineage.by_key[key].label,
            note=lineage.by_key[key].note,
            look=_look(lineage.by_key[key]),
            is_start=key in marked,
        )
        for key in keys
    )
    links = tuple(
        Link(
            source=at[e.source],
            target=at[e.target],
            is_dashed=e.relation == "parent",
        )
        for e in lineage.edges
        if e.source in at and e.target in at
    )
    headers = tuple(
        _WITH_DATA if column == 2 and is_mixed else HEADERS[column]
        for column in columns
    )
    return Layout(headers=headers, boxes=boxes, links=links, left_out=left_out)


def _look(node: Node) -> str:
    if node.kind == "check":
        return "sign good" if node.facts["ok"] else "sign bad"
    if node.label.endswith(f"@{CHAMPION}"):
        return "live"
    return _LOOKS.get(node.kind, "sign")
