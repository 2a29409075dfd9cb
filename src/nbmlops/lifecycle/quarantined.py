"""What runs inside the quarantine: load bytes under limits, and answer the stored rows.

A process of its own: `python -m nbmlops.lifecycle.quarantined FOLDER`. It reads what
quarantine.py put into the folder, and writes `answers.json` as it is told: its output.
"""

import json
import sys
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

MODEL = "model"
ROWS = "rows.parquet"
JOB = "job.json"
_MOST_WRITTEN = 2**24


def main(folder: Path) -> None:
    """Load the model in a folder, and print what it answers as JSON."""
    job = json.loads((folder / JOB).read_text(encoding="utf-8"))
    _limit(job["seconds"], job["bytes"])
    json.dump(_outcome(folder, job), sys.stdout)


def _limit(seconds: int, size: int) -> None:
    if find_spec("resource") is None:  # Windows has no such limits, only the timeout
        return
    import resource

    for limit, value in (
        (resource.RLIMIT_AS, size),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, _MOST_WRITTEN),
    ):
        hard = resource.getrlimit(limit)[1]
        soft = value if hard == resource.RLIM_INFINITY else min(value, hard)
        with suppress(ValueError, OSError):  # macOS has no limit on address space
            resource.setrlimit(limit, (soft, soft))


def _outcome(folder: Path, job: dict[str, Any]) -> dict[str, Any]:
    # Under the limits already: the libraries count too.
    from nbmlops.errors import NbmlopsError
    from nbmlops.lifecycle.answers import answers_to
    from nbmlops.lifecycle.example import as_read_by
    from nbmlops.lifecycle.facts import facts_of
    from nbmlops.registry.models.serialise import load
    from nbmlops.registry.signature import Signature

    try:
        model = load(
            (folder / MODEL).read_bytes(),
            job["flavor"],
            is_trusted=job["is_trusted"],
            types=frozenset(job["types"]),
        )
        facts = facts_of(model).to_dict()
        if not (folder / ROWS).exists():
            return {"answers": {}, "facts": facts}
        import pandas as pd

        signature = Signature.from_dict(job["signature"])
        rows = as_read_by(model, pd.read_parquet(folder / ROWS), signature)
        return {"answers": answers_to(model, rows), "facts": facts}
    except NbmlopsError as error:
        return {"refused": error.message}
    except MemoryError:
        return {"failed": "it needs more memory than it was given"}
    except Exception as error:
        # Whatever a foreign model raises is its failure, and is told.
        return {"failed": f"it raised {type(error).__name__}: {error}"}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
