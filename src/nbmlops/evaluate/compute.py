"""All metrics of a task at once, and a note on those that the rows do not allow."""

import numpy as np

from nbmlops.evaluate.metrics import metrics_for
from nbmlops.evaluate.tasks import Array, Classes, Task, encode


def compute_metrics(
    task: Task,
    classes: Classes,
    *,
    target: Array,
    prediction: Array,
    probability: Array | None = None,
    decision: Array | None = None,
    weight: Array | None = None,
) -> tuple[dict[str, float], tuple[str, ...]]:
    """Compute each metric of the task that these rows allow.

    Parameters
    ----------
    task, classes
        As `infer_task` gives them.
    target, prediction, probability, decision, weight
        As in `Scored`, n >= 1.

    Returns
    -------
    tuple
        Metric -> finite value; and notes on what was left out.
    """
    codes: Classes = classes
    if classes and not isinstance(classes[0], tuple):
        # Labels are looked up once, not by every metric.
        target, prediction = encode(target, classes), encode(prediction, classes)
        codes = tuple(range(len(classes)))
    values: dict[str, float] = {}
    undefined: list[str] = []
    without: list[str] = []
    for metric in metrics_for(task).values():
        read = decision if metric.needs == "ranking" else None
        read = probability if probability is not None else read
        if read is None and metric.needs != "prediction":
            without.append(metric.label)
            continue
        value = metric.function(target, prediction, read, weight, codes)
        if np.isfinite(value):
            values[metric.name] = value
        else:
            undefined.append(metric.label)
    notes = []
    if undefined:
        one = task in ("binary", "multiclass") and len(np.unique(target)) == 1
        why = "the target has one class only" if one else "not defined on these rows"
        notes.append(f"{', '.join(undefined)} left out: {why}")
    if without:
        notes.append(f"{', '.join(without)} left out: no probabilities")
    return values, tuple(notes)
