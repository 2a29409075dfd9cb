"""How gates are shown beside a comparison: may this version be promoted, and why."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from nbmlops.compare import phrases
from nbmlops.display.markup import Markup, classes, join, tag
from nbmlops.display.table import Status, code, hidden, status, words


class GateLike(Protocol):
    """What is read of a gate's result."""

    @property
    def name(self) -> str:
        """What is asked for."""

    @property
    def passed(self) -> bool | None:
        """Whether it holds; None where it does not apply."""

    @property
    def detail(self) -> str:
        """The figures, in words."""

    @property
    def policy(self) -> str:
        """The file that asks for it; "" for the gates that always hold."""


def decision(
    gates: Sequence[GateLike], candidate: str, *, alias: str = "champion"
) -> Markup:
    """Show whether the gates let a version be promoted: each gate, what failed first.

    It says what is allowed, and recommends nothing: the gates know less than the
    comparison beside it.

    Parameters
    ----------
    gates
        The results, each with name, passed (None: not applicable) and detail.
    candidate
        The ref that would be promoted.
    alias
        What it would become.

    Returns
    -------
    Markup
        A panel to be put into `scoped`.
    """
    may, why = phrases.gates_sentence(gates)
    kinds: Mapping[bool | None, Status] = {False: "fail", None: "skip", True: "pass"}
    order = [False, None, True]
    rows = [
        tag(
            "tr",
            tag("td", status(kinds[gate.passed]), class_=classes("nowrap")),
            tag(
                "td",
                tag("b" if gate.passed is False else "span", words(gate.name, most=80)),
                " ",
                tag("span", words(gate.detail, most=300), class_=classes("mute")),
            ),
        )
        for gate in sorted(gates, key=lambda gate: order.index(gate.passed))[:40]
    ]
    answer = (
        join(tag("b", "Gates allow it:"), " ", _passing(gates))
        if may
        else join(tag("b", "Not yet.", class_=classes("tone", "bad")), " ", why)
    )
    return tag(
        "div",
        tag("h3", f"Make {phrases.name_of(candidate)} {alias}?"),
        tag("p", answer),
        tag("table", tag("caption", hidden("Gates")), tag("tbody", rows))
        if rows
        else None,
        tag("p", _asked_by(gates), " ", _way_on(may), class_=classes("note")),
        class_=classes("panel"),
    )


def _passing(gates: Sequence[GateLike]) -> str:
    """Count what passes of what was judged, where nothing fails."""
    judged = sum(gate.passed is not None for gate in gates)
    return f"{judged} of {judged} pass." if judged else "none applies."


def _asked_by(gates: Sequence[GateLike]) -> str:
    files = ", ".join(sorted({gate.policy for gate in gates if gate.policy}))
    return f"Asked for by {files}." if files else "Only the integrity gates apply."


def _way_on(may: bool) -> Markup:
    if may:
        return join(
            "Promote it with ", code("promote"), ": the gates are judged again then."
        )
    return join(
        code("promote"), " refuses while a gate fails. To override: ",
        code("force=True"),
        " and a reason, which is an event of its own.",
    )  # fmt: skip
