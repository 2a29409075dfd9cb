"""Reading a model file that is named on a command line: safe formats by default.

A `.skops` file loads if it wants reviewed types only. A `.joblib` or `.pkl` file runs
whatever its author wrote into it, so it is refused unless it is vouched for by name.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nbmlops.errors import NbmlopsError, Untrusted, UsageError
from nbmlops.verbs.spelling import quoted

SKOPS_SUFFIX = ".skops"
PICKLE_SUFFIXES = (".joblib", ".pkl", ".pickle")
MODEL_SUFFIXES = (SKOPS_SUFFIX, *PICKLE_SUFFIXES)


def model_module(path: Path) -> str:
    """Name the module that reads the file."""
    return "skops.io" if path.suffix == SKOPS_SUFFIX else "joblib"


def model_code(path: Path) -> str:
    """Write in Python how the file is read."""
    return f"{model_module(path)}.load({quoted(str(path))})"


def read_model(path: Path, *, trust: Sequence[str] = ()) -> Any:
    """Read an estimator from a file.

    Parameters
    ----------
    path
        A file that exists.
    trust
        What the caller vouches for: the file as it was named, or its SHA-256.

    Returns
    -------
    object
        The estimator.

    Raises
    ------
    UsageError
        If it is no model file, or cannot be read.
    Untrusted
        If reading it would run code that nobody has vouched for.
    """
    if path.suffix not in MODEL_SUFFIXES:
        raise UsageError(
            f"{path} is not a model file", hint=f"known: {', '.join(MODEL_SUFFIXES)}"
        )
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    is_trusted = any(word in trust for word in (str(path), digest))
    if path.suffix in PICKLE_SUFFIXES and not is_trusted:
        raise Untrusted(
            f"{path} is a pickle: opening it runs whatever its author put into it",
            hint=f"if you trust where it comes from: --trust {path}; safer: save it "
            "with skops.io.dump",
        )
    if path.suffix in PICKLE_SUFFIXES:
        _refuse_dangerous(path, data)
    try:
        return _read(path, data, is_trusted=is_trusted)
    except Untrusted as error:
        raise Untrusted(
            f"{path}: {error.message}", hint=f"if you trust it: --trust {path}"
        ) from None
    except Exception as error:
        if isinstance(error, NbmlopsError):
            raise error from None
        # A damaged or foreign file makes the readers raise anything at all.
        raise UsageError(
            f"{path} cannot be read: {type(error).__name__}: {error}",
            hint="save it again with skops.io.dump",
        ) from None


def _refuse_dangerous(path: Path, data: bytes) -> None:
    from nbmlops.registry.models.scanner import scan

    dangerous = scan(data, "joblib").dangerous
    if dangerous:
        raise Untrusted(
            f"{path} is a pickle that calls {', '.join(dangerous)}: "
            "no model needs that",
            hint="if you have read it: load it in a notebook, register the estimator",
        )


def _read(path: Path, data: bytes, *, is_trusted: bool) -> Any:
    if path.suffix == SKOPS_SUFFIX:
        from nbmlops.registry.models.serialise import load

        return load(data, "skops", is_trusted=is_trusted)
    import io

    import joblib

    return joblib.load(io.BytesIO(data))  # the very bytes that were vouched for
