"""Pickles, for what no other format holds: loading one runs whatever is in it."""

import io
import pickle  # noqa: TID251  # the one place where models are pickled
from typing import Any

from joblib.numpy_pickle import NumpyUnpickler

from nbmlops.errors import UsageError
from nbmlops.registry.models.flavors.main import MAIN, refuse_main

_PROTOCOL = 5


def save(model: Any) -> bytes:
    """Write an estimator as a pickle that `joblib.load` reads.

    Parameters
    ----------
    model
        A fitted estimator that no other format holds.

    Returns
    -------
    bytes
        A plain pickle: a scanner cannot read on behind joblib's own arrays.

    Raises
    ------
    UsageError
        If it cannot be pickled.
    """
    buffer = io.BytesIO()
    try:
        pickle.Pickler(buffer, protocol=_PROTOCOL).dump(model)
    except Exception as error:
        # pickle raises PicklingError, TypeError, AttributeError ... as the object does.
        raise UsageError(
            f"the model cannot be saved: {error}",
            hint="a lambda or a function inside another has no name to be found by: "
            "put it into a module that can be imported, and fit again",
        ) from error
    return buffer.getvalue()


def load(data: bytes) -> Any:
    """Run a pickle that the reader vouches for; nothing from `__main__` is found."""
    unpickler = _NothingFromMain("", io.BytesIO(data), ensure_native_byte_order=True)
    return unpickler.load()


class _NothingFromMain(NumpyUnpickler):  # type: ignore[misc]  # joblib is untyped
    """Refuses what only the running notebook or script could provide."""

    def find_class(self, module: str, name: str) -> Any:
        if module == MAIN:
            refuse_main([f"{module}.{name}"])
        return super().find_class(module, name)
