"""How often columns of vectors and of free text are found: with no drift, with some.

Each figure is the share of checks of one column that find it (level 5%), and the share
that find it over the tolerance of 0.1, as a check of one column decides. Data is drawn
anew for each check, seeds are fixed; effects are met with 20 columns' level (0.25%).

    python benchmarks/skew_vectors_text.py [--repeats N] [--json FILE]
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from nbmlops.profiles.building import build_profile
from nbmlops.skew.decision import Finding
from nbmlops.skew.free_texts import free_text_finding
from nbmlops.skew.vectors import vector_finding

LEVEL, TOLERANCE, COLUMNS = 0.05, 0.1, 20
SIZES = ((50, 50), (300, 300), (1_000, 1_000), (10_000, 100), (10_000, 10_000))
Draw = Callable[[np.random.Generator, int], np.ndarray]
Write = Callable[[np.random.Generator, int], list[str]]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=200)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    found: dict[str, list[dict[str, Any]]] = {}
    for title, rows in (
        ("vectors, no drift", vectors_alike(arguments.repeats)),
        ("vectors, drift", vectors_moved(arguments.repeats)),
        ("free text, no drift", texts_alike(arguments.repeats)),
        ("free text, drift", texts_moved(arguments.repeats)),
        ("speed", speed()),
    ):
        print(f"\n{title}")
        found[title] = []
        for row in rows:
            print("  ".join(_written(value) for value in row.values()), flush=True)
            found[title].append(row)
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


def _written(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:>8.3f}"
    return f"{value:<34}" if isinstance(value, str) else f"{value:>7,}"


def _times(repeats: int, rows: int) -> int:
    """Repeat large checks less often: their figures vary as little in themselves."""
    return max(20, repeats // 5) if rows > 2_000 else repeats


def _found(findings: list[Finding], level: float) -> dict[str, float]:
    real = [f.p_value <= level for f in findings]
    over = [max(f.p_value, f.p_tolerance) <= level for f in findings]
    return {
        "found": float(np.mean(real)),
        "over tolerance": float(np.mean(over)),
        "distance": float(np.median([f.distance for f in findings])),
    }


# Vectors


def spread(dimensions: int) -> np.ndarray:
    """Give the deviations of embeddings by direction: fewer and fewer matter."""
    return np.arange(1, dimensions + 1) ** -0.35


def world(dimensions: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw axes, a mean, and centres of eight clusters."""
    random = np.random.default_rng(seed)
    axes = np.linalg.qr(random.normal(size=(dimensions, dimensions)))[0]
    mean = random.normal(0, 0.3, dimensions)
    return axes, mean, random.normal(0, 0.7, (8, dimensions))


def normal(dimensions: int, shift: float = 0.0, direction: int = 0) -> Draw:
    """Draw normal vectors, moved by so many deviations along one of their axes."""
    axes, mean, _ = world(dimensions, 1)

    def draw(random: np.random.Generator, rows: int) -> np.ndarray:
        values = random.normal(size=(rows, dimensions))
        values[:, direction] += shift
        found: np.ndarray = (values * spread(dimensions)) @ axes + mean
        return found

    return draw


def heavy(dimensions: int) -> Draw:
    """Draw vectors of Student's t with two degrees of freedom."""
    base = normal(dimensions)
    return lambda random, rows: (
        base(random, rows) / np.sqrt(random.chisquare(2, (rows, 1)) / 2)
    )


def normalised(dimensions: int) -> Draw:
    """Draw vectors of length 1."""

    def draw(random: np.random.Generator, rows: int) -> np.ndarray:
        values = normal(dimensions)(random, rows)
        found: np.ndarray = values / np.linalg.norm(values, axis=1, keepdims=True)
        return found

    return draw


def clustered(dimensions: int, more: float = 0.0) -> Draw:
    """Draw vectors of eight clusters, the first with a larger share."""
    _, _, centres = world(dimensions, 1)
    shares = np.full(8, (1 - more) / 8)
    shares[0] += more
    base = normal(dimensions)
    return lambda random, rows: (
        base(random, rows) + centres[random.choice(8, rows, p=shares)]
    )


def turned(dimensions: int) -> Draw:
    """Draw what another model of the same quality would give: other axes."""
    axes = world(dimensions, 2)[0]
    base = normal(dimensions)
    return lambda random, rows: base(random, rows) @ axes


def vectors(
    before: Draw, after: Draw, sizes: tuple[int, int], repeats: int
) -> list[Finding]:
    """Check one column of vectors again and again."""
    findings = []
    for seed in range(repeats):
        random = np.random.default_rng(seed)
        reference = build_profile(vector_table(before(random, sizes[0])))
        table = vector_table(after(random, sizes[1]))
        serving = build_profile(table, like=reference)
        first: Any = reference.columns["e"]
        second: Any = serving.columns["e"]
        findings.append(vector_finding(first, second, (1.0, 1.0), TOLERANCE))
    return findings


def vector_table(values: np.ndarray) -> pa.Table:
    """Hold vectors in a table of one column."""
    flat = pa.array(values.ravel())
    return pa.table({"e": pa.FixedSizeListArray.from_arrays(flat, values.shape[1])})


