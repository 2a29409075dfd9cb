"""How a report is stored: as plain values, which report.schema.json describes."""

from collections.abc import Mapping
from dataclasses import asdict
from types import MappingProxyType
from typing import Any

from nbmlops.errors import NbmlopsError
from nbmlops.skew.plain import plain
from nbmlops.skew.repair.steps import read_step, step_dict
from nbmlops.skew.report import Bar, Cause, ColumnSkew, SkewReport

SCHEMA = 1  # the version of the form


def report_dict(report: SkewReport) -> dict[str, Any]:
    """Give a report as plain values that JSON can hold exactly."""
    return {
        "schema": SCHEMA,
        "verdict": report.verdict,
        "ok": report.ok,
        "reference": report.reference,
        "serving": report.serving,
        "rows": report.rows,
        "effective_rows": report.effective_rows,
        "reference_rows": report.reference_rows,
        "reference_effective_rows": report.reference_effective_rows,
        "tolerance": report.tolerance,
        "alpha": report.alpha,
        "notes": list(report.notes),
        "columns": [_column_dict(c) for c in report.columns.values()],
        "sections": {
            key: section.to_dict() for key, section in report.sections.items()
        },
        "order": list(report.order),
    }


def read_report(data: Mapping[str, Any]) -> SkewReport:
    """Build the report that `report_dict` gave, here or in an earlier release.

    Parameters
    ----------
    data
        As JSON gives it back.

    Returns
    -------
    SkewReport
        An equal one.

    Raises
    ------
    NbmlopsError
        If a later release wrote it in a form that is not known here.
    """
    # To write a report loads none of the kinds of sections, to read one all of them.
    from nbmlops.skew.section_kinds import read_sections

    written = data.get("schema", SCHEMA)  # the first reports did not say
    if written > SCHEMA:
        raise NbmlopsError(
            f"this report is written in form {written}, and {SCHEMA} is the newest "
            "that is known here",
            hint="read it with the release that wrote it: pip install -U nbmlops",
        )
    columns = [_column(entry) for entry in data["columns"]]
    return SkewReport(
        verdict=data["verdict"],
        columns=MappingProxyType({c.name: c for c in columns}),
        rows=data["rows"],
        effective_rows=data["effective_rows"],
        reference_rows=data["reference_rows"],
        reference_effective_rows=data["reference_effective_rows"],
        tolerance=data["tolerance"],
        alpha=data["alpha"],
        reference=data["reference"],
        serving=data["serving"],
        notes=tuple(data["notes"]),
        sections=MappingProxyType(read_sections(data["sections"])),
        order=tuple(data.get("order", ())),
    )


def _column_dict(column: ColumnSkew) -> dict[str, Any]:
    """Give one column's judgement as plain values."""
    values = plain(asdict(column))
    if column.cause is not None:
        values["cause"]["mend"] = [plain(step_dict(s)) for s in column.cause.mend]
    return values


def _column(data: Mapping[str, Any]) -> ColumnSkew:
    """Build one column's judgement from plain values."""
    fields = dict(data)
    cause, interval = fields.pop("cause"), fields.pop("interval")
    bars = tuple(Bar(**bar) for bar in fields.pop("bars"))
    if cause is not None:
        parts = {
            "also": tuple(cause["also"]),
            "mend": tuple(map(read_step, cause["mend"])),
            "stuck": tuple(cause.get("stuck", ())),
            "mended": tuple(Bar(**bar) for bar in cause.get("mended", ())),
        }
        cause = Cause(**{**cause, **parts})
    return ColumnSkew(
        **fields,
        bars=bars,
        cause=cause,
        interval=None if interval is None else (interval[0], interval[1]),
    )
