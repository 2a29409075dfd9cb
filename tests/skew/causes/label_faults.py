"""Faults in handling labels and times, and changes of the world that are none."""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Labels = NDArray[np.object_]
Rng = np.random.Generator
Times = pd.DatetimeIndex

NULLS = 0.06
COUNTS = (4, 12, 60)
FIRST = [
    "Älv",
    "Bern",
    "Cádiz",
    "Dôle",
    "Évian",
    "Faro",
    "Győr",
    "Hof",
    "İzmir",
    "Jaén",
    "Köln",
    "Lódz",
]
SECOND = ("Nord", "Süd", "Vieux-Port", "Centro", "Østre")
DAYS = 28


def names_of(count: int) -> list[str]:
    """Name so many places, in an order that is not the alphabet's."""
    places = [f"{a} {b}" for b in SECOND for a in FIRST]
    step = 7 if count > 7 else 3
    return [places[k * step % count] for k in range(count)]


def shares_of(count: int) -> NDArray[np.float64]:
    shares = 1 / np.arange(1, count + 1)
    return np.asarray(shares / shares.sum())


def draw(r: Rng, rows: int, names: list[str], shares: Any = None) -> Labels:
    """Draw labels, by Zipf's law where no shares are given."""
    p = shares_of(len(names)) if shares is None else np.asarray(shares)
    return np.array(names, dtype=object)[r.choice(len(names), rows, p=p / p.sum())]


def with_nulls(r: Rng, labels: Labels, share: float) -> Labels:
    held = labels.copy()
    held[r.random(len(labels)) < share] = None
    return held


@dataclass(frozen=True, kw_only=True)
class Sample:
    """What a fault is done to: both sides without nulls, and its own randomness."""

    before: Labels
    after: Labels
    names: list[str]
    r: Rng


