"""What a cell reads, binds and may change: read off its code, in doubt more than less.

The code is IPython's transformed one: magics are calls in it. What cannot be told
from the code alone, such as what a magic or a star import binds, is read off the names
before and after the cell.
"""

import ast
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from nbmlops.notebook.cell_names import BOUND
from nbmlops.notebook.cell_reader import CellReader, bound_by
from nbmlops.notebook.kinds import ITERATOR, Held, merged

Names = frozenset[str]
NONE: Names = frozenset()
# What a longer cell did is not followed: it is kept, and all that was before it.
_MOST_LINES = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """What happens whenever a function is called that a cell defined.

    Attributes
    ----------
    reads, changes
        Names of the session, as they are then.
    is_effect, is_opaque
        As in `Use`.
    """

    reads: Names = NONE
    changes: Names = NONE
    is_effect: bool = False
    is_opaque: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What one run of a cell did with the session's names.

    Attributes
    ----------
    reads
        What it read that it had not bound itself before.
    binds
        What another object, or none, was put into.
    changes
        What it may have changed: `df["x"] = 1` changes df.
    shares
        For names that it bound or changed: the names whose objects may now be part of
        theirs, so that changing the one may change the other. With `BOUND` behind it a
        name means what the cell has put there.
    later
        For names that it bound or changed: what their functions do when called.
    iterators
        Names that hold an iterator when it ends: reading one later changes it.
    is_effect
        It changed something that has no name here: a seed, an option, a file, a path.
    is_opaque
        Its code is made while it runs: it may have read and changed anything.
    """

    reads: Names = NONE
    binds: Names = NONE
    changes: Names = NONE
    shares: Mapping[str, Names] = field(default_factory=dict)
    later: Mapping[str, Later] = field(default_factory=dict)
    iterators: Names = NONE
    is_effect: bool = False
    is_opaque: bool = False


def use_of(
    code: str, before: Held, after: Held, *, failed: bool = False, shown: bool = False
) -> Use:
    """Read what a cell did.

    Parameters
    ----------
    code
        As IPython transformed it; what is no Python did nothing.
    before, after
        What the names held when it began, and when it ended.
    failed
        It raised: what is written in it may not have happened.
    shown
        Its last expression had a value: it does not stand there for its effect.

    Returns
    -------
    Use
        What it did.
    """
    try:
        tree = parsed(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Use()
    if code.count("\n") > _MOST_LINES:
        bound = {
            name for node in ast.walk(ast.Module(tree, [])) for name in bound_by(node)
        }
        return Use(binds=frozenset(bound), is_effect=True, is_opaque=True)
    often = _bound_often(tree)
    reader = CellReader(merged(before, after, unsure=often), shown=shown)
    reader.cell(tree)
    done = reader.done
    other = {
        name
        for name in {*before.identities, *after.identities}
        if before.identities.get(name) != after.identities.get(name)
    }
    binds = other if failed else other | reader.sure
    unread = other - reader.stored  # bound by a magic, `exec`, a star import
    linked = {key.removesuffix(BOUND) for key in reader.owners}
    shares = {name: reader.shared(name) for name in linked if name.isidentifier()}
    return Use(
        reads=frozenset(done.reads),
        binds=frozenset(binds),
        # A name that holds the object that it held was not bound, unless it was so
        # several times: the address may have been given again.
        changes=frozenset(done.changes | ((reader.stored & often) - binds)),
        shares={
            **{name: names for name, names in shares.items() if names},
            **dict.fromkeys(
                unread, frozenset(done.reads | {f"{name}{BOUND}" for name in binds})
            ),
        },
        later={
            name: Later(
                reads=frozenset(found.reads),
                changes=frozenset(found.changes),
                is_effect=found.is_effect,
                is_opaque=found.is_opaque,
            )
            for name, found in reader.later.items()
        },
        iterators=frozenset(n for n, k in after.kinds.items() if k == ITERATOR),
        is_effect=done.is_effect,
        is_opaque=done.is_opaque,
    )


def parsed(code: str) -> list[ast.stmt]:
    """Parse a cell's code, in which `await` may stand outside of a function."""
    flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the cell's own run has given them
        tree = compile(code, "<cell>", "exec", flags, dont_inherit=True)
    assert isinstance(tree, ast.Module)
    return tree.body


def _bound_often(tree: Iterable[ast.AST]) -> set[str]:
    """Find the names that may hold several objects while the cell runs."""
    once: set[str] = set()
    often: set[str] = set()
    ahead = [(node, False) for node in tree]
    while ahead:
        node, is_repeated = ahead.pop()
        is_repeated |= isinstance(node, (ast.For, ast.AsyncFor, ast.While))
        if isinstance(node, ast.Global):
            often.update(node.names)
        for name in bound_by(node):
            is_often = is_repeated or name in once or _removes(node)
            (often if is_often else once).add(name)
        ahead += [(child, is_repeated) for child in ast.iter_child_nodes(node)]
    return often


def _removes(node: ast.AST) -> bool:
    """Tell a `del`, or an `except ... as name`, which removes the name at its end."""
    is_name = isinstance(node, ast.Name) and isinstance(node.ctx, ast.Del)
    return is_name or isinstance(node, ast.ExceptHandler)


def joined(found: Iterable[Later]) -> Later:
    """Put together what several functions do."""
    every = list(found)
    return Later(
        reads=NONE.union(*(one.reads for one in every)),
        changes=NONE.union(*(one.changes for one in every)),
        is_effect=any(one.is_effect for one in every),
        is_opaque=any(one.is_opaque for one in every),
    )
