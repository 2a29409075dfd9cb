# ruff: noqa: E501 - tables of figures
"""Skew reports as they come from real flights, for the tests of how they are shown."""

import numpy as np

from nbmlops.skew.report import Bar, Cause, ColumnSkew, SkewReport, worst, worst_first


def bars_of(
    reference: tuple[float, float],
    serving: tuple[float, float],
    *,
    ends: tuple[float, float],
    extra: tuple[tuple[str, float, float], ...] = (),
    count: int = 30,
) -> tuple[Bar, ...]:
    """Two normal distributions (mean, deviation) over equal bars, and single values."""
    edges = np.linspace(*ends, count + 1)
    middles = (edges[:-1] + edges[1:]) / 2
    sides = []
    for (mean, deviation), lost in (
        (reference, sum(e[1] for e in extra)),
        (serving, sum(e[2] for e in extra)),
    ):
        density = np.exp(-0.5 * ((middles - mean) / deviation) ** 2)
        sides.append((1 - lost) * density / density.sum())
    singles = tuple(Bar(label=n, reference=r, serving=s) for n, r, s in extra)
    return singles + tuple(
        Bar(
            label=f"{low:g} to {high:g}",
            low=float(low),
            high=float(high),
            reference=float(r),
            serving=float(s),
        )
        for low, high, r, s in zip(edges[:-1], edges[1:], *sides, strict=True)
    )


def labels_of(*labels: tuple[str, float, float]) -> tuple[Bar, ...]:
    return tuple(Bar(label=n, reference=r, serving=s) for n, r, s in labels)


def moved_columns() -> list[ColumnSkew]:
    return [
        ColumnSkew(
            name="distance", kind="number", verdict="handling fault", distance=0.551,
            interval=(0.546, 0.556), p_value=1e-300, p_tolerance=1e-200, detectable=0.03,
            cause=Cause(
                kind="unit", detail="serving = training x 1.609344: kilometres, not miles",
                also=("population",), repair='serving["distance"] /= 1.609344',
            ),
            summary="median 872 \N{RIGHTWARDS ARROW} 1,403",
            bars=bars_of((900, 500), (1450, 800), ends=(94, 4162)),
        ),
        ColumnSkew(
            name="air_time", kind="number", verdict="handling fault", distance=0.293,
            interval=(0.262, 0.324), p_value=1e-9, p_tolerance=1e-7, detectable=0.105,
            cause=Cause(
                kind="sentinel", detail="-1 stands where nulls were, in 4.0% of rows",
                repair='serving.loc[serving["air_time"] == -1, "air_time"] = None',
            ),
            summary="nulls 3.7% \N{RIGHTWARDS ARROW} 0%; median 136 \N{RIGHTWARDS ARROW} 125",
            bars=bars_of(
                (140, 60), (128, 58), ends=(25, 375),
                extra=(("null", 0.037, 0.0), ("-1", 0.0, 0.04)),
            ),
        ),
        ColumnSkew(
            name="carrier", kind="text", verdict="handling fault", distance=0.168,
            interval=(0.13, 0.2), p_value=1e-5, p_tolerance=1e-4, detectable=0.04,
            cause=Cause(
                kind="case", detail="MQ arrives as mq in 4.1% of rows; no other label changed",
                repair='serving["carrier"] = serving["carrier"].str.upper()',
            ),
            bars=labels_of(
                ("UA", 0.17, 0.18), ("B6", 0.16, 0.17), ("EV", 0.15, 0.15), ("DL", 0.14, 0.15),
                ("AA", 0.1, 0.1), ("MQ", 0.08, 0.035), ("mq", 0.0, 0.041), ("US", 0.06, 0.06),
                ("9E", 0.06, 0.05), ("WN", 0.04, 0.04), ("VX", 0.02, 0.02), ("others", 0.02, 0.01),
            ),
        ),
        ColumnSkew(
            name="temp", kind="number", verdict="over tolerance", distance=1.0,
            interval=(0.99, 1.0), p_value=1e-300, p_tolerance=1e-300, detectable=0.33,
            cause=Cause(kind="population", detail="99.6% of rows lie above the training maximum (64.04)"),
            summary="median 36 \N{RIGHTWARDS ARROW} 81",
            bars=bars_of((37, 9), (81, 7), ends=(12, 100)),
        ),
        ColumnSkew(
            name="pressure", kind="number", verdict="over tolerance", distance=0.34,
            interval=(0.22, 0.43), p_value=0.0104, p_tolerance=0.02, detectable=0.42,
            cause=Cause(kind="population", detail="narrower: middle half 1,013 to 1,024, now 1,014 to 1,020"),
            bars=bars_of((1019, 8), (1017, 4), ends=(991, 1040), extra=(("null", 0.115, 0.09),)),
        ),
        ColumnSkew(
            name="dest", kind="text", verdict="over tolerance", distance=0.118,
            interval=(0.11, 0.126), p_value=1e-30, p_tolerance=0.004, detectable=0.03,
            cause=Cause(
                kind="new-category",
                detail="6 new labels in 0.8% of rows: ACK, MVY, TVC, BGR, ABQ, LGA",
                also=("population",),
            ),
            summary="LAX 4.2% \N{RIGHTWARDS ARROW} 5.2%",
            bars=labels_of(*((name, 0.1 - i / 200, 0.1 - i / 210 + 0.01 * (i % 3 == 0)) for i, name in enumerate(
                ("ORD", "ATL", "LAX", "BOS", "MCO", "CLT", "SFO", "FLL", "MIA", "DCA", "DTW", "DFW", "RDU", "TPA", "DEN")))),
        ),
        ColumnSkew(
            name="origin_gate", kind="text", verdict="handling fault", distance=None,
            p_value=0.0, p_tolerance=0.0,
            cause=Cause(kind="missing-column", detail="the serving frame has no column origin_gate"),
        ),
        ColumnSkew(
            name="humid", kind="number", verdict="over tolerance", distance=0.27,
            interval=(0.16, 0.34), p_value=0.004, p_tolerance=0.01, detectable=0.3,
            cause=Cause(kind="population", detail="higher: median 54, now 63"),
            muted_until="2026-12-31", muted_reason="summer is humid; retraining is planned",
            bars=bars_of((54, 18), (63, 17), ends=(19, 100)),
        ),
    ]  # fmt: skip


