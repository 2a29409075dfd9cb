"""How the section on slices is said and shown."""

from collections.abc import Sequence

from nbmlops.display import numbers
from nbmlops.display.document import Grid, Mark
from nbmlops.display.forest import forest_table
from nbmlops.display.markup import Child, Markup, join
from nbmlops.display.table import Status, definitions, details
from nbmlops.skew.section_view import notes
from nbmlops.skew.slices import Contrast, Group, Slices

ROOM = 5_500  # bytes of each of the two tables' rows
MOST_NAMED = 8  # of the groups that are too small


def headline_of(section: Slices) -> str:
    """Say what rose, else what differs.

    Parameters
    ----------
    section
        What was found.

    Returns
    -------
    str
        One sentence without a full stop.
    """
    if not section.groups:
        return f"no group has {section.least:,} labelled rows to be judged by"
    worse = [group for group in section.groups if group.is_worse]
    if worse:
        more = f" and {len(worse) - 1} more" if len(worse) > 1 else ""
        return (
            f"worse than on test in {worse[0].name}{more}: {_rise(section, worse[0])}"
        )
    risen = "no group is known on test"
    if any(group.rise is not None for group in section.groups):
        risen = "no group is surely worse than on test"
    harder = _harder(section)
    if not harder:
        return f"{risen}, and none surely worse than the rest of the log"
    return f"{risen}; in {harder[0].name} {_gap(section, harder[0])}"


def lines_of(section: Slices) -> list[str]:
    """Say it group by group, the most important first.

    Parameters
    ----------
    section
        What was found.

    Returns
    -------
    list of str
        Without the headline.
    """
    worse = [group for group in section.groups if group.is_worse]
    harder = [group for group in _harder(section) if not group.is_worse]
    lines = [f"{group.name}: {_rise(section, group)}" for group in worse[:4]]
    lines += [f"{group.name}: {_gap(section, group)}" for group in harder[:3]]
    return [*lines, *_small(section), *section.notes]


def html_of(section: Slices) -> Markup:
    """Show the groups, and what the error rate is.

    Parameters
    ----------
    section
        What was found.

    Returns
    -------
    Markup
        Under 15,000 bytes.
    """
    return join(
        _risen(section),
        _apart(section),
        _facts(section),
        notes([*_small(section), *section.notes]),
    )


def _harder(section: Slices) -> list[Group]:
    """Give the groups that surely fare worse than the rest."""
    return [
        group
        for group in section.groups
        if group.gap is not None and group.gap.said and group.gap.difference > 0
    ]


def _rise(section: Slices, group: Group) -> str:
    return f"{section.loss} {_between(group, group.rise, 'was ')}"


def _gap(section: Slices, group: Group) -> str:
    return f"{section.loss} {_between(group, group.gap, 'in the rest ')}"


def _between(group: Group, found: Contrast | None, before: str) -> str:
    """Say both losses and how far apart: "0.61, was 0.48 (+0.05 to +0.21)"."""
    if found is None:
        return numbers.number(group.loss, significant=3)
    decimals = numbers.places(group.loss, found.other, *found.interval)
    return (
        f"{numbers.fixed(group.loss, decimals)}, {before}"
        f"{numbers.fixed(found.other, decimals)} ({_ends(found)})"
    )


def _ends(found: Contrast | None) -> str:
    if found is None:
        return ""
    decimals = numbers.places(found.difference, *found.interval)
    low, high = (numbers.signed(end, decimals) for end in found.interval)
    return f"{low} to {high}"


def _small(section: Slices) -> list[str]:
    if not section.small:
        return []
    named = ", ".join(group.name for group in section.small[:MOST_NAMED])
    rest = len(section.small) - MOST_NAMED
    more = f" and {rest} more" if rest > 0 else ""
    return [f"too few rows to judge (under {section.least:,}): {named}{more}"]


def _risen(section: Slices) -> Markup | None:
    """Draw what groups lost or gained against test."""
    groups = [(group, group.rise) for group in section.groups if group.rise]
    head = f"rise of the {section.loss} (95%), right is worse"
    return _drawn(section, groups, "On test", head, line=section.margin)


def _apart(section: Slices) -> Markup | None:
    """Draw what groups lose or gain against the rest of the log."""
    groups = [(group, group.gap) for group in section.groups if group.gap]
    head = f"{section.loss} above that of the rest (95%), right is worse"
    drawn = _drawn(section, groups, "In the rest", head)
    if drawn is None:
        return None
    harder = len(_harder(section))
    said = f"harder in {harder}" if harder else "none surely harder"
    title = f"Against the rest of the log: {said} of {len(groups)}"
    is_open = all(group.rise is None for group in section.groups)
    return details(title, drawn, is_open=is_open)


def _drawn(
    section: Slices,
    groups: Sequence[tuple[Group, Contrast]],
    other: str,
    head: str,
    line: float | None = None,
) -> Markup | None:
    if not groups:
        return None
    ends = [end for _, found in groups for end in (found.other, *found.interval)]
    decimals = min(4, numbers.places(*ends))
    losses = numbers.column([group.loss for group, _ in groups])
    others = numbers.column([found.other for _, found in groups])
    grid = Grid(
        headers=("Group", "Rows", section.loss.capitalize(), other),
        rows=tuple(
            (group.name, f"{group.rows:,}", loss, before)
            for (group, _), loss, before in zip(groups, losses, others, strict=True)
        ),
        numeric=(1, 2, 3),
        marks=tuple(_mark(found, decimals) for _, found in groups),
        mark_header=head,
        line=line,
    )
    return forest_table(grid, room=ROOM)


def _mark(found: Contrast, decimals: int) -> Mark:
    kind, word = _judged(found)
    return Mark(
        value=found.difference,
        interval=found.interval,
        figure=numbers.signed(found.difference, decimals),
        bounds=numbers.interval(found.interval, decimals),
        word=word,
        status=kind,
    )


def _judged(found: Contrast) -> tuple[Status, str]:
    if not found.said:
        return "unclear", "not clear"
    if found.difference < 0:
        return "better", "better"
    if found.said == "over tolerance":
        return "over", "over tolerance"
    return "worse", "worse"


def _facts(section: Slices) -> Markup:
    level = numbers.percent(section.alpha, decimals=0)
    margin = numbers.number(section.margin, significant=2)
    pairs: list[tuple[Child, Child]] = [
        (
            "Error rate",
            f"Where no group differs, at most {level} of checks find any that does; "
            "else at most that share of what is found is false (Benjamini-Hochberg "
            "over all groups). Each check is one look.",
        ),
        (
            "Verdict",
            f"Of rises against test: over tolerance where surely above {margin}. A "
            "group that is harder than the rest may always have been.",
        ),
    ]
    return definitions(pairs)
