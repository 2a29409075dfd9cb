"""A registry that only writes down how its methods were called."""

from typing import Any

from nbmlops.api import Registry


class Recorder:
    """Stands in for `Registry`: any method of it, and no other name."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []

    def __getattr__(self, method: str) -> Any:
        getattr(Registry, method)

        def call(*arguments: Any, **keywords: Any) -> Any:
            self.calls.append((method, arguments, keywords))
            return {"event": "the events"} if method == "catalog" else None

        return call
