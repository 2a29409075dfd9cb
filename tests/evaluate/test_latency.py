"""Single rows are timed in turns, within a budget."""

import time
from typing import Any

from nbmlops.evaluate.latency import single_row_latency


class Slow:
    def __init__(self, seconds: float, log: list[str], name: str) -> None:
        self.seconds, self.log, self.name = seconds, log, name

    def predict(self, row: Any) -> Any:
        self.log.append(self.name)
        time.sleep(self.seconds)
        return row


def test_versions_are_timed_in_turns() -> None:
    log: list[str] = []
    models = [Slow(0.0, log, "a"), Slow(0.002, log, "b")]
    fast, slow = single_row_latency(models, [1, 2], calls=5)
    assert log == ["a", "b"] * 6
    assert fast < slow
    assert slow >= 2.0


def test_a_slow_model_is_asked_once() -> None:
    log: list[str] = []
    (taken,) = single_row_latency([Slow(0.2, log, "a")], [1])
    assert log == ["a"]
    assert taken >= 200.0
