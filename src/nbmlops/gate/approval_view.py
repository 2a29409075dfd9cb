"""How a request for approval is shown, as text and as HTML."""

from nbmlops.display.markup import Child, Markup, tag
from nbmlops.display.numbers import moment
from nbmlops.display.table import table, unbroken, words
from nbmlops.display.text import shorten, text_table
from nbmlops.display.theme import scoped
from nbmlops.gate.approval_state import Approval, ApprovalRequest

_DONE = {"approve": "approved", "reject": "rejected"}
_MOST = 240


def request_text(request: ApprovalRequest) -> str:
    """Show a request in a terminal."""
    lines = [f"{request.ref} for {request.alias}: {shorten(request.detail, _MOST)}"]
    lines.append(f"  {shorten(_asked(request), _MOST)}")
    if request.answers:
        rows = [
            [moment(a.happened_at), _DONE[a.verb], a.by, _lapsed(a), a.reason]
            for a in request.answers
        ]
        headers = ["when (UTC)", "what", "by", "still counts", "why"]
        lines.append(text_table(headers, rows, indent=2, running=4))
    return "\n".join(lines)


def request_html(request: ApprovalRequest) -> Markup:
    """Show a request in a notebook."""
    rows: list[list[Child]] = [
        [unbroken(moment(a.happened_at)), _DONE[a.verb], a.by, _lapsed(a), a.reason]
        for a in request.answers
    ]
    headers = ["When (UTC)", "What", "By", "Still counts", "Why"]
    return scoped(
        tag("h2", f"{request.ref} for {request.alias}: {request.state}"),
        tag("p", words(request.detail, most=_MOST)),
        tag("p", words(_asked(request), most=_MOST)),
        table(headers, rows) if rows else None,
    )


def _lapsed(answer: Approval) -> str:
    if answer.verb == "reject":
        return ""
    return f"no: {answer.lapsed} since" if answer.lapsed else "yes"


def _asked(request: ApprovalRequest) -> str:
    why = f": {request.reason}" if request.reason else ""
    ends = f", until {moment(request.expires_at)}" if request.expires_at else ""
    asked = f"requested {moment(request.requested_at)} UTC by {request.by}"
    return f"{asked}{ends} (event {request.event}){why}"
