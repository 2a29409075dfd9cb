"""Frames whose columns differ together only."""

import numpy as np
import pandas as pd

from nbmlops.frames.opening import open_frame
from nbmlops.skew.joint.classifier import Side
from nbmlops.skew.joint.features import Feature, features_of, matrix
from nbmlops.skew.joint.sample import sample_rows


def quiet(seed: int, rows: int) -> pd.DataFrame:
    """Six columns of four kinds, some of them dependent."""
    r = np.random.default_rng(seed)
    size = r.lognormal(0, 1, rows)
    return pd.DataFrame(
        {
            "size": size,
            "cost": size * r.lognormal(0, 0.5, rows),
            "hour": r.integers(0, 24, rows),
            "carrier": r.choice(["UA", "AA", "DL"], rows),
            "night": r.random(rows) < 0.3,
            "left": pd.Timestamp("2024-01-01")
            + pd.to_timedelta(r.integers(0, 86_400 * 90, rows), unit="s"),
        }
    )


def broken(frame: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Break the dependence of size and cost; each alone stays as it is."""
    r = np.random.default_rng(seed)
    return frame.assign(cost=r.permutation(frame["cost"].to_numpy()))


def exchanged(frame: pd.DataFrame) -> pd.DataFrame:
    """Let UA fly late: it changes hours with the others, and no column moves alone."""
    hours, carriers = frame["hour"].to_numpy().copy(), frame["carrier"].to_numpy()
    early = np.flatnonzero((carriers == "UA") & (hours < 12))
    late = np.flatnonzero((carriers != "UA") & (hours >= 12))
    count = min(len(early), len(late))
    a, b = early[:count], late[:count]
    hours[a], hours[b] = hours[b].copy(), hours[a].copy()
    return frame.assign(hour=hours)


def sides_of(
    *frames: pd.DataFrame,
) -> tuple[tuple[Side, Side], tuple[Feature, ...]]:
    """Make matrices of both frames as a check does."""
    sources = [open_frame(frame) for frame in frames]
    kinds = list(sources[0].kinds.items())
    names = [name for name, _ in kinds]
    samples = [sample_rows(s, names, side=at) for at, s in enumerate(sources)]
    features = features_of([s.table for s in samples], kinds)
    first, second = (
        Side(values=matrix(s.table, features), weights=s.weights) for s in samples
    )
    return (first, second), features
