"""Looking at columns together, which takes the rows of both sides."""

from typing import Any

from nbmlops.errors import UsageError
from nbmlops.frames.source import Source
from nbmlops.host import option
from nbmlops.lifecycle.reference import reference_rows
from nbmlops.profiles.profile import Profile
from nbmlops.registry.place import Place
from nbmlops.registry.records import ModelVersion


def joint_rows(
    place: Place, version: ModelVersion, reference: Any, served: Source | Profile
) -> Source:
    """Open the reference's rows for `joint=True`.

    Parameters
    ----------
    place, version
        The registry, and whose reference.
    reference
        A frame given instead of what the version was trained on.
    served
        The serving side.

    Returns
    -------
    Source
        The rows.

    Raises
    ------
    UsageError
        If a side has no rows any more, or is a profile, which has none.
    """
    if isinstance(served, Profile):
        raise UsageError(
            f"{option('joint', True)} looks at rows, and the serving side is a profile",
            hint="give the frame or the file that it was made of",
        )
    return reference_rows(place, version, reference)
