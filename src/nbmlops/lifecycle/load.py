"""Loading a version's estimator: verified, and only if the reader trusts it."""

from collections.abc import Sequence
from typing import Any

from nbmlops.errors import Untrusted
from nbmlops.lifecycle.vouching import is_vouched, read_vouched
from nbmlops.registry.place import Place
from nbmlops.registry.records import ModelVersion
from nbmlops.registry.serialise import load as load_bytes
from nbmlops.registry.trust import reader_trust


def load(place: Place, ref: str, *, trust: Sequence[str] = ()) -> Any:
    """Load the estimator of a version.

    Parameters
    ----------
    place
        The registry.
    ref
        Which version.
    trust
        Digests or refs that the caller vouches for on this call.

    Returns
    -------
    object
        The estimator, from the very bytes whose digest was verified.
    """
    version = place.version(ref)
    named = [version.ref if word == ref else word for word in read_vouched(trust)]
    return load_version(place, version, trust=named)


def load_version(
    place: Place, version: ModelVersion, *, trust: Sequence[str] = ()
) -> Any:
    """Load the estimator of a version that was read already.

    Parameters
    ----------
    place, version, trust
        As in `load`.

    Returns
    -------
    object
        The estimator.

    Raises
    ------
    Untrusted
        If it wants types nobody has reviewed and the reader does not vouch for it.
    """
    data = place.artifacts.get(version.digest)
    vouched = is_vouched(place, version, data, trust=trust)
    try:
        return load_bytes(
            data, version.flavor, is_trusted=vouched, types=reader_trust().types
        )
    except Untrusted as error:
        raise Untrusted(
            f"{version.ref}: {error.message}",
            hint=f"if you trust its author: load({version.ref!r}, "
            f"trust=[{version.ref!r}])",
        ) from None
