"""How serving's values follow from training's, fitted to the pairs that differ.

A relation must hold in 95% of the differing pairs, and must not be what chance gives:
where a faulty value was drawn from training's values, it would be the one predicted
with probability q, so k pairs that the relation gets right, less one for each figure
that was fitted to them, speak for it by (k - figures) * -ln(q).
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nbmlops.skew.causes.words import share
from nbmlops.skew.parity.result import Relation
from nbmlops.skew.repair.steps import Step

Values = NDArray[Any]
Bools = NDArray[np.bool_]
Same = Callable[[Values, Values], Bools]

RIGHT = 0.95  # of the pairs that differ
ALWAYS = 0.99  # of the pairs that agree
LEAST_EVIDENCE = math.log(1e4)
LOOKED_AT = 400  # values with which chance is measured
MOST_ALSO = 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pairs:
    """The sampled pairs of one column in which both sides have a value.

    Attributes
    ----------
    before, after
        Training's and serving's values, shape (n,): floats (times in seconds), or
        texts.
    differs
        Shape (n,): which pairs differ.
    words
        What the sides are called: (reference, serving).
    """

    before: Values
    after: Values
    differs: Bools
    words: tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sampled:
    """The sampled pairs of one column.

    Attributes
    ----------
    before, after
        As in `Pairs`; anything where null.
    lost, gone
        Shape (n,): where training's value is null, and serving's.
    differs
        Shape (n,): which pairs differ, by a null too.
    words
        What the sides are called.
    """

    before: Values
    after: Values
    lost: Bools
    gone: Bools
    differs: Bools
    words: tuple[str, str]

    def valued(self) -> Pairs:
        """Give the pairs that have a value on both sides."""
        both = ~(self.lost | self.gone)
        return Pairs(
            before=self.before[both],
            after=self.after[both],
            differs=self.differs[both],
            words=self.words,
        )

    def at(self, places: NDArray[np.intp]) -> "Sampled":
        """Give some of the pairs."""
        return Sampled(
            before=self.before[places],
            after=self.after[places],
            lost=self.lost[places],
            gone=self.gone[places],
            differs=self.differs[places],
            words=self.words,
        )

    def followed_by(self, other: "Sampled") -> "Sampled":
        """Give these pairs and then others."""
        return Sampled(
            before=np.concatenate([self.before, other.before]),
            after=np.concatenate([self.after, other.after]),
            lost=np.concatenate([self.lost, other.lost]),
            gone=np.concatenate([self.gone, other.gone]),
            differs=np.concatenate([self.differs, other.differs]),
            words=self.words,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Guess:
    """A relation to be tried on the pairs.

    Attributes
    ----------
    kind
        Of the fixed list of causes.
    text
        What serving is: "serving = training x 1000".
    meaning
        What that comes from, or "".
    predicted
        Serving's value in each pair, shape (n,).
    figures
        How many numbers or labels were fitted to the pairs.
    mend
        What turns serving back, if the pairs that agree follow the relation too.
    same
        Says which of two arrays' values are equal, for this relation.
    is_partial
        Whether it may hold in the pairs that differ alone, where some senders have
        the fault.
    also
        Other kinds that it may be.
    """

    kind: str
    text: str
    meaning: str = ""
    predicted: Values
    figures: int = 0
    mend: tuple[Step, ...] = ()
    same: Same
    is_partial: bool = True
    also: tuple[str, ...] = ()


def best_relation(pairs: Pairs, guesses: Iterable[Guess]) -> Relation | None:
    """Choose the first guess that holds everywhere, else the first that holds.

    Parameters
    ----------
    pairs
        The pairs.
    guesses
        The simplest first.

    Returns
    -------
    Relation or None
        None where no guess holds by more than chance.
    """
    held: list[tuple[bool, Guess, Bools]] = []
    for guess in guesses:
        holds = guess.same(guess.predicted, pairs.after)
        if holds[pairs.differs].mean() < RIGHT:
            continue
        agreeing = holds[~pairs.differs]
        always = not len(agreeing) or bool(agreeing.mean() >= ALWAYS)
        if not always and not guess.is_partial:
            continue
        if evidence(pairs, guess, holds) >= LEAST_EVIDENCE:
            held.append((always, guess, holds))
    if not held:
        return None
    always, guess, holds = next((h for h in held if h[0]), held[0])
    others = [
        other.kind
        for same, other, _ in held
        if same == always and other.figures <= guess.figures
    ]
    also = dict.fromkeys(k for k in (*guess.also, *others) if k != guess.kind)
    right, count = int(holds[pairs.differs].sum()), int(pairs.differs.sum())
    all_differ = bool(pairs.differs.all())
    return Relation(
        kind=guess.kind,
        detail=sentence(guess.text, guess.meaning, right, count, all_differ=all_differ),
        right=right,
        pairs=count,
        always=always,
        also=tuple(also)[:MOST_ALSO],
        mend=guess.mend if always else (),
    )


def evidence(pairs: Pairs, guess: Guess, holds: Bools) -> float:
    """Measure how little a guess is what chance would give, in units of ln."""
    chosen = np.flatnonzero(holds & pairs.differs)
    some = chosen[:LOOKED_AT]
    drawn = pairs.before[:LOOKED_AT]
    given = np.repeat(pairs.before[some], len(drawn))
    foretold = np.repeat(guess.predicted[some], len(drawn))
    other = np.tile(drawn, len(some))
    wrong = other != given  # what was drawn is another value than training's
    hits = int((guess.same(foretold, other) & wrong).sum())
    q = max(hits / max(int(wrong.sum()), 1), 1 / (len(drawn) + 1))
    return (len(chosen) - guess.figures) * -math.log(q)


def sentence(
    text: str, meaning: str, right: int, pairs: int, *, all_differ: bool
) -> str:
    """Say a relation and in how many pairs it holds."""
    which = "pairs" if all_differ else "pairs that differ"
    said = f"{text} in {share(right / pairs).replace('.0%', '%')} of {pairs:,} {which}"
    return f"{said}: {meaning}" if meaning else said
