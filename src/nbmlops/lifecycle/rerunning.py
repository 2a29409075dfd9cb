"""Running what made a version once more: in a new process, with a registry of its own.

The process has the caller's folder, variables and rights: what is recorded is code, and
it is run. What it registers goes into a folder that is thrown away.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from nbmlops.config import FOLDER, INSTEAD_VARIABLE, POLICY_FILE
from nbmlops.errors import UsageError
from nbmlops.lifecycle.processes import started
from nbmlops.registry.models.trust import TRUST_VARIABLE
from nbmlops.registry.place import Place
from nbmlops.registry.records import ModelVersion

RUNNER = "nbmlops.notebook.rerun"
JOB, OUTCOME = "job.json", "outcome.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rerun:
    """What came of running it again.

    Attributes
    ----------
    place
        The registry that it wrote to, while that is there.
    failures
        Which cells raised, and what.
    stopped
        Why the process did not come to its end; "" if it did.
    """

    place: Place
    failures: tuple[str, ...] = ()
    stopped: str = ""


def job_of(version: ModelVersion) -> dict[str, Any]:
    """Find what can be run again.

    Parameters
    ----------
    version
        With its source.

    Returns
    -------
    dict
        `cells`, or `script`.

    Raises
    ------
    UsageError
        If no code was recorded, or the script is not there any more.
    """
    source = version.source
    cells = source.get("cells")
    if cells:
        return {"cells": cells}
    script = str(source.get("script", ""))
    if script and Path(script).is_file():
        return {"script": script}
    if script:
        raise UsageError(
            f"{version.ref} was registered by {script}, which is not there",
            hint="bring the script back, or register from a notebook after "
            "%load_ext nbmlops",
        )
    raise UsageError(
        f"no code was recorded that made {version.ref}",
        hint="register from a notebook after %load_ext nbmlops, or from a script",
    )


@contextmanager
def rerun(job: Mapping[str, Any], *, keep: Path, seconds: float) -> Iterator[Rerun]:
    """Run recorded code again in the current folder.

    Parameters
    ----------
    job
        As `job_of` gives it.
    keep
        A folder that the code must leave alone.
    seconds
        Until it is ended.

    Yields
    ------
    Rerun
        What came of it; its registry is gone afterwards.
    """
    with TemporaryDirectory(prefix="nbmlops-reproduce-") as name:
        folder = Path(name)
        whole = {**job, "keep": str(keep)}
        (folder / JOB).write_text(json.dumps(whole), encoding="utf-8")
        # Beside the registry, so that the project's own is not found: its webhooks
        # would tell of versions that nobody registered.
        (folder / POLICY_FILE).touch()
        command = [sys.executable, "-m", RUNNER, str(folder)]
        stopped = ""
        with started(command, cwd=Path.cwd(), env=_variables(folder)) as process:
            try:
                status = process.wait(seconds)
            except subprocess.TimeoutExpired:
                stopped = f"it had not ended after {seconds:g} s"
            else:
                stopped = f"its process ended with status {status}" if status else ""
        failures = _failures(folder)
        place = Place(folder=folder / FOLDER)
        yield Rerun(place=place, failures=failures, stopped=stopped)


def _variables(folder: Path) -> dict[str, str]:
    return {
        "MPLBACKEND": "agg",
        **os.environ,
        INSTEAD_VARIABLE: str(folder / FOLDER),
        TRUST_VARIABLE: str(folder / "trusted-digests"),
        "IPYTHONDIR": str(folder / "ipython"),
    }


def _failures(folder: Path) -> tuple[str, ...]:
    path = folder / OUTCOME
    return tuple(json.loads(path.read_bytes())) if path.exists() else ()
