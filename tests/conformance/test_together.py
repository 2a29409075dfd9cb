"""Many writers at once: threads, processes, and one that is killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from nbmlops.api import Registry
from tests.conformance.conftest import Open

PROCESSES, VERSIONS = 4, 6
_WORKER = """
import sys
from nbmlops.api import open_registry
from sklearn.linear_model import LogisticRegression
registry = open_registry(sys.argv[1], actor=sys.argv[2])
model = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
for _ in range(int(sys.argv[3])):
    print(registry.register(model, "shared").number, flush=True)
"""


def worker(location: str, actor: str, versions: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _WORKER, location, actor, str(versions)],
        stdout=subprocess.PIPE,
        text=True,
    )


def test_processes_that_meet_in_an_empty_place_all_get_their_numbers(
    location: str, open_as: Open
) -> None:
    workers = [worker(location, f"p{i}", VERSIONS) for i in range(PROCESSES)]
    said = [w.communicate()[0].split() for w in workers]
    assert [w.returncode for w in workers] == [0] * PROCESSES
    numbers = sorted(int(number) for each in said for number in each)
    assert numbers == list(range(1, PROCESSES * VERSIONS + 1))
    place = open_as()
    assert len(place.versions("shared")) == PROCESSES * VERSIONS
    assert place.verify().ok


def test_threads_of_one_process_lose_nothing(two: Registry, open_as: Open) -> None:
    places = [open_as(f"t{i}") for i in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(
            pool.map(
                lambda i: places[i % 4].note("delays/1", f"note {i}"),
                range(40),
            )
        )
    assert sorted(two.get("delays/1").notes) == sorted(f"note {i}" for i in range(40))
    assert two.verify().ok


def test_what_a_killed_process_was_told_is_there(location: str, open_as: Open) -> None:
    process = worker(location, "killed", 1_000)
    assert process.stdout is not None
    told = [int(process.stdout.readline()) for _ in range(3)]
    os.kill(process.pid, signal.SIGKILL)
    rest, _ = process.communicate()
    told += [
        int(line) for line in rest.splitlines(keepends=True) if line.endswith("\n")
    ]
    place = open_as()
    numbers = {version.number for version in place.versions("shared")}
    assert set(told) <= numbers
    assert place.verify(repair=True).ok
    assert place.verify().orphans == ()


def test_one_sees_at_once_what_another_did(
    two: Registry, open_as: Open, fitted: Callable[..., Any]
) -> None:
    other = open_as("ben@example.com")
    other.register(fitted(0.5), "delays")
    other.alias("delays/3", "shadow")
    assert two.get("delays@shadow").number == 3
    two.unalias("delays", "shadow")
    assert other.get("delays/3").aliases == ()
