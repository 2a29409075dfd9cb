"""The sections of a report that come of a log's own columns."""

from nbmlops.frames.source import Source
from nbmlops.lifecycle.logged import read_log
from nbmlops.lifecycle.predictions import judge_predictions
from nbmlops.registry.place import Place
from nbmlops.registry.records import ModelVersion
from nbmlops.skew.report import SkewReport
from nbmlops.skew.sections import Section


def of_log(
    place: Place,
    version: ModelVersion,
    served: Source,
    report: SkewReport,
    *,
    beside: tuple[str, ...],
    weight: str | None,
    time: str | None,
) -> list[Section]:
    """Judge what a log says beside its features.

    Parameters
    ----------
    place, version
        The registry, and whose log.
    served
        The log.
    report
        What was found in its columns.
    beside
        Its columns that the model does not read.
    weight, time
        The columns of weights and of times; None: those of the log.

    Returns
    -------
    list of Section
        As many as the log allows.
    """
    logged = read_log(version, served, beside=beside, weight=weight, time=time)
    if logged is None:
        return []
    predictions = judge_predictions(place, version, served, logged, report)
    return [predictions] if predictions else []
