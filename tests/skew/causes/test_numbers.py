"""Faults in columns of numbers are named with their figure, and can be mended."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from nbmlops.profiles.building import build_profile
from nbmlops.skew.causes.evidence import Evidence
from nbmlops.skew.causes.signs import has_sign
from nbmlops.skew.causes.table import WITHOUT_FAULT, name_cause
from nbmlops.skew.judge import check
from nbmlops.skew.report import Cause, ColumnSkew
from tests.skew import shapes
from tests.skew.causes.faults import FAULTS, NATURAL, Sample, hints_of
from tests.skew.checking import column_of, report_of

ROWS = 2_000
Values = NDArray[Any]


def two(shape: str, seed: int, rows: int = ROWS) -> tuple[Values, Values]:
    r = np.random.default_rng((31, seed))
    sample = shapes.CAUSE_SHAPES[shape]
    return sample(r, rows), sample(r, rows)


def faulty(name: str, shape: str, seed: int) -> ColumnSkew:
    fault = FAULTS[name]
    before, after = two(shape, seed)
    r = np.random.default_rng((32, seed))
    done = fault.make(Sample(before=before, after=after, r=r))
    hints = {}
    if fault.is_registered:
        undone = fault.kind == "not-preprocessed"
        hints = {"x": hints_of(before if undone else done[0])}
    return column_of(*done, hints=hints)


def cause_of(before: Any, after: Any, **options: Any) -> Cause:
    column = column_of(before, after, **options)
    assert column.cause is not None
    return column.cause


def mended(cause: Cause, values: Any) -> Values:
    scope = {"serving": pd.DataFrame({"x": values}), "numpy": np, "pandas": pd}
    exec(cause.repair, scope)
    frame: Any = scope["serving"]
    return np.asarray(frame["x"])


NAMED = {
    "affine C->F": ("normal", "zeros", "ages"),
    "affine F->C": ("gamma", "sales"),
    "affine C->K": ("normal", "bimodal"),
    "affine F->K": ("price", "counts"),
    "affine 1-x": ("beta",),
    "affine +1": ("counts", "bimodal", "beta"),
    "affine -1": ("counts", "bimodal", "beta"),
    "sign": ("normal", "price", "zeros"),
    "log": ("sales", "beta"),
    "log of zeros": ("counts", "zeros"),
    "log1p": ("price", "counts", "bimodal"),
    "log10": ("gamma", "price"),
    "log2": ("gamma", "price"),
    "log(x+1e-6)": ("counts", "zeros"),
    "sqrt": ("sales", "ages"),
    "square": ("gamma", "counts", "zeros"),
    "exp": ("gamma",),
    "round 0": ("sales", "normal"),
    "floor": ("gamma", "zeros"),
    "round 1": ("normal", "sales"),
    "to tens": ("ages", "price"),
    "training rounded 1": ("normal", "sales"),
    "standardised, own batch": ("normal", "ages", "zeros"),
    "standardised, train": ("gamma", "counts", "price"),
    "standardised, registered": ("ages", "zeros"),
    "min-max, own batch": ("counts", "normal", "sales"),
    "min-max, train": ("ages", "gamma"),
    "not standardised": ("ages", "price"),
    "not min-max": ("ages", "sales"),
    "not standardised, registered": ("ages", "counts"),
    "spike -999 3%": ("ages", "gamma"),
    "clip p95": ("normal", "zeros", "counts"),
    "clip both p5 p95": ("gamma", "bimodal"),
    "clip lower p10": ("beta", "ages"),
    "clip p99": ("normal", "sales", "counts", "bimodal"),
    "epoch s -> ms": ("normal",),
    "epoch ns -> s": ("normal",),
}


@pytest.mark.parametrize(
    ("name", "shape"), [(name, shape) for name, many in NAMED.items() for shape in many]
)
def test_faults_are_named_with_their_figure(name: str, shape: str) -> None:
    column = faulty(name, shape, 1)
    assert column.verdict == "handling fault"
    assert column.cause is not None
    assert column.cause.kind == FAULTS[name].kind
    assert FAULTS[name].figure in column.cause.detail


MENDED = {
    "affine C->F": "normal",
    "affine F->C": "normal",
    "affine C->K": "ages",
    "affine F->K": "ages",
    "affine 1-x": "beta",
    "affine -1": "counts",
    "sign": "normal",
    "log": "sales",
    "log1p": "price",
    "log10": "gamma",
    "log2": "gamma",
    "log(x+1e-6)": "counts",
    "sqrt": "sales",
    "square": "gamma",
    "exp": "gamma",
}


@pytest.mark.parametrize("name", sorted(MENDED))
def test_the_repair_gives_the_values_of_training(name: str) -> None:
    before, after = two(MENDED[name], 2)
    done = FAULTS[name].make(
        Sample(before=before, after=after, r=np.random.default_rng(2))
    )
    cause = cause_of(*done)
    back = mended(cause, done[1])
    there = ~np.isnan(done[1])
    assert back[there] == pytest.approx(after[there], abs=1e-9)
    if name != "log(x+1e-6)":  # 0 comes back as a very small number
        assert column_of(done[0], back).cause is None


@pytest.mark.parametrize("shape", ["normal", "sales", "ages"])
def test_a_registered_scaler_is_undone_exactly(shape: str) -> None:
    before, after = two(shape, 3)
    scaler = hints_of(before)["scaler"]
    once = (after - scaler["minus"]) / scaler["by"]
    cause = cause_of(before, once, hints={"x": {"scaler": scaler}})
    assert cause.kind == "preprocessed-twice"
    assert "the model's own StandardScaler" in cause.detail
    assert mended(cause, once) == pytest.approx(after)


def test_a_registered_scaler_is_named_where_the_population_changed_too() -> None:
    r = np.random.default_rng(4)
    before, after = r.normal(50, 10, ROWS), r.normal(54, 12, ROWS)
    hints = {"x": hints_of(before)}
    scaler = hints["x"]["scaler"]
    cause = cause_of(before, (after - scaler["minus"]) / scaler["by"], hints=hints)
    assert cause.kind == "preprocessed-twice"
    assert cause_of(before, after, hints=hints).kind == "population"


@pytest.mark.parametrize("shape", sorted(shapes.CAUSE_SHAPES))
@pytest.mark.parametrize("change", sorted(NATURAL))
def test_natural_changes_are_not_called_faults(shape: str, change: str) -> None:
    for seed in range(2):
        r = np.random.default_rng((33, seed))
        column = column_of(*NATURAL[change](shape, r, ROWS))
        assert column.verdict != "handling fault", column.cause


def test_rates_that_reach_one_are_not_scaled() -> None:
    named = 0
    for seed in range(20):
        r = np.random.default_rng((34, seed))
        shown = r.integers(1, 30, (2, ROWS))
        before = r.binomial(shown[0], r.beta(2, 5, ROWS)) / shown[0]
        after = r.binomial(shown[1], r.beta(2.3, 5, ROWS)) / shown[1]
        named += column_of(np.minimum(before, 0.95), after).verdict == "handling fault"
    assert named == 0


@pytest.mark.parametrize("digits", [2, 15])
def test_rates_that_come_in_percent_are_a_unit(digits: int) -> None:
    r = np.random.default_rng(37)
    before, after = np.round(r.beta(2, 5, (2, ROWS)), digits)
    before[:2] = 0, 1
    cause = cause_of(before, after * 100)
    assert cause.kind == "unit"
    assert " x 100:" in cause.detail


def test_a_scaler_is_written_with_its_signs() -> None:
    before, after = np.random.default_rng(38).normal(-5, 2, (2, ROWS))
    scaler = {"name": "StandardScaler", "minus": -5.0, "by": 2.0}
    cause = cause_of(before, (after + 5) / 2, hints={"x": {"scaler": scaler}})
    assert cause.detail.startswith("serving = (training + 5) / 2: the model's own")
    assert cause.repair.splitlines() == [
        "serving['x'] *= 2",
        "serving['x'] = serving['x'] - 5",
    ]


@pytest.mark.parametrize("spread", [0.16, 0.165, 0.2])
def test_what_is_clipped_at_zero_and_one_is_not_scaled(spread: float) -> None:
    for seed in (35, 36):
        before, after = np.random.default_rng(seed).normal(0.5, spread, (2, 5_000))
        cause = name_cause(evidence(before, np.clip(after, 0, 1)))
        assert cause.kind in {"clipped", "population"}
        assert spread < 0.2 or cause.detail.startswith("serving is clipped to 0 .. 1: ")


def test_decimals_that_are_lost_are_named_though_the_distribution_stayed() -> None:
    before, after = two("normal", 5)
    column = column_of(before, np.round(after, 1))
    assert column.p_value is not None
    assert column.p_value > 0.05
    assert column.cause is not None
    assert column.cause.detail.startswith("serving is rounded")
    assert "to 1 decimal, training has more decimals; send them" in column.cause.detail
    few = column_of(before, np.round(after, 1)[:1])
    assert few.cause is None


def evidence(before: Values, after: Values) -> Evidence:
    reference = build_profile(pd.DataFrame({"x": before}))
    serving = build_profile(pd.DataFrame({"x": after}), like=reference)
    return Evidence(
        name="x",
        kind="number",
        reference=reference.columns["x"],
        serving=serving.columns["x"],
        scales=(1.0, 1.0),
        words=("training", "serving"),
    )


@pytest.mark.parametrize("rows", [60, 500, 5_000])
@pytest.mark.parametrize("shape", sorted({*shapes.CAUSE_SHAPES, *shapes.NUMBERS}))
def test_no_sign_of_a_fault_is_seen_where_nothing_changed(
    shape: str, rows: int
) -> None:
    sample: Any = {**shapes.CAUSE_SHAPES, **shapes.NUMBERS}[shape]
    for seed in range(10):
        r = np.random.default_rng((36, rows, seed))
        assert not has_sign(evidence(sample(r, rows), sample(r, rows)))
        few = evidence(sample(r, rows), sample(r, 20))
        assert not has_sign(few)


def test_a_few_whole_numbers_are_no_sign_of_rounding() -> None:
    r = np.random.default_rng(39)
    before = np.where(r.random(ROWS) < 0.3, np.rint(r.gamma(2, 9, ROWS)), 0.25)
    assert not has_sign(evidence(before, np.array([3.0, 9.0, 14.0, 7.0, 11.0])))
    assert not has_sign(evidence(np.array([3.0, 9.0, 14.0, 7.0, 11.0]), before))


def test_a_heap_at_an_end_and_a_value_beyond_are_signs() -> None:
    before, after = two("normal", 6)
    top = np.quantile(before, 0.99)
    assert has_sign(evidence(before, np.minimum(after, top)))
    assert has_sign(evidence(-before, np.maximum(-after, -top)))
    assert not has_sign(evidence(before, after[after < top]))
    token = np.where(np.arange(ROWS) % 50 == 0, -999.0, after)
    assert has_sign(evidence(before, token))


def test_a_heap_tells_a_bound_of_whole_numbers() -> None:
    before, after = two("ages", 43)
    cause = cause_of(before, np.minimum(after, np.quantile(before, 0.99)))
    assert cause.kind == "clipped"


def test_exchanged_columns_are_named_in_both() -> None:
    r = np.random.default_rng(7)
    before, after = (
        pd.DataFrame(
            {"age": np.rint(r.normal(41, 13, ROWS)), "dose": r.gamma(2, 30, ROWS)}
        )
        for _ in range(2)
    )
    served = after.rename(columns={"age": "dose", "dose": "age"})
    report = report_of(before, served)
    scope = {"serving": served}
    for name, other in (("age", "dose"), ("dose", "age")):
        cause = report.columns[name].cause
        assert cause is not None
        assert cause.kind == "swapped"
        assert repr(other) in cause.detail
        exec(cause.repair, scope)  # all lines, one after another
    pd.testing.assert_frame_equal(scope["serving"][["age", "dose"]], after)


def test_one_column_sent_in_two_places_is_not_called_exchanged() -> None:
    r = np.random.default_rng(8)
    before = pd.DataFrame({"x": r.normal(50, 10, ROWS), "y": r.gamma(2, 20, ROWS)})
    served = pd.DataFrame({"x": r.gamma(2, 20, ROWS), "y": r.gamma(9, 5, ROWS)})
    cause = report_of(before, served).columns["x"].cause
    assert cause is not None
    assert cause.kind != "swapped"


def test_a_factor_is_backed_by_a_column_that_surely_changed_by_it() -> None:
    r = np.random.default_rng(9)
    before, after = (
        pd.DataFrame(
            {
                "x": r.lognormal(3, 1, ROWS),
                "y": r.lognormal(1, 0.8, ROWS),
                "z": r.lognormal(4, 0.8, ROWS).round(1),
            }
        )
        for _ in range(2)
    )
    alone = report_of(before, after.assign(x=after["x"] * 1.609344)).columns["x"].cause
    assert alone is not None
    assert (alone.kind, alone.also) == ("population", ("unit",))
    all_ = report_of(before, after * 1.609344).columns
    assert all_["z"].cause is not None
    assert all_["z"].cause.kind == "unit"  # its decimals tell
    for name in ("x", "y"):
        cause = all_[name].cause
        assert cause is not None
        assert cause.kind == "unit"
        assert cause.detail.endswith(", as in column 'z'")
    apart = report_of(before, after * [2.1, 2.1, 1.609344]).columns["x"].cause
    assert apart is not None
    assert apart.kind == "population"


@pytest.mark.parametrize("by", [1.6, 1.609344, 2.2])
def test_columns_that_grow_alike_do_not_back_each_other(by: float) -> None:
    for seed in range(4):
        r = np.random.default_rng((35, seed))
        before, after = (
            pd.DataFrame(
                {"x": r.lognormal(3, 0.5, ROWS), "y": r.lognormal(3, 0.5, ROWS)}
            ).round({"y": 2})
            for _ in range(2)
        )
        report = report_of(before, (after * by).round({"y": 2}))
        assert report.verdict == "over tolerance"
        for name in "xy":
            cause = report.columns[name].cause
            assert cause is not None
            assert cause.kind == "population"


@pytest.mark.parametrize(("middle", "spread"), [(50.0, 10.0), (500.0, 60.0)])
def test_what_is_converted_and_written_short_is_a_unit(
    middle: float, spread: float
) -> None:
    r = np.random.default_rng(36)
    before, after = (np.round(r.normal(middle, spread, ROWS), 6) for _ in range(2))
    cause = cause_of(before, np.rint(after / 1.609344))
    assert cause.kind == "unit"
    said = "training / 1.609344: miles instead of kilometres, rounded to whole"
    assert said in cause.detail
    assert cause_of(before, np.rint(after)).kind == "rounding"


def test_growth_and_rounding_is_told_beside_a_unit_that_was_written_short() -> None:
    for seed in range(4):
        r = np.random.default_rng((36, seed))
        before, after = (np.round(r.lognormal(3, 0.6, ROWS), 6) for _ in range(2))
        cause = cause_of(before, np.rint(after / 1.609344))
        assert {cause.kind, *cause.also} == {"rounding", "unit"}


def test_one_more_is_told_from_a_bound_though_values_are_heaped_at_an_end() -> None:
    for shape in ("ages", "zeros"):
        named = [faulty("affine +1", shape, seed).cause for seed in range(4)]
        kinds = [c.kind for c in named if c is not None]
        assert kinds.count("affine") >= 3, kinds
    # The lower bound is new where more values lie on it than training has at its end.
    assert faulty("clip lower p10", "ages", 1).cause is not None


def test_what_the_models_own_imputer_fills_is_a_known_token() -> None:
    r = np.random.default_rng(10)
    sample = shapes.CAUSE_SHAPES["bimodal"]
    before, after = sample(r, ROWS), sample(r, ROWS, a=1.04)
    filled = np.where(r.random(ROWS) < 0.06, 24.35, after)
    before = shapes.with_nulls(r, before, 0.06)
    assert cause_of(before, filled).kind != "sentinel"
    cause = cause_of(before, filled, hints={"x": {"fill": 24.35}})
    assert cause.kind == "sentinel"
    assert cause.detail.startswith("24.35 stands where nulls were: ")


def test_ties_are_told_beside_the_one_that_is_named() -> None:
    r = np.random.default_rng(11)
    before, after = r.normal(500, 100, (2, ROWS))
    cause = cause_of(before, np.log(after))
    assert cause.kind == "transform"
    assert "log(training)" in cause.detail
    assert "(log1p(x) fits as well)" in cause.detail


def test_a_scaler_of_the_batch_is_named_whatever_the_world_did() -> None:
    r = np.random.default_rng(12)
    before, after = r.normal(50, 10, ROWS), r.gamma(1, 3, ROWS)
    cause = cause_of(before, (after - after.mean()) / after.std())
    assert cause.kind == "preprocessed-twice"
    assert cause.repair == ""


def test_a_check_of_many_changed_columns_looks_at_each_alone() -> None:
    r = np.random.default_rng(13)
    names = [f"c{k}" for k in range(120)]
    before = pd.DataFrame(r.gamma(2, 3, (300, 120)), columns=names)
    after = pd.DataFrame(r.gamma(2, 3, (300, 120)) * 100, columns=names)
    columns = check(before, after)[0].columns
    kinds = {c.cause.kind for c in columns.values() if c.cause}
    assert kinds <= {"unit", "population"}


def test_a_cause_is_named_without_hints_or_siblings() -> None:
    before, after = two("ages", 14)
    assert name_cause(evidence(before, -after)).kind == "sign"
    assert name_cause(evidence(before, after + 1.5)).kind not in {"sign", "affine"}
    assert "population" in WITHOUT_FAULT
