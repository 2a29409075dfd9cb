"""`nbmlops VERB ...`: the table of verbs in a terminal, with files for variables.

Exit status: 0 fine, 1 a check or gate does not hold, 2 misuse or could not be done,
3 a fault of ours (with its traceback).
"""

import json
import math
import shlex
import shutil
import sys
import traceback
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nbmlops.errors import GateFailed, NbmlopsError, UsageError
from nbmlops.host import WIDTH, used_from
from nbmlops.registry import context
from nbmlops.registry.secrets import without_secrets
from nbmlops.verbs.names import Names
from nbmlops.verbs.parsing import Parsed
from nbmlops.verbs.session import Outcome, Session

FINE, DOES_NOT_HOLD, MISUSE, OUR_FAULT, INTERRUPTED = 0, 1, 2, 3, 130
MOST_ROWS = 40
NARROWEST, WIDEST = 60, 160


def main(words: Sequence[str] | None = None) -> int:
    """Run one line of the command.

    Parameters
    ----------
    words
        The verb and its arguments; None takes those of the process.

    Returns
    -------
    int
        The exit status.
    """
    given = list(sys.argv[1:] if words is None else words)
    if given in (["--version"], ["-V"]):
        from importlib.metadata import version

        print(f"nbmlops {version('nbmlops')}")
        return FINE
    try:
        with used_from("cli", width=_width()), warnings.catch_warnings():
            warnings.showwarning = _tell
            return _run(given)
    except GateFailed as failed:
        print(failed, file=sys.stderr)
        return DOES_NOT_HOLD
    except NbmlopsError as error:
        print(f"nbmlops: {error}", file=sys.stderr)
        return MISUSE
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has gone: say nothing more
        return FINE
    except Exception:
        # Not the user's to mend, so all of it is shown.
        traceback.print_exc()
        return OUR_FAULT


def _tell(message: Warning | str, *where: object, **others: object) -> None:
    """Show a warning as we show an error: the line of code behind it is no help."""
    print(f"nbmlops: warning: {message}", file=sys.stderr)


def _run(words: list[str]) -> int:
    session = Session(Names(), "cli", own={"demo": _demo})
    command = without_secrets(shlex.join(["nbmlops", *words]))
    context.set_notebook(lambda: {"command": command})
    try:
        outcome = session.run(words)
    finally:
        context.set_notebook(None)
    if outcome.text:
        print(outcome.text)
        return FINE
    if outcome.made:
        print(f"made the registry {outcome.made}", file=sys.stderr)
    if outcome.verb is not None and not outcome.verb.method:
        return int(outcome.result)
    page = outcome.written.get("html")
    if page:
        _write_page(Path(page), outcome)
    if "json" in outcome.written:
        print(as_json(outcome.result))
    elif outcome.result is not None:
        print(as_text(outcome.result))
    for file in filter(None, [outcome.saved, page]):
        print(f"written: {file}", file=sys.stderr)
    return DOES_NOT_HOLD if outcome.has_failed else FINE


def _demo(parsed: Parsed) -> int:
    from nbmlops.demo import run_demo

    folder = Path(parsed.written.get("dir", "nbmlops-demo"))
    return run_demo(folder, opens_lab="lab" in parsed.written)


def as_text(result: Any) -> str:
    """Write a result for a terminal.

    Parameters
    ----------
    result
        What a verb returned.

    Returns
    -------
    str
        Its own text; a long frame is cut in the middle. Text and paths without
        Python's quotes: they are handed on, to a file or another command.
    """
    if isinstance(result, str | Path):
        return str(result)
    if hasattr(result, "to_string"):
        return str(result.to_string(max_rows=MOST_ROWS))
    return repr(result)


def _width() -> int:
    """Fit a terminal; what is written to a file or a pipe has one width."""
    if not sys.stdout.isatty():
        return WIDTH
    return max(NARROWEST, min(WIDEST, shutil.get_terminal_size().columns))


def as_json(result: Any) -> str:
    """Write a result as JSON, for other programs.

    Parameters
    ----------
    result
        What a verb returned.

    Returns
    -------
    str
        Valid JSON: what is not a number there becomes null.

    Raises
    ------
    UsageError
        If the result has no such form.
    """
    if hasattr(result, "to_string"):
        plain: Any = result.to_dict("records")
    elif hasattr(result, "to_dict"):
        plain = result.to_dict()
    else:
        raise UsageError("this result has no JSON form", hint="leave out --json")
    return json.dumps(_plain(plain), indent=2, default=str, allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _write_page(path: Path, outcome: Outcome) -> None:
    from nbmlops.display.markup import Markup
    from nbmlops.display.saving import save_text
    from nbmlops.display.theme import page

    render = getattr(outcome.result, "_repr_html_", None)
    if render is None:
        raise UsageError("this result has no page", hint="leave out --html")
    title = f"nbmlops {outcome.verb.name}" if outcome.verb else "nbmlops"
    save_text(path, page(Markup(render()), title))
