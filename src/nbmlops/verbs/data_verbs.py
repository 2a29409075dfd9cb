"""The verbs on datasets, and on what came of them."""

from nbmlops.verbs.verb import Verb, option, positional

DATA_VERBS = (
    Verb(
        name="dataset",
        summary="keep what is known of a frame, and give it a name; no row is kept",
        group="Data",
        method="dataset",
        arguments=(
            positional(
                "frame", "dataset", "a frame or file, or a known dataset's digest"
            ),
            option("--name", "text", "what to call it", metavar="NAME"),
            option("--description", "text", "what it is, in words"),
        ),
        examples=(
            "dataset train --name flights",
            'dataset june.parquet --name flights --description "all of June"',
            "dataset flights",
        ),
        shell_examples=("dataset june.parquet --name flights",),
    ),
    Verb(
        name="datasets",
        summary="list the datasets that were trained, judged on or named, newest first",
        group="Data",
        method="datasets",
        examples=("datasets",),
    ),
    Verb(
        name="lineage",
        summary="follow a version or a dataset to its origin, and to what came of it",
        group="Data",
        method="lineage",
        arguments=(
            positional(
                "subject", "subject", "a version, a model, a dataset's name or digest"
            ),
            option("--out", "file", "also write it there, as OpenLineage JSON lines"),
        ),
        examples=(
            "lineage delays/2",
            "lineage flights",
            "lineage delays --out delays.jsonl",
        ),
    ),
)
