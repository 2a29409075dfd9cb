"""The names of one cell, and what becomes of them while its syntax is walked through.

A name of an inner scope gets a number behind it, and one that the cell has bound itself
a mark: only the others mean what the session held before. What is done to any of them
can be followed to those.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count

from nbmlops.notebook.kinds import ITERATOR, PLAIN, UNKNOWN, Held, Kind

_WORD = re.compile(r"[^\W\d]\w*")
_MOST_OF_A_TEXT = 10_000
_LOCAL = "@"
BOUND = "@cell"  # behind a name of the session that the cell has bound anew
_UNTOUCHED = ("plain", "module", "function")


@dataclass(slots=True)
class Done:
    """What is done: names that are read and may be changed; the rest as in `Use`."""

    reads: set[str] = field(default_factory=set)
    changes: set[str] = field(default_factory=set)
    is_effect: bool = False
    is_opaque: bool = False

    def add(self, other: "Done") -> None:
        """Add what else is done."""
        self.reads |= other.reads
        self.changes |= other.changes
        self.is_effect |= other.is_effect
        self.is_opaque |= other.is_opaque


@dataclass(frozen=True, slots=True)
class _Scope:
    """The names of a function, class or comprehension; methods see no class's."""

    number: int
    names: frozenset[str]
    is_class: bool = False


