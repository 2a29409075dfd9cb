"""The way back: training rows in the form in which serving sends them.

A pipeline with a repair in front reads what serving sends. So its training profile, its
signature and its test rows are of that form too, and training rows must be brought into
it.
"""

from typing import TYPE_CHECKING

import pandas as pd

from nbmlops.errors import warn
from nbmlops.skew.questions import NULL, OTHERS
from nbmlops.skew.repair.doing import Doable, done, inverse, rule_of
from nbmlops.skew.repair.plan import Plan
from nbmlops.skew.repair.steps import Relabel, Step, Text

if TYPE_CHECKING:
    from nbmlops.skew.report import ColumnSkew, SkewReport


def in_serving_form(
    report: "SkewReport", plan: Plan, frame: pd.DataFrame
) -> pd.DataFrame:
    """Write training rows as serving would have sent them.

    Parameters
    ----------
    report
        What the check found; the spellings that were served are read off it.
    plan
        The repair of that report.
    frame
        Rows like training's; other columns than the plan's stay as they are.

    Returns
    -------
    DataFrame
        A new frame; columns that nothing is known to turn stay, with a warning.
    """
    made: dict[str, pd.Series] = {}
    unknown = []
    for name in plan.columns:
        if name not in frame or plan.is_kept(name):
            continue
        column = frame[name]
        back = _way_back(plan.steps_of(name), report.columns.get(name))
        if back is None:
            unknown.append(name)
        for step in back or ():
            column = done(step, column)
        made[plan.source(name)] = column
    if unknown:
        warn(
            f"{', '.join(unknown)}: no way back to the form that is served is known; "
            "left as it is, a check will find it different"
        )
    renamed = {n: s for n, s in plan.sources.items() if s not in plan.columns}
    return frame.rename(columns=renamed).assign(**made)


def _way_back(
    steps: tuple[Step, ...], column: "ColumnSkew | None"
) -> tuple[Doable, ...] | None:
    """List the steps from training's form to serving's; None where one is unknown."""
    back: list[Doable] = []
    for step in reversed(steps):
        undone = inverse(step)
        if undone is None and isinstance(step, Text) and column is not None:
            undone = _as_served(step, column)
        if undone is None:
            return None
        back += undone
    return tuple(back)


def _as_served(step: Text, column: "ColumnSkew") -> tuple[Doable, ...] | None:
    """Undo a spelling by the labels that were served, as far as these are known."""
    rule = rule_of(step)
    labels = [
        bar.label
        for bar in column.bars
        if bar.serving > 0 and bar.label not in (NULL, OTHERS)
    ]
    # The commonest spelling of a label stands: it comes first there, and last here.
    served = {rule(label): label for label in reversed(labels) if rule(label) != label}
    if not served:
        return None
    ends = {tuple(label.split(rule(label), 1)) for label in labels}
    if len(ends) == 1 and all(rule(label) in label for label in labels):
        before, after = ends.pop()
        return (Text(how="prefix", text=before), Text(how="suffix", text=after))
    return (Relabel(labels=served),)
