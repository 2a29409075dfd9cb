"""Columns of vectors are judged at a stated error rate, on the scale of the others."""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from nbmlops.profiles.building import build_profile
from nbmlops.profiles.vector_column import VectorColumn
from nbmlops.skew import statistics
from nbmlops.skew.judge import check, judge
from nbmlops.skew.report import ColumnSkew, SkewReport
from nbmlops.skew.vectors import distance_of, square_of, vector_finding

SPREAD = np.arange(1, 25) ** -0.5


def drawn(rows: int, seed: int) -> np.ndarray:
    """Draw embeddings whose directions vary less and less."""
    values = np.random.default_rng(seed).normal(0.3, 1, (rows, len(SPREAD)))
    values *= SPREAD
    return values


def frame_of(values: Any) -> pa.Table:
    values = np.asarray(values, dtype=np.float64)
    flat = pa.array(values.ravel())
    return pa.table({"e": pa.FixedSizeListArray.from_arrays(flat, values.shape[1])})


def column_of(before: Any, after: Any, **options: Any) -> ColumnSkew:
    if isinstance(after, np.ndarray):
        after = frame_of(after)
    return check(frame_of(before), after, **options)[0].columns["e"]


def unit(values: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    found: np.ndarray = np.divide(values, lengths)
    return found


REFERENCE = drawn(2_000, 0)
STORED = build_profile(frame_of(REFERENCE))


def served(values: Any) -> ColumnSkew:
    table = frame_of(values) if isinstance(values, np.ndarray) else values
    return judge(STORED, build_profile(table, like=STORED)).columns["e"]


@pytest.mark.parametrize("shift", [0.1, 0.25, 0.5, 1.0])
def test_the_distance_of_normals_is_their_jensen_shannon_distance(shift: float) -> None:
    grid = np.linspace(-8, 8 + shift, 20_001)
    sides = [np.exp(-((grid - at) ** 2) / 2) for at in (0.0, shift)]
    true = statistics.divergence(*(side * 1e9 / side.sum() for side in sides)) ** 0.5
    assert distance_of(shift**2) <= true
    assert distance_of(shift**2) == pytest.approx(true, rel=0.04)


@pytest.mark.parametrize("distance", [0.01, 0.1, 0.5, 0.95])
def test_distances_turn_back(distance: float) -> None:
    assert distance_of(square_of(distance)) == pytest.approx(distance, rel=1e-6)


def test_distances_end_at_1() -> None:
    assert distance_of(0.0) == 0.0
    assert distance_of(1e12) == pytest.approx(1.0, abs=1e-2)


@pytest.mark.parametrize("kind", ["normal", "heavy tails", "normalised", "clusters"])
@pytest.mark.parametrize("rows", [50, 400])
def test_the_level_holds_without_drift(kind: str, rows: int) -> None:
    random = np.random.default_rng(rows)
    centres = random.normal(0, 2, (5, 6))

    def draw(count: int) -> np.ndarray:
        values = random.normal(0.2, 1, (count, 6))
        if kind == "heavy tails":
            values /= np.sqrt(random.chisquare(2, (count, 1)) / 2)
        if kind == "clusters":
            values += centres[random.integers(0, 5, count)]
        return unit(values) if kind == "normalised" else values

    found = 0
    for _ in range(40):
        before = build_profile(frame_of(draw(rows)))
        after = build_profile(frame_of(draw(rows)), like=before)
        sides = before.columns["e"], after.columns["e"]
        assert isinstance(sides[0], VectorColumn)
        assert isinstance(sides[1], VectorColumn)
        finding = vector_finding(sides[0], sides[1], (1.0, 1.0), 0.1)
        found += finding.p_value <= 0.05
    assert found <= 6  # a chance of 1.4% at a level of 5%


def test_a_shift_of_one_direction_is_measured_as_in_a_column_of_its_own() -> None:
    moved = drawn(20_000, 1)
    moved[:, 3] += 0.25 * SPREAD[3]
    found = served(moved)
    assert found.interval is not None
    assert found.interval[0] <= distance_of(0.25**2) <= found.interval[1]
    assert found.verdict in ("within tolerance", "not enough data", "over tolerance")


def test_a_shift_is_over_tolerance_and_said_in_standard_deviations() -> None:
    moved = drawn(2_000, 1)
    moved[:, 0] += 1
    found = served(moved)
    assert found.verdict == "over tolerance"
    assert found.kind == "vector"
    assert found.summary.startswith(("0.9", "1.0"))
    assert "standard deviations apart" in found.summary
    assert found.cause is not None
    assert found.cause.kind == "population"
    assert found.bars


def test_a_mix_of_clusters_that_changed_is_found() -> None:
    random = np.random.default_rng(3)
    centres = random.normal(0, 2, (4, 24))

    def draw(shares: list[float]) -> np.ndarray:
        return drawn(2_000, 5) + centres[random.choice(4, 2_000, p=shares)]

    before, after = draw([0.25] * 4), draw([0.45, 0.25, 0.15, 0.15])
    assert column_of(before, after).verdict == "over tolerance"


def test_another_model_of_the_same_dimensions_is_found() -> None:
    turn = np.linalg.qr(np.random.default_rng(2).normal(size=(24, 24)))[0]
    assert served(drawn(500, 4) @ turn).verdict == "over tolerance"


def test_nothing_is_found_where_nothing_moved() -> None:
    found = served(drawn(5_000, 6))
    assert found.verdict == "no evidence"
    assert found.detectable is not None
    assert found.detectable < 0.12


def test_few_rows_say_what_they_could_not_have_shown() -> None:
    found = served(drawn(60, 7))
    assert found.verdict == "not enough data"
    assert found.detectable is not None
    assert found.detectable > 0.1


def test_weights_are_worth_kishs_rows() -> None:
    values = drawn(2_000, 8)
    weights = np.where(values[:, 0] > 0.3, 1.0, 20.0)
    kept = np.random.default_rng(9).random(2_000) < 1 / weights
    table = frame_of(values[kept]).append_column("w", pa.array(weights[kept]))
    assert column_of(REFERENCE, frame_of(values[kept])).verdict == "over tolerance"
    judged = check(
        frame_of(REFERENCE), table, columns="e", weight="w", reference_label="training"
    )
    assert judged[0].columns["e"].verdict in ("no evidence", "not enough data")


CAUSES = {
    "not-preprocessed": (unit(REFERENCE), drawn(900, 2), "handling fault"),
    "preprocessed-twice": (REFERENCE, unit(drawn(900, 2)), "handling fault"),
    "unit": (REFERENCE, drawn(900, 2) * 1000, "handling fault"),
    "dtype": (REFERENCE, drawn(900, 2)[:, :8], "handling fault"),
    "constant": (REFERENCE, np.tile(REFERENCE[0], (900, 1)), "over tolerance"),
}


@pytest.mark.parametrize("kind", CAUSES)
def test_causes_are_named(kind: str) -> None:
    before, after, verdict = CAUSES[kind]
    found = column_of(before, after)
    assert found.cause is not None
    assert (found.cause.kind, found.verdict) == (kind, verdict)


def test_growth_of_vectors_is_no_fault() -> None:
    found = served(drawn(2_000, 3) * 1.6)
    assert found.verdict == "over tolerance"


def test_normalised_vectors_in_32_bits_are_as_long_as_in_64() -> None:
    found = column_of(unit(REFERENCE), unit(drawn(2_000, 3)).astype(np.float32))
    assert found.verdict == "no evidence"


@pytest.mark.parametrize("how", ["nan", "null"])
def test_vectors_that_are_not_there_are_named(how: str) -> None:
    values = drawn(2_000, 3).tolist()
    for at in range(200):
        values[at] = None if how == "null" else [float("nan")] * 24
    found = served(pa.table({"e": pa.array(values, pa.list_(pa.float64(), 24))}))
    assert found.verdict == "over tolerance"
    assert found.cause is not None
    assert found.cause.kind == "nulls"
    assert "10.0%" in found.cause.detail


def test_zeros_are_told() -> None:
    values = drawn(2_000, 3)
    values[:300] = 0
    assert "all zeros 0% -> 15.0%" in served(values).summary.lower()


def test_profiles_that_were_made_apart_are_compared_by_length() -> None:
    other = build_profile(frame_of(drawn(2_000, 4)))
    found = judge(STORED, other).columns["e"]
    assert found.verdict == "no evidence"
    assert "only lengths" in found.summary.lower()
    longer = build_profile(frame_of(drawn(2_000, 4) * 2))
    assert judge(STORED, longer).columns["e"].verdict == "over tolerance"


ODD = {
    "numbers": [1.0, 2.0] * 50,
    "text": ["a", "b"] * 50,
    "lists of several lengths": [[1.0], [1.0, 2.0]] * 50,
    "nulls": [None] * 100,
    "lists of text": [["a"]] * 100,
    "no numbers at all": [[]] * 100,
}


@pytest.mark.parametrize("what", ODD)
def test_what_is_no_vector_is_a_finding(what: str) -> None:
    frame = pd.DataFrame({"e": pd.Series(ODD[what], dtype=object)})
    report = check(frame_of(REFERENCE), frame)[0]
    assert report.verdict == "handling fault"
    report._repr_html_()
    check(frame, frame_of(REFERENCE))[0]._repr_html_()


def test_reports_show_and_keep_vectors() -> None:
    moved = drawn(2_000, 1)
    moved[:, 0] += 1
    report = check(frame_of(REFERENCE), frame_of(moved))[0]
    assert "standard deviations apart" in repr(report)
    page = report._repr_html_()
    assert "<svg" in page
    assert "vector" in page
    assert SkewReport.from_dict(report.to_dict()).columns == report.columns
