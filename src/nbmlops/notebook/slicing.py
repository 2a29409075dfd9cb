"""The cells that a cell needs: a slice backwards through what the session has run.

Each run of a cell is kept with what it read, bound and may have changed. A cell needs
the last one that bound each name that it reads, all that may have changed the object
since it was made, under whichever name, and what those need. What changed something
that has no name, a seed or an option, is needed by all after it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nbmlops.notebook.cell_names import BOUND
from nbmlops.notebook.cell_use import Later, Use, joined

Token = tuple[int, str]  # an object: the run that made it, and under which name


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """One run of a cell.

    Attributes
    ----------
    count
        Its number, as the notebook shows it.
    code
        As it was written.
    use
        What it did.
    """

    count: int
    code: str
    use: Use


def needed(runs: Sequence[Ran]) -> list[Ran]:
    """Select the runs that the last one needs, itself included.

    Parameters
    ----------
    runs
        All runs of a session, in the order in which they were run; at least one.

    Returns
    -------
    list of Ran
        In the same order.
    """
    session = _Session()
    needs = [session.step(run.use) for run in runs]
    kept, ahead = set(), [len(runs) - 1]
    while ahead:
        index = ahead.pop()
        if index not in kept:
            kept.add(index)
            ahead += needs[index]
    return [run for index, run in enumerate(runs) if index in kept]


class _Session:
    """Follows objects through the runs."""

    def __init__(self) -> None:
        self._step = 0
        self._tokens: dict[str, frozenset[Token]] = {}
        self._bound: dict[str, int] = {}
        self._changed: dict[Token, set[int]] = defaultdict(set)
        self._later: dict[Token, Later] = {}
        self._effects: set[int] = set()
        self._iterators: frozenset[str] = frozenset()

    def step(self, use: Use) -> set[int]:
        """Take in one run; return the runs that it needs."""
        called = self._called(use.reads | use.changes)
        reads = use.reads | use.changes | called.reads | called.changes
        changes = use.changes | called.changes | (called.reads & self._iterators)
        is_opaque = use.is_opaque or called.is_opaque
        if is_opaque:
            reads = changes = frozenset(self._tokens)
        needs = self._effects | {
            index for name in reads for index in self._makers(name)
        }
        for name in changes:
            for token in self._tokens.get(name, ()):
                self._changed[token].add(self._step)
        self._share(use, changes, is_opaque=is_opaque)
        if use.is_effect or called.is_effect:
            self._effects.add(self._step)
        self._iterators = use.iterators
        self._step += 1
        return needs

    def _makers(self, name: str) -> Iterable[int]:
        if name in self._bound:
            yield self._bound[name]
        for token in self._tokens.get(name, ()):
            yield from self._changed[token]

    def _called(self, names: Iterable[str]) -> Later:
        """Find what the functions that names stand for read and change, all the way."""
        found: set[Token] = set()
        ahead = set(names)
        seen: set[str] = set()
        while ahead:
            name = ahead.pop()
            seen.add(name)
            tokens = self._tokens.get(name, frozenset()) - found
            found |= tokens
            done = joined(self._later[t] for t in tokens if t in self._later)
            ahead |= (done.reads | done.changes) - seen
        return joined(self._later[token] for token in found if token in self._later)

    def _share(self, use: Use, changes: frozenset[str], *, is_opaque: bool) -> None:
        """Give names the objects that they hold now."""
        fresh = {name: (self._step, name) for name in use.binds}
        old = self._tokens
        shares = use.shares
        if is_opaque:
            every = frozenset({*old, *(f"{name}{BOUND}" for name in fresh)})
            shares = dict.fromkeys(use.binds | changes, every)
        held = {name: self._held(own, old, fresh) for name, own in shares.items()}
        grown = dict(old)
        for name in changes & set(held):
            mine = old.get(name, frozenset())
            for other, tokens in old.items():
                if other == name or tokens & mine:
                    grown[other] = grown[other] | held[name]
        for name in use.binds:
            grown[name] = held.get(name, frozenset()) | {fresh[name]}
            self._bound[name] = self._step
        for name, later in use.later.items():
            tokens = grown.get(name, frozenset())
            tokens = frozenset({fresh[name]}) if name in fresh else tokens
            for token in tokens:
                known = self._later.get(token)
                self._later[token] = later if known is None else joined([known, later])
        self._tokens = grown

    def _held(
        self,
        owners: frozenset[str],
        old: dict[str, frozenset[Token]],
        fresh: dict[str, Token],
    ) -> frozenset[Token]:
        """Collect the objects that may be part of what a name holds now."""
        before = {name for name in owners if not name.endswith(BOUND)}
        anew = {name.removesuffix(BOUND) for name in owners - before}
        found = {fresh[name] for name in anew if name in fresh}
        before |= self._called(before).reads | (anew - set(fresh))
        return frozenset(found.union(*(old.get(name, ()) for name in before)))
