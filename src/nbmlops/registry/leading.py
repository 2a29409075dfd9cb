"""Which metrics are shown where there is room for one or two only."""

from collections.abc import Mapping

_LEADING = ("roc_auc", "log_loss", "accuracy", "rmse", "r2")


def leading_first(metrics: Mapping[str, float]) -> dict[str, float]:
    """Put the metrics that say most of a model first; events keep them by name."""
    names = [name for name in _LEADING if name in metrics]
    return {name: metrics[name] for name in dict.fromkeys([*names, *metrics])}
