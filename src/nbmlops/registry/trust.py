"""Whom a reader trusts: reviewed types, and digests in the reader's own trust file.

The trust file lies in the user's configuration directory, outside every registry, so
that no artifact and no colleague can put itself on it. `register` adds what it wrote.
"""

import os
from pathlib import Path

from platformdirs import user_config_path

from nbmlops.errors import UsageError

TRUST_VARIABLE = "NBMLOPS_TRUST_FILE"

# Plain Python classes of scikit-learn that skops does not list yet. Each was read: its
# state is set attribute by attribute, and no method of it runs at loading.
SKLEARN_TYPES = frozenset(
    {
        "sklearn._loss.loss.HalfTweedieLossIdentity",
        "sklearn.calibration._CalibratedClassifier",
        "sklearn.calibration._SigmoidCalibration",
        "sklearn.gaussian_process._gpc._BinaryGaussianProcessClassifierLaplace",
        "sklearn.gaussian_process.kernels.ConstantKernel",
        "sklearn.gaussian_process.kernels.Product",
        "sklearn.gaussian_process.kernels.RBF",
        "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
        "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
    }
)


# Compiled types, whose malformed state can crash a process: they load only for digests
# that the reader trusts.
COMPILED_TYPES = frozenset(
    {
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
        "sklearn.metrics._dist_metrics.EuclideanDistance64",
        "sklearn.neighbors._ball_tree.BallTree",
        "sklearn.neighbors._kd_tree.KDTree",
        "sklearn.tree._tree.Tree",
    }
)


def trust_file() -> Path:
    """Return where this user's trusted digests are listed."""
    named = os.environ.get(TRUST_VARIABLE)
    if named:
        return Path(named)
    return user_config_path("nbmlops", appauthor=False) / "trusted-digests"


def is_trusted(digest: str, *, also: tuple[str, ...] = ()) -> bool:
    """Tell whether the reader vouches for an artifact: by file, or on this call."""
    return digest in also or digest in trusted_digests()


def trusted_digests() -> frozenset[str]:
    """Read the user's trust file; none means nothing is trusted."""
    try:
        return frozenset(trust_file().read_text(encoding="utf-8").split())
    except FileNotFoundError:
        return frozenset()


def trust(digest: str) -> None:
    """Add a digest to the user's trust file.

    Parameters
    ----------
    digest
        SHA-256 in hex of an artifact that this user wrote or reviewed.

    Raises
    ------
    UsageError
        If it is not a digest.
    """
    if len(digest) != 64 or set(digest) - set("0123456789abcdef"):
        raise UsageError(f"{digest!r} is not a SHA-256 digest", hint="64 hex digits")
    if digest in trusted_digests():
        return
    path = trust_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(f"\n{digest}\n")  # a line by hand may lack its end
