"""A small classification problem for notebooks, and two models of it."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier


def flights(rows: int, *, seed: int, shift: float = 0.0) -> pd.DataFrame:
    """Draw flights, late or not."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(rows, 3)), columns=["a", "b", "c"]) + shift
    noise = rng.normal(size=rows)
    frame["late"] = (frame["a"] + frame["b"] + noise > 1).astype(int)
    return frame


def variables() -> dict[str, Any]:
    """Name frames and fitted models as a notebook would."""
    train, test = flights(600, seed=1), flights(300, seed=2)
    X, y = train[["a", "b", "c"]], train["late"]
    return {
        "train": train,
        "test": test,
        "serving": flights(400, seed=3),
        "july": flights(400, seed=4, shift=1.5),
        "model": LogisticRegression().fit(X, y),
        "stump": DecisionTreeClassifier(max_depth=1, random_state=0).fit(X, y),
    }
