"""A small world of flights that is made, not read: fast, and known in every part."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

NUMBERS = ["distance", "hour", "age"]
FEATURES = ["carrier", *NUMBERS]


def flights(rows: int, seed: int) -> pd.DataFrame:
    """Make flights: late ones are far, in the evening, and of one carrier."""
    rng = np.random.default_rng(seed)
    distance = rng.choice([229, 502, 733, 1089, 1400, 2475], rows)
    hour = rng.integers(5, 24, rows)
    carrier = rng.choice(["AA", "B6", "EV", "UA"], rows, p=[0.2, 0.3, 0.1, 0.4])
    age = np.where(rng.random(rows) < 0.15, np.nan, rng.integers(1, 30, rows))
    push = 0.15 * (hour - 14) + 0.8 * (carrier == "EV") + 0.0003 * (distance - 1000)
    late = rng.random(rows) < 1 / (1 + np.exp(-push + 0.8))
    day = rng.integers(1, 21, rows)
    frame = {"carrier": carrier, "distance": distance, "hour": hour, "age": age}
    return pd.DataFrame({**frame, "late": late, "day": day})


def pipeline(**parameters: Any) -> Pipeline:
    """Build the pipeline that the tests register."""
    columns = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), ["carrier"]),
        (make_pipeline(SimpleImputer(), StandardScaler()), NUMBERS),
    )
    return make_pipeline(columns, LogisticRegression(**parameters))
