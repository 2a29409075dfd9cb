"""What the steps of a repair do to a column that pandas holds, and the way back."""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from nbmlops.skew.repair.steps import (
    Apply,
    Convert,
    Relabel,
    Scale,
    Shift,
    Step,
    Text,
    ToNull,
)

Column: TypeAlias = "pd.Series[Any]"
Rule: TypeAlias = Callable[[str], str]

FUNCTIONS: Mapping[str, np.ufunc] = {
    function.__name__: function
    for function in (
        np.exp,
        np.expm1,
        np.exp2,
        np.log,
        np.log1p,
        np.log2,
        np.log10,
        np.square,
        np.sqrt,
        np.negative,
        np.logical_not,
    )
}
_INVERSES: Mapping[str, tuple[Step, ...]] = {
    "exp": (Apply(function="log"),),
    "expm1": (Apply(function="log1p"),),
    "exp2": (Apply(function="log2"),),
    "log": (Apply(function="exp"),),
    "log1p": (Apply(function="expm1"),),
    "log2": (Apply(function="exp2"),),
    "log10": (Scale(by=float(np.log(10))), Apply(function="exp")),
    "square": (Apply(function="sqrt"),),
    "sqrt": (Apply(function="square"),),
    "negative": (Apply(function="negative"),),
    "logical_not": (Apply(function="logical_not"),),
}
_EPOCH = pd.Timestamp(0, tz="UTC")
_TRUTH = {"true": True, "false": False, "1": True, "0": False}


@dataclass(frozen=True, slots=True)
class FromNull:
    """A missing value is written as a number or a label: the way back of `ToNull`."""

    value: float | str


Doable: TypeAlias = Step | FromNull


def done(step: Doable, column: Column) -> Column:
    """Do one step to a column.

    Parameters
    ----------
    step
        Of one column: neither Swap nor Rename.
    column
        Its values. Nulls stay nulls, and what a step does not understand stays as it
        is, or becomes null where another type is asked for.

    Returns
    -------
    pandas.Series
        The column done; the one given is left alone.

    Raises
    ------
    TypeError
        If the step is of two columns.
    """
    match step:
        case Scale(by=by, divides=divides, plus=plus):
            moved = column.astype("float64") + plus
            return moved / by if divides else moved * by
        case Apply(function="logical_not"):
            return column.map(np.logical_not, na_action="ignore").astype(column.dtype)
        case Apply(function=function):
            changed: Column = FUNCTIONS[function](column.astype("float64"))
            return changed
        case ToNull(values=values):
            return column.mask(column.isin(list(values)))
        case FromNull(value=value):
            return _free(column).where(column.notna(), value)
        case Relabel(labels=labels):
            return _written(column, lambda label: labels.get(label, label))
        case Text():
            return _written(column, rule_of(step))
        case Shift(hours=hours):
            return column + pd.Timedelta(hours=hours)
        case Convert():
            return _converted(column, step)
    raise TypeError(f"{type(step).__name__} is no step of one column")


def inverse(step: Step) -> tuple[Doable, ...] | None:
    """Say what undoes a step: from training's values back to serving's.

    Parameters
    ----------
    step
        Of one column.

    Returns
    -------
    tuple or None
        Steps in the order to be done; None where nothing is known to undo it.
    """
    match step:
        case Scale(by=by, divides=divides, plus=plus):
            back = (Scale(by=by, divides=not divides),) if by != 1.0 else ()
            return (*back, Scale(plus=-plus)) if plus else back
        case Apply(function=function):
            return _INVERSES[function]
        case ToNull(values=values):
            return (FromNull(values[0]),)
        case Relabel(labels=labels):
            return (Relabel(labels={new: old for old, new in labels.items()}),)
        case Text():
            return _respelt(step)
        case Shift(hours=hours):
            return (Shift(hours=-hours),)
        case Convert(to=to, given="number" | "text" | "time" | "boolean" as given):
            return (Convert(to=given, given=to, unit=step.unit),)
    return None


def rule_of(step: Text) -> Rule:
    """Give what a step does to a single label."""
    text = step.text
    rules: Mapping[str, Rule] = {
        "lower": str.lower,
        "upper": str.upper,
        "strip": str.strip,
        "NFC": lambda label: _normal("NFC", label),
        "NFKC": lambda label: _normal("NFKC", label),
        "utf-8": _reread,
        "removeprefix": lambda label: label.removeprefix(text),
        "removesuffix": lambda label: label.removesuffix(text),
        "prefix": lambda label: f"{text}{label}",
        "suffix": lambda label: f"{label}{text}",
    }
    return rules[step.how]


def _respelt(step: Text) -> tuple[Doable, ...] | None:
    """Undo a spelling; which spaces a strip took away, nobody knows."""
    match step.how:
        case "lower":
            return (Text(how="upper"),)
        case "upper":
            return (Text(how="lower"),)
        case "removeprefix":
            return (Text(how="prefix", text=step.text),)
        case "removesuffix":
            return (Text(how="suffix", text=step.text),)
        case "prefix":
            return (Text(how="removeprefix", text=step.text),)
        case "suffix":
            return (Text(how="removesuffix", text=step.text),)
    return None


def _written(column: Column, rule: Rule) -> Column:
    """Write each label by a rule; the column keeps its type."""
    bare = _free(column)
    is_text = bare.map(lambda value: isinstance(value, str)).astype(bool)
    changed = bare.where(~is_text, bare[is_text].map(rule)).astype(bare.dtype)
    if isinstance(column.dtype, pd.CategoricalDtype):
        return changed.astype("category")
    return changed


def _converted(column: Column, step: Convert) -> Column:
    """Turn a column into another type; what cannot be turned is null."""
    match step.to:
        case "number" if step.given == "time":
            return _counted(column, step.unit or "ns")
        case "number":
            return pd.to_numeric(column, errors="coerce").astype("float64")
        case "time":
            return _moments(column, step.unit)
        case "text":
            return _texts(column)
    if step.given == "number":
        return column.map(lambda value: value != 0, na_action="ignore")
    return column.map(lambda value: _TRUTH.get(str(value).lower()), na_action="ignore")


def _moments(column: Any, unit: Any) -> Column:
    """Read times: UTC, as text or as numbers that count units from 1970."""
    if unit:
        found: Column = pd.to_datetime(column, unit=unit, errors="coerce")
        return found
    # Some rows may name a zone: all are brought to UTC, which is then left unsaid.
    found = pd.to_datetime(column, errors="coerce", utc=True, format="mixed")
    return found.dt.tz_localize(None)


def _counted(column: Any, unit: Any) -> Column:
    """Count units from 1970."""
    moments = pd.to_datetime(column, utc=True)
    counted: Column = (moments - _EPOCH) / pd.Timedelta(1, unit)
    return counted


def _texts(column: Column) -> Column:
    """Write values as text; whole numbers without the .0 that nulls gave them."""
    bare = _free(column)
    if pd.api.types.is_float_dtype(bare.dtype):
        known = bare[bare.notna()]
        if not (known % 1).any():
            bare = bare.astype("Int64")
    written = bare.astype(object).map(str, na_action="ignore")
    return written.where(bare.notna()).astype("str")


def _free(column: Column) -> Column:
    """Take a column out of its fixed categories."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.astype(column.dtype.categories.dtype)
    return column


def _normal(form: Any, label: str) -> str:
    return unicodedata.normalize(form, label)


def _reread(label: str) -> str:
    """Read as UTF-8 what was read as Latin-1; a label that was not stays."""
    try:
        return label.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return label