Pair = tuple[Labels, Labels]
Make = Callable[[Sample], Pair]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault.

    Attributes
    ----------
    kind
        What it ought to be named.
    make
        Gives both sides, nulls included.
    counts
        The numbers of labels it makes sense on.
    hints
        Gives what is known of the model's preparation.
    """

    kind: str
    make: Make
    counts: tuple[int, ...] = COUNTS
    hints: Callable[[list[str]], Mapping[str, Any]] = field(default=lambda names: {})


def each(labels: Labels, change: Callable[[str], str]) -> Labels:
    known = {name: change(name) for name in set(labels)}
    return np.array([known[name] for name in labels], dtype=object)


def served(change: Callable[[str], str], share: float = 1.0) -> Make:
    """Serving spells labels, or a share of the rows, otherwise."""

    def make(s: Sample) -> Pair:
        before = with_nulls(s.r, s.before, NULLS)
        changed = each(s.after, change)
        after = np.where(s.r.random(len(changed)) < share, changed, s.after)
        return before, with_nulls(s.r, after, NULLS)

    return make


def both(first: Callable[[str], str], second: Callable[[str], str]) -> Make:
    """Training spells labels one way and serving another."""

    def make(s: Sample) -> Pair:
        return (
            with_nulls(s.r, each(s.before, first), NULLS),
            with_nulls(s.r, each(s.after, second), NULLS),
        )

    return make


def token(word: str) -> Make:
    def make(s: Sample) -> Pair:
        holes = s.r.random(len(s.after)) < NULLS
        return with_nulls(s.r, s.before, NULLS), np.where(holes, word, s.after)

    return make


def reordered(order: Callable[[Rng, int], NDArray[np.int64]]) -> Make:
    """The code of a label in its alphabet is read in another order."""

    def make(s: Sample) -> Pair:
        alphabet = sorted(s.names)
        new = order(s.r, len(alphabet))
        change = {name: alphabet[int(new[k])] for k, name in enumerate(alphabet)}
        return served(lambda name: change[name])(s)

    return make


def exchanged(s: Sample) -> Pair:
    """Codes of the encoder's order are read in the alphabet's."""
    alphabet = sorted(s.names)
    change = dict(zip(s.names, alphabet, strict=True))
    return served(lambda name: change[name])(s)


def _shuffled(r: Rng, count: int) -> NDArray[np.int64]:
    while True:
        order = r.permutation(count)
        if np.abs(order - np.arange(count)).sum() > count / 2:
            return np.asarray(order)


def _coded(s: Sample) -> Pair:
    alphabet = sorted(s.names)
    return served(lambda name: str(alphabet.index(name)))(s)


def _hashed(s: Sample) -> Pair:
    marks = {name: f"{s.r.integers(16**8):08x}" for name in s.names}
    return served(lambda name: marks[name])(s)


def _fullwidth(name: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in name)


def plain(name: str) -> str:
    parts = unicodedata.normalize("NFKD", name)
    return "".join(c for c in parts if not unicodedata.combining(c))


def number(names: list[str], name: str) -> str:
    return str(names.index(name) + 1)


def _numbers(change: Callable[[str], str]) -> Make:
    def make(s: Sample) -> Pair:
        return both(
            lambda name: number(s.names, name),
            lambda name: change(number(s.names, name)),
        )(s)

    return make


def _truth(s: Sample) -> Pair:
    before, after = (s.r.random(len(s.before)) < 0.3 for _ in range(2))
    return (
        with_nulls(s.r, np.where(before, "True", "False").astype(object), NULLS),
        with_nulls(s.r, np.where(after, "1", "0").astype(object), NULLS),
    )


def _new(s: Sample) -> Pair:
    more = np.where(s.r.random(len(s.after)) < 0.04, "Genua", s.after)
    return with_nulls(s.r, s.before, NULLS), with_nulls(s.r, more, NULLS)


def _lost(s: Sample) -> Pair:
    more = np.where(s.r.random(len(s.after)) < 0.04, "Genua", s.before)
    return with_nulls(s.r, more, NULLS), with_nulls(s.r, s.after, NULLS)


def _more_nulls(s: Sample) -> Pair:
    return with_nulls(s.r, s.before, NULLS), with_nulls(s.r, s.after, 0.14)


FAULTS: Mapping[str, Fault] = {
    "upper case": Fault(kind="case", make=served(str.upper)),
    "lower case": Fault(kind="case", make=served(str.lower)),
    "upper case in 5% of rows": Fault(kind="case", make=served(str.upper, 0.05)),
    "trailing blank": Fault(kind="whitespace", make=served(lambda n: n + " ")),
    "blank in 5% of rows": Fault(
        kind="whitespace", make=served(lambda n: " " + n, 0.05)
    ),
    "underscores": Fault(kind="whitespace", make=served(lambda n: n.replace(" ", "_"))),
    "NFD": Fault(
        kind="unicode", make=served(lambda n: unicodedata.normalize("NFD", n))
    ),
    "fullwidth (NFKC)": Fault(kind="unicode", make=served(_fullwidth)),
    "accents lost": Fault(kind="unicode", make=served(plain)),
    "mojibake": Fault(
        kind="unicode", make=served(lambda n: n.encode().decode("latin-1"))
    ),
    "null -> nan": Fault(kind="null-token", make=token("nan")),
    "null -> None": Fault(kind="null-token", make=token("None")),
    "null -> empty": Fault(kind="null-token", make=token("")),
    "null -> unknown": Fault(kind="null-token", make=token("unknown")),
    "1 -> 1.0": Fault(kind="dtype", make=_numbers(lambda n: n + ".0")),
    "1 -> 01": Fault(kind="dtype", make=_numbers(lambda n: n.zfill(2))),
    "True -> 1": Fault(kind="dtype", make=_truth, counts=(4,)),
    "prefix city:": Fault(kind="prefix", make=served(lambda n: "city:" + n)),
    "prefix X": Fault(kind="prefix", make=served(lambda n: "X" + n)),
    "suffix _v2 in 10%": Fault(kind="prefix", make=served(lambda n: n + "_v2", 0.1)),
    "prefix lost": Fault(kind="prefix", make=both(lambda n: "id-" + n, str)),
    "cut to 7": Fault(kind="truncated", make=served(lambda n: n[:7])),
    "cut to 3": Fault(kind="truncated", make=served(lambda n: n[:3]), counts=(4, 12)),
    "codes for labels": Fault(kind="recoded", make=_coded),
    "hashes for labels": Fault(kind="recoded", make=_hashed),
    "rotated": Fault(
        kind="permuted", make=reordered(lambda r, k: np.roll(np.arange(k), 1))
    ),
    "reversed": Fault(kind="permuted", make=reordered(lambda r, k: np.arange(k)[::-1])),
    "any order": Fault(kind="permuted", make=reordered(_shuffled)),
    "encoder's order": Fault(
        kind="permuted",
        make=exchanged,
        hints=lambda names: {"categories": names},
    ),
    "new label 4%": Fault(kind="new-category", make=_new),
    "lost label 4%": Fault(kind="lost-category", make=_lost),
    "nulls 6 -> 14%": Fault(kind="nulls", make=_more_nulls),
    "null rows dropped": Fault(
        kind="nulls", make=lambda s: (with_nulls(s.r, s.before, NULLS), s.after)
    ),
    "empty": Fault(
        kind="empty-column",
        make=lambda s: (s.before, np.full(len(s.after), None, dtype=object)),
    ),
    "constant": Fault(
        kind="constant",
        make=lambda s: (s.before, np.full(len(s.after), s.names[1], dtype=object)),
    ),
}


def _tilt(power: float) -> Make:
    """Zipf's law with another power: heavy labels heavier, or lighter."""

    def make(s: Sample) -> Pair:
        shares = shares_of(len(s.names)) ** power
        after = draw(s.r, len(s.after), s.names, shares)
        return with_nulls(s.r, s.before, NULLS), with_nulls(s.r, after, NULLS)

    return make


