"""What the quick suite samples, at length: kills, edits, and what a redaction leaves.

Run from the repository's root, niced, with an idle core:

    nice python -m benchmarks.registry_faults kills 1000
    nice python -m benchmarks.registry_faults edits 2000
    nice python -m benchmarks.registry_faults redaction 300

`kills`: four writers at work, of which one is killed with SIGKILL at each random
moment and another begins; then every event that a writer was told is kept is looked up,
everything is verified, and orphans are removed. `edits`: each column of each row of
each table is edited with plain DuckDB, rows are deleted, added and swapped at random,
and one bit of every byte of every artifact of a registry with models is flipped; of
each, `verify` must name the row or the file. `redaction`: how often a text stands in
the files of a registry with so many events, before it is redacted and after.
"""

import os
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from zipfile import ZipFile

from tests.registry.conftest import add_version
from tests.registry.crashing import crash
from tests.registry.sample import OTHER, TABLES, Edit, Tampering, fill

from nbmlops.errors import Tampered
from nbmlops.registry.artifacts import Artifacts
from nbmlops.registry.audit.redaction import redact
from nbmlops.registry.audit.verification import verify
from nbmlops.registry.place import open_place

PAUSE_SECONDS = 0.6
MODELS = Path(__file__).parents[1] / "tests/registry/places/schema-1.zip"
TEXT = "what somebody said too much"
ACTIONS = ("edit", "delete", "insert", "swap")


def kills(folder: Path, count: int) -> None:
    """Kill writers and print what was left."""
    outcome = crash(folder / ".nbmlops", count, seed=2026, pause=PAUSE_SECONDS)
    print(
        f"{outcome.kills:,} kill -9 in {outcome.seconds:.0f} s: "
        f"{outcome.acknowledged:,} events acknowledged, {outcome.lost} lost; "
        f"{outcome.events:,} events in the chain, {len(outcome.problems)} problems; "
        f"{outcome.orphans} orphans, {outcome.left} left after verify(repair=True)"
    )
    for problem in outcome.problems[:10]:
        print(f"  {problem}")


def edits(folder: Path, count: int) -> None:
    """Edit everything once, then at random, and print what verify did not name."""
    tampering = Tampering(fill(folder / ".nbmlops"))
    began = time.perf_counter()
    seen: Counter[str] = Counter()
    missed: list[Edit] = []
    for edit in (*_each_column(tampering), *_at_random(tampering, count)):
        made = tampering.apply(edit)
        problems = verify(tampering.place).problems if made else ()
        tampering.undo()
        for words in made.values():
            named = any(all(word in problem for word in words) for problem in problems)
            seen[edit.action] += named
            missed += [] if named else [edit]
    told = ", ".join(f"{seen[action]:,} {action}s" for action in ACTIONS)
    print(
        f"{told} in {time.perf_counter() - began:.0f} s: "
        f"{len(missed)} not named by verify"
    )
    for edit in missed[:10]:
        print(f"  {edit}")
    with ZipFile(MODELS) as archive:
        archive.extractall(folder / "models")
    flips(Artifacts(folder / "models" / ".nbmlops"))


def _each_column(tampering: Tampering) -> list[Edit]:
    return [
        Edit(table=table, action="edit", row=row, column=column, value=OTHER[kind])
        for table, columns in tampering.columns.items()
        for column, (_, kind) in enumerate(columns)
        for row in range(4)
    ]


def _at_random(tampering: Tampering, count: int) -> list[Edit]:
    rng = random.Random(2026)
    found = []
    for _ in range(count):
        table = rng.choice(TABLES)
        column = rng.randrange(len(tampering.columns[table]))
        kind = tampering.columns[table][column][1]
        value = rng.choice([OTHER[kind], None, "", "1", "2", "delays", "{}", "-0.0"])
        found.append(
            Edit(
                table=table,
                action=rng.choice(ACTIONS),
                row=rng.randrange(40),
                other=rng.randrange(40),
                column=column,
                value=value,
            )
        )
    return found


def flips(artifacts: Artifacts) -> None:
    """Flip one bit of every byte of every artifact."""
    flipped = missed = 0
    for digest in sorted(artifacts.digests()):
        path = artifacts.path(digest)
        kept = path.read_bytes()
        for at in range(len(kept)):
            path.write_bytes(kept[:at] + bytes([kept[at] ^ 1]) + kept[at + 1 :])
            flipped += 1
            try:
                artifacts.check(digest)
                missed += 1
            except Tampered as error:
                missed += digest not in error.message
        path.write_bytes(kept)
    print(f"{flipped:,} bytes of artifacts flipped: {missed} not named")


def redaction(folder: Path, count: int) -> None:
    """Redact one event of many, and look for its text in all files of the registry."""
    place = open_place(folder / ".nbmlops", actor="bench")
    add_version(place.catalog)
    with place.catalog.writing() as writer:
        for _ in range(count - 1):
            writer.write("note", "delays/1", {"text": "x" * 500})
        told = writer.write("note", "delays/1", {"text": TEXT})
    before = _found(place.folder)
    began = time.perf_counter()
    redact(place, told.seq, reason="bench")
    print(
        f"a text found {before} times in the files of {count} events; "
        f"{_found(place.folder)} times after its redaction, which took "
        f"{time.perf_counter() - began:.1f} s"
    )


def _found(folder: Path) -> int:
    return sum(
        path.read_bytes().count(TEXT.encode())
        for path in folder.rglob("*")
        if path.is_file()
    )


def main() -> None:
    """Run one of the three."""
    runs = {"kills": kills, "edits": edits, "redaction": redaction}
    run = runs[sys.argv[1]]
    with tempfile.TemporaryDirectory() as folder:
        os.environ["NBMLOPS_TRUST_FILE"] = f"{folder}/trusted"
        run(Path(folder), int(sys.argv[2]))


if __name__ == "__main__":
    main()
