"""The reference page of verbs, `docs/verbs.md`, made from the table.

`python -m nbmlops.verbs.reference docs/verbs.md` writes it; a test compares.
"""

import sys
from pathlib import Path
from typing import get_args

from nbmlops.host import Host
from nbmlops.verbs.help import help_text
from nbmlops.verbs.table import VERBS
from nbmlops.verbs.verb import COMMON, Group, Verb

FENCE = "```"
HEAD = """# The verbs

Made from the table in `src/nbmlops/verbs/` by `python -m nbmlops.verbs.reference
docs/verbs.md`: change it there.

In a notebook, after `%load_ext nbmlops`, a verb is a line: `%mlops promote delays/2`.
In a terminal it is `nbmlops promote delays/2`, with files where a notebook has
variables. Each is a call of one method of `Registry`; `--python` prints that call,
after the lines that open the registry where no variable `registry` holds it yet.
`%mlops help` names the verbs, and `%mlops help all` says what each does.

- A *ref* is `delays` (the champion, else the newest: for reading only), `delays/2`, or
  `delays@champion`.
- A *frame* is a variable (pandas, polars, Arrow, DuckDB, `X,y` of arrays) or else a
  file (Parquet, CSV, JSON lines, or a pattern such as `logs/*.parquet`).
- `report = %mlops skew ...` assigns what the Python call returns. Nothing of the form
  `$x` or `{x}` is substituted.
- A notebook stays with the registry that a verb used first, whatever the current folder
  or `NBMLOPS_REGISTRY` is later, until `use` names another. A verb that made one says
  so.
- The policy that gates read is `nbmlops.toml` beside the registry's folder, else the
  nearest one upward from the current folder.
- A terminal's exit status is 0 when all is fine, 1 when a check or gate does not hold,
  2 when the line cannot be used or done.
- A model file that runs code when opened (`.joblib`, `.pkl`) is refused unless it is
  vouched for by name: `--trust model.joblib`.
"""


def reference() -> str:
    """Write the page.

    Returns
    -------
    str
        Markdown, one section per verb, in the order of the overview.
    """
    parts = [HEAD]
    for group in get_args(Group):
        parts.append(f"## {group}\n")
        parts += [_section(verb) for verb in VERBS.values() if verb.group == group]
    parts.append(f"## In a terminal\n\n{_terminal()}")
    return "\n".join(parts)


def _section(verb: Verb) -> str:
    host: Host = "notebook" if "notebook" in verb.hosts else "cli"
    only = ""
    if len(verb.hosts) == 1:
        only = f"In a {'notebook' if host == 'notebook' else 'terminal'} only.\n\n"
    return f"### {verb.name}\n\n{only}{FENCE}text\n{help_text(verb, host)}\n{FENCE}\n"


def _terminal() -> str:
    notebook = {argument.word for argument in COMMON["notebook"]}
    rows = [
        f"- `{a.word}{'' if a.kind == 'flag' else f' {a.shown}'}`: {a.help}"
        for a in COMMON["cli"]
        if a.word not in notebook
    ]
    examples = [
        f"nbmlops {line}" for verb in VERBS.values() for line in verb.shell_examples
    ]
    code = "\n".join(examples)
    options = "\n".join(rows)
    return (
        f"Each verb has two more options:\n\n{options}\n\n{FENCE}sh\n{code}\n{FENCE}\n"
    )


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(reference(), encoding="utf-8")
