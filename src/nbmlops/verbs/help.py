"""The help of verbs as text: one source for --help, `%mlops VERB?` and the docs."""

from textwrap import wrap
from typing import get_args

from nbmlops.host import PROGRAM, Host
from nbmlops.verbs.table import verbs_of
from nbmlops.verbs.verb import COMMON, Argument, Group, Verb

WIDTH = 88
ALL = "all"  # asks for the catalogue
# What one day with a model needs, in its order.
FIRST = (
    "demo",
    "register",
    "show",
    "compare",
    "gates",
    "promote",
    "load",
    "skew",
    "rollback",
    "status",
    "history",
    "verify",
)
_USAGE = "usage: "


def prefix(verb: Verb, host: Host) -> str:
    """Write what stands before a verb: a cell's magic has a second percent sign."""
    return f"%{PROGRAM[host]}" if verb.name == "run" else PROGRAM[host]


def usage(verb: Verb, host: Host) -> str:
    """Write the verb's usage in a line or more."""
    program = f"{prefix(verb, host)} {verb.name}"
    words = [_in_usage(argument) for argument in verb.arguments]
    lines = wrap(
        " ".join(word.replace(" ", "\0") for word in words),
        WIDTH - len(program) - len(_USAGE) - 1,
        break_long_words=False,
        break_on_hyphens=False,
    )
    indent = "\n" + " " * (len(_USAGE) + len(program) + 1)
    return f"{program} {indent.join(lines)}".replace("\0", " ").rstrip()


def help_text(verb: Verb, host: Host) -> str:
    """Write all there is to know about a verb, to fit on a screen.

    Parameters
    ----------
    verb
        The verb.
    host
        Where it is asked for: the words in front differ, and some options.

    Returns
    -------
    str
        Lines, no final newline.
    """
    own = [(_name(a), a.help) for a in verb.arguments if not a.is_option]
    options = [(_name(a), _option_help(a)) for a in verb.arguments if a.is_option]
    common = [(_name(a), a.help) for a in _common(verb, host)]
    summary = verb.summary[0].upper() + verb.summary[1:] + "."
    blocks = [f"{_USAGE}{usage(verb, host)}", summary]
    for title, rows in (("arguments", own), ("options", [*options, *common])):
        if rows:
            blocks.append("\n".join([f"{title}:", *_columns(rows)]))
    if verb.method:
        blocks.append(f"In Python: registry.{verb.method}(...)")
    lead = PROGRAM[host]
    if verb.name == "run":
        lead = f"%{lead}"
    lines = (host == "cli" and verb.shell_examples) or verb.examples
    examples = [f"  {lead} {line}" for line in lines]
    blocks.append("\n".join(["examples:", *examples]))
    return "\n\n".join(blocks)


def overview(host: Host) -> str:
    """Name every verb on one screen, and say what the first ones do.

    Parameters
    ----------
    host
        Where it is asked for: not every verb makes sense in both.

    Returns
    -------
    str
        Lines, no final newline.
    """
    known = verbs_of(host)
    first = [(name, known[name].summary) for name in FIRST if name in known]
    groups = [
        (group, ", ".join(verb.name for verb in known.values() if verb.group == group))
        for group in get_args(Group)
    ]
    return "\n".join(
        [
            f"usage: {PROGRAM[host]} [VERB] ...   no verb: status",
            "",
            "To begin with:",
            *_columns(first),
            "",
            "All verbs:",
            *_columns(groups),
            "",
            f"{PROGRAM[host]} help {ALL} says what each does in a line.",
            *_hints(host),
        ]
    )


def catalogue(host: Host) -> str:
    """List the verbs under their headings, each with what it does.

    Parameters
    ----------
    host
        Where it is asked for.

    Returns
    -------
    str
        Lines, no final newline.
    """
    known = verbs_of(host).values()
    width = max(len(verb.name) for verb in known)
    lines = []
    for group in get_args(Group):
        lines.append(f"{group}:")
        lines += [
            f"  {verb.name:<{width}}  {verb.summary}"
            for verb in known
            if verb.group == group
        ]
    return "\n".join([*lines, "", *_hints(host)])


def _hints(host: Host) -> tuple[str, str]:
    more = f"{PROGRAM[host]} VERB --help says more of one."
    if host == "notebook":
        frames = "A frame or model is a variable's name first, then a file's."
        return f"%mlops VERB? or {more}", frames
    return more, "A frame is a Parquet, CSV or JSON-lines file, or a pattern of such."


def _common(verb: Verb, host: Host) -> tuple[Argument, ...]:
    return COMMON[host] if verb.method else ()


def _in_usage(argument: Argument) -> str:
    name = _name(argument)
    if argument.is_many and not argument.is_option:
        name = f"{name} ..."
    return name if argument.is_required else f"[{name}]"


def _name(argument: Argument) -> str:
    if not argument.is_option:
        return argument.shown
    if argument.kind == "flag":
        return argument.word
    return f"{argument.word} {argument.shown}"


def _option_help(argument: Argument) -> str:
    if argument.is_required:
        return f"{argument.help}; needed"
    return f"{argument.help}; again for more" if argument.is_many else argument.help


def _columns(rows: list[tuple[str, str]]) -> list[str]:
    width = max(len(name) for name, _ in rows)
    return [
        f"  {name if not number else '':<{width}}  {line}"
        for name, text in rows
        for number, line in enumerate(
            wrap(text, WIDTH - width - 4, break_on_hyphens=False)
        )
    ]
