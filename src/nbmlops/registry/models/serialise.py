"""Estimators to bytes and back, in the safest format that holds them.

A boosting library's own format where the model is such a library's, else skops, else a
pickle. The bytes are canonical where the format allows it, so that the same model has
the same digest in another process. Trust is the reader's: loading is told what the
reader vouches for, and never asks the artifact.
"""

from dataclasses import dataclass
from typing import Any, Literal, cast

from nbmlops.errors import Untrusted, UsageError
from nbmlops.host import option
from nbmlops.registry.models.flavors import boosting, joblib, skops

Flavor = Literal["skops", "joblib", "xgboost", "lightgbm", "catboost"]

BOOSTING: tuple[Flavor, ...] = ("xgboost", "lightgbm", "catboost")
FLAVORS: tuple[Flavor, ...] = ("skops", "joblib", *BOOSTING)


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
        In the safest format that holds the estimator.
    """
    try:
        flavor = boosting.flavor_of(model)
        if flavor is not None:
            data = boosting.save(model, flavor, skops.save)
            if data is not None:
                return Saved(data=data, flavor=cast(Flavor, flavor))
        return Saved(data=skops.save(model), flavor="skops")
    except Exception:
        # skops raises whatever the object's own state raises; pickle decides instead.
        return save_by_joblib(model)


def save_by_joblib(model: Any) -> Saved:
    """Turn an estimator into bytes that only a reader who trusts them will load."""
    return Saved(data=joblib.save(model), flavor="joblib")


def check(data: bytes, flavor: str, *, types: frozenset[str] = frozenset()) -> None:
    """Refuse what loads only if the reader vouches for it; nothing is loaded.

    Parameters
    ----------
    data, flavor
        The bytes and their format.
    types
        What may be made beside the reviewed types.

    Raises
    ------
    Untrusted
        If the bytes want more than that.
    UsageError
        If there is no such format.
    """
    if flavor == "skops":
        skops.check_reviewed(data, also=types)
    elif flavor == "joblib":
        raise Untrusted(
            "it is a pickle: loading would run whatever is in it", hint=_vouch()
        )
    elif flavor in BOOSTING:
        boosted = boosting.read(data, flavor)
        if boosted.type_name not in types:
            raise Untrusted(
                f"compiled code reads a {boosted.type_name}, and malformed trees can "
                "crash it",
                hint=_vouch(),
            )
        if boosted.steps is not None:
            skops.check_reviewed(boosted.steps, also=types)
    else:
        raise UsageError(
            f"there is no flavor {flavor!r}",
            hint=f"known: skops, joblib, {', '.join(BOOSTING)}; "
            "a newer nbmlops may have written it",
        )


def load(
    data: bytes,
    flavor: str,
    *,
    is_trusted: bool = False,
    types: frozenset[str] = frozenset(),
) -> Any:
    """Turn bytes that were verified against their digest back into an estimator.

    Parameters
    ----------
    data, flavor, types
        As in `check`, which is asked unless the bytes are trusted.
    is_trusted
        True if the reader vouches for these very bytes.

    Returns
    -------
    object
        The estimator.
    """
    if flavor == "skops" and not is_trusted:
        return skops.load_reviewed(data, also=types)  # checks while it reads
    if not is_trusted or flavor not in FLAVORS:
        check(data, flavor, types=types)
    if flavor == "skops":
        return skops.load(data)
    if flavor == "joblib":
        return joblib.load(data)
    if is_trusted:
        return boosting.build(boosting.read(data, flavor), skops.load)
    return boosting.build(
        boosting.read(data, flavor),
        lambda steps: skops.load_reviewed(steps, also=types),
    )


def _vouch() -> str:
    digest_or_ref = ["DIGEST or REF"]
    return f"if you trust where it comes from: {option('trust', digest_or_ref)}"
