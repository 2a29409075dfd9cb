"""The comparison as a widget: version pickers, the report, gates, and Promote.

The front end is `compare_widget.js`. It draws from the synced state, and asks by custom
messages; `Desk` answers. Each message is acknowledged at once, so that a front end
that hears nothing can tell the user that its kernel is gone.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from nbmlops.notebook.compare_desk import Desk

if TYPE_CHECKING:
    from nbmlops.api import Registry
    from nbmlops.compare.comparison import Comparison

_STILL = (
    "The live comparison (version pickers, gates, Promote) needs a kernel: "
    "run the cell again."
)


class CompareWidget(anywidget.AnyWidget):
    """Two versions side by side, live.

    Parameters
    ----------
    registry
        Where the versions are.
    comparison
        What is shown first.
    asked
        Keywords of `Registry.compare`, kept when other versions are picked.
    twin
        The key of the static report that this closes.
    """

    _esm = Path(__file__).with_suffix(".js")

    alias = traitlets.Unicode().tag(sync=True)
    versions: traitlets.List[Any] = traitlets.List().tag(sync=True)
    baseline = traitlets.Unicode().tag(sync=True)
    challenger = traitlets.Unicode().tag(sync=True)
    holder = traitlets.Unicode().tag(sync=True)
    actor = traitlets.Unicode().tag(sync=True)
    gates: traitlets.List[Any] = traitlets.List(allow_none=True).tag(sync=True)
    against = traitlets.Bool().tag(sync=True)
    body = traitlets.Unicode().tag(sync=True)
    audit = traitlets.Unicode().tag(sync=True)
    error = traitlets.Unicode().tag(sync=True)
    twin = traitlets.Unicode().tag(sync=True)

    def __init__(
        self,
        registry: "Registry",
        comparison: "Comparison",
        *,
        asked: Mapping[str, Any] | None = None,
        twin: str = "",
    ) -> None:
        self._desk = Desk(registry, comparison, asked=asked)
        super().__init__(twin=twin, **self._desk.state)
        self.on_msg(self._receive)

    def __repr__(self) -> str:
        """Say what a host that draws no widgets should show in its place."""
        return _STILL

    def _receive(self, widget: object, content: object, buffers: object) -> None:
        del widget, buffers
        number = content.get("id") if isinstance(content, Mapping) else None
        self.send({"id": number, "heard": True})
        problem = "a fault of ours: its traceback is in the kernel's log"
        try:
            problem = self._desk.answer(content)
        finally:
            if problem:
                self._desk.state["error"] = problem
            self.set_state(self._desk.state)
            self.send({"id": number, "done": True, "ok": not problem})
