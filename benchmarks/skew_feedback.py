"""Print how often the look for feedback loops cries wolf, and what it finds.

Run from the repository:

    python benchmarks/skew_feedback.py [--repeats 300] [--sizes N ...] [--only TEXT]
        [--json FILE]

Of 10,000 entities and more a third as many logs are judged.

Logs of entities that come twice or four times, 8 features, of which the answer 1 may
change one; without a loop features keep themselves, move with a trend, or bend.
"""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.skew.feedback.loops import judged, log_of

from nbmlops.skew.feedback.section import Effect

SEED = 20130601
CALM: dict[str, dict[str, Any]] = {
    "no loop": {},
    "no loop, outside trend": {"trend": 0.5},
    "no loop, bent dynamics": {"is_curved": True},
    "no loop, heavy tails": {"is_heavy": True},
    "no loop, mixed dynamics": {"is_mixed": True},
    "no loop, four requests": {"periods": 4, "trend": 0.5},
}
LOOPS: dict[str, dict[str, Any]] = {
    "loop +0.1": {"loop": 0.1},
    "loop +0.2": {"loop": 0.2},
    "loop +0.5": {"loop": 0.5},
    "loop +0.1, noise 0.4": {"loop": 0.1, "noise": 0.4},
    "loop +0.2, noise 0.4": {"loop": 0.2, "noise": 0.4},
}
EXPLORED = {"threshold": 0.0, "2% explored": 0.02, "10% explored": 0.1}


def rates(name: str, case: dict[str, Any], size: int, repeats: int) -> dict[str, Any]:
    """Judge so many logs by each method."""
    line: dict[str, Any] = {"case": name, "entities": size}
    for method, share in EXPLORED.items():
        found = over = right = alone = 0
        started = time.perf_counter()
        for k in range(repeats):
            log = log_of((SEED, size, k), size, explored=share, **case)
            section = judged(log)
            assert section is not None
            found += bool(section.found)
            over += section.verdict == "over tolerance"
            right += any(effect.name == "f0" for effect in section.found)
            # As if f0 were the only column.
            alone += any(e.name == "f0" and _excludes_0(e) for e in section.effects)
        line[method] = {
            "found": found / repeats,
            "over": over / repeats,
            "right": right / repeats,
            "alone": alone / repeats,
            "seconds": (time.perf_counter() - started) / repeats,
        }
    return line


def _excludes_0(effect: Effect) -> bool:
    low, high = effect.interval
    return low > 0 or high < 0


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=300)
    parser.add_argument("--sizes", type=int, nargs="+", default=[2_000, 20_000])
    parser.add_argument("--only", default="", help="cases whose name holds this")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    lines = []
    print(
        "Share of logs in which a loop is shown (the promise: at most 5% without one)"
    )
    for size in arguments.sizes:
        repeats = arguments.repeats if size < 10_000 else arguments.repeats // 3
        print(f"{size:,} entities, {repeats} logs; (over tolerance) [f0 alone]")
        for name, case in (CALM | LOOPS).items():
            if arguments.only not in name:
                continue
            line = rates(name, case, size, repeats)
            lines.append(line | {"repeats": repeats})
            said = "  ".join(
                f"{method} {line[method]['found']:5.1%} ({line[method]['over']:.1%}) "
                f"[{line[method]['alone']:.0%}]"
                for method in EXPLORED
            )
            seconds = max(line[method]["seconds"] for method in EXPLORED)
            print(f"  {name:<24} {said}  {seconds:.2f} s", flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps({"seed": SEED, "lines": lines}, indent=2))


if __name__ == "__main__":
    main()
