"""The verbs that bring models and registries from one place to another."""

from nbmlops.verbs.verb import Verb, option, positional

MOVING_VERBS = (
    Verb(
        name="export",
        summary="write a version, or a whole model, with its history to one file",
        group="Registry",
        method="export",
        arguments=(
            positional("ref", "ref", "a version, or a model with all of its versions"),
            positional("path", "file", "the .zip to write; it must not exist"),
        ),
        examples=("export delays/2 delays-2.zip", "export delays delays.zip"),
    ),
    Verb(
        name="import",
        summary="bring in what export wrote; no alias moves",
        group="Registry",
        method="import_",
        arguments=(
            positional("path", "file", "what export wrote"),
            option("--name", "text", "what to call the model here", metavar="NAME"),
        ),
        examples=("import delays.zip", "import delays.zip --name their-delays"),
    ),
    Verb(
        name="import-mlflow",
        summary="bring in the registered models of an MLflow store on sqlite",
        group="Registry",
        method="import_mlflow",
        arguments=(
            positional("path", "file", "the store: mlflow.db"),
            option(
                "--artifacts",
                "file",
                "the folder of its artifacts; beside the store otherwise",
                metavar="DIR",
            ),
            option(
                "--model",
                "text",
                "only this model",
                metavar="NAME",
                to="models",
                is_many=True,
            ),
            option(
                "--trust",
                "text",
                "a pickle that you vouch for, by MLflow's ref or its digest; it is "
                "opened, and kept as skops",
                metavar="REF",
                is_many=True,
            ),
        ),
        examples=(
            "import-mlflow mlflow.db",
            "import-mlflow mlflow.db --artifacts mlruns --trust delays/2",
        ),
    ),
    Verb(
        name="backup",
        summary="copy the whole registry while it is in use, and verify the copy",
        group="Registry",
        method="backup",
        arguments=(
            positional("path", "file", "a .zip, or a folder; it must not exist"),
        ),
        examples=("backup monday.zip",),
    ),
    Verb(
        name="recover",
        summary="fill an empty place from a backup",
        group="Registry",
        method="recover",
        arguments=(positional("path", "file", "what backup wrote"),),
        examples=("recover monday.zip --registry elsewhere/.nbmlops",),
    ),
)