class CellNames:
    """Collects what a cell does to names; see `cell_use.Use` for what is collected.

    Parameters
    ----------
    held
        What the names hold.

    Attributes
    ----------
    done
        To the session's names, while the cell had not bound them itself.
    sure, stored
        Names that were bound on every way through the cell, and on any.
    owners
        By name: whose objects may be part of its own.
    later
        By name: what its functions do when they are called.
    """

    def __init__(self, held: Held) -> None:
        self._held = held
        self._scopes: list[_Scope] = []
        self._numbers = count()
        self._bodies: list[Done] = []
        self._waiting = 0  # how many functions around are defined, not called
        self._pending = Done()
        self._touched: set[str] = set()
        self.done = Done()
        self.sure: set[str] = set()
        self.stored: set[str] = set()
        self.owners: dict[str, set[str]] = defaultdict(set)
        self.later: dict[str, Done] = {}

    def shared(self, name: str) -> frozenset[str]:
        """Follow a name to all whose objects may be part of its own at the end."""
        found = self._followed(name) | self._followed(f"{name}{BOUND}")
        found -= {name, f"{name}{BOUND}"} - self._owners_in(f"{name}{BOUND}")
        return frozenset(k for k in found if self._is_session(k) or k.endswith(BOUND))

    def kind(self, name: str) -> Kind:
        """Tell what a name holds as it is written here; a local one's is not known."""
        return self._kind(self.key(name))

    def key(self, name: str) -> str:
        """Give a name with a mark behind it, unless it is the session's as it was."""
        for depth, scope in enumerate(reversed(self._scopes)):
            if name in scope.names and (depth == 0 or not scope.is_class):
                return f"{name}{_LOCAL}{scope.number}"
        return self._session_key(name)

    def read(self, name: str) -> None:
        """Note that a name is read."""
        key = self.key(name)
        self._read_key(key)
        self._repeat(key.removesuffix(BOUND))

    def effect(self, *, is_opaque: bool = False) -> None:
        """Note that something changes that has no name."""
        for done in [*self._bodies, *([] if self._waiting else [self.done])]:
            done.is_effect = True
            done.is_opaque |= is_opaque

    def words(self, text: str) -> list[str]:
        """Read the names in a text: a query, a formula, the line of a magic."""
        words = _WORD.findall(text[:_MOST_OF_A_TEXT])
        known = [word for word in words if word in self._held.kinds]
        for word in known:
            self.read(word)
        return known

    def change(self, keys: Iterable[str]) -> None:
        """Note that the objects of names may be changed, and all that is part."""
        named = set(keys)
        for key in {key for name in named for key in self._followed(name)}:
            name = key.removesuffix(BOUND)
            kind, package = self._kind(key)
            if kind == "module" and key in named:
                self.effect()
            # A function of the session's own may return what it holds, or reads.
            is_own = kind == "function" and (key in named or package == "__main__")
            if kind in _UNTOUCHED and not is_own:
                continue
            self._touched.add(name)
            if not self._is_session(name):
                continue
            if key == name and not self._waiting:
                self.done.changes.add(name)
            for body in self._bodies:
                body.changes.add(name)

    def change_data(self, keys: Iterable[str]) -> None:
        """Change what can be: no number, no text, no module and no function."""
        self.change(key for key in keys if self._kind(key)[0] not in _UNTOUCHED)

    def link(self, keys: Iterable[str], owners: Iterable[str]) -> None:
        """Note that objects have become part of those of other names."""
        parts = {owner for owner in owners if self._kind(owner) != PLAIN}
        for key in keys:
            self.owners[key] |= parts

    def _read_key(self, key: str) -> None:
        name = key.removesuffix(BOUND)
        if not self._is_session(name):
            return
        if key == name and not self._waiting:
            self.done.reads.add(name)
        for body in self._bodies:
            body.reads.add(name)
        if self._held.kind(name) == ITERATOR:
            self.change([key])

    def _repeat(self, name: str) -> None:
        """Do what a function does that this cell has defined: it may be called."""
        if name not in self.later:
            return
        done, seen, ahead = Done(), set(), {name}
        while ahead:
            inner = ahead.pop()
            seen.add(inner)
            if inner in self.later:
                done.add(self.later[inner])
                ahead |= (self.later[inner].reads | self.later[inner].changes) - seen
        for inner in done.reads:
            self._read_key(self._session_key(inner))
        self.change(map(self._session_key, done.changes))
        if done.is_effect:
            self.effect(is_opaque=done.is_opaque)

    def _is_session(self, key: str) -> bool:
        return _LOCAL not in key

    def _kind(self, key: str) -> Kind:
        kind = self._held.kind(key.removesuffix(BOUND))
        # A number now may be a list when the function is called.
        return UNKNOWN if self._bodies and kind == PLAIN else kind

    def _session_key(self, name: str) -> str:
        return f"{name}{BOUND}" if name in self.sure else name

    def _owners_in(self, key: str) -> set[str]:
        return set().union(*(self.owners.get(k, set()) for k in self._followed(key)))

    def _followed(self, key: str) -> set[str]:
        found, ahead = set(), [key]
        while ahead:
            name = ahead.pop()
            if name not in found:
                found.add(name)
                ahead += self.owners.get(name, ())
        return found

    def _bind_name(self, name: str, owners: set[str]) -> None:
        key = self.key(name).removesuffix(BOUND)
        self._touched.add(key)
        if not self._is_session(key):
            self.link([key], owners)
        elif self._bodies:  # through `global`: when the function is called
            self.change([self._session_key(key)])
            self.link([self._session_key(key)], owners)
        else:
            fresh = f"{key}{BOUND}"
            if self._held.kind(key) != PLAIN:
                self.link([fresh], owners)
            self.owners[key].add(fresh)  # where it was bound on some ways only
            self.stored.add(key)
            self.sure.add(key)

    def _attach(self) -> None:
        """Let the names of a statement have the functions that stand in it."""
        if self._pending != Done():
            for key in filter(self._is_session, self._touched):
                self.later.setdefault(key, Done()).add(self._pending)

    @contextmanager
    def _scope(self, names: Iterable[str], *, is_class: bool = False) -> Iterator[None]:
        number = next(self._numbers)
        self._scopes.append(_Scope(number, frozenset(names), is_class))
        try:
            yield
        finally:
            self._scopes.pop()

    @contextmanager
    def _body(self, *, waits: bool = False) -> Iterator[Done]:
        """Collect what happens when a function is called: now too, unless it waits."""
        done = Done()
        self._bodies.append(done)
        self._waiting += waits
        try:
            yield done
        finally:
            self._waiting -= waits
            self._bodies.pop()
        self._pending.add(done)
