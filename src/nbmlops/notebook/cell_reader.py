"""The walk through one cell's syntax, statement by statement, as it runs.

A name of an inner scope gets a number behind it, and one that the cell has bound itself
a mark: only the others mean what the session held before. What is done to any of them
can be followed to those.
"""
# ruff: noqa: D102  (the names of a NodeVisitor's methods say what they visit)

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count

from nbmlops.notebook.calls import Callee, Calls
from nbmlops.notebook.kinds import ITERATOR, PLAIN, SEPARATE, UNKNOWN, Held, Kind

_WORD = re.compile(r"[^\W\d]\w*")
_MOST_OF_A_TEXT = 10_000
_LOCAL = "@"
BOUND = "@cell"  # behind a name of the session that the cell has bound anew
_UNTOUCHED = ("plain", "module", "function")
_Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_OWN_SCOPE = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda,
    ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp,
)  # fmt: skip
_Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


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


class CellReader(ast.NodeVisitor):
    """Collects what a cell does; see `cell_use.Use` for what is collected.

    Parameters
    ----------
    held
        What the names hold.
    shown
        The last expression has a value.

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

    def __init__(self, held: Held, *, shown: bool) -> None:
        self._held = held
        self._shown = shown
        self._displayed: ast.expr | None = None
        self._scopes: list[_Scope] = []
        self._numbers = count()
        self._bodies: list[Done] = []
        self._waiting = 0  # how many functions around are defined, not called
        self._pending = Done()
        self._touched: set[str] = set()
        self._calls = Calls(self)
        self.done = Done()
        self.sure: set[str] = set()
        self.stored: set[str] = set()
        self.owners: dict[str, set[str]] = defaultdict(set)
        self.later: dict[str, Done] = {}

    def cell(self, body: Sequence[ast.stmt]) -> None:
        """Walk through a cell, or through the code that a magic of it runs."""
        if self._shown and body and isinstance(body[-1], ast.Expr):
            self._displayed = body[-1].value
        self._block(body)

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
            kind = self._kind(key)[0]
            if kind == "module" and key in named:
                self.effect()
            if kind in _UNTOUCHED and not (kind == "function" and key in named):
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

    def owners_of(self, node: ast.expr | None) -> set[str]:
        """Find the names whose objects may be part of an expression's value."""
        match node:
            case None | ast.Constant() | ast.JoinedStr() | ast.Compare():
                return set()
            case ast.Name(id=name):
                key = self.key(name)
                return set() if self.kind(name) == PLAIN else {key}
            case ast.Attribute(value=value) | ast.Subscript(value=value):
                root = Callee.of(value)
                if root.name and self.kind(root.name)[1] in SEPARATE:
                    return set()
                return self.owners_of(value)
            case ast.Call():
                return self._calls.owners_of(node)
            case ast.Lambda():
                return set()
        parts = (n for n in ast.iter_child_nodes(node) if isinstance(n, ast.expr))
        found = set().union(*(self.owners_of(part) for part in parts))
        if isinstance(node, _Comprehension):
            for generator in node.generators:
                found |= self.owners_of(generator.iter)
        return found

    def is_displayed(self, node: ast.expr) -> bool:
        """Tell whether an expression stands last, and has a value."""
        return node is self._displayed

    # Binding

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

    def _bind(self, target: ast.AST, owners: set[str]) -> None:
        match target:
            case ast.Name(id=name):
                self._bind_name(name, owners)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                for part in parts:
                    self._bind(part, owners)
            case ast.Starred(value=value):
                self._bind(value, owners)
            case ast.Attribute(value=value) | ast.Subscript(value=value):
                self.visit(target)
                whole = self.owners_of(value) or self._root(value)
                self.change(whole)
                # A frame copies what is put into it.
                self.link(
                    (k for k in whole if self._kind(k)[1] not in SEPARATE), owners
                )

    def _root(self, node: ast.expr) -> set[str]:
        name = Callee.of(node).name
        return {self.key(name)} if name else set()

    # Statements

    def _block(self, body: Iterable[ast.stmt]) -> None:
        for statement in body:
            outer, self._touched = self._touched, set()
            pending, self._pending = self._pending, Done()
            self.visit(statement)
            self._attach()
            pending.add(self._pending)
            self._touched, self._pending = outer | self._touched, pending

    def _attach(self) -> None:
        """Let the names of a statement have the functions that stand in it."""
        if self._pending != Done():
            for key in filter(self._is_session, self._touched):
                self.later.setdefault(key, Done()).add(self._pending)

    def _branches(self, *bodies: Iterable[ast.stmt]) -> None:
        """Walk through ways of which one is taken: sure is what is so on each."""
        before, ends = set(self.sure), []
        for body in bodies:
            self.sure = set(before)
            self._block(body)
            ends.append(self.sure)
        self.sure = set.intersection(*ends)

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        owners = self.owners_of(node.value)
        for target in node.targets:
            self._bind(target, owners)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self.visit(node.annotation)
        if node.value is not None:
            self.visit(node.value)
            self._bind(node.target, self.owners_of(node.value))

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.visit(node.value)
        changed = self._root(node.target)
        if isinstance(node.target, ast.Name):
            self.read(node.target.id)
        self.change_data(changed)
        self._bind(node.target, self.owners_of(node.value) | changed)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        self._bind(node.target, self.owners_of(node.value))

    def visit_Delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                self.read(target.id)
            self._bind(target, set())

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self._bind_name(alias.asname or alias.name.partition(".")[0], set())

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            if alias.name != "*":
                self._bind_name(alias.asname or alias.name, set())

    def visit_Expr(self, node: ast.Expr) -> None:
        inner = node.value.value if isinstance(node.value, ast.Await) else node.value
        if isinstance(inner, ast.Call) and not self.is_displayed(node.value):
            self._calls.read(inner, is_dropped=True)
        else:
            self.visit(node.value)

    def visit_If(self, node: ast.If) -> None:
        self.visit(node.test)
        self._branches(node.body, node.orelse)

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self.visit(node.iter)
        before = set(self.sure)
        self._bind(node.target, self.owners_of(node.iter))
        self._block(node.body)
        self.sure = before
        self._branches(node.orelse, ())

    visit_AsyncFor = visit_For

    def visit_While(self, node: ast.While) -> None:
        self.visit(node.test)
        self._branches(node.body, ())
        self._branches(node.orelse, ())

    def visit_With(self, node: ast.With | ast.AsyncWith) -> None:
        before = set(self.sure)
        for item in node.items:
            self.visit(item.context_expr)
            if item.optional_vars is not None:
                self._bind(item.optional_vars, self.owners_of(item.context_expr))
        self._block(node.body)
        if any("suppress" in ast.dump(item.context_expr) for item in node.items):
            self.sure = before  # the body may have ended early

    visit_AsyncWith = visit_With

    def visit_Try(self, node: ast.Try | ast.TryStar) -> None:
        before = set(self.sure)
        self._branches([*node.body, *node.orelse], ())
        for handler in node.handlers:
            self.sure = set(before)
            if handler.type is not None:
                self.visit(handler.type)
            if handler.name is not None:
                self._bind_name(handler.name, set())
            self._block(handler.body)
        self.sure = before
        self._block(node.finalbody)

    visit_TryStar = visit_Try

    def visit_Match(self, node: ast.Match) -> None:
        self.visit(node.subject)
        owners = self.owners_of(node.subject)
        before = set(self.sure)
        for case in node.cases:
            self.sure = set(before)
            for part in ast.walk(case.pattern):
                for name in bound_by(part):
                    self._bind_name(name, owners)
                if isinstance(part, ast.expr):
                    self.visit(part)
            if case.guard is not None:
                self.visit(case.guard)
            self._block(case.body)
        self.sure = before

    # Scopes

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

    def _function(self, node: _Function) -> Done:
        arguments = node.args
        named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        several = [a for a in (arguments.vararg, arguments.kwarg) if a is not None]
        defaults = [*arguments.defaults, *filter(None, arguments.kw_defaults)]
        for default in defaults:
            self.visit(default)
        given = set().union(*map(self.owners_of, defaults))
        body = [ast.Expr(node.body)] if isinstance(node, ast.Lambda) else node.body
        names = {argument.arg for argument in [*named, *several]} | _bound_in(body)
        waits = not isinstance(node, ast.Lambda)
        with self._body(waits=waits) as done, self._scope(names):
            self.link([self.key(argument.arg) for argument in named], given)
            if isinstance(node, ast.Lambda):
                self.visit(node.body)
            else:
                self._block(node.body)
        return done

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for decorator in node.decorator_list:
            self.visit(decorator)
        for part in ast.walk(node.args):
            if isinstance(part, ast.arg) and part.annotation is not None:
                self.visit(part.annotation)
        if node.returns is not None:
            self.visit(node.returns)
        done = self._function(node)
        decorated = set().union(*map(self.owners_of, node.decorator_list))
        self._bind_name(node.name, {*done.reads, *done.changes, *decorated})
        self._attach()
        if node.decorator_list:
            self._repeat(node.name)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._function(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        before = [*node.decorator_list, *node.bases, *(k.value for k in node.keywords)]
        for expression in before:
            self.visit(expression)
        names = _bound_in(node.body)
        with self._scope(names, is_class=True):
            self._block(node.body)
            inside = {self.key(name) for name in names}
        self._bind_name(node.name, inside.union(*map(self.owners_of, before)))

    def _comprehension(self, node: _Comprehension) -> None:
        first = node.generators[0].iter
        self.visit(first)
        targets = [generator.target for generator in node.generators]
        names = {
            part.id
            for target in targets
            for part in ast.walk(target)
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
        }
        with self._scope(names):
            for generator in node.generators:
                if generator.iter is not first:
                    self.visit(generator.iter)
                self._bind(generator.target, self.owners_of(generator.iter))
                for condition in generator.ifs:
                    self.visit(condition)
            if isinstance(node, ast.DictComp):
                self.visit(node.key)
                self.visit(node.value)
            else:
                self.visit(node.elt)

    visit_ListComp = visit_SetComp = visit_DictComp = _comprehension

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> None:
        with self._body():
            self._comprehension(node)

    # Expressions

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self.read(node.id)

    def visit_Constant(self, node: ast.Constant) -> None:
        text = node.value
        # A query or formula; one word alone is a column, a file, a key.
        if isinstance(text, str) and ("@" in text or len(text.split()) > 1):
            self.words(text)

    def visit_Call(self, node: ast.Call) -> None:
        self._calls.read(node, is_dropped=False)


def bound_by(node: ast.AST) -> list[str]:
    """List the names that one node of the syntax binds, or removes."""
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            return [name]
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            return [name]
        case ast.ClassDef(name=name) | ast.ExceptHandler(name=str(name)):
            return [name]
        case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            return [name]
        case ast.MatchMapping(rest=str(name)):
            return [name]
        case ast.alias(name=name, asname=asname):
            return [asname or name.partition(".")[0]]
    return []


def _bound_in(body: Iterable[ast.stmt]) -> set[str]:
    """Find the names that are local to a function's or class's body."""
    found: set[str] = set()
    outside: set[str] = set()
    ahead: list[ast.AST] = list(body)
    while ahead:
        node = ahead.pop()
        found.update(bound_by(node))
        if isinstance(node, ast.Global | ast.Nonlocal):
            outside.update(node.names)
        if not isinstance(node, _OWN_SCOPE):
            ahead += ast.iter_child_nodes(node)
    return found - outside
