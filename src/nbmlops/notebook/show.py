"""How comparisons and histories are shown in a notebook: a static twin, then a widget.

The report is an output of its own, inside a `<details>` whose summary is the headline,
because a widget is lost in exported and reopened notebooks; the widget closes it where
it can reach it. In a terminal they print as text.
"""

import hashlib
from typing import TYPE_CHECKING, Any

from IPython.display import display

from nbmlops.errors import NbmlopsError

if TYPE_CHECKING:
    from nbmlops.api import Registry
    from nbmlops.compare.comparison import Comparison
    from nbmlops.lifecycle.browse import History
    from nbmlops.notebook.magics import Mlops

_COMPARISON = "nbmlops.compare.comparison.Comparison"
_HISTORY = "nbmlops.lifecycle.browse.History"


class Show:
    """The shell's way to show comparisons and histories.

    Parameters
    ----------
    shell
        The IPython shell.
    mlops
        Its magics: they know on which registry the last line ran.
    """

    def __init__(self, shell: Any, mlops: "Mlops") -> None:
        self._shell = shell
        self._mlops = mlops

    def add(self) -> None:
        """Show comparisons this way from now on; nothing is imported for it."""
        self._formatter.for_type(_COMPARISON, self._comparison)
        self._formatter.for_type(_HISTORY, self._history)

    def remove(self) -> None:
        """Show them as they show themselves."""
        for name in (_COMPARISON, _HISTORY):
            self._formatter.pop(name, None)

    @property
    def _formatter(self) -> Any:
        return self._shell.display_formatter.ipython_display_formatter

    def _history(self, history: "History") -> None:
        if getattr(self._shell, "kernel", None) is None or not history:
            raise NotImplementedError  # IPython asks the next formatter
        from nbmlops.notebook.timeline_widget import TimelineWidget

        key = self._key(f"history {history.name}")
        display(twin(history, key), raw=True)
        display(TimelineWidget(history, twin=key))

    def _comparison(self, comparison: "Comparison") -> None:
        if getattr(self._shell, "kernel", None) is None:
            raise NotImplementedError
        registry = self._registry_of(comparison)
        if registry is None:
            raise NotImplementedError
        from nbmlops.notebook.compare_widget import CompareWidget

        key = self._key(" ".join(side.ref for side in comparison.versions))
        asked = self._asked(comparison)
        try:
            widget = CompareWidget(registry, comparison, asked=asked, twin=key)
        except NbmlopsError:
            raise NotImplementedError from None  # shown still rather than not at all
        display(twin(comparison, key), raw=True)
        display(widget)

    def _registry_of(self, comparison: "Comparison") -> "Registry | None":
        """Find the registry that a comparison came from, if that is certain."""
        origin = self._mlops.origin(comparison)
        if origin is not None:
            return origin.registry
        try:
            registry = self._mlops.session.registry()
            found = [registry.get(side.ref) for side in comparison.versions]
        except NbmlopsError:
            return None
        made = [version.created_at.isoformat() for version in found]
        theirs = [side.created_at for side in comparison.versions]
        return registry if made == theirs else None

    def _key(self, what: str) -> str:
        """Name the pair: the same when the notebook is run again, as nbval compares."""
        count = self._mlops.provenance.execution_count
        return hashlib.sha256(f"{count} {what}".encode()).hexdigest()[:8]

    def _asked(self, comparison: "Comparison") -> dict[str, Any]:
        """Return the keywords that the comparison was made with, for the next one."""
        origin = self._mlops.origin(comparison)
        if origin is None or origin.call is None:
            return {}
        return {key: given.read() for key, given in origin.call.keywords.items()}


def twin(shown: "Comparison | History", key: str) -> dict[str, str]:
    """Fold the static report under its headline, open: what needs no kernel.

    Parameters
    ----------
    shown
        A comparison or a history.
    key
        By which the widget finds it.

    Returns
    -------
    dict
        An output of its own, by MIME type.
    """
    from nbmlops.display.markup import Markup
    from nbmlops.display.theme import folded

    report = Markup(shown._repr_html_())
    html = folded(shown.headline, report, key=key)
    return {"text/plain": repr(shown), "text/html": html}
