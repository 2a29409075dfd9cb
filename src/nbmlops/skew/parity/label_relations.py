"""Relations between labels: spelling, more or less at the ends, another code."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

import numpy as np

from nbmlops.skew.causes.spelling import FORMS, Form
from nbmlops.skew.causes.words import arriving, label
from nbmlops.skew.parity.number_relations import constants
from nbmlops.skew.parity.relations import RIGHT, Bools, Guess, Pairs, Values
from nbmlops.skew.repair.steps import How, Relabel, Step, Text

MOST_RELABELLED = 200
FEWEST_AFFIXED = 2  # different labels that have the prefix
SAME_LABELS = 0.95  # of the pairs, whose labels are exchanged, not new


def equal(one: Values, other: Values) -> Bools:
    """Say which labels are the same."""
    return np.asarray(one == other, dtype=bool)


def guesses(pairs: Pairs, *, is_text: bool = True) -> Iterator[Guess]:
    """Try what serving code does to labels, the simplest first.

    Parameters
    ----------
    pairs
        Pairs of texts.
    is_text
        Whether the column holds text; else nothing is mended.

    Yields
    ------
    Guess
        Each with its prediction.
    """
    if is_text:
        for form in FORMS:
            spelt = _spelt(pairs, form)
            if equal(spelt.predicted, pairs.after)[pairs.differs].mean() >= RIGHT:
                yield spelt
                break  # the forms after it see even more as the same
        yield from _affixed(pairs)
        yield from _cut(pairs)
    yield from constants(pairs, equal)
    yield from recoded(pairs, is_text=is_text)


def recoded(pairs: Pairs, *, is_text: bool) -> Iterator[Guess]:
    """Guess one value for each of training's, from all pairs, else from differing ones.

    Parameters
    ----------
    pairs, is_text
        As for `guesses`.

    Yields
    ------
    Guess
        At most two.
    """
    yield from _recoded(pairs, np.ones(len(pairs.before), dtype=bool), is_text)
    yield from _recoded(pairs, pairs.differs, is_text)


def _spelt(pairs: Pairs, form: Form) -> Guess:
    """Try a form in which both labels are the same."""
    before, after = _each(pairs.before, form.of), _each(pairs.after, form.of)
    # Where the forms agree the prediction is right; else it is training's label.
    predicted = np.where(before == after, pairs.after, pairs.before)
    mend: tuple[Step, ...] = ()
    for step, rule in form.texts:
        if equal(_each(pairs.after, rule), pairs.before).all():
            mend = (step,)
            break
    changed = _changes(pairs)
    return Guess(
        kind=form.kinds[0],
        text=f"{form.said}: {arriving(changed)}",
        predicted=predicted,
        mend=mend or _relabelled(pairs),
        same=equal,
        also=form.kinds[1:],
    )


def _affixed(pairs: Pairs) -> Iterator[Guess]:
    """Try a text that was added to, or taken from, an end of every label."""
    before, after = pairs.before[pairs.differs], pairs.after[pairs.differs]
    tries: tuple[tuple[Values, Values, bool], ...] = (
        (before, after, True),
        (after, before, False),
    )
    for short, long, is_added in tries:
        for at_start in (True, False):
            text, labels = _affix(short, long, at_start=at_start)
            if not text or labels < FEWEST_AFFIXED:
                continue
            rule = _adder(text, at_start) if is_added else _remover(text, at_start)
            what = "before" if at_start else "after"
            verb = "stands" if is_added else "is missing"
            undo: How = (
                ("removeprefix" if at_start else "removesuffix")
                if is_added
                else ("prefix" if at_start else "suffix")
            )
            yield Guess(
                kind="prefix",
                text=f"{text!r} {verb} {what} the labels of {pairs.words[1]}",
                predicted=_each(pairs.before, rule),
                figures=1,
                mend=(Text(how=undo, text=text),),
                same=equal,
            )


def _affix(short: Values, long: Values, *, at_start: bool) -> tuple[str, int]:
    """Find the commonest text by which labels are longer, and on how many labels."""
    found: Counter[str] = Counter()
    labels: defaultdict[str, set[str]] = defaultdict(set)
    for less, more in zip(short, long, strict=True):
        is_affixed = more.endswith(less) if at_start else more.startswith(less)
        if not is_affixed or len(more) == len(less):
            continue
        text = more[: len(more) - len(less)] if at_start else more[len(less) :]
        found[text] += 1
        labels[text].add(less)
    if not found:
        return "", 0
    text = found.most_common(1)[0][0]
    return text, len(labels[text])


def _adder(text: str, at_start: bool) -> Callable[[str], str]:
    return (lambda label: text + label) if at_start else (lambda label: label + text)


def _remover(text: str, at_start: bool) -> Callable[[str], str]:
    if at_start:
        return lambda label: label.removeprefix(text)
    return lambda label: label.removesuffix(text)


def _cut(pairs: Pairs) -> Iterator[Guess]:
    """Try to cut training's labels to the length of those that differ."""
    lengths = Counter(map(len, pairs.after[pairs.differs]))
    longest = lengths.most_common(1)[0][0]
    yield Guess(
        kind="truncated",
        text=f"{pairs.words[1]} is cut after {longest:,} characters",
        predicted=_each(pairs.before, lambda label: label[:longest]),
        figures=1,
        mend=_relabelled(pairs),
        same=equal,
        is_partial=False,
    )