def vectors_alike(repeats: int) -> Iterator[dict[str, Any]]:
    """Check vectors that did not move."""
    kinds = {
        "normal": normal,
        "heavy tails (t2)": heavy,
        "normalised": normalised,
        "clusters": clustered,
    }
    for dimensions in (2, 32, 384):
        for kind, make in kinds.items():
            for sizes in SIZES:
                times = _times(repeats, sum(sizes) * dimensions // 32)
                draw = make(dimensions)
                findings = vectors(draw, draw, sizes, times)
                yield {
                    "what": f"{kind}, {dimensions} numbers",
                    "reference": sizes[0],
                    "serving": sizes[1],
                    "checks": times,
                    **_found(findings, LEVEL),
                }


def vectors_moved(repeats: int) -> Iterator[dict[str, Any]]:
    """Check vectors that moved, at the level of one column in twenty."""
    for dimensions in (32, 384):
        last = dimensions // 2
        effects = {
            "+0.25 sd along the widest axis": normal(dimensions, 0.25),
            "+0.25 sd along a middle axis": normal(dimensions, 0.25, last),
            "+1 sd along a middle axis": normal(dimensions, 1.0, last),
            "one cluster +10 points": clustered(dimensions, 0.1),
            "another model (rotation)": turned(dimensions),
        }
        for what, after in effects.items():
            before = clustered if "cluster" in what else normal
            for rows in (1_000, 10_000):
                times = _times(repeats // 2, rows * dimensions // 32)
                findings = vectors(before(dimensions), after, (rows, rows), times)
                yield {
                    "what": f"{what}, {dimensions} numbers"[:48],
                    "rows": rows,
                    "checks": times,
                    **_found(findings, LEVEL / COLUMNS),
                }


# Free text


def dictionary(letters: str, words: int) -> list[str]:
    """Spell words; the same ones for each alphabet."""
    random = np.random.default_rng(1)
    return [
        "".join(
            letters[at]
            for at in random.integers(0, len(letters), random.integers(3, 9))
        )
        for _ in range(words)
    ]


LATIN = dictionary("abcdefghijklmnop", 20_000)
CYRILLIC = dictionary("абвгдежзийклмноп", 20_000)
NEW = dictionary("qrstuvwxyz", 2_000)


def sentences(
    random: np.random.Generator,
    rows: int,
    words: list[str] = LATIN,
    mean: float = 14,
) -> list[str]:
    """Write texts of words whose frequencies follow Zipf's law."""
    shares = np.cumsum(1 / np.arange(1, len(words) + 1))
    lengths = random.poisson(mean, rows) + 4
    chosen = np.searchsorted(shares, random.random(lengths.sum()) * shares[-1])
    ends = np.cumsum(lengths)
    known = np.array(words, dtype=object)[chosen]
    return [
        f"{' '.join(known[end - length : end])}."
        for end, length in zip(ends, lengths, strict=True)
    ]


def mixed(share: float) -> Write:
    """Write so many of the texts in another language."""

    def write(random: np.random.Generator, rows: int) -> list[str]:
        other = sentences(random, rows, CYRILLIC)
        is_other = random.random(rows) < share
        own = sentences(random, rows)
        return [b if k else a for a, b, k in zip(own, other, is_other, strict=True)]

    return write


def renewed(share: float) -> Write:
    """Write texts in which so many of the words are new."""

    def write(random: np.random.Generator, rows: int) -> list[str]:
        return [
            " ".join(
                NEW[random.integers(len(NEW))] if random.random() < share else word
                for word in text.split()
            )
            for text in sentences(random, rows)
        ]

    return write


def cut(random: np.random.Generator, rows: int) -> list[str]:
    """Write texts that are cut off at 120 characters."""
    return [text[:120] for text in sentences(random, rows)]


def texts(
    before: Write, after: Write, sizes: tuple[int, int], repeats: int
) -> list[Finding]:
    """Check one column of free text again and again."""
    findings = []
    for seed in range(repeats):
        random = np.random.default_rng(seed)
        reference = build_profile(pa.table({"t": before(random, sizes[0])}))
        table = pa.table({"t": after(random, sizes[1])})
        serving = build_profile(table, like=reference)
        first: Any = reference.columns["t"]
        second: Any = serving.columns["t"]
        findings.append(free_text_finding(first, second, (1.0, 1.0), TOLERANCE))
    return findings


def texts_alike(repeats: int) -> Iterator[dict[str, Any]]:
    """Check texts that did not change."""
    for kind, write in (("one language", sentences), ("8% in another", mixed(0.08))):
        for sizes in ((100, 50), *SIZES[1:]):
            times = _times(repeats, sum(sizes))
            yield {
                "what": kind,
                "reference": sizes[0],
                "serving": sizes[1],
                "checks": times,
                **_found(texts(write, write, sizes, times), LEVEL),
            }


def texts_moved(repeats: int) -> Iterator[dict[str, Any]]:
    """Check texts that changed, at the level of one column in twenty."""
    effects: dict[str, Write] = {
        "10% in another language": mixed(0.1),
        "2% in another language": mixed(0.02),
        "cut off at 120 characters": cut,
        "5% of words new": renewed(0.05),
        "2% of words new": renewed(0.02),
        "10% more words": lambda random, rows: sentences(random, rows, mean=15.8),
    }
    for what, after in effects.items():
        for rows in (300, 1_000):
            times = _times(repeats // 2, rows)
            yield {
                "what": what,
                "rows": rows,
                "checks": times,
                **_found(texts(sentences, after, (rows, rows), times), LEVEL / COLUMNS),
            }


def speed() -> Iterator[dict[str, Any]]:
    """Time profiles of 100,000 rows, and measure how large they are stored."""
    random = np.random.default_rng(1)
    for what, table in (
        ("vectors of 384 numbers", vector_table(normal(384)(random, 100_000))),
        ("free text of 18 words", pa.table({"t": sentences(random, 100_000)})),
    ):
        start, own = time.perf_counter(), time.process_time()
        profile = build_profile(table)
        yield {
            "what": f"{what}, 100,000 rows",
            "seconds": time.perf_counter() - start,
            "processor": time.process_time() - own,
            "stored KB": len(profile.to_bytes()) / 1e3,
        }


if __name__ == "__main__":
    main()
