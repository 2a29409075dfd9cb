"""The verbs on the registry as a whole."""

from typing import Any

from nbmlops.verbs.check_verbs import needed
from nbmlops.verbs.model_verbs import NAME, REASON, REF
from nbmlops.verbs.verb import Argument, Verb, option, positional


def _is_not_ok(verification: Any) -> bool:
    return not verification.ok


REGISTRY_VERBS = (
    Verb(
        name="status",
        summary="what is in the registry, what needs attention (also: no verb)",
        group="Registry",
        method="status",
        examples=("status",),
    ),
    Verb(
        name="init",
        summary="make the registry, if it does not exist yet",
        group="Registry",
        method="init",
        examples=("init",),
    ),
    Verb(
        name="use",
        summary="work with another registry from here on",
        group="Registry",
        arguments=(positional("location", "location", "the folder: team/.nbmlops"),),
        examples=("use team/.nbmlops",),
        hosts=frozenset({"notebook"}),
        elsewhere="--registry LOCATION on each line, or set NBMLOPS_REGISTRY",
    ),
    Verb(
        name="history",
        summary="list what was done, newest first",
        group="Registry",
        method="history",
        arguments=(
            positional("ref", "ref", "a model, or one version", is_required=False),
            option("--jsonl", "file", "also write the events there, as JSON lines"),
        ),
        examples=("history", "history delays", "history --jsonl trail.jsonl"),
    ),
    Verb(
        name="webhooks",
        summary="list the webhooks of nbmlops.toml, and how far each was told",
        group="Registry",
        method="webhooks",
        examples=("webhooks",),
    ),
    Verb(
        name="verify",
        summary="re-hash the audit trail and every artifact",
        group="Registry",
        method="verify",
        arguments=(
            option(
                "--head",
                "text",
                "a head noted elsewhere, which the chain must hold",
                metavar="HEAD",
            ),
            option("--repair", "flag", "remove orphans and mend the head file"),
        ),
        examples=("verify", "verify --repair"),
        has_failed=_is_not_ok,
    ),
    Verb(
        name="audit-report",
        summary="write all that an auditor asks of a model as one HTML file",
        group="Registry",
        method="audit_report",
        arguments=(NAME, positional("file", "file", "the page to write")),
        examples=("audit-report delays delays.html",),
    ),
    Verb(
        name="key",
        summary="show your signing key; --new makes it",
        group="Registry",
        method="key",
        arguments=(option("--new", "flag", "make a key, if you have none"),),
        examples=("key --new", "key"),
    ),
    Verb(
        name="sign",
        summary="sign a version's manifest with your key",
        group="Registry",
        method="sign",
        arguments=(REF,),
        examples=("sign delays/2",),
    ),
    Verb(
        name="sign-head",
        summary="sign the newest event's hash, to be noted elsewhere",
        group="Registry",
        method="sign_head",
        examples=("sign-head",),
    ),
    Verb(
        name="export-oms",
        summary="write a version as a folder that OpenSSF model signing verifies",
        group="Registry",
        method="export_oms",
        arguments=(
            REF,
            positional("folder", "file", "the folder to make", metavar="FOLDER"),
            option("--key", "file", "an elliptic private key, PEM", is_required=True),
        ),
        examples=("export-oms delays/2 delays-2 --key key.pem",),
    ),
    Verb(
        name="gc",
        summary="list the artifacts that nothing needs, or remove them",
        group="Registry",
        method="gc",
        arguments=(
            Argument(
                word="--run",
                kind="flag",
                help="remove them for good",
                to="dry_run",
                is_off=True,
            ),
            option("--older-than", "text", "1h unless said", metavar="AGE"),
        ),
        examples=("gc", "gc --run --older-than 7d"),
    ),
    Verb(
        name="redact",
        summary="drop the actor and the free text of one event",
        group="Registry",
        method="redact",
        arguments=(
            positional("event", "event", "its number, as history shows it"),
            needed(REASON),
        ),
        examples=('redact 7 --reason "asked by the author"',),
    ),
    Verb(
        name="catalog",
        summary="the registry's tables as plain frames",
        group="Registry",
        method="catalog",
        arguments=(positional("table", "table", "only this table", is_required=False),),
        examples=("catalog", "catalog event"),
        pick="table",
    ),
    Verb(
        name="run",
        summary="a cell whose code and time become its versions' provenance",
        group="Registry",
        arguments=(
            positional("name", "text", "what the run is called", metavar="NAME"),
        ),
        examples=("run night-flights",),
        hosts=frozenset({"notebook"}),
        elsewhere="a script's versions record its file and line",
    ),
    Verb(
        name="demo",
        summary="run the example notebook on real flights",
        group="Registry",
        arguments=(
            option("--dir", "file", "where to run: ./nbmlops-demo", metavar="DIR"),
            option("--lab", "flag", "open the notebook in JupyterLab at the end"),
        ),
        examples=("demo", "demo --lab"),
        hosts=frozenset({"cli"}),
        elsewhere="type nbmlops demo in a terminal",
    ),
)
