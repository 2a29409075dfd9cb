"""Two-sample statistics against scipy.stats and published values."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from nbmlops.skew import statistics
from nbmlops.skew.statistics import Floats

counts = st.lists(st.integers(0, 300), min_size=2, max_size=12).map(
    lambda values: np.array(values, dtype=np.float64)
)


@st.composite
def tables(draw: st.DrawFn) -> tuple[Floats, Floats]:
    a = draw(counts)
    b = np.array(
        draw(st.lists(st.integers(0, 300), min_size=len(a), max_size=len(a))), float
    )
    return a, b


def test_homogeneity_and_g2_are_those_of_scipy() -> None:
    rng = np.random.default_rng(1)
    for _ in range(20):
        a, b = rng.integers(1, 90, (2, 7)).astype(float)
        table = np.vstack([a, b])
        x2, df = statistics.homogeneity(a, b)
        expected = stats.chi2_contingency(table, correction=False)
        assert x2 == pytest.approx(expected.statistic)
        assert df == expected.dof
        assert statistics.chi2_tail(x2, df) == pytest.approx(expected.pvalue)
        g2 = stats.chi2_contingency(table, correction=False, lambda_="log-likelihood")
        assert statistics.likelihood_ratio(a, b) == pytest.approx(g2.statistic)


def test_homogeneity_leaves_empty_cells_out() -> None:
    a, b = np.array([10.0, 0, 20]), np.array([12.0, 0, 9])
    assert statistics.homogeneity(a, b)[1] == 1
    assert statistics.homogeneity(a, np.zeros(3)) == (0.0, 0)


@pytest.mark.parametrize("df", [1, 9, 40])
@pytest.mark.parametrize("noncentrality", [0.0, 3.0, 55.0, 2770.0])
def test_noncentral_tail_is_that_of_scipy(df: int, noncentrality: float) -> None:
    for value in np.linspace(0.5, 1.5, 7) * (df + noncentrality):
        expected = stats.ncx2.sf(value, df, noncentrality) if noncentrality else None
        if expected is None:
            expected = stats.chi2.sf(value, df)
        tail = statistics.noncentral_tail(value, df, noncentrality)
        assert tail == pytest.approx(expected, abs=1e-9)


def test_divergence_of_known_distributions() -> None:
    # Disjoint: 1 bit. (1/2, 1/2) against (1, 0): 3/4 log2(4/3) is 0.3113 (Lin 1991).
    assert statistics.divergence(np.array([5.0, 0]), np.array([0, 9.0])) == 1.0
    half = statistics.divergence(np.array([1.0, 1]), np.array([1.0, 0]))
    assert half == pytest.approx(0.75 * np.log2(4 / 3))


def test_distance_is_free_of_small_sample_noise() -> None:
    rng = np.random.default_rng(2)
    shares = np.full(50, 1 / 50)
    found, raw = [], []
    for _ in range(200):
        a, b = rng.multinomial(1000, shares, size=2).astype(float)
        found.append(statistics.distance(a, b) ** 2)
        raw.append(statistics.divergence(a, b))
    # E[JSD] = 49 / (8 ln2 500) without any drift, which is taken off.
    assert np.mean(raw) == pytest.approx(49 / (8 * np.log(2) * 500), rel=0.05)
    assert np.mean(found) < 0.1 * np.mean(raw)


@pytest.mark.parametrize("shift", [0.1, 0.3, 0.8])
@pytest.mark.parametrize("sizes", [(2000, 2000), (100_000, 2000)])
def test_distance_interval_covers(shift: float, sizes: tuple[int, int]) -> None:
    edges = stats.norm.ppf(np.linspace(0, 1, 11))
    p = np.diff(stats.norm.cdf(edges))
    q = np.diff(stats.norm.cdf(edges, loc=shift))
    true = np.sqrt(statistics.divergence(p, q))
    rng = np.random.default_rng(3)
    hits = 0
    for _ in range(300):
        a = rng.multinomial(sizes[0], p).astype(float)
        b = rng.multinomial(sizes[1], q).astype(float)
        low, high = statistics.distance_interval(a, b)
        hits += low <= true <= high
    assert hits / 300 >= 0.95 - 3 * np.sqrt(0.05 * 0.95 / 300)


def test_tolerance_is_hardly_ever_exceeded_at_its_edge() -> None:
    edges = stats.norm.ppf(np.linspace(0, 1, 13))
    p = np.diff(stats.norm.cdf(edges))
    q = np.diff(stats.norm.cdf(edges, loc=0.25))
    edge = float(np.sqrt(statistics.divergence(p, q)))
    rng = np.random.default_rng(4)
    found = 0
    for _ in range(400):
        a, b = (rng.multinomial(3000, s).astype(float) for s in (p, q))
        found += statistics.tolerance_tail(a, b, edge) <= 0.05
    assert found / 400 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 400)


def test_detectable_distance_is_found_four_times_in_five() -> None:
    df, size, alpha = 9, 2500.0, 0.01
    least = statistics.detectable_distance(size, df, alpha)
    noncentrality = 8 * np.log(2) * size * least**2
    power = stats.ncx2.sf(stats.chi2.isf(alpha, df), df, noncentrality)
    assert power == pytest.approx(0.8, abs=1e-6)
    assert statistics.detectable_distance(0.0, df, alpha) == 1.0


def test_kolmogorov_tail_is_that_of_scipy() -> None:
    for gap in (0.01, 0.05, 0.1):
        expected = stats.kstwobign.sf(np.sqrt(500) * gap)
        assert statistics.kolmogorov_tail(gap, 500) == pytest.approx(expected)


def test_largest_gap_on_unbinned_values_is_that_of_scipy() -> None:
    rng = np.random.default_rng(5)
    x, y = rng.normal(size=80), rng.normal(0.4, 1, size=60)
    cells = np.unique(np.concatenate([x, y]))
    a = np.isin(cells, x).astype(float)
    b = np.isin(cells, y).astype(float)
    gap = statistics.largest_gap(a, b)
    assert gap == pytest.approx(stats.ks_2samp(x, y).statistic)


def test_single_cells_are_twice_the_smaller_binomial_tail() -> None:
    a, b = np.array([30.0, 0, 5, 365]), np.array([40.0, 9, 0, 351])
    for k, p in enumerate(statistics.single_cells(a, b)):
        n = int(a[k] + b[k])
        tails = [
            stats.binomtest(int(b[k]), n, 0.5, alternative=way).pvalue
            for way in ("less", "greater")
        ]
        assert p == pytest.approx(min(1.0, 2 * min(tails)))


def test_false_discovery_is_that_of_scipy() -> None:
    p = np.array([0.2, 0.001, 0.03, 0.9, 0.012, 0.001])
    expected = stats.false_discovery_control(p)
    assert statistics.false_discovery(p) == pytest.approx(expected)
    assert len(statistics.false_discovery(np.zeros(0))) == 0


@settings(deadline=None)
@given(tables())
def test_statistics_are_symmetric_and_bounded(table: tuple[Floats, Floats]) -> None:
    a, b = table
    assert statistics.divergence(a, b) == pytest.approx(statistics.divergence(b, a))
    assert statistics.homogeneity(a, b) == pytest.approx(statistics.homogeneity(b, a))
    assert 0 <= statistics.distance(a, b) <= 1
    low, high = statistics.distance_interval(a, b)
    assert 0 <= low <= high <= 1
    assert 0 <= statistics.tolerance_tail(a, b, 0.1) <= 1
    singles = statistics.single_cells(a, b)
    assert ((singles >= 0) & (singles <= 1)).all()
    assert 0 <= statistics.largest_gap(a, b) <= 1


@settings(deadline=None)
@given(counts)
def test_a_side_has_no_distance_from_itself(a: Floats) -> None:
    assert statistics.divergence(a, a) == pytest.approx(0, abs=1e-12)
    assert statistics.distance(a, a) == 0
    assert statistics.homogeneity(a, a)[0] == pytest.approx(0)
    assert statistics.largest_gap(a, a) == 0


@given(st.lists(st.floats(0, 1), max_size=20))
def test_false_discovery_never_lowers_a_p_value(values: list[float]) -> None:
    p = np.array(values, dtype=float)
    adjusted = statistics.false_discovery(p)
    assert (adjusted >= p - 1e-12).all()
    assert (adjusted <= 1).all()
    back = statistics.false_discovery(p[::-1])[::-1]
    assert adjusted == pytest.approx(back)
