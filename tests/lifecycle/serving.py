"""Serving logs as an endpoint would write them."""

from typing import Any

import numpy as np
import pandas as pd

from tests.flights import FEATURES, flights


def log_of(model: Any, rows: int = 2_000, seed: int = 3) -> pd.DataFrame:
    """Make the log of a model that answers flights for ten days; labels in `late`."""
    frame = flights(rows, seed)
    at = pd.Timestamp("2026-07-01", tz="UTC") + pd.to_timedelta(
        np.arange(rows) * (10 * 86_400 / rows), unit="s"
    )
    return frame[[*FEATURES, "late"]].assign(
        request_id=[f"r{number}" for number in range(rows)],
        requested_at=at,
        entity=np.arange(rows) % (rows // 4),
        prediction=model.predict(frame[FEATURES]),
        probability=model.predict_proba(frame[FEATURES])[:, 1],
    )


def unlabelled(model: Any, rows: int = 2_000, seed: int = 3) -> pd.DataFrame:
    """Make the same log before any label has come."""
    return log_of(model, rows, seed).drop(columns="late")
