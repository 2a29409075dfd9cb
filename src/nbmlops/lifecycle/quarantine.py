"""Loading a model first where it can harm nothing: in a process of its own.

A malformed model crashes, hangs or fills the memory of the process that loads it. In
quarantine that is a process with limits on time, memory and what it may write, and
without this one's environment variables. It is no sandbox: what a pickle does when it
is vouched for, it can do there as well.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from nbmlops.errors import NotAllowed, Untrusted
from nbmlops.lifecycle import quarantined
from nbmlops.lifecycle.answers import stored_rows
from nbmlops.lifecycle.processes import started
from nbmlops.registry.place import Place
from nbmlops.registry.records import ModelVersion
from nbmlops.registry.signature import Signature

_OUTPUT = "answers.json"
_KEPT_VARIABLES = ("HOME", "LANG", "LD_LIBRARY_PATH", "PATH", "SYSTEMROOT", "TMPDIR")
_released: set[str] = set()  # digests that this process has seen pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a process in quarantine may use.

    Attributes
    ----------
    seconds
        Until it is ended: starting Python and importing scikit-learn are in it.
    bytes
        Of address space, of which the libraries alone take about one gigabyte.
    """

    seconds: int = 120
    bytes: int = 4 * 2**30


LIMITS = Limits()


def needs_quarantine(version: ModelVersion) -> bool:
    """Tell whether a version came from elsewhere, and has not passed here yet."""
    return bool(version.imported) and version.digest not in _released


def quarantine(
    place: Place,
    version: ModelVersion,
    data: bytes,
    *,
    is_trusted: bool,
    types: frozenset[str],
) -> dict[str, list[Any]]:
    """Load a model in a process of its own, and let it answer the stored example.

    Parameters
    ----------
    place, version
        Where it is.
    data
        Its verified bytes.
    is_trusted, types
        As in `serialise.load`.

    Returns
    -------
    dict
        Its answers by method; empty if the version has no example. Errors as `examine`.
    """
    outcome = examine(
        version.ref,
        data,
        version.flavor,
        signature=version.signature,
        rows=stored_rows(place, version),
        is_trusted=is_trusted,
        types=types,
    )
    _released.add(version.digest)
    answers: dict[str, list[Any]] = outcome["answers"]
    return answers


def examine(
    named: str,
    data: bytes,
    flavor: str,
    *,
    signature: Signature,
    rows: pd.DataFrame | None,
    is_trusted: bool,
    types: frozenset[str],
) -> dict[str, Any]:
    """Load bytes in a process of its own, and tell what they are.

    Parameters
    ----------
    named
        What to call them in an error.
    data, flavor
        The bytes and their format.
    signature, rows
        What to ask, as the estimator's columns; None asks nothing.
    is_trusted, types
        As in `serialise.load`.

    Returns
    -------
    dict
        `answers` by method, and `facts` as in facts.py.

    Raises
    ------
    Untrusted
        If it wants more than the reviewed types and nobody vouches for it.
    NotAllowed
        If it crashed, hung, needed too much or could not answer.
    """
    with tempfile.TemporaryDirectory(prefix="nbmlops-quarantine-") as name:
        folder = Path(name)
        (folder / quarantined.MODEL).write_bytes(data)
        if rows is not None:
            rows.to_parquet(folder / quarantined.ROWS, index=False)
        job = {
            "flavor": flavor,
            "is_trusted": is_trusted,
            "types": sorted(types),
            "signature": signature.to_dict(),
            "seconds": LIMITS.seconds,
            "bytes": LIMITS.bytes,
        }
        (folder / quarantined.JOB).write_text(json.dumps(job), encoding="utf-8")
        outcome = _run(folder)
    if "refused" in outcome:
        raise Untrusted(str(outcome["refused"]))
    if "failed" in outcome:
        raise NotAllowed(
            f"{named} was loaded in quarantine, and {outcome['failed']}",
            hint="nothing of it was loaded here; ask where it comes from for another",
        )
    return outcome


def _run(folder: Path) -> dict[str, Any]:
    command = [sys.executable, "-P", "-m", quarantined.__name__, str(folder)]
    with (
        (folder / _OUTPUT).open("wb") as output,
        started(command, cwd=folder, env=environment(), output=output) as process,
    ):
        try:
            status = process.wait(LIMITS.seconds)
        except subprocess.TimeoutExpired:
            return {"failed": f"it had not answered after {LIMITS.seconds} s"}
    if status < 0:
        return {"failed": f"it crashed ({signal.Signals(-status).name})"}
    try:
        outcome: dict[str, Any] = json.loads((folder / _OUTPUT).read_bytes())
    except ValueError:
        return {"failed": f"its process ended with status {status} and no answer"}
    return outcome


def environment() -> dict[str, str]:
    """Choose the variables of the process: none that could be a secret."""
    kept = {key: os.environ[key] for key in _KEPT_VARIABLES if key in os.environ}
    here = [entry or os.getcwd() for entry in sys.path]
    # One thread: each further one would count against the address space.
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    return {**kept, **threads, "PYTHONPATH": os.pathsep.join(here)}
