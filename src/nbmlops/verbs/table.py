"""The one table of verbs, and finding a verb in it."""

from nbmlops.errors import UsageError, suggestion
from nbmlops.host import PROGRAM, Host
from nbmlops.verbs.check_verbs import CHECK_VERBS
from nbmlops.verbs.data_verbs import DATA_VERBS
from nbmlops.verbs.model_verbs import MODEL_VERBS
from nbmlops.verbs.moving_verbs import MOVING_VERBS
from nbmlops.verbs.production_verbs import PRODUCTION_VERBS
from nbmlops.verbs.registry_verbs import REGISTRY_VERBS
from nbmlops.verbs.verb import Verb

DEFAULT = "status"
VERBS = {
    verb.name: verb
    for verb in (
        *MODEL_VERBS,
        *DATA_VERBS,
        *CHECK_VERBS,
        *PRODUCTION_VERBS,
        *REGISTRY_VERBS,
        *MOVING_VERBS,
    )
}


def verbs_of(host: Host) -> dict[str, Verb]:
    """Select the verbs that make sense in a notebook, or in a terminal."""
    return {name: verb for name, verb in VERBS.items() if host in verb.hosts}


def verb_named(name: str, host: Host) -> Verb:
    """Find a verb.

    Parameters
    ----------
    name
        The word that was written.
    host
        Where it was written.

    Returns
    -------
    Verb
        The entry.

    Raises
    ------
    UsageError
        If there is no such verb there; the hint says which was probably meant.
    """
    known = verbs_of(host)
    if name in known:
        return known[name]
    if name in VERBS:
        place = "terminals" if host == "notebook" else "notebooks"
        raise UsageError(f"{name!r} is for {place} only", hint=VERBS[name].elsewhere)
    listing = f"{PROGRAM[host]} --help lists the verbs"
    close = suggestion(name, known)
    raise UsageError(
        f"there is no verb {name!r}",
        hint=f"{close} {listing}" if close.startswith("did") else listing,
    )
