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
from nbmlops.registry.trust import SKLEARN_TYPES

Flavor = Literal["skops", "joblib"]

_MAIN = "__main__"
_UNREVIEWED = "loading would make types that nobody has reviewed: {}"
_VOUCH = "if you trust where it comes from: load(ref, trust=[its digest or ref])"


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """An estimator as bytes, the format of these, and what comes of loading them."""

    data: bytes
    flavor: Flavor
    loaded: Any


def pack(model: Any) -> Packed:
    """Turn an estimator into bytes, and these back once.

    Parameters
    ----------
    model
        A fitted estimator.

    Returns
    -------
    Packed
        In skops' format where that holds the estimator and gives it back.

    Raises
    ------
    UsageError
        If it holds a function or class that no other process could import.
    """
    try:
        data = canonical(skops_dumps(model))
        wanted = get_untrusted_types(data=data)
        _refuse_main(wanted)
        return Packed(
            data=data, flavor="skops", loaded=skops_loads(data, trusted=wanted)
        )
    except UsageError:
        raise
    except Exception:
        # skops raises whatever the object's own state raises; joblib decides instead.
        data = _pickled(model)
        return Packed(data=data, flavor="joblib", loaded=_unpickled(data))


def unpack(data: bytes, flavor: str, *, is_trusted: bool = False) -> Any:
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
    wanted = get_untrusted_types(data=data)
    foreign = sorted(set(wanted) - SKLEARN_TYPES)
    if foreign and not is_trusted:
        raise Untrusted(_UNREVIEWED.format(", ".join(foreign)), hint=_VOUCH)
    try:
        return skops_loads(data, trusted=wanted)
    except UntrustedTypesFoundException as error:
        raise Untrusted(str(error)) from None


def _pickled(model: Any) -> bytes:
    buffer = io.BytesIO()
    try:
        joblib.dump(model, buffer)
    except Exception as error:
        # pickle raises PicklingError, TypeError, AttributeError ... as the object does.
        raise UsageError(
            f"the model cannot be saved: {error}",
            hint="put functions and classes into a module that can be imported",
        ) from error
    return buffer.getvalue()


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
