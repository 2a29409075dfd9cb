"""The one part of a repair that scikit-learn and numpy do not have.

`registry/models/reviewed.py` lists it by name: an artifact that holds it loads where
nbmlops is installed, whoever wrote it. So nothing in its state may name code to run:
steps are looked up in tables of our own.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import validate_data

from nbmlops.skew.repair.doing import done
from nbmlops.skew.repair.steps import read_step


class Rewrite(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]  # sklearn is untyped
    """Rewrite one column: labels, spellings, nulls as text, times, types.

    Parameters
    ----------
    steps
        As `step_dict` gives them, in order; of one column.
    """

    def __init__(self, steps: Sequence[Mapping[str, Any]]) -> None:
        self.steps = steps

    def fit(self, X: Any, y: Any = None) -> "Rewrite":
        """Note the column's name: there is nothing to learn.

        Parameters
        ----------
        X
            A pandas or polars frame of one column.
        y
            Not used.

        Returns
        -------
        Rewrite
            Itself.
        """
        validate_data(self, X, skip_check_array=True)
        return self

    def transform(self, X: Any) -> pd.DataFrame:
        """Do the steps.

        Parameters
        ----------
        X
            A pandas or polars frame of one column.

        Returns
        -------
        pandas.DataFrame
            The column done; the frame given is left alone.
        """
        validate_data(self, X, reset=False, skip_check_array=True)
        frame = X if isinstance(X, pd.DataFrame) else X.to_pandas()
        (name,) = frame.columns
        column = frame[name]
        for step in self.steps:
            column = done(read_step(step), column)
        return column.to_frame()