def quiet_columns() -> list[ColumnSkew]:
    quiet: list[tuple[str, str, float, float, float]] = [
        ("visib", "within tolerance", 0.09, 0.3, 0.02),
        ("dep_delay", "within tolerance", 0.08, 0.11, 0.001),
        ("plane_age", "within tolerance", 0.03, 0.05, 0.0004),
        ("hour", "within tolerance", 0.03, 0.04, 0.03),
        ("seats", "not enough data", 0.0, 0.37, 0.4),
        ("weekday", "no evidence", 0.0, 0.71, 0.31),
        ("precip", "no evidence", 0.01, 0.24, 0.22),
        ("origin", "no evidence", 0.02, 0.04, 0.6),
        ("tail_digit", "no evidence", 0.0, 0.07, 0.9),
    ]
    return [
        ColumnSkew(
            name=name, kind="number", verdict=verdict, distance=distance,  # type: ignore[arg-type]  # plain words
            interval=(0.0, distance + 0.03), p_value=p, p_tolerance=0.9, detectable=detectable,
        )
        for name, verdict, distance, detectable, p in quiet
    ]  # fmt: skip


def report_of(columns: list[ColumnSkew], **changes: object) -> SkewReport:
    """A report over these columns."""
    values: dict[str, object] = {
        "verdict": worst(columns), "columns": worst_first(columns), "rows": 12_441,
        "effective_rows": 10_038.0, "reference_rows": 51_955,
        "reference_effective_rows": 51_955.0, "tolerance": 0.1, "alpha": 0.05,
        "reference": "delays/3 training", "serving": "log 1-31 Jul 2013",
    }  # fmt: skip
    return SkewReport(**(values | changes))  # type: ignore[arg-type]  # plain words


def july(**changes: object) -> SkewReport:
    """July's flights against January and February's, with three faults put in."""
    notes = (
        "Rows are taken as independent: natural day-to-day variation is not known "
        "(no time column).",
    )
    return report_of([*moved_columns(), *quiet_columns()], notes=notes, **changes)
