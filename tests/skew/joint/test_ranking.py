"""AUC with weights, and its error."""

import numpy as np
from sklearn.metrics import roc_auc_score

from nbmlops.skew.joint.ranking import ranked


def test_the_auc_is_scikit_learns_with_ties_and_weights() -> None:
    r = np.random.default_rng(0)
    a, b = np.round(r.normal(size=70), 1), np.round(r.normal(0.5, 1, 50), 1)
    u, v = r.random(70) + 0.1, r.random(50) + 0.1
    labels, scores = np.repeat([0, 1], [70, 50]), np.concatenate([a, b])
    weights = np.concatenate([u, v])
    expected = roc_auc_score(labels, scores, sample_weight=weights)
    assert np.isclose(ranked(a, b, (u, v)).auc, expected)


def test_the_error_is_the_spread_over_samples() -> None:
    r = np.random.default_rng(1)
    found = []
    for _ in range(400):
        a, b = r.normal(size=80), r.normal(0.7, 1.5, 60)
        weights = r.choice([1.0, 4.0], 80, p=[0.7, 0.3]), np.ones(60)
        found.append(ranked(a, b, weights))
    spread = np.std([one.auc for one in found])
    assert abs(np.mean([one.error for one in found]) / spread - 1) < 0.1
