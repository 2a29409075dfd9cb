"""Running a command in a session of its own, of which nothing outlives it."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO


@contextmanager
def started(
    command: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    output: "IO[bytes] | int" = subprocess.DEVNULL,
) -> Iterator["subprocess.Popen[bytes]"]:
    """Start a process, and end it and all that it has started afterwards.

    Parameters
    ----------
    command
        The words.
    cwd, env
        Its folder and variables.
    output
        Where its output goes; what it complains of goes nowhere.

    Yields
    ------
    Popen
        The process, to be waited for.
    """
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if hasattr(os, "killpg"):
            # It may have ended, and have started nothing that goes on.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        process.kill()
        process.wait()
