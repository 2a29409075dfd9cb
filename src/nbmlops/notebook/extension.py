"""Loading and unloading: everything that is added to a shell, and taken off again."""

from typing import Any

from nbmlops.notebook.completion import Completion
from nbmlops.notebook.magics import MAGIC, Mlops, rewrite
from nbmlops.notebook.provenance import Provenance
from nbmlops.notebook.show import Show
from nbmlops.notebook.variables import UserVariables
from nbmlops.notebook.warned import Warned
from nbmlops.registry import context

_ATTRIBUTE = "_nbmlops_extension"
_MISSING = object()


class Extension:
    """What one shell was given.

    Parameters
    ----------
    shell
        The IPython shell.
    """

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.provenance = Provenance(shell)
        self.mlops = Mlops(shell, self.provenance)
        self.completion = Completion(shell, self.mlops.session)
        self.show = Show(shell, self.mlops)
        self.warned = Warned()
        self._rewrite = rewrite  # this very one, should the module be reloaded
        self._before: dict[str, Any] = {}

    def load(self) -> None:
        """Add the magics, completion, provenance and display to the shell."""
        for kind, table in self.shell.magics_manager.magics.items():
            self._before[kind] = table.get(MAGIC, _MISSING)
        self.shell.register_magic_function(self.mlops.magic(), "line_cell", MAGIC)
        self.shell.input_transformers_cleanup.append(self._rewrite)
        self.provenance.watch()
        context.set_notebook(self.provenance)
        variables = UserVariables(self.shell)
        context.set_variables(lambda: variables)
        self.completion.add()
        self.show.add()
        self.warned.add()

    def unload(self) -> None:
        """Take all of it off; a magic of the same name from before comes back."""
        for kind, before in self._before.items():
            table = self.shell.magics_manager.magics[kind]
            if before is _MISSING:
                table.pop(MAGIC, None)
            else:
                table[MAGIC] = before
        transformers = self.shell.input_transformers_cleanup
        transformers[:] = [t for t in transformers if t is not self._rewrite]
        self.provenance.leave()
        context.set_notebook(None)
        context.set_variables(None)
        self.completion.remove()
        self.show.remove()
        self.warned.remove()


def load(shell: Any) -> None:
    """Add everything to a shell; what an earlier load added is replaced."""
    earlier = getattr(shell, _ATTRIBUTE, None)
    location = None
    if earlier is not None:
        location = earlier.mlops.session.location
        earlier.unload()
    extension = Extension(shell)
    extension.mlops.session.location = location
    extension.load()
    setattr(shell, _ATTRIBUTE, extension)


def unload(shell: Any) -> None:
    """Take everything off a shell; without a load before it does nothing."""
    extension = getattr(shell, _ATTRIBUTE, None)
    if extension is not None:
        extension.unload()
        delattr(shell, _ATTRIBUTE)
