"""What the quick suite samples, at length: kills, and edits of every row and column.

Run from the repository's root, niced, with an idle core:

    nice python -m benchmarks.registry_faults kills 1000
    nice python -m benchmarks.registry_faults edits 2000

`kills`: four writers at work, of which one is killed with SIGKILL at each random
moment and another begins; then every event that a writer was told is kept is looked up,
everything is verified, and orphans are removed. `edits`: each column of each row of
each table is edited with plain DuckDB, rows are deleted, added and swapped at random,
and one bit of every byte of every artifact is flipped; of each, `verify` must name the
row or the file.
"""

import os
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.registry.crashing import crash
from tests.registry.sample import OTHER, TABLES, Edit, Tampering, fill

from nbmlops.errors import Tampered
from nbmlops.registry.audit.verification import verify

PAUSE_SECONDS = 0.6
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
    flips(tampering)


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


def flips(tampering: Tampering) -> None:
    """Flip one bit of every byte of every artifact."""
    artifacts = tampering.place.artifacts
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


def main() -> None:
    """Run one of the two."""
    run = {"kills": kills, "edits": edits}[sys.argv[1]]
    with tempfile.TemporaryDirectory() as folder:
        os.environ["NBMLOPS_TRUST_FILE"] = f"{folder}/trusted"
        run(Path(folder), int(sys.argv[2]))


if __name__ == "__main__":
    main()
