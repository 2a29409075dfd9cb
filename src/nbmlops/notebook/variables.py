"""The user's variables as a mapping, without what IPython itself put there."""

from collections.abc import Iterator, Mapping
from typing import Any


class UserVariables(Mapping[str, Any]):
    """A live view of a shell's namespace.

    Parameters
    ----------
    shell
        The IPython shell.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell

    def __getitem__(self, name: str) -> Any:
        if name in self._shell.user_ns_hidden and self._is_untouched(name):
            raise KeyError(name)
        return self._shell.user_ns[name]

    def __iter__(self) -> Iterator[str]:
        for name in list(self._shell.user_ns):
            if name in self:
                yield name

    def __contains__(self, name: object) -> bool:
        if not isinstance(name, str) or name not in self._shell.user_ns:
            return False
        return name not in self._shell.user_ns_hidden or not self._is_untouched(name)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _is_untouched(self, name: str) -> bool:
        hidden = self._shell.user_ns_hidden[name]
        return self._shell.user_ns.get(name) is hidden
