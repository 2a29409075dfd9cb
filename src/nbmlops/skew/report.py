"""What a skew check found: the report and its columns."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from nbmlops.skew.repair.steps import Step
from nbmlops.skew.sections import Section

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.compose import ColumnTransformer

Verdict = Literal[
    "no evidence",
    "within tolerance",
    "not enough data",
    "over tolerance",
    "handling fault",
]
VERDICTS: tuple[Verdict, ...] = (
    "no evidence",
    "within tolerance",
    "not enough data",
    "over tolerance",
    "handling fault",
)  # best first
FAILING: frozenset[Verdict] = frozenset({"over tolerance", "handling fault"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why a column differs.

    Attributes
    ----------
    kind
        One of the fixed list: "unit", "sentinel", "population" ...
    detail
        One sentence to act on: "serving = training x 1.609344: kilometres, not miles".
    also
        Other kinds that fit the data as well.
    repair
        Lines of Python that mend a pandas frame `serving`, or "" where there are none.
    mend
        The same as steps.
    stuck
        Of a clip the bounds, at which values beyond them arrive; else ().
    mended
        The picture behind it: both sides in bars, serving turned back by these steps.
    """

    kind: str
    detail: str
    also: tuple[str, ...] = ()
    repair: str = ""
    mend: tuple[Step, ...] = ()
    stuck: tuple[float, ...] = ()
    mended: tuple["Bar", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar of a column's two distributions, drawn side by side.

    Attributes
    ----------
    label
        What the bar stands for: "null", a category, "others", or "12 to 15".
    low, high
        The bar's range for numbers, times (seconds since 1970) and hours; else None.
    reference, serving
        The share of rows on each side, 0 to 1.
    """

    label: str
    low: float | None = None
    high: float | None = None
    reference: float
    serving: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnSkew:
    """The judgement of one column.

    Attributes
    ----------
    name, kind
        The column, and its kind: number, boolean, text, time, vector, free text.
    verdict
        One of `VERDICTS`.
    distance
        Debiased Jensen-Shannon distance (base 2), 0 to 1; None where not comparable.
    interval
        95% interval of the distance; None where not comparable.
    p_value
        Of "both sides have one distribution", adjusted over columns.
    p_tolerance
        Of "the distance is at most the tolerance", adjusted over columns.
    detectable
        The smallest distance found 4 times in 5 with these numbers of rows.
    cause
        Why it differs; None where nothing differs.
    summary
        What moved in one sentence with its figures, derived from both profiles.
    bars
        The two distributions, at most 40 bars.
    muted_until, muted_reason
        Until when this finding was acknowledged (ISO date), and why; else empty.
    """

    name: str
    kind: str
    verdict: Verdict
    distance: float | None = None
    interval: tuple[float, float] | None = None
    p_value: float | None = None
    p_tolerance: float | None = None
    detectable: float | None = None
    cause: Cause | None = None
    summary: str = ""
    bars: tuple[Bar, ...] = ()
    muted_until: str = ""
    muted_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SkewReport:
    """The judgement of a serving frame against a reference, column by column.

    Attributes
    ----------
    verdict
        The worst column's. Acknowledged columns count too; `ok` leaves them out.
    columns
        Each column's judgement, the worst first; missing and extra ones included.
    rows, effective_rows
        Of the serving side: rows, and what they are worth where they are weighted
        (Kish's effective number).
    reference_rows, reference_effective_rows
        The same of the reference.
    tolerance
        The Jensen-Shannon distance up to which a shift is accepted.
    alpha
        The level of the tests over all columns.
    reference, serving
        What the two sides are called in sentences.
    notes
        What a reader must know to trust the figures, in words.
    sections
        What was judged beside single columns, by key: "parity", "predictions" ...
    order
        Training's columns in their order, as a repair gives them.
    """

    verdict: Verdict
    columns: Mapping[str, ColumnSkew]
    rows: int
    effective_rows: float
    reference_rows: int
    reference_effective_rows: float
    tolerance: float
    alpha: float
    reference: str = "training"
    serving: str = "serving"
    notes: tuple[str, ...] = ()
    sections: Mapping[str, Section] = field(
        default_factory=lambda: MappingProxyType({})
    )
    order: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing fails; an acknowledged (muted) column does not."""
        columns = (c.verdict for c in self.columns.values() if not c.muted_until)
        sections = (section.verdict for section in self.sections.values())
        return FAILING.isdisjoint((*columns, *sections))

    def with_sections(self, *sections: Section) -> "SkewReport":
        """Add sections; the report's verdict is the worst of all parts."""
        return replace(
            self,
            verdict=max(
                (self.verdict, *(s.verdict for s in sections)), key=VERDICTS.index
            ),
            sections=MappingProxyType(
                {**self.sections, **{s.key: s for s in sections}}
            ),
        )

    def repair(self, columns: str | Iterable[str] | None = None) -> "ColumnTransformer":
        """Build what turns a serving frame back into one like training.

        Parameters
        ----------
        columns
            The faults of these columns only; by default all that are not acknowledged.

        Returns
        -------
        ColumnTransformer
            Fitted, to be put in front of the pipeline: `Pipeline([("repair", repair),
            *pipeline.steps])`. A UsageError if nothing can be repaired; faults that it
            leaves are named in a warning.
        """
        from nbmlops.skew.repair.plan import plan_of
        from nbmlops.skew.repair.transformer import transformer

        return transformer(plan_of(self, columns))

    def as_served(
        self, frame: Any, columns: str | Iterable[str] | None = None
    ) -> "pd.DataFrame":
        """Write training rows as serving would have sent them: the repair's way back.

        Parameters
        ----------
        frame
            Rows like training's, any frame; columns of no fault stay as they are.
        columns
            As for `repair`.

        Returns
        -------
        DataFrame
            What a pipeline with the repair in front is registered with as train=.
        """
        from nbmlops.frames.opening import to_pandas
        from nbmlops.skew.repair.plan import plan_of
        from nbmlops.skew.repair.serving_form import in_serving_form

        return in_serving_form(self, plan_of(self, columns), to_pandas(frame))

    def quarantine(self, frame: Any) -> tuple["pd.DataFrame", "pd.DataFrame"]:
        """Set apart the rows that hold a faulty value.

        Parameters
        ----------
        frame
            Rows of the sender that was checked.

        Returns
        -------
        tuple of DataFrame
            Clean rows; and rows with a number or a text that stands for null, or a
            label that training never showed (of the 30 heaviest), each with a
            `quarantine_reason`. A fault of a whole column is for `repair`.
        """
        from nbmlops.skew.quarantine import set_apart

        return set_apart(self, frame)

    def to_frame(self) -> "pd.DataFrame":
        """Return one row per column, the worst first, without the bars."""
        import pandas as pd

        names = ["column", "kind", "verdict", "distance", "p_value", "p_tolerance"]
        names += ["detectable", "cause", "detail", "repair", "summary", "muted_until"]
        rows = [
            (
                c.name,
                c.kind,
                c.verdict,
                _number(c.distance),
                _number(c.p_value),
                _number(c.p_tolerance),
                _number(c.detectable),
                c.cause.kind if c.cause else "",
                c.cause.detail if c.cause else "",
                c.cause.repair if c.cause else "",
                c.summary,
                c.muted_until,
            )
            for c in self.columns.values()
        ]
        return pd.DataFrame(rows, columns=names)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain values that JSON can hold exactly."""
        from nbmlops.skew.storing import report_dict

        return report_dict(self)

    def to_json(self) -> str:
        """Return the report as JSON, numbers at full precision."""
        return json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "SkewReport":
        """Build the report that `to_dict` gave, here or in an earlier release.

        Parameters
        ----------
        data
            As JSON gives it back.

        Returns
        -------
        SkewReport
            An equal one. A NbmlopsError if a later release wrote it in a form that is
            not known here.
        """
        from nbmlops.skew.storing import read_report

        return read_report(data)

    def __repr__(self) -> str:
        from nbmlops.skew.view import report_text

        return report_text(self)

    def _repr_html_(self) -> str:
        from nbmlops.skew.view import report_html

        return report_html(self)


def worst_first(columns: Iterable[ColumnSkew]) -> Mapping[str, ColumnSkew]:
    """Order columns by verdict, then distance, then p-value, then name; read-only."""
    ordered = sorted(
        columns,
        key=lambda c: (
            -VERDICTS.index(c.verdict),
            -(1.0 if c.distance is None else c.distance),
            1.0 if c.p_value is None else c.p_value,
            c.name,
        ),
    )
    return MappingProxyType({c.name: c for c in ordered})


def worst(columns: Iterable[ColumnSkew]) -> Verdict:
    """Return the worst verdict, "no evidence" where there is no column."""
    return max((c.verdict for c in columns), key=VERDICTS.index, default="no evidence")


def _number(value: float | None) -> float:
    return float("nan") if value is None else value
