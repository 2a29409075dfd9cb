"""What a verb is: its words, what each argument means, and the method it calls."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from nbmlops.host import Host

Kind: TypeAlias = Literal[
    "text",  # as it is
    "words",  # all that follows, joined by blanks
    "ref",  # delays/2, delays@champion
    "query",  # metrics.roc_auc > 0.7, in quotes
    "name",  # a model
    "alias",
    "data",  # a variable that holds a frame, or a file
    "dataset",  # a frame as above, or the name or digest of a known one
    "subject",  # a ref, or a dataset's name or digest
    "model",  # a variable that holds an estimator, or a model file
    "column",  # one column of the data named on the same line
    "target",  # one column, or several: a or a,b
    "columns",  # a,b,c
    "number",
    "count",  # a whole number, at least 1
    "event",  # its number, as history shows it
    "pair",  # key=value
    "metric",  # name=0.9, or name=scorer: a variable, or a name of scikit-learn's
    "file",
    "attachment",  # of the version named on the same line
    "location",  # of a registry
    "task",
    "table",
    "flag",
]
Group: TypeAlias = Literal["Models", "Data", "Checks", "Production", "Registry"]

METAVARS: dict[Kind, str] = {
    "text": "TEXT",
    "words": "TEXT",
    "ref": "REF",
    "query": "QUERY",
    "name": "NAME",
    "alias": "ALIAS",
    "data": "FRAME",
    "dataset": "FRAME",
    "subject": "REF",
    "model": "MODEL",
    "column": "COLUMN",
    "target": "COLUMN,...",
    "columns": "COLUMN,...",
    "number": "NUMBER",
    "count": "N",
    "event": "EVENT",
    "pair": "KEY=VALUE",
    "metric": "NAME=VALUE",
    "file": "FILE",
    "attachment": "FILE",
    "location": "LOCATION",
    "task": "TASK",
    "table": "TABLE",
}
EVERYWHERE: frozenset[Host] = frozenset({"notebook", "cli"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """One argument of a verb.

    Attributes
    ----------
    word
        "ref" for a positional one, "--tolerance" for an option.
    kind
        What is written there: decides how it is read, completed, spelt in Python.
    help
        One line.
    metavar
        What stands for the value in the usage.
    to
        The method's parameter; "" passes the value by position.
    is_required
        A positional one must be given, an option too.
    is_many
        It takes several words; an option may then be given again.
    is_off
        A flag that passes False.
    """

    word: str
    kind: Kind
    help: str
    metavar: str = ""
    to: str = ""
    is_required: bool = False
    is_many: bool = False
    is_off: bool = False

    @property
    def is_option(self) -> bool:
        """True for `--tolerance`, False for `ref`."""
        return self.word.startswith("--")

    @property
    def key(self) -> str:
        """The name under which the parser keeps what was written."""
        return self.word.lstrip("-").replace("-", "_")

    @property
    def shown(self) -> str:
        """What stands for the value: "REF"."""
        return self.metavar or METAVARS[self.kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """One word after `%mlops` or `nbmlops`.

    Attributes
    ----------
    name, summary
        The word, and what it does in one line.
    group
        Under which heading it is listed.
    arguments
        In the order of the usage; those by position in the order of the method's.
    method
        The method of `Registry`; "" where the host does something itself.
    examples
        Lines without the `%mlops` in front.
    shell_examples
        The same with files for variables; () where there are no variables.
    hosts, elsewhere
        Where it makes sense, and what to do in the other place.
    has_failed
        Whether a result means exit status 1 in a terminal.
    pick
        The argument that selects from the result instead of being passed on.
    """

    name: str
    summary: str
    group: Group
    arguments: tuple[Argument, ...] = ()
    method: str = ""
    examples: tuple[str, ...] = ()
    shell_examples: tuple[str, ...] = ()
    hosts: frozenset[Host] = EVERYWHERE
    elsewhere: str = ""
    has_failed: Callable[[Any], bool] | None = None
    pick: str = ""

    @property
    def options(self) -> tuple[str, ...]:
        """The options' words."""
        return tuple(a.word for a in self.arguments if a.is_option)


def positional(
    word: str,
    kind: Kind,
    help: str,
    *,
    metavar: str = "",
    is_required: bool = True,
    is_many: bool = False,
) -> Argument:
    """Describe an argument without dashes, passed by position."""
    return Argument(
        word=word,
        kind=kind,
        help=help,
        metavar=metavar,
        is_required=is_required,
        is_many=is_many,
    )


def option(
    word: str,
    kind: Kind,
    help: str,
    *,
    metavar: str = "",
    to: str = "",
    is_required: bool = False,
    is_many: bool = False,
) -> Argument:
    """Describe `--word`, passed as a keyword; `to` where that has another name."""
    return Argument(
        word=word,
        kind=kind,
        help=help,
        metavar=metavar,
        to=to or word.lstrip("-").replace("-", "_"),
        is_required=is_required,
        is_many=is_many,
    )


PYTHON = option("--python", "flag", "print the Python call instead of making it")
REGISTRY = option("--registry", "location", "this registry, this once")
READ_ONLY = option("--read-only", "flag", "refuse every change, and take no lock")
JSON = option("--json", "flag", "print the result as JSON")
HTML = option("--html", "file", "also write the result as a page")
COMMON: dict[Host, tuple[Argument, ...]] = {
    "notebook": (PYTHON, REGISTRY, READ_ONLY),
    "cli": (PYTHON, REGISTRY, READ_ONLY, JSON, HTML),
}
