"""The log's own columns are told from the model's by name."""

from nbmlops.skew.log_columns import LOG_COLUMNS, beside_features


def test_only_what_the_model_does_not_read_is_the_logs_own() -> None:
    served = ("hour", "entity", "weight", "colour")
    assert beside_features(served, ()) == ("entity", "weight")
    assert beside_features(served, ("hour", "weight")) == ("entity",)


def test_each_column_is_named_once() -> None:
    assert len(set(LOG_COLUMNS)) == len(LOG_COLUMNS) == 16
