"""Curves are those of scikit-learn, thinned; flips count who is right."""

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sk

from nbmlops.compare.curves import curves, flips
from nbmlops.compare.paired import Rows


def versions(n: int = 5000) -> list[Rows]:
    rng = np.random.default_rng(0)
    signal = rng.normal(size=n)
    target = (signal + rng.normal(size=n) > 0.7).astype(int)
    out = []
    for noise in (0.4, 1.0):
        late = np.round(1 / (1 + np.exp(-(signal + noise * rng.normal(size=n)))), 3)
        out.append(
            Rows(
                target=target,
                prediction=(late > 0.5).astype(int),
                probability=np.column_stack([1 - late, late]),
                decision=None,
                weight=rng.gamma(2.0, 1.0, n),
                classes=(0, 1),
            )
        )
    return out


def test_points_hold_the_areas() -> None:
    rows = versions()[0]
    assert rows.probability is not None
    score = rows.probability[:, 1]
    (found,) = curves({"m/1": rows})
    for points in (found.roc, found.precision_recall):
        assert 20 < len(points) <= 100
        x = [point[0] for point in points]
        assert x == sorted(x)
    assert (found.roc[0], found.roc[-1]) == ((0.0, 0.0), (1.0, 1.0))
    x, y = np.array(found.roc).T
    area = sk.roc_auc_score(rows.target, score, sample_weight=rows.weight)
    assert np.trapezoid(y, x) == pytest.approx(area, abs=0.003)
    precision, recall, _ = sk.precision_recall_curve(
        rows.target, score, sample_weight=rows.weight
    )
    known = np.column_stack([recall, precision])
    for point in found.precision_recall:
        assert np.abs(known - point).max(axis=1).min() < 1e-4


def test_calibration_and_scores_account_for_every_row() -> None:
    rows = versions()[0]
    (found,) = curves({"m/1": rows})
    assert sum(point.rows for point in found.calibration) == 5000
    assert len(found.calibration) == 10
    predicted = [point.predicted for point in found.calibration]
    assert predicted == sorted(predicted)
    assert sum(b.positives for b in found.scores) == pytest.approx(1.0)
    assert sum(b.negatives for b in found.scores) == pytest.approx(1.0)
    assert rows.probability is not None
    assert rows.weight is not None
    positive = rows.target == 1
    top = rows.probability[:, 1] >= 0.95
    share = rows.weight[positive & top].sum() / rows.weight[positive].sum()
    assert found.scores[-1].low == 0.95
    assert found.scores[-1].positives == pytest.approx(share)


def test_without_scores_or_with_one_class_there_is_nothing_to_draw() -> None:
    first, second = versions()
    bare = Rows(
        target=first.target,
        prediction=first.prediction,
        probability=None,
        decision=None,
        weight=None,
        classes=(0, 1),
    )
    assert [one.ref for one in curves({"m/1": bare, "m/2": second})] == ["m/2"]
    negatives = first.take(np.flatnonzero(first.target == 0))
    assert curves({"m/1": negatives}) == ()
    ranked = Rows(
        target=first.target,
        prediction=first.prediction,
        probability=None,
        decision=np.linspace(-3, 3, 5000),
        weight=None,
        classes=(0, 1),
    )
    (found,) = curves({"m/1": ranked})
    assert (found.calibration, found.scores) == ((), ())
    assert len(found.roc) > 20


def test_flips_are_counted_like_a_cross_table() -> None:
    first, second = versions()
    found = flips(("m/1", first), ("m/2", second), ("no", "yes"))
    before = np.array(["no", "yes"])[first.prediction]
    after = np.array(["no", "yes"])[second.prediction]
    table = pd.crosstab(before, after)
    assert found.rows == 5000
    assert found.disagree == (before != after).sum()
    counts = {(p.baseline_prediction, p.challenger_prediction): p for p in found.pairs}
    assert set(counts) == {("no", "yes"), ("yes", "no")}
    for (a, b), one in counts.items():
        assert one.rows == table.loc[a, b]
        rows = (before == a) & (after == b)
        assert one.baseline_right == (first.target == first.prediction)[rows].sum()
        assert one.challenger_right == (first.target == second.prediction)[rows].sum()
    assert found.baseline_right + found.challenger_right == found.disagree
    assert [p.rows for p in found.pairs] == sorted(
        (p.rows for p in found.pairs), reverse=True
    )


def test_versions_that_agree_have_no_flips() -> None:
    first, _ = versions()
    found = flips(("m/1", first), ("m/2", first), ("no", "yes"))
    assert (found.disagree, found.pairs) == (0, ())
