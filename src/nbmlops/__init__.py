"""Register, compare, check and promote models without leaving the notebook."""

TYPE_CHECKING = False  # mypy and ruff read the name; `import typing` costs 12 ms
if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from nbmlops.api import (
        Registry,
        check_skew,
        importance_weights,
        open_registry,
        profile,
    )
    from nbmlops.errors import (
        AlreadyExists,
        GateFailed,
        NbmlopsError,
        NbmlopsWarning,
        NotAllowed,
        NotFound,
        RegistryBusy,
        Tampered,
        Untrusted,
        UsageError,
    )

__version__ = "0.1.0"

_HOMES = {
    "Registry": "nbmlops.api",
    "check_skew": "nbmlops.api",
    "importance_weights": "nbmlops.api",
    "open_registry": "nbmlops.api",
    "profile": "nbmlops.api",
    "AlreadyExists": "nbmlops.errors",
    "GateFailed": "nbmlops.errors",
    "NbmlopsError": "nbmlops.errors",
    "NbmlopsWarning": "nbmlops.errors",
    "NotAllowed": "nbmlops.errors",
    "NotFound": "nbmlops.errors",
    "RegistryBusy": "nbmlops.errors",
    "Tampered": "nbmlops.errors",
    "Untrusted": "nbmlops.errors",
    "UsageError": "nbmlops.errors",
}

__all__ = [
    "AlreadyExists",
    "GateFailed",
    "NbmlopsError",
    "NbmlopsWarning",
    "NotAllowed",
    "NotFound",
    "Registry",
    "RegistryBusy",
    "Tampered",
    "Untrusted",
    "UsageError",
    "__version__",
    "check_skew",
    "importance_weights",
    "load_ipython_extension",
    "open_registry",
    "profile",
    "unload_ipython_extension",
]

if not TYPE_CHECKING:  # else mypy would accept any misspelt nbmlops.x

    def __getattr__(name):
        """Load a public name when it is first used."""
        if name not in _HOMES:
            raise AttributeError(f"module 'nbmlops' has no attribute {name!r}")
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__


def load_ipython_extension(shell: "InteractiveShell") -> None:
    """Add `%mlops` and `%%mlops` to the shell: what `%load_ext nbmlops` calls."""
    from nbmlops.notebook.extension import load

    load(shell)


def unload_ipython_extension(shell: "InteractiveShell") -> None:
    """Take the magics away again: what `%unload_ext nbmlops` calls."""
    from nbmlops.notebook.extension import unload

    unload(shell)
