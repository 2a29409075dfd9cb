"""The verbs that move aliases: through gates, back, away."""

from typing import Any

from nbmlops.verbs.arguments import NAME, REASON, REF, TRUST, needed
from nbmlops.verbs.verb import Verb, option, positional

ALIAS = option("--alias", "alias", "the alias; champion unless said")
TO = option("--to", "alias", "the alias; champion unless said", to="alias")
FOR = option("--to", "alias", "the alias, where several were requested", to="alias")


def _any_gate_fails(results: Any) -> bool:
    return any(result.passed is False for result in results)


PRODUCTION_VERBS = (
    Verb(
        name="gates",
        summary="judge a version's gates without moving anything",
        group="Production",
        method="gates",
        arguments=(REF, TO, TRUST),
        examples=("gates delays/2", "gates delays/2 --to staging"),
        has_failed=_any_gate_fails,
    ),
    Verb(
        name="request",
        summary="ask that a version be approved for an alias",
        group="Production",
        method="request",
        arguments=(REF, TO, REASON),
        examples=('request delays/2 --reason "better at night"',),
    ),
    Verb(
        name="approve",
        summary="approve a version for what was requested, as it is now",
        group="Production",
        method="approve",
        arguments=(REF, FOR, REASON),
        examples=('approve delays/2 --reason "read the card"',),
    ),
    Verb(
        name="reject",
        summary="reject what was requested for a version, or withdraw it",
        group="Production",
        method="reject",
        arguments=(REF, FOR, REASON),
        examples=('reject delays/2 --reason "worse on UA"',),
    ),
    Verb(
        name="approvals",
        summary="list what was requested, and what became of it",
        group="Production",
        method="approvals",
        arguments=(positional("name", "ref", "a model or version", is_required=False),),
        examples=("approvals", "approvals delays"),
    ),
    Verb(
        name="promote",
        summary="give a version an alias, if its gates hold",
        group="Production",
        method="promote",
        arguments=(
            REF,
            TO,
            REASON,
            option("--force", "flag", "although a gate fails; needs a reason"),
            TRUST,
        ),
        examples=('promote delays/2 --to champion --reason "better at night"',),
    ),
    Verb(
        name="rollback",
        summary="undo the newest standing promotion",
        group="Production",
        method="rollback",
        arguments=(
            NAME,
            ALIAS,
            option("--to", "ref", "a former holder, not just the one before"),
            REASON,
            TRUST,
        ),
        examples=("rollback delays", "rollback delays --to delays/1"),
    ),
    Verb(
        name="retire",
        summary="take a model out of production",
        group="Production",
        method="retire",
        arguments=(NAME, ALIAS, needed(REASON)),
        examples=('retire delays --reason "replaced by arrivals"',),
    ),
    Verb(
        name="tenure",
        summary="who held an alias then, since when, by whom and why",
        group="Production",
        method="tenure",
        arguments=(
            NAME,
            ALIAS,
            option("--as-of", "text", "at this moment (UTC), not now", metavar="TIME"),
        ),
        examples=("tenure delays", "tenure delays --as-of 2026-01-01"),
    ),
    Verb(
        name="alias",
        summary="point a free alias to a version",
        group="Production",
        method="alias",
        arguments=(REF, positional("alias", "alias", "the alias: challenger")),
        examples=("alias delays/2 challenger",),
    ),
    Verb(
        name="unalias",
        summary="take a free alias away",
        group="Production",
        method="unalias",
        arguments=(NAME, positional("alias", "alias", "the alias")),
        examples=("unalias delays challenger",),
    ),
)
