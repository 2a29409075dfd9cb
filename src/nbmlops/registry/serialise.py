"""Estimators to bytes and back: skops where it can hold them, else joblib.

The bytes are canonical where the format allows it (see canonical.py), so that the
same model has the same digest in another process. Trust is the reader's: loading asks
trust.py, and never the artifact.
"""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import joblib
from joblib.numpy_pickle import NumpyUnpickler
from skops.io import dumps as skops_dumps
from skops.io import get_untrusted_types
from skops.io import loads as skops_loads
from skops.io.exceptions import UntrustedTypesFoundException

from nbmlops.errors import Untrusted, UsageError
from nbmlops.registry.canonical import canonical
from nbmlops.registry.trust import COMPILED_TYPES, SKLEARN_TYPES

Flavor = Literal["skops", "joblib"]

_MAIN = "__main__"
_UNREVIEWED = "loading would make types that nobody has reviewed: {}"
_VOUCH = "if you trust where it comes from: load(ref, trust=[its digest or ref])"


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """An estimator as bytes, and the format of these."""

    data: bytes
    flavor: Flavor


def save(model: Any) -> Saved:
    """Turn an estimator into bytes.

    Parameters
    ----------
    model
        A fitted estimator.

    Returns
    -------
    Saved
        In skops' format where that holds the estimator.
    """
    try:
        return Saved(data=canonical(skops_dumps(model)), flavor="skops")
    except Exception:
        # skops raises whatever the object's own state raises; joblib decides instead.
        return save_by_joblib(model)


def load(data: bytes, flavor: str, *, is_trusted: bool = False) -> Any:
    """Turn bytes that were verified against their digest back into an estimator.

    Parameters
    ----------
    data
        The bytes.
    flavor
        "skops" or "joblib".
    is_trusted
        True if the reader vouches for these very bytes.

    Returns
    -------
    object
        The estimator.

    Raises
    ------
    Untrusted
        If the bytes want more than the reviewed types and nobody vouches for them.
    """
    if flavor == "joblib":
        if not is_trusted:
            raise Untrusted(_UNREVIEWED.format("anything: it is a pickle"), hint=_VOUCH)
        return _unpickled(data)
    known = SKLEARN_TYPES | COMPILED_TYPES if is_trusted else SKLEARN_TYPES
    return _load(data, known=known, is_trusted=is_trusted)


def _load(data: bytes, *, known: frozenset[str], is_trusted: bool) -> Any:
    """Load a skops file; its types are listed only if it wants more than the known."""
    try:
        return skops_loads(data, trusted=sorted(known))
    except UntrustedTypesFoundException:
        wanted = get_untrusted_types(data=data)
    _refuse_main(wanted)
    if not is_trusted:
        foreign = ", ".join(sorted(set(wanted) - known))
        raise Untrusted(_UNREVIEWED.format(foreign), hint=_VOUCH)
    return skops_loads(data, trusted=wanted)


def save_by_joblib(model: Any) -> Saved:
    """Turn an estimator into bytes that only a reader who trusts them will load.

    Parameters
    ----------
    model
        A fitted estimator that skops does not hold.

    Returns
    -------
    Saved
        A pickle.

    Raises
    ------
    UsageError
        If it cannot be pickled.
    """
    buffer = io.BytesIO()
    try:
        joblib.dump(model, buffer)
    except Exception as error:
        # pickle raises PicklingError, TypeError, AttributeError ... as the object does.
        raise UsageError(
            f"the model cannot be saved: {error}",
            hint="put functions and classes into a module that can be imported",
        ) from error
    return Saved(data=buffer.getvalue(), flavor="joblib")


class _NothingFromMain(NumpyUnpickler):  # type: ignore[misc]  # joblib is untyped
    """Refuses what only the running notebook or script could provide."""

    def find_class(self, module: str, name: str) -> Any:
        if module == _MAIN:
            _refuse_main([f"{module}.{name}"])
        return super().find_class(module, name)


def _unpickled(data: bytes) -> Any:
    return _NothingFromMain("", io.BytesIO(data), ensure_native_byte_order=True).load()


def _refuse_main(types: Iterable[str]) -> None:
    missing = [t for t in types if t.partition(".")[0] == _MAIN]
    if missing:
        names = ", ".join(t.removeprefix(f"{_MAIN}.") for t in missing)
        raise UsageError(
            f"the model needs {names}, which only this notebook or script has: "
            "it could not be loaded elsewhere",
            hint="move it into a module that can be imported, and fit again",
        )
