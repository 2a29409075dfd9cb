"""How the section on slices is said and shown."""

from nbmlops.display import numbers
from nbmlops.display.markup import Child, Markup, classes, join, tag
from nbmlops.display.table import definitions, table, words
from nbmlops.skew.slices import Contrast, Group, Slices

MOST_SHOWN = 15
MOST_NOTES = 5
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
    notes = (*_small(section), *section.notes)[:MOST_NOTES]
    return join(
        _groups(section),
        _facts(section),
        [tag("p", words(note), class_=classes("note")) for note in notes],
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


def _groups(section: Slices) -> Markup | None:
    if not section.groups:
        return None
    rows: list[list[Child]] = [
        [
            words(group.name, most=80),
            f"{group.rows:,}",
            numbers.number(group.loss, significant=3),
            _other(group.rise),
            _ends(group.rise),
            _said(group.rise),
            _other(group.gap),
            _ends(group.gap),
            _said(group.gap),
        ]
        for group in section.groups[:MOST_SHOWN]
    ]
    heads = [
        "Group",
        "Rows",
        section.loss.capitalize(),
        "On test",
        "Rise, 95%",
        "Judged",
        "In the rest",
        "Gap, 95%",
        "Judged",
    ]
    count = len(section.groups)
    shown = f", the first {MOST_SHOWN}" if count > MOST_SHOWN else ""
    caption = f"{numbers.amount(count, 'group')}{shown}"
    return table(heads, rows, numeric=[1, 2, 3, 6], caption=caption)


def _other(found: Contrast | None) -> str:
    return numbers.number(found.other if found else None, significant=3)


def _said(found: Contrast | None) -> str:
    if found is None or not found.said:
        return ""
    if found.difference < 0:
        return "better"
    return "worse" if found.said == "differs" else found.said


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