def _reweighted(spread: float) -> Make:
    """Every share times a lognormal factor."""

    def make(s: Sample) -> Pair:
        shares = shares_of(len(s.names)) * s.r.lognormal(0, spread, len(s.names))
        after = draw(s.r, len(s.after), s.names, shares)
        return with_nulls(s.r, s.before, NULLS), with_nulls(s.r, after, NULLS)

    return make


def _season(amplitude: float) -> Make:
    """Labels have their season: shares follow a wave over the alphabet."""

    def make(s: Sample) -> Pair:
        count = len(s.names)
        phase = s.r.random() * 2 * np.pi
        wave = np.cos(2 * np.pi * np.arange(count) / count + phase)
        shares = [shares_of(count) * (1 + k * amplitude * wave) for k in (1, -1)]
        sides = [draw(s.r, len(s.after), s.names, p) for p in shares]
        return with_nulls(s.r, sides[0], NULLS), with_nulls(s.r, sides[1], NULLS)

    return make


def _doubled(s: Sample) -> Pair:
    shares = shares_of(len(s.names))
    shares[1] *= 2.5
    after = draw(s.r, len(s.after), s.names, shares)
    return with_nulls(s.r, s.before, NULLS), with_nulls(s.r, after, NULLS)


def _half(s: Sample) -> Pair:
    """Only every other place is served."""
    after = draw(s.r, len(s.after), s.names[::2])
    return with_nulls(s.r, s.before, NULLS), with_nulls(s.r, after, NULLS)


def _grown(s: Sample) -> Pair:
    """New places opened, and the old ones changed."""
    names = [*s.names, "Oulu Nord", "Pau Süd"]
    shares = np.append(shares_of(len(s.names)), [0.05, 0.02])
    shares *= s.r.lognormal(0, 0.4, len(shares))
    after = draw(s.r, len(s.after), names, shares)
    return with_nulls(s.r, s.before, NULLS), with_nulls(s.r, after, NULLS)


def _fewer_nulls(s: Sample) -> Pair:
    shares = shares_of(len(s.names)) * s.r.lognormal(0, 0.4, len(s.names))
    after = draw(s.r, len(s.after), s.names, shares)
    return with_nulls(s.r, s.before, 0.12), with_nulls(s.r, after, 0.03)


NATURAL: Mapping[str, Make] = {
    "tilt x0.5": _tilt(0.5),
    "tilt x1.5": _tilt(1.5),
    "reweighted 0.3": _reweighted(0.3),
    "reweighted 0.8": _reweighted(0.8),
    "reweighted 1.5": _reweighted(1.5),
    "season 0.5": _season(0.5),
    "season 0.9": _season(0.9),
    "one doubled": _doubled,
    "half served": _half,
    "grown": _grown,
    "fewer nulls": _fewer_nulls,
}


def rhythm(
    kind: str, *, peak: float = 14.0, swing: float = 0.8, wide: float = 1.0
) -> NDArray[np.float64]:
    """Give the weight of each minute of the day."""
    hour = np.arange(1440) / 60
    if kind == "cosine":
        return 1 + swing * np.cos((hour - peak) * 2 * np.pi / 24)
    lunch = np.exp(-(((hour - peak + 2.5) / (1.6 * wide)) ** 2))
    evening = 0.7 * np.exp(-(((hour - peak - 3) / (2.0 * wide)) ** 2))
    is_open = (hour >= 8) & (hour < 20.5)
    return np.where(is_open, swing / 0.8 * (lunch + evening) + 0.15, 0.004)


RHYTHMS = ("cosine", "opening hours")


def times(
    r: Rng, rows: int, weights: NDArray[np.float64], start: str, weekend: float = 0.5
) -> Times:
    """Draw times over four weeks with that day, less at weekends."""
    days = np.where(np.arange(DAYS) % 7 < 5, 1.0, weekend)
    day = r.choice(DAYS, rows, p=days / days.sum())
    minute = r.choice(1440, rows, p=weights / weights.sum())
    second = day * 86_400 + minute * 60 + r.integers(0, 60, rows)
    return pd.Timestamp(start) + pd.to_timedelta(second, unit="s")


JANUARY, FEBRUARY = "2024-01-01", "2024-01-29"  # Mondays of one clock
SHIFTS: Mapping[str, float] = {
    "+ 1": 1,
    "- 1": -1,
    "+ 2": 2,
    "+ 5:30": 5.5,
    "- 5": -5,
    "+ 9": 9,
}


def shifted(kind: str, hours: float, rows: int, r: Rng) -> tuple[Times, Times]:
    """Serve times of another zone."""
    sides = [times(r, rows, rhythm(kind), start) for start in (JANUARY, FEBRUARY)]
    return sides[0], sides[1] + pd.Timedelta(hours=hours)


NATURAL_HOURS: Mapping[str, Mapping[str, float]] = {
    "flatter": {"swing": 0.5},
    "steeper": {"swing": 0.95},
    "a little later": {"peak": 14.5},
    "later and flatter": {"peak": 14.7, "swing": 0.6},
    "earlier": {"peak": 13.3},
    "wider": {"wide": 1.3},
}
