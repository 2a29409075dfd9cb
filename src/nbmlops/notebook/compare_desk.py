"""What the compare widget can be asked, and the state that it shows: no widget in it.

A short list of verbs with checked arguments: `hello`, `compare`, `gates`, `promote`,
`force`. Each leaves the whole state as plain values.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nbmlops.compare.phrases import leading
from nbmlops.compare.view import comparison_html
from nbmlops.errors import GateFailed, NbmlopsError, UsageError
from nbmlops.refs import CHAMPION, parse_ref

if TYPE_CHECKING:
    from nbmlops.api import Registry
    from nbmlops.compare.comparison import Comparison
    from nbmlops.gate.results import GateResult, Promotion

MOST_REASON = 2_000
State = dict[str, Any]


class Desk:
    """A comparison with the decision beside it.

    Parameters
    ----------
    registry
        Where the versions are.
    comparison
        What is shown first.
    asked
        Keywords of `Registry.compare` for the comparisons that follow.
    alias
        What the challenger may become.
    """

    def __init__(
        self,
        registry: "Registry",
        comparison: "Comparison",
        *,
        asked: Mapping[str, Any] | None = None,
        alias: str = CHAMPION,
    ) -> None:
        self._registry = registry
        self._asked = dict(asked or {})
        self._alias = alias
        self._model = parse_ref(comparison.versions[0].ref).name
        self._verbs: Mapping[str, Callable[[Mapping[str, Any]], None]] = {
            "hello": self._hello,
            "compare": self._compare,
            "gates": self._judge,
            "promote": self._promote,
            "force": self._force,
        }
        self.state: State = {"alias": alias, "audit": "", "error": ""}
        self._take(comparison)

    def answer(self, message: object) -> str:
        """Do what a message from the front end asks.

        Parameters
        ----------
        message
            A mapping with a `verb`, and its arguments.

        Returns
        -------
        str
            What went wrong, in the words of the error; "" if nothing did.
        """
        try:
            self.state["error"] = ""
            self._act(message)
        except NbmlopsError as error:
            self.state["error"] = str(error)
        return str(self.state["error"])

    def _act(self, message: object) -> None:
        if not isinstance(message, Mapping):
            raise UsageError("a message is a mapping")
        verb = self._verbs.get(str(message.get("verb")))
        if verb is None:
            raise UsageError(f"there is no request {message.get('verb')!r}")
        verb(message)

    def _hello(self, message: Mapping[str, Any]) -> None:
        """Answer, so that the front end knows that somebody is there."""

    def _compare(self, message: Mapping[str, Any]) -> None:
        baseline = self._ref(message, "baseline")
        challenger = self._ref(message, "challenger")
        if baseline == challenger:
            raise UsageError(
                "a comparison needs two different versions", hint="pick another one"
            )
        self.state["audit"] = ""
        self._take(self._registry.compare(baseline, challenger, **self._asked))

    def _judge(self, message: Mapping[str, Any]) -> None:
        del message
        self._refresh()

    def _promote(self, message: Mapping[str, Any]) -> None:
        self._move(message, force=False)

    def _force(self, message: Mapping[str, Any]) -> None:
        if message.get("confirmed") is not True:
            raise UsageError("overriding the gates was not confirmed")
        if not self._reason(message):
            raise UsageError("overriding the gates needs a reason", hint="say why")
        self._move(message, force=True)

    def _move(self, message: Mapping[str, Any], *, force: bool) -> None:
        """Promote the version that is shown, and no other."""
        ref = self._ref(message, "ref")
        if ref != self.state["challenger"]:
            raise UsageError(
                f"{ref} is not the version that is shown",
                hint="look again, then decide",
            )
        reason = self._reason(message)
        if self.state["against"] and message.get("confirmed") is not True:
            raise UsageError("promoting against the comparison was not confirmed")
        try:
            promotion = self._registry.promote(
                ref, self._alias, reason=reason, force=force
            )
        except NbmlopsError as error:
            self._refresh()  # what was shown was out of date
            if isinstance(error, GateFailed):
                raise GateFailed(error.message, hint=error.hint) from None
            raise
        self.state["audit"] = _audit_line(promotion)
        self._refresh()

    def _ref(self, message: Mapping[str, Any], key: str) -> str:
        """Read a ref that must be one of the versions on offer."""
        ref = message.get(key)
        if ref not in [version["ref"] for version in self.state["versions"]]:
            raise UsageError(f"{key}: {ref!r} is no version of {self._model}")
        return str(ref)

    def _reason(self, message: Mapping[str, Any]) -> str:
        reason = message.get("reason", "")
        if not isinstance(reason, str) or len(reason) > MOST_REASON:
            raise UsageError(
                f"a reason is a text of at most {MOST_REASON:,} characters"
            )
        return reason.strip()

    def _take(self, comparison: "Comparison") -> None:
        """Show another comparison: its first version is the baseline."""
        self._comparison = comparison
        baseline, challenger, *_ = (side.ref for side in comparison.versions)
        lead = leading(comparison)
        self.state["baseline"] = baseline
        self.state["challenger"] = lead.challenger if lead else challenger
        self.state["against"] = lead is not None and lead.verdict == "worse"
        self._refresh()

    def _refresh(self) -> None:
        """Read which version holds which alias, judge the gates, draw."""
        found = self._registry.versions(self._model)
        aliases = {version.ref: version.aliases for version in found}
        challenger = self.state["challenger"]
        self.state["versions"] = [
            {
                "ref": version.ref,
                "aliases": list(version.aliases),
                "what": version.estimator,
            }
            for version in found
        ]
        holders = [ref for ref, names in aliases.items() if self._alias in names]
        self.state["holder"] = holders[0] if holders else ""
        self.state["actor"] = self._registry.actor
        gates: tuple[GateResult, ...] | None = None
        try:
            gates = self._registry.gates(challenger, self._alias)
        except NbmlopsError as error:
            self.state["error"] = str(error)
        self.state["gates"] = (
            None if gates is None else [result.to_dict() for result in gates]
        )
        sides = tuple(
            replace(side, aliases=tuple(aliases.get(side.ref, ())))
            for side in self._comparison.versions
        )
        self.state["body"] = str(
            comparison_html(
                replace(self._comparison, versions=sides),
                gates=gates,
                candidate=challenger,
                alias=self._alias,
            )
        )


def _audit_line(promotion: "Promotion") -> str:
    event = promotion.event
    how = ", past failing gates" if promotion.is_forced else ""
    return (
        f"{promotion.ref} is {promotion.alias}{how}. "
        f"Event {event.seq} ({event.hash[:10]}) by {event.actor}."
    )
