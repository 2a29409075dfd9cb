"""Loading a version's estimator: verified, and only if the reader trusts it."""

import warnings
from collections.abc import Sequence
from typing import Any

from sklearn.exceptions import InconsistentVersionWarning

from nbmlops.errors import Untrusted
from nbmlops.host import option
from nbmlops.lifecycle.quarantine import needs_quarantine, quarantine
from nbmlops.lifecycle.sklearn_version import check_installed, is_proven_here
from nbmlops.lifecycle.vouching import is_vouched, own_ref
from nbmlops.registry.models.serialise import load as load_bytes
from nbmlops.registry.models.trust import reader_trust
from nbmlops.registry.place import Place
from nbmlops.registry.records import ModelVersion


def load(
    place: Place,
    ref: str,
    *,
    trust: Sequence[str] = (),
    allow_version_mismatch: bool = False,
) -> Any:
    """Load the estimator of a version.

    Parameters
    ----------
    place
        The registry.
    ref
        Which version.
    trust
        Digests or refs that the caller vouches for on this call.
    allow_version_mismatch
        Load it although another minor version of scikit-learn wrote it.

    Returns
    -------
    object
        The estimator, from the very bytes whose digest was verified.
    """
    version = place.version(ref)
    return load_version(
        place,
        version,
        trust=own_ref(version, ref, trust),
        allow_version_mismatch=allow_version_mismatch,
    )


def load_version(
    place: Place,
    version: ModelVersion,
    *,
    trust: Sequence[str] = (),
    allow_version_mismatch: bool = False,
) -> Any:
    """Load the estimator of a version that was read already.

    Parameters
    ----------
    place, version, trust, allow_version_mismatch
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
    if not allow_version_mismatch:
        check_installed(place, version)
    reader = reader_trust()
    vouched = is_vouched(place, version, data, reader=reader, trust=trust)
    try:
        if needs_quarantine(version) and not is_proven_here(place, version):
            quarantine(place, version, data, is_trusted=vouched, types=reader.types)
        with warnings.catch_warnings():
            # check_installed has said so, once for the whole model.
            warnings.simplefilter("ignore", InconsistentVersionWarning)
            return load_bytes(
                data, version.flavor, is_trusted=vouched, types=reader.types
            )
    except Untrusted as error:
        raise Untrusted(
            f"{version.ref}: {error.message}",
            hint=f"if you trust its author: {option('trust', [version.ref])}",
        ) from None
