"""The walk through one cell's syntax, statement by statement, as it runs."""
# ruff: noqa: D102  (the names of a NodeVisitor's methods say what they visit)

import ast
from collections.abc import Iterable, Sequence

from nbmlops.notebook.calls import Callee, Calls
from nbmlops.notebook.cell_names import CellNames, Done
from nbmlops.notebook.kinds import PLAIN, SEPARATE, Held

_Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_OWN_SCOPE = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda,
    ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp,
)  # fmt: skip
_Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


class CellReader(CellNames, ast.NodeVisitor):
    """Walks through a cell.

    Parameters
    ----------
    held
        What the names hold.
    shown
        The last expression has a value.
    """

    def __init__(self, held: Held, *, shown: bool) -> None:
        super().__init__(held)
        self._shown = shown
        self._displayed: ast.expr | None = None
        self._calls = Calls(self)
        self._lambdas: dict[ast.Lambda, Done] = {}

    def cell(self, body: Sequence[ast.stmt]) -> None:
        """Walk through a cell, or through the code that a magic of it runs."""
        if self._shown and body and isinstance(body[-1], ast.Expr):
            self._displayed = body[-1].value
        self._block(body)

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
                done = self._lambdas.get(node, Done())
                return {self._session_key(n) for n in done.reads | done.changes}
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
        self._lambdas[node] = self._function(node)

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
