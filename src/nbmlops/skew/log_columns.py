"""The columns of a serving log beside the features, by name."""

from collections.abc import Collection, Iterable
from typing import Final

REQUEST_ID: Final = "request_id"
REQUESTED_AT: Final = "requested_at"
ENDPOINT: Final = "endpoint"
MODEL: Final = "model"
VERSION: Final = "version"
RUNTIME: Final = "runtime"
ARM: Final = "arm"
ENTITY: Final = "entity"
LATENCY_MS: Final = "latency_ms"
PREDICTION: Final = "prediction"
PROBABILITY: Final = "probability"
EXPLORED: Final = "explored"
PROPENSITY: Final = "propensity"
WEIGHT: Final = "weight"  # 1 / the probability that the row was sampled
LABEL: Final = "label"
LABELLED_AT: Final = "labelled_at"

LOG_COLUMNS: Final = (
    REQUEST_ID,
    REQUESTED_AT,
    ENDPOINT,
    MODEL,
    VERSION,
    RUNTIME,
    ARM,
    ENTITY,
    LATENCY_MS,
    PREDICTION,
    PROBABILITY,
    EXPLORED,
    PROPENSITY,
    WEIGHT,
    LABEL,
    LABELLED_AT,
)


def beside_features(
    served: Iterable[str], features: Collection[str | None]
) -> tuple[str, ...]:
    """Name the log's own columns: those of the list that are not the model's.

    Parameters
    ----------
    served
        The columns that came.
    features
        What the model reads, and its targets: a column of that name is theirs.

    Returns
    -------
    tuple of str
        In the order of `served`; they are no finding.
    """
    return tuple(n for n in served if n in LOG_COLUMNS and n not in features)
