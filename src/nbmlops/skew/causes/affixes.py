"""Labels with more or less at their ends: a prefix, a suffix, cut to a length."""

import math
from collections import Counter
from collections.abc import Iterator

import numpy as np

from nbmlops.profiles.columns import TextColumn
from nbmlops.profiles.labels import KEPT_OF_LONG
from nbmlops.skew.causes import fit as fitting
from nbmlops.skew.causes.evidence import Candidate, Evidence
from nbmlops.skew.causes.label_scores import vectors
from nbmlops.skew.causes.labels import ALL_NEW, new_share
from nbmlops.skew.causes.relabelling import (
    FOUND_BY,
    MOST_FOUND,
    SURE_OF_LONG,
    Relabelling,
    Rule,
    agreement,
    by_form,
    by_rule,
    mend,
    sentence,
)
from nbmlops.skew.causes.words import label as shown
from nbmlops.skew.questions import Labels
from nbmlops.skew.repair.steps import How, Text

OWN = 6.0
LEAST_EXPLAINED = 0.8  # of the rows in new labels; some are rare, and new by chance
FEWEST = 2  # labels that have the affix
FEWEST_UNMARKED = 3  # the same without a character between it and the label
MANY = 12  # labels with one affix, which is no accident whatever their shares
UNMARKED = 4.0  # what a label with such an affix speaks for it
LOOKED_AT, TRIED = 5, 8  # new labels that suggest affixes, and affixes that are tried
SIGNS = math.log(10)  # of the characters that may come next in a label


def propose_affix(evidence: Evidence) -> Iterator[Candidate]:
    """Propose that new labels are known ones with more, or less, at an end.

    Parameters
    ----------
    evidence
        The column.

    Yields
    ------
    Candidate
        At most one.
    """
    labels = evidence.labels
    if labels is None:
        return
    best: tuple[float, str, Text, Rule, Relabelling] | None = None
    for how, text in _suggested(labels):
        rule = _rule(how, text)
        made = by_rule(labels, rule)
        if made is None or made.explained < LEAST_EXPLAINED:
            continue
        score = _score(labels, made, how, text)
        if score is not None and (best is None or score < best[0]):
            best = score, text, Text(how=how, text=text), rule, made
    if best is None:
        return
    score, text, step, rule, made = best
    what = "before" if step.how in {"prefix", "removeprefix"} else "after"
    verb = "put" if step.how.startswith("remove") else "missing"
    yield Candidate(
        kind="prefix",
        score=score,
        detail=sentence(
            made, evidence.words[1], f"{shown(text)} is {verb} {what} the labels"
        ),
        mend=mend(labels, made, ((step, rule),)),
    )


def _suggested(labels: Labels) -> list[tuple[How, str]]:
    """Find affixes that tell the heaviest new labels from known ones."""
    known = [n for n, a in zip(labels.names, labels.reference, strict=True) if a > 0]
    fresh = np.flatnonzero((labels.reference <= 0) & (labels.serving > 0))
    heavy = fresh[np.argsort(-labels.serving[fresh], kind="stable")[:LOOKED_AT]]
    new = [labels.names[int(k)] for k in heavy]
    counted: Counter[tuple[How, str]] = Counter()
    for name in new:
        for other in known:
            if not other or not name or name == other:
                continue
            if name.endswith(other):
                counted["removeprefix", name.removesuffix(other)] += 1
            if name.startswith(other):
                counted["removesuffix", name.removeprefix(other)] += 1
            if other.endswith(name):
                counted["prefix", other.removesuffix(name)] += 1
            if other.startswith(name):
                counted["suffix", other.removeprefix(name)] += 1
    ranked = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    return [affix for affix, _ in ranked if affix[1].strip()][:TRIED]


def _rule(how: How, text: str) -> Rule:
    """Give what the step does to a label that has, or lacks, the affix."""
    match how:
        case "removeprefix":
            return lambda label: label.removeprefix(text)
        case "removesuffix":
            return lambda label: label.removesuffix(text)
        case "prefix":
            return lambda label: text + label
        case _:
            return lambda label: label + text


def _score(labels: Labels, made: Relabelling, how: How, text: str) -> float | None:
    """Score an affix; None where a new label may well only look like a known one."""
    joint = text[-1] if how in {"prefix", "removeprefix"} else text[0]
    if not joint.isalnum():
        if made.found < FEWEST:
            return None
        return agreement(made.labels) + OWN - FOUND_BY * min(made.found, MOST_FOUND)
    # 11 and 12 beside 1 and 2 are no prefix: all must have it, and the shares agree,
    # unless very many do and it is no digit.
    if made.found < FEWEST_UNMARKED or new_share(labels) < ALL_NEW:
        return None
    sure = made.found >= MANY and not joint.isdigit()
    if not sure and not fitting.fit(*vectors(made.labels)).passes:
        return None
    return agreement(made.labels) + OWN - UNMARKED * min(made.found, MOST_FOUND)


def propose_truncated(evidence: Evidence) -> Iterator[Candidate]:
    """Propose that labels were cut to a length.

    Parameters
    ----------
    evidence
        The column.

    Yields
    ------
    Candidate
        At most one.
    """
    labels = evidence.labels
    sides = evidence.both(TextColumn)
    if labels is None or sides is None:
        return
    length = _length(labels, *sides)
    if not length:
        return
    compared = min(length, SURE_OF_LONG)
    made = by_form(labels, lambda label: label[:compared], mark="")
    if made is None or made.explained < LEAST_EXPLAINED:
        return
    if any(len(name) < length for name in made.names):
        return
    speaks = 2 * (length * SIGNS - math.log(max(2, len(labels.names))))
    speaks = min(max(speaks, 0.0), FOUND_BY) * min(made.found, MOST_FOUND)
    lost = _lost(labels, made)
    said = f"cut to {sides[1].maximum_length} characters"
    if lost:
        said += f"; {lost} labels of {evidence.words[0]} can no longer be told apart"
    constant = int((labels.serving > 0).sum()) == 1
    yield Candidate(
        kind="truncated",
        score=-np.inf if constant else agreement(made.labels) + OWN - speaks,
        detail=sentence(made, evidence.words[1], said),
        mend=() if lost else mend(labels, made, ()),
    )


def _length(labels: Labels, reference: TextColumn, serving: TextColumn) -> int:
    """Give the length to which serving's labels seem to be cut; 0 for none."""
    before, after = reference.maximum_length, serving.maximum_length
    if not before or not after or after >= before or not len(labels.names):
        return 0
    return int(min(after, KEPT_OF_LONG))


def _lost(labels: Labels, made: Relabelling) -> int:
    """Count the labels of training that serving's cut ones may all stand for."""
    length = min(len(name) for name in made.names)
    cut = Counter(
        name[:length]
        for name, rows in zip(labels.names, labels.reference, strict=True)
        if rows > 0
    )
    return sum(cut[name[:length]] for name in made.names if cut[name[:length]] > 1)
