"""The arguments that several verbs take, each described once."""

from dataclasses import replace
from typing import Any

from nbmlops.verbs.verb import Argument, option, positional

REF = positional("ref", "ref", "which version: delays/2, delays@champion")
NAME = positional("name", "name", "the model")
AS_OF = option("--as-of", "text", "which it was then (UTC)", metavar="TIME")
REASON = option("--reason", "text", "why; kept in the audit trail")
TRUST = option(
    "--trust",
    "ref",
    "a ref, digest or file that you vouch for, this once",
    is_many=True,
)
GROUPS = option("--groups", "column", "rows with one value are drawn together")
SLICES = option("--slices", "columns", "columns to tell rows apart by: a,b")


def needed(argument: Argument) -> Argument:
    """Make an option one that has to be given."""
    return replace(argument, is_required=True)


def is_not_ok(result: Any) -> bool:
    """Tell whether what a verb gives says that something is wrong: exit status 1."""
    return not result.ok
