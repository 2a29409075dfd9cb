"""Writers that are killed at random moments, and what they leave.

A supervisor that has imported everything forks writers, so that hundreds can be killed
in a minute. Each tells by a pipe what it was told is kept. Run as a module:

    python -m tests.registry.crashing FOLDER KILLS SEED
"""

import json
import os
import random
import select
import signal
import sys
import time
import traceback
from dataclasses import asdict, dataclass
from pathlib import Path

from nbmlops.refs import Ref
from nbmlops.registry.audit.chain import lines
from nbmlops.registry.audit.events import Event
from nbmlops.registry.audit.verification import verify
from nbmlops.registry.lookup import new_number
from nbmlops.registry.place import Place, open_place
from tests.registry.conftest import version_detail

WRITERS = 4
NAMES = ("arrivals", "delays", "fares")
LONGEST_PAUSE_SECONDS = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What was left after the kills, and what the repair did.

    Attributes
    ----------
    kills
        How many writers were killed.
    acknowledged, lost
        Events that a writer was told are kept; those of them that are not in the chain.
    events, problems
        As `verify` found.
    orphans
        Artifacts that no event names.
    left
        Orphans and temporary files after the repair.
    seconds
        Of killing.
    """

    kills: int
    acknowledged: int
    lost: int
    events: int
    problems: tuple[str, ...]
    orphans: int
    left: int
    seconds: float


def write_for_ever(folder: Path, seed: int, pipe: int) -> None:
    """Register, note and promote; acknowledge each event once it is kept."""
    place = open_place(folder, actor="writer")
    rng = random.Random(seed)
    name = NAMES[seed % len(NAMES)]
    while True:
        if rng.random() < 0.5:
            event = _register(place, name, rng.randbytes(50_000))
        else:
            with place.catalog.writing() as writer:
                ref = Ref(name, number=1)
                event = writer.write("note", str(ref), {"text": "x" * 500})
                if rng.random() < 0.5:
                    event = writer.move_alias(ref, "champion", "promote", {})
        os.write(pipe, f"{event.seq} {event.hash}\n".encode())


def crash(
    folder: Path, kills: int, seed: int, *, pause: float = LONGEST_PAUSE_SECONDS
) -> Outcome:
    """Kill writers at random moments, always several at work.

    Parameters
    ----------
    folder
        The registry; made if it is missing.
    kills
        How many.
    seed
        Of the moments.
    pause
        The longest between two kills, in seconds.

    Returns
    -------
    Outcome
        After the repair.
    """
    place = open_place(folder, actor="supervisor")
    rng = random.Random(seed)
    for name in NAMES:
        _register(place, name, rng.randbytes(50_000))
    began = time.perf_counter()
    pipe = os.pipe()
    os.set_blocking(pipe[0], False)
    children = [_fork(folder, rng.randrange(2**31), pipe) for _ in range(WRITERS)]
    told = b""
    try:
        select.select([pipe[0]], [], [])  # a busy machine may be slow to begin
        for _ in range(kills):
            time.sleep(rng.uniform(0, pause))
            _kill(children.pop(rng.randrange(WRITERS)))
            told += _read(pipe[0])
            children.append(_fork(folder, rng.randrange(2**31), pipe))
    finally:
        for child in children:
            _kill(child)
    told += _read(pipe[0])
    return _outcome(place, told.decode(), kills, time.perf_counter() - began)


def _outcome(place: Place, told: str, kills: int, seconds: float) -> Outcome:
    acknowledged = set(told.splitlines())
    found = verify(place)
    with place.catalog.reading() as unit:
        kept = {f"{line.seq} {line.hash}" for line in lines(unit)}
    verify(place, repair=True)
    left = len(verify(place).orphans) + len(place.artifacts.leftovers())
    return Outcome(
        kills=kills,
        acknowledged=len(acknowledged),
        lost=len(acknowledged - kept),
        events=found.events,
        problems=found.problems,
        orphans=len(found.orphans),
        left=left,
        seconds=seconds,
    )


def _register(place: Place, name: str, data: bytes) -> Event:
    digest = place.artifacts.put(data)
    with place.catalog.writing(create=True) as writer:
        number = new_number(writer.unit, name)
        return writer.write(
            "register", f"{name}/{number}", version_detail(digest=digest)
        )


def _fork(folder: Path, seed: int, pipe: tuple[int, int]) -> int:
    child = os.fork()
    if not child:
        os.close(pipe[0])  # so that a writer ends when the supervisor has
        try:
            write_for_ever(folder, seed, pipe[1])
        except BaseException:
            traceback.print_exc()
        os._exit(1)
    return child


def _kill(child: int) -> None:
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status):
        raise RuntimeError(f"a writer ended by itself with status {status}")


def _read(pipe: int) -> bytes:
    parts = []
    try:
        while part := os.read(pipe, 65_536):
            parts.append(part)
    except BlockingIOError:
        pass
    return b"".join(parts)


if __name__ == "__main__":
    print(json.dumps(asdict(crash(Path(sys.argv[1]), *map(int, sys.argv[2:])))))
