"""Where there is room for few metrics, those come first that say most."""

from nbmlops.registry.leading import leading_first


def test_the_metrics_that_say_most_come_first_and_the_rest_as_recorded() -> None:
    recorded = {"brier": 0.1, "accuracy": 0.9, "ece": 0.2, "roc_auc": 0.8}
    assert list(leading_first(recorded)) == ["roc_auc", "accuracy", "brier", "ece"]
    assert leading_first(recorded) == recorded
