"""The sections of a report that come of a log's own columns."""

from typing import Any

from nbmlops.errors import UsageError
from nbmlops.frames.source import Source
from nbmlops.host import option
from nbmlops.lifecycle.logged import read_log
from nbmlops.lifecycle.performance import answers_with_labels, judge_performance
from nbmlops.lifecycle.predictions import judge_predictions
from nbmlops.lifecycle.slices import judge_slices
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
    labels: Any = None,
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
    labels
        A frame of labels.

    Returns
    -------
    list of Section
        As many as the log allows.

    Raises
    ------
    UsageError
        If labels were given and cannot be used.
    """
    logged = read_log(version, served, beside=beside, weight=weight, time=time)
    if logged is None:
        if labels is not None:
            raise UsageError(
                _why_no_labels(version, served), hint=f"leave out {option('labels')}"
            )
        return []
    predictions = judge_predictions(place, version, served, logged, report)
    so_far = report.with_sections(*([predictions] if predictions else []))
    answered = answers_with_labels(
        place, version, served, logged, labels=labels, time=time
    )
    found: tuple[Section | None, ...] = (
        predictions,
        judge_performance(place, version, answered, so_far),
        judge_slices(place, version, served, answered, report),
    )
    return [section for section in found if section is not None]


def _why_no_labels(version: ModelVersion, served: Source) -> str:
    labels = option("labels")
    if served.is_stream:
        return f"{labels} needs a log that can be read again, and this is a stream"
    return f"{labels} is for one answer per row, and {version.ref} is {version.task}"
