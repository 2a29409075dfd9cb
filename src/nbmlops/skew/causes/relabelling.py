"""Labels that only serving writes, turned into those of training.

Shared by the causes that are a rule of spelling: it is found on the labels alone, the
counts then only have to agree as well as those of any natural change.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from nbmlops.profiles.labels import KEPT_OF_LONG, LONGEST_LABEL, shortened
from nbmlops.skew.causes import fit as fitting
from nbmlops.skew.causes.label_scores import natural, null_score, vectors
from nbmlops.skew.causes.labels import SURELY, surprise
from nbmlops.skew.causes.natural import POPULATION_OWN
from nbmlops.skew.causes.words import arriving, share
from nbmlops.skew.questions import Labels
from nbmlops.skew.repair.steps import Relabel, Step, Text

Rule: TypeAlias = Callable[[str], str]

FOUND_BY = 10.0  # what a label that a rule makes known speaks for the rule
MOST_FOUND = 60  # labels that count so
UNTIDY = 12.0  # G2 by which serving has more spellings of its own than training
MOST_IN_MAP = 100  # labels that a repair names one by one
SURE_OF_LONG = 150  # characters of a shortened label that a rule leaves comparable
_MARKED = len(shortened("x" * (LONGEST_LABEL + 1)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Relabelling:
    """What a rule makes of the labels that are new.

    Attributes
    ----------
    labels
        Both sides under the rule.
    names
        New labels and the known ones that they become, the heaviest first.
    explained
        The share of the rows in surely new labels that become known, 0 to 1.
    found
        How many of the surely new labels do.
    rows
        The share of serving rows whose label changes.
    """

    labels: Labels
    names: Mapping[str, str]
    explained: float
    found: int
    rows: float


def by_form(
    labels: Labels, form: Rule, *, mark: str = "\N{HORIZONTAL ELLIPSIS}"
) -> Relabelling | None:
    """Compare labels in a form that both sides share: without case, without blanks.

    Parameters
    ----------
    labels
        The counts of both sides.
    form
        Gives a label's form. Of a label that was shortened it sees what was kept.
    mark
        Stands in forms for the end of a label that was shortened: it is like no other.

    Returns
    -------
    Relabelling or None
        None where no label is surely new.
    """
    forms = [_form_of(name, form, mark) for name in labels.names]
    known: dict[str, int] = {}
    for k in np.flatnonzero(labels.reference > 0):
        at = known.setdefault(forms[k], int(k))
        if labels.reference[k] > labels.reference[at]:
            known[forms[k]] = int(k)
    fresh = np.flatnonzero((labels.reference <= 0) & (labels.serving > 0))
    names = {int(k): labels.names[known[forms[k]]] for k in fresh if forms[k] in known}
    first = list(known.values())
    untidy = float(labels.reference.sum() - labels.reference[first].sum())
    return _relabelling(labels, names, forms, untidy)


def by_rule(labels: Labels, rule: Rule) -> Relabelling | None:
    """Turn the labels that are new into known ones by a rule of serving's alone.

    Parameters
    ----------
    labels
        The counts of both sides.
    rule
        Gives training's label for serving's.

    Returns
    -------
    Relabelling or None
        None where no label is surely new.
    """
    at = {name: k for k, name in enumerate(labels.names)}
    names = {}
    for k in np.flatnonzero((labels.reference <= 0) & (labels.serving > 0)):
        wanted = at.get(rule(labels.names[k]), -1)
        if wanted >= 0 and labels.reference[wanted] > 0:
            names[int(k)] = labels.names[wanted]
    moved = [names.get(k, name) for k, name in enumerate(labels.names)]
    return _relabelling(labels, names, moved, 0.0)


def added_up(labels: Labels, forms: list[str]) -> Labels:
    """Add up the labels that have one form."""
    kept, at = np.unique(np.array(forms, dtype=object), return_inverse=True)
    count = len(kept)
    return replace(
        labels,
        names=tuple(str(name) for name in kept),
        reference=np.bincount(at, labels.reference, count).astype(np.float64),
        serving=np.bincount(at, labels.serving, count).astype(np.float64),
    )


def _relabelling(
    labels: Labels, names: Mapping[int, str], forms: list[str], untidy: float
) -> Relabelling | None:
    """Sum up what a rule does; None where chance makes such labels too."""
    if not names:
        return None
    single = surprise(labels, new=True)
    new = np.array([], dtype=np.int64) if single is None else single.at
    if _beyond_chance(labels, names, untidy):
        new = np.union1d(new, list(names))
    if not len(new):
        return None
    ordered = sorted(names, key=lambda k: (-labels.serving[k], labels.names[k]))
    made = [int(k) for k in new if int(k) in names]
    rows = float(labels.serving.sum()) + labels.nulls[1] + labels.others[1]
    return Relabelling(
        labels=added_up(labels, forms),
        names={labels.names[k]: names[k] for k in ordered},
        explained=float(labels.serving[made].sum() / labels.serving[new].sum()),
        found=len(made),
        rows=float(labels.serving[ordered].sum()) / max(rows, 1e-300),
    )


def _beyond_chance(labels: Labels, names: Mapping[int, str], untidy: float) -> bool:
    """Say whether all labels that a rule makes known, as one, are surely new."""
    # Training may be untidy too, with several spellings of one label.
    new = float(labels.serving[list(names)].sum())
    n = float(labels.reference.sum()) + labels.nulls[0] + labels.others[0]
    m = float(labels.serving.sum()) + labels.nulls[1] + labels.others[1]
    needed = (np.log(max(2, len(labels.names))) + SURELY) / np.log1p(n / m)
    table = np.array([untidy, n - untidy]), np.array([new, m - new])
    return bool(
        new > needed and new / m > untidy / n and fitting.two_way(*table) > UNTIDY
    )


def _form_of(name: str, form: Rule, mark: str) -> str:
    """Give the form of a label; of one that was shortened, of its sure beginning."""
    if not is_shortened(name):
        return form(name)
    return form(name[:KEPT_OF_LONG])[:SURE_OF_LONG] + mark


def is_shortened(name: str) -> bool:
    """Say whether a profile shortened this label: its end is not known."""
    return len(name) == _MARKED and name[KEPT_OF_LONG] == "\N{HORIZONTAL ELLIPSIS}"


def agreement(labels: Labels) -> float:
    """Score how well both sides agree, or differ as the world does."""
    pair = vectors(labels)
    rest = min(fitting.fit(*pair).soft, natural(pair) + POPULATION_OWN)
    return rest + null_score(labels, pair)


def mend(
    labels: Labels, found: Relabelling, texts: Iterable[tuple[Text, Rule]]
) -> tuple[Step, ...]:
    """Give the repair: label by label where all are known, else by a rule.

    Parameters
    ----------
    labels
        The counts of both sides.
    found
        What the rule of the cause does.
    texts
        Steps that may do the same, with what they do to a label.

    Returns
    -------
    tuple of Step
        () where nothing is known to turn the labels back.
    """
    names = {
        a: b
        for a, b in found.names.items()
        if not is_shortened(a) and not is_shortened(b)
    }
    complete = labels.others == (0.0, 0.0) and len(names) == len(found.names)
    if complete and len(names) <= MOST_IN_MAP:
        return (Relabel(labels=names),)
    for step, rule in texts:
        if _does(labels, found.names, rule):
            return (step,)
    return (Relabel(labels=names),) if names else ()


def _does(labels: Labels, names: Mapping[str, str], rule: Rule) -> bool:
    """Say whether a rule turns every new label back, and leaves the known ones."""
    for at in np.flatnonzero(labels.serving > 0):
        name = labels.names[at]
        if is_shortened(name):
            continue
        if name not in names and labels.reference[at] <= 0:
            continue  # new in any spelling
        try:
            if rule(name) != names.get(name, name):
                return False
        except UnicodeError:
            return False
    return True


def sentence(found: Relabelling, word: str, said: str, show: Rule | None = None) -> str:
    """Say which labels arrive as which, in how many rows, and by what rule."""
    pairs = [(b, show(a) if show else a) for a, b in found.names.items()]
    return f"{arriving(pairs)} in {share(found.rows)} of {word} rows: {said}"