def _recoded(pairs: Pairs, chosen: Bools, is_text: bool) -> Iterator[Guess]:
    """Try one serving label for each of training's, learnt from the chosen pairs."""
    counted: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for before, after in zip(
        pairs.before[chosen].tolist(), pairs.after[chosen].tolist(), strict=True
    ):
        counted[before][after] += 1
    told = {before: c.most_common(1)[0][0] for before, c in counted.items()}
    changed = [(a, b) for a, b in told.items() if a != b]
    if not changed:
        return
    known = set(pairs.before.tolist())
    after = pairs.after[pairs.differs].tolist()
    is_exchange = sum(value in known for value in after) >= SAME_LABELS * len(after)
    targets = Counter(told.values())
    joined = any(count > 1 for count in targets.values())
    yield Guess(
        kind="permuted" if is_exchange and not joined else "recoded",
        text=arriving([(str(a), str(b)) for a, b in changed]),
        meaning="several labels became one" if joined else "",
        predicted=np.array(
            [told.get(v, v) for v in pairs.before.tolist()], dtype=object
        ),
        figures=len(changed),
        mend=_relabelled(pairs) if is_text else (),
        same=equal,
    )


def _changes(pairs: Pairs) -> list[tuple[str, str]]:
    """List the commonest changes of labels."""
    found = Counter(
        zip(
            pairs.before[pairs.differs].tolist(),
            pairs.after[pairs.differs].tolist(),
            strict=True,
        )
    )
    return [(label(a), label(b)) for (a, b), _ in found.most_common(4)]


def _relabelled(pairs: Pairs) -> tuple[Step, ...]:
    """Give the labels back, where each of serving's means one of training's."""
    back: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for before, after in zip(pairs.before.tolist(), pairs.after.tolist(), strict=True):
        back[after][before] += 1
    if any(len(meant) > 1 for meant in back.values()):
        return ()
    labels = {b: next(iter(meant)) for b, meant in back.items()}
    labels = {b: a for b, a in sorted(labels.items()) if a != b}
    return (Relabel(labels=labels),) if len(labels) <= MOST_RELABELLED else ()


def _each(labels: Values, rule: Callable[[str], str]) -> Values:
    """Apply a rule to labels, each different one once."""
    found = {label: rule(label) for label in set(labels.tolist())}
    return np.array([found[label] for label in labels.tolist()], dtype=object)
