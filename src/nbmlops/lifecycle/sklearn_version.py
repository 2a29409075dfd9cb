"""Whether the scikit-learn that is installed is the one that wrote a version.

scikit-learn promises nothing about a model of another version. A patch is a warning,
another minor version an error, until `verify_load` has proved the version here.
"""

import sklearn

from nbmlops.errors import NotAllowed, warn
from nbmlops.host import call, option
from nbmlops.registry.installed import package_name
from nbmlops.registry.models.proofs import is_proven
from nbmlops.registry.models.reviewed import minor
from nbmlops.registry.models.serialise import BOOSTING
from nbmlops.registry.place import Place
from nbmlops.registry.records import ModelVersion

PACKAGE = "scikit-learn"


def written_by(version: ModelVersion) -> str:
    """Return the version of scikit-learn that wrote a model; "" if that is unknown."""
    packages = version.environment.get("packages", {})
    return next(
        (v for name, v in packages.items() if package_name(name) == PACKAGE), ""
    )


def check_installed(place: Place, version: ModelVersion) -> None:
    """Compare the scikit-learn that wrote a version with the one that is installed.

    Parameters
    ----------
    place, version
        Which version.

    Raises
    ------
    NotAllowed
        If the minor versions differ, and nothing has proved that it loads here.
    """
    written, here = written_by(version), sklearn.__version__
    if written in {"", here} or not _depends(version):
        return
    if minor(written) == minor(here):
        warn(f"{version.ref} was written by scikit-learn {written}, here is {here}")
        return
    if is_proven_here(place, version):
        return
    raise NotAllowed(
        f"{version.ref} was written by scikit-learn {written}, here is {here}: it may "
        "not load, or predict something else",
        hint=f"{call('verify-load', version.ref)} proves it on its example; or "
        f"{option('allow_version_mismatch', True)}",
    )


def is_proven_here(place: Place, version: ModelVersion) -> bool:
    """Tell whether `verify_load` proved a version with what is installed."""
    with place.catalog.reading() as unit:
        return is_proven(unit, version.ref, version.digest, sklearn.__version__)


def _depends(version: ModelVersion) -> bool:
    """Tell whether scikit-learn's version matters: not to a booster by itself."""
    return version.flavor not in BOOSTING or version.estimator.startswith("Pipeline")
