"""The steps of a repair: what turns one served column back into training's.

A step is plain data, so that it is stored with its report; it knows the line of pandas
that does it to a frame `serving`.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias, Union

from nbmlops.skew.causes.words import exact

Step: TypeAlias = Union[
    "Scale", "Apply", "ToNull", "Relabel", "Text", "Shift", "Convert", "Swap", "Rename"
]
Function: TypeAlias = Literal[
    "exp",
    "expm1",
    "exp2",
    "log",
    "log1p",
    "log2",
    "log10",
    "square",
    "sqrt",
    "negative",
    "logical_not",
]
How: TypeAlias = Literal[
    "lower", "upper", "strip", "NFC", "NFKC", "utf-8", "removeprefix", "removesuffix",
    "prefix", "suffix",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Training is (serving + plus) times, or divided by, a number.

    Attributes
    ----------
    by
        The number as serving code would write it: 1.609344, not its inverse.
    divides
        Whether it divides.
    plus
        Added before.
    """

    by: float = 1.0
    divides: bool = False
    plus: float = 0.0

    def line(self, column: str) -> str:
        """Give the line of pandas."""
        name, sign = f"serving[{column!r}]", "/" if self.divides else "*"
        plus = f"{'-' if self.plus < 0 else '+'} {exact(abs(self.plus))}"
        if not self.plus:
            return f"{name} {sign}= {exact(self.by)}"
        if self.by == 1.0:
            return f"{name} = {name} {plus}"
        return f"{name} = ({name} {plus}) {sign} {exact(self.by)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Apply:
    """Training is a numpy function of serving."""

    function: Function

    def line(self, column: str) -> str:
        """Give the line of pandas."""
        name = f"serving[{column!r}]"
        return f"{name} = numpy.{self.function}({name})"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToNull:
    """These numbers or labels stand for a missing value."""

    values: tuple[float | str, ...]

    def line(self, column: str) -> str:
        """Give the line of pandas."""
        name = f"serving[{column!r}]"
        if len(self.values) == 1:
            return f"{name} = {name}.mask({name} == {_value(self.values[0])})"
        listed = ", ".join(map(_value, self.values))
        return f"{name} = {name}.mask({name}.isin([{listed}]))"


@dataclass(frozen=True, slots=True, kw_only=True)
class Relabel:
    """Labels of serving, and what training calls them; others stay."""

    labels: Mapping[str, str]

    def line(self, column: str) -> str:
        """Give the line of pandas."""
        name = f"serving[{column!r}]"
        return f"{name} = {name}.replace({dict(self.labels)!r})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """Training writes labels in another way.

    Attributes
    ----------
    how
        "utf-8" undoes UTF-8 that was read as Latin-1; "prefix" and "suffix" add `text`.
    text
        What is removed or added; "" for the others.
    """

    how: How
    text: str = ""

    def line(self, column: str) -> str:
        """Give the line of pandas."""
        name = f"serving[{column!r}]"
        match self.how:
            case "utf-8":
                done = f'{name}.str.encode("latin-1").str.decode("utf-8")'
            case "NFC" | "NFKC":
                done = f"{name}.str.normalize({self.how!r})"
            case "prefix":
                done = f"{self.text!r} + {name}"
            case "suffix":
                done = f"{name} + {self.text!r}"
            case "removeprefix" | "removesuffix":
                done = f"{name}.str.{self.how}({self.text!r})"
            case _:
                done = f"{name}.str.{self.how}()"
        return f"{name} = {done}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Training's times are so many hours later than serving's."""

    hours: float

    def line(self, column: str) -> str:
        """Give the line of pandas."""
        name = f"serving[{column!r}]"
        sign = "-" if self.hours < 0 else "+"
        by = f"pandas.Timedelta(hours={exact(abs(self.hours))})"
        return f"{name} = {name} {sign} {by}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Convert:
    """Training holds another kind of value.

    Attributes
    ----------
    to
        The logical kind of the training column.
    given
        That of the serving column.
    unit
        Of numbers that count from 1970, on either side: "s", "ms", "us" or "ns".
    """

    to: Literal["number", "text", "time", "boolean"]
    given: str
    unit: str = ""

    def line(self, column: str) -> str:
        """Give the line of pandas."""
        name = f"serving[{column!r}]"
        if self.to == "number" and self.given == "boolean":
            return f"{name} = {name}.astype(float)"
        if self.to == "number" and self.given == "time":
            start = f'pandas.Timestamp(0, tz={name}.dt.tz).as_unit("ms")'
            one = f"pandas.Timedelta(1, {self.unit or 'ns'!r})"
            return f"{name} = ({name} - {start}) / {one}"
        if self.to == "number":
            return f'{name} = pandas.to_numeric({name}, errors="coerce")'
        if self.to == "time":
            unit = f", unit={self.unit!r}" if self.unit else ""
            return f"{name} = pandas.to_datetime({name}{unit})"
        if self.to == "text":
            return f"{name} = {name}.astype(str)"
        truth = {"true": True, "false": False, "1": True, "0": False}
        return f"{name} = {name}.str.lower().map({truth!r})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """The column and another have each other's values."""

    other: str

    def line(self, column: str) -> str:
        """Give the line of pandas."""
        pair, back = [column, self.other], [self.other, column]
        return f"serving[{pair!r}] = serving[{back!r}].to_numpy()"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rename:
    """Serving has the column under another name."""

    given: str

    def line(self, column: str) -> str:
        """Give the line of pandas."""
        return f"serving = serving.rename(columns={{{self.given!r}: {column!r}}})"


_KINDS: Mapping[str, type[Any]] = {
    kind.__name__: kind
    for kind in (Scale, Apply, ToNull, Relabel, Text, Shift, Convert, Swap, Rename)
}


def lines(steps: tuple[Step, ...], column: str) -> str:
    """Write the steps as lines of pandas on a frame `serving`, "" for none."""
    # An exchange is written once, at the first of its columns: twice would undo it.
    written = (s for s in steps if not (isinstance(s, Swap) and s.other < column))
    return "\n".join(step.line(column) for step in written)


def step_dict(step: Step) -> dict[str, Any]:
    """Give a step as plain values."""
    return {"step": type(step).__name__, **asdict(step)}


def read_step(data: Mapping[str, Any]) -> Step:
    """Build the step that `step_dict` gave."""
    values = {key: value for key, value in data.items() if key != "step"}
    if "values" in values:
        values["values"] = tuple(values["values"])
    step: Step = _KINDS[data["step"]](**values)
    return step


def _value(value: float | str) -> str:
    return repr(value) if isinstance(value, str) else exact(value)
