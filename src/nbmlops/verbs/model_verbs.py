"""The verbs on models and versions."""

from nbmlops.verbs.arguments import (
    AS_OF,
    GROUPS,
    NAME,
    REASON,
    REF,
    SLICES,
    TRUST,
    is_not_ok,
)
from nbmlops.verbs.verb import Argument, Verb, option, positional


def _described(role: str) -> tuple[Argument, ...]:
    return (
        option("--target", "target", "the target column, or several: a,b"),
        option("--weight", "column", f"a column of row weights in {role}"),
        GROUPS,
        SLICES,
        option(
            "--metric",
            "metric",
            "NAME=0.9 is kept as reported; NAME=SCORER is computed: a variable, or "
            "a name that scikit-learn knows",
            to="metrics",
            is_many=True,
        ),
    )


MODEL_VERBS = (
    Verb(
        name="register",
        summary="register a fitted estimator as the model's next version",
        group="Models",
        method="register",
        arguments=(
            positional("model", "model", "a fitted estimator, or a .skops file of one"),
            Argument(
                word="--name", kind="name", help="the model's name", is_required=True
            ),
            option("--train", "data", "what it was trained on: a frame, or X,y"),
            option("--test", "data", "what to evaluate it on: a frame, or X,y"),
            *_described("train and test"),
            option("--description", "text", "what it is, for people"),
            option("--tag", "pair", "a tag", to="tags", is_many=True),
            option(
                "--param",
                "pair",
                "a parameter beside the estimator's own",
                to="params",
                is_many=True,
            ),
            option("--attach", "file", "a file to keep with it", is_many=True),
            option("--parent", "ref", "the version that it was made from"),
            option("--task", "task", "binary, multiclass, regression ..."),
            option("--input-example", "data", "a few rows as the model reads them"),
            TRUST,
        ),
        examples=(
            "register model --name delays --train train --target late --test test",
            "register model --name delays --train X,y --tag team=ops",
        ),
        shell_examples=(
            "register model.skops --name delays --train train.parquet \\\n"
            "      --test test.parquet --target late",
        ),
    ),
    Verb(
        name="evaluate",
        summary="evaluate a version on a frame, and keep the rows",
        group="Models",
        method="evaluate",
        arguments=(
            REF,
            positional("data", "data", "a frame or file that holds the target"),
            *_described("the data"),
            option("--name", "text", "the evaluation's name: test unless said"),
        ),
        examples=("evaluate delays@champion july --name july",),
        shell_examples=("evaluate delays@champion july.parquet --name july",),
    ),
    Verb(
        name="models",
        summary="list the models",
        group="Models",
        method="models",
        examples=("models",),
    ),
    Verb(
        name="versions",
        summary="list a model's versions, newest first",
        group="Models",
        method="versions",
        arguments=(NAME,),
        examples=("versions delays",),
    ),
    Verb(
        name="search",
        summary="find versions by what is known of them, newest first",
        group="Models",
        method="search",
        arguments=(
            positional(
                "query",
                "query",
                "in quotes: FIELD = VALUE, also != < <= > >= ~ in, and, or, not",
            ),
            option("--limit", "count", "at most so many, the newest"),
        ),
        examples=(
            "search \"metrics.roc_auc > 0.7 and tags.team = 'ops'\"",
            "search \"created > '2026-01-01' and not alias is missing\"",
            "search \"text ~ 'night flights' and packages.scikit-learn < '1.9'\"",
        ),
    ),
    Verb(
        name="show",
        summary="show a version's model card: what it is for, how good, its limits",
        group="Models",
        method="card",
        arguments=(REF, AS_OF),
        examples=("show delays/2", "show delays@champion --as-of 2026-11-24"),
    ),
    Verb(
        name="card",
        summary="write a version's model card to a file, and show it",
        group="Models",
        method="card",
        arguments=(
            REF,
            AS_OF,
            option("--out", "file", "also write it there: .html, .md or .json"),
        ),
        examples=("card delays@champion --out delays.md",),
    ),
    Verb(
        name="attachment",
        summary="read a file that was attached to a version; show names them",
        group="Models",
        method="attachment",
        arguments=(
            REF,
            positional("name", "attachment", "what it is called there"),
            option("--out", "file", "also write it there, byte for byte"),
        ),
        examples=(
            "attachment delays/2 notes.md",
            "attachment delays/2 notes.md --out copy.md",
        ),
    ),
    Verb(
        name="compare",
        summary="compare versions: metrics with intervals, data, parameters",
        group="Models",
        method="compare",
        arguments=(
            positional("refs", "ref", "two or more versions", is_many=True),
            option("--data", "data", "compare on this frame instead"),
            option("--target", "target", "the target column in --data"),
            GROUPS,
            SLICES,
        ),
        examples=("compare delays/1 delays/2", "compare delays@champion delays/3"),
    ),
    Verb(
        name="load",
        summary="load a version's estimator, its digest verified first",
        group="Models",
        method="load",
        arguments=(
            REF,
            TRUST,
            option(
                "--allow-version-mismatch",
                "flag",
                "although another minor version of scikit-learn wrote it",
            ),
        ),
        examples=("load delays@champion",),
        hosts=frozenset({"notebook"}),
        elsewhere="in a script: nbmlops.open_registry().load(ref)",
    ),
    Verb(
        name="verify-load",
        summary="prove that a version loads here and answers as it did",
        group="Models",
        method="verify_load",
        arguments=(REF, TRUST),
        examples=("verify-load delays@champion",),
        has_failed=is_not_ok,
    ),
    Verb(
        name="sbom",
        summary="list what a version was made with, as CycloneDX JSON",
        group="Models",
        method="sbom",
        arguments=(
            REF,
            option("--out", "file", "also write the CycloneDX JSON there"),
        ),
        examples=("sbom delays@champion", "sbom delays@champion --out bom.json"),
    ),
    Verb(
        name="reproduce",
        summary="run what made a version again, and say how far the result agrees",
        group="Models",
        method="reproduce",
        arguments=(
            REF,
            option("--timeout", "number", "seconds until it is ended: 600"),
            TRUST,
        ),
        examples=("reproduce delays/2",),
        has_failed=is_not_ok,
    ),
    Verb(
        name="restore-env",
        summary="write what a version was made with, for pip install -r",
        group="Models",
        method="restore_env",
        arguments=(
            REF,
            option("--out", "file", "write it there instead of showing it", to="path"),
        ),
        examples=("restore-env delays/2 --out requirements.txt",),
    ),
    Verb(
        name="tag",
        summary="set tags of a version; an empty value takes one away",
        group="Models",
        method="tag",
        arguments=(
            REF,
            Argument(
                word="tags",
                kind="pair",
                help="key=value, or key= to take it away",
                to="**",
                is_required=True,
                is_many=True,
            ),
        ),
        examples=("tag delays/2 team=ops", "tag delays/2 team="),
    ),
    Verb(
        name="note",
        summary="add a note to a version",
        group="Models",
        method="note",
        arguments=(REF, positional("text", "words", "the note", is_many=True)),
        examples=("note delays/2 trained without the storm of 9 February",),
    ),
    Verb(
        name="describe",
        summary="say what a version is, in place of its description",
        group="Models",
        method="describe",
        arguments=(REF, positional("text", "words", "all of it", is_many=True)),
        examples=("describe delays/2 late arrivals at SEA, for the night shift",),
    ),
    Verb(
        name="delete",
        summary="hide a version; its number is never given again",
        group="Models",
        method="delete",
        arguments=(REF, REASON),
        examples=('delete delays/2 --reason "wrong target"',),
    ),
    Verb(
        name="restore",
        summary="bring a deleted version back",
        group="Models",
        method="restore",
        arguments=(positional("ref", "ref", "the version: delays/2"),),
        examples=("restore delays/2",),
    ),
)
