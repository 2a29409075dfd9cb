"""Other labels in the same shares: recoded, or the same labels with other meanings."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from nbmlops.skew import statistics
from nbmlops.skew.causes import fit as fitting
from nbmlops.skew.causes.evidence import Candidate, Evidence
from nbmlops.skew.causes.label_scores import null_score, pooled, vectors
from nbmlops.skew.causes.labels import ALL_NEW, new_share
from nbmlops.skew.causes.words import arriving, share
from nbmlops.skew.questions import Labels
from nbmlops.skew.repair.steps import Apply, Relabel, Step
from nbmlops.skew.statistics import Floats

REPLAYS = 60  # draws of both sides from one sorted curve
SEED = 20130101
RECODED_GATE, PERMUTED_GATE = 4.0, 3.5  # in deviations of these draws
RECODED_OWN, RANKED_OWN, CODES_OWN = 12.0, 18.0, 6.0
TURNED_OWN = 9.0  # labels in a known order, turned round or reversed
FEWEST_RECODED = 3
LEAST_MOVED = 0.1  # of the rows, beyond noise: below it nothing is called permuted
MOST_ONE_SIDED = 0.25  # of a side's rows in labels that the other lacks
APART = 3.0  # deviations between two labels whose order is sure
LARGEST = 2_000.0  # rows a side that are drawn: more tell no more of a curve
EVEN = 3.0  # deviations from even shares below which sorted curves always agree


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A way in which the labels of one side are those of the other.

    Attributes
    ----------
    meant
        For each serving label the place of training's label that it stands for.
    said
        In words.
    price
        What it costs, as one of so many.
    """

    meant: np.ndarray
    said: str
    price: float


def propose_recoded(evidence: Evidence) -> Iterator[Candidate]:
    """Propose that all labels were replaced, one by one.

    Parameters
    ----------
    evidence
        The column.

    Yields
    ------
    Candidate
        At most two: codes of a known order, and any others of the same frequencies.
    """
    labels = evidence.labels
    if labels is None:
        return
    old = np.flatnonzero(labels.reference > 0)
    new = np.flatnonzero((labels.reference <= 0) & (labels.serving > 0))
    if new_share(labels) <= ALL_NEW:
        return
    if min(len(old), len(new)) < FEWEST_RECODED:
        return
    yield from _codes(evidence, labels, old, new)
    a, b = labels.reference[old], labels.serving[new]
    off = sorted_gap(a, b)
    if off >= RECODED_GATE:
        return
    ranks = _ranked(labels, old, new)
    names = [(labels.names[i], labels.names[j]) for i, j in ranks]
    yield Candidate(
        kind="recoded",
        score=_curve_score(off, len(old)) + RECODED_OWN + _nulls(labels),
        detail=f"all labels are others in the same shares: {arriving(names)}, "
        "by their frequency",
        mend=_by_rank(labels, ranks),
        backed=_unevenness(a, b) > EVEN,
    )


def _codes(
    evidence: Evidence, labels: Labels, old: np.ndarray, new: np.ndarray
) -> Iterator[Candidate]:
    """Propose that serving sends the codes of an encoder: places in an order."""
    codes = {_code(labels.names[j]): int(j) for j in new}
    codes.pop(-1, None)
    if len(codes) < ALL_NEW * len(new):
        return
    orders = [(sorted(labels.names[i] for i in old), "in alphabetical order")]
    if known := _categories(evidence):
        orders.insert(0, (known, "in the order of the model's encoder"))
    at = {name: k for k, name in enumerate(labels.names)}
    for order, said in orders:
        for first in (0, 1):
            pairs = [
                (at[order[code - first]], j)
                for code, j in codes.items()
                if 0 <= code - first < len(order) and order[code - first] in at
            ]
            if len(pairs) < len(codes):
                continue
            a = np.zeros(len(labels.names))
            b = np.zeros(len(labels.names))
            for i, j in pairs:
                a[i], b[i] = labels.reference[i], labels.serving[j]
            rest = np.setdiff1d(old, [i for i, _ in pairs])
            a[rest] = labels.reference[rest]
            fits = fitting.fit(*pooled(a, b))
            if not fits.passes:
                continue
            pairs.sort(key=lambda pair: -labels.serving[pair[1]])
            names = [(labels.names[i], labels.names[j]) for i, j in pairs]
            yield Candidate(
                kind="recoded",
                score=fits.soft + CODES_OWN + _nulls(labels),
                detail=f"{arriving(names)}: labels arrive as their places {said}, "
                f"from {first}",
                mend=(Relabel(labels={b: a for a, b in names}),),
            )
            return


def _code(name: str) -> int:
    """Read a label as a code; -1 where it is none."""
    digits = name.removesuffix(".0")
    return int(digits) if digits.isdecimal() and len(digits) < 7 else -1


def _categories(evidence: Evidence) -> list[str]:
    """Give the categories of the model's own encoder in their order, if known."""
    return [str(name) for name in evidence.hints.get("categories", ())]


def propose_permuted(evidence: Evidence) -> Iterator[Candidate]:
    """Propose that the labels are the same, and mean each other.

    Parameters
    ----------
    evidence
        The column.

    Yields
    ------
    Candidate
        The best turn of a known order, and any order of the same frequencies.
    """
    labels = evidence.labels
    if labels is None or len(labels.names) < 2:
        return
    if max(_one_sided(labels)) > MOST_ONE_SIDED or _moved(labels) <= LEAST_MOVED:
        return
    tried = [
        (fitting.fit(*_under(labels, order)), order)
        for order in _orders(labels, _categories(evidence))
    ]
    fitting_ = [(f.soft + order.price, order) for f, order in tried if f.passes]
    if fitting_:
        score, order = min(fitting_, key=lambda found: found[0])
        yield _permuted(evidence, labels, order, score)
    if len(labels.names) > 2:
        yield from _any_order(evidence, labels)


def _orders(labels: Labels, categories: Sequence[str]) -> Iterator[Order]:
    """List the turns of labels in a known order, and the exchange of two orders."""
    count = len(labels.names)
    plain = np.arange(count)
    at = {name: k for k, name in enumerate(labels.names)}
    sequences = [(plain, TURNED_OWN)]
    known = np.array([at[name] for name in categories if name in at], dtype=np.int64)
    if len(known) == count and len(set(known.tolist())) == count:
        sequences.append((known, TURNED_OWN / 2))
        price = TURNED_OWN / 2
        if not np.array_equal(known, plain):
            there, back = np.empty(count, int), np.empty(count, int)
            there[known], back[plain] = plain, known
            said = "the order of the model's encoder and the alphabet's are exchanged"
            yield Order(meant=there, said=said, price=price)
            yield Order(meant=back, said=said, price=price)
    for sequence, own in sequences:
        price = 2 * np.log(2 * count) + own
        for by in range(1, count):
            meant = np.empty(count, dtype=np.int64)
            meant[sequence] = np.roll(sequence, -by)
            places = min(by, count - by)
            said = f"labels are moved by {places} place{'s' * (places > 1)}"
            said = f"{said} in their order" if count > 2 else "the two are exchanged"
            yield Order(meant=meant, said=said, price=float(price))
        if count > 2:
            meant = np.empty(count, dtype=np.int64)
            meant[sequence] = sequence[::-1]
            said = "labels are in reverse order"
            yield Order(meant=meant, said=said, price=float(price))


def _under(labels: Labels, order: Order) -> tuple[Floats, Floats]:
    """Count the reference under the labels that serving gives."""
    return pooled(
        np.append(labels.reference[order.meant], labels.others[0]),
        np.append(labels.serving, labels.others[1]),
    )


def _permuted(
    evidence: Evidence, labels: Labels, order: Order, score: float
) -> Candidate:
    """Say it in words."""
    shift = [
        (labels.names[int(i)], labels.names[j])
        for j, i in enumerate(order.meant)
        if int(i) != j
    ]
    shift.sort(key=lambda pair: -labels.serving[labels.names.index(pair[1])])
    return Candidate(
        kind="permuted",
        score=score + _nulls(labels),
        detail=f"{arriving(shift)}: {order.said}",
        mend=_exchange(evidence, dict((b, a) for a, b in shift)),
    )


def _exchange(evidence: Evidence, names: dict[str, str]) -> tuple[Step, ...]:
    """Give each label its meaning back."""
    if evidence.kind != "boolean":
        return (Relabel(labels=names),)
    # A null is not exchanged; numpy would make it true.
    return () if evidence.serving.nulls else (Apply(function="logical_not"),)


def _any_order(evidence: Evidence, labels: Labels) -> Iterator[Candidate]:
    """Propose that the labels are exchanged in some way that only shares tell."""
    every = np.arange(len(labels.names))
    a, b = labels.reference, labels.serving
    off = sorted_gap(a, b)
    if off >= PERMUTED_GATE:
        return
    score = _curve_score(off, len(every)) + _orders_price(a) + RANKED_OWN
    ranks = _ranked(labels, every, every)
    names = [(labels.names[i], labels.names[j]) for i, j in ranks if i != j]
    mend = _by_rank(labels, ranks)
    yield Candidate(
        kind="permuted",
        score=score + _nulls(labels),
        detail=f"the same labels in the same shares, exchanged: {arriving(names)}, "
        f"by their frequency; {share(_moved(labels))} of rows moved",
        mend=mend,
    )


def _orders_price(counts: Floats) -> float:
    """Price one order among those that differ: equal frequencies are one."""
    ranked = np.sort(counts)[::-1]
    noise = APART * np.sqrt(ranked[:, np.newaxis] + ranked + 1.0)
    same = (np.abs(ranked[:, np.newaxis] - ranked) < noise).sum(axis=1)
    left = len(ranked) - np.arange(len(ranked))
    return 2 * float(np.log(np.maximum(left / np.minimum(same, left), 1.0)).sum())


def _ranked(labels: Labels, old: np.ndarray, new: np.ndarray) -> list[tuple[int, int]]:
    """Pair labels of both sides by their frequency."""
    first = old[np.argsort(-labels.reference[old], kind="stable")]
    second = new[np.argsort(-labels.serving[new], kind="stable")]
    return [(int(i), int(j)) for i, j in zip(first, second, strict=False)]


def _by_rank(labels: Labels, ranks: list[tuple[int, int]]) -> tuple[Step, ...]:
    """Give the exact map where no two neighbours in rank may have changed places."""
    held = [(labels.reference[i], labels.serving[j]) for i, j in ranks]
    for first, second in pairwise(held):
        for more, less in zip(first, second, strict=True):
            if more - less < APART * np.sqrt(more + less):
                return ()
    names = {labels.names[j]: labels.names[i] for i, j in ranks if i != j}
    return (Relabel(labels=names),) if names else ()


def sorted_gap(reference: Floats, serving: Floats) -> float:
    """Say how far two sides' sorted frequencies are apart.

    Parameters
    ----------
    reference, serving
        Effective rows per label, shape (k,) and (j,).

    Returns
    -------
    float
        G2 of the sorted curves, in standard deviations of its own bootstrap: both
        sides drawn from the pooled curve, and sorted again.
    """
    k = max(len(reference), len(serving))
    a, b = _curve(reference, k), _curve(serving, k)
    shrink = min(1.0, LARGEST / max(min(a.sum(), b.sum()), 1.0))
    a, b = a * shrink, b * shrink
    both = a / a.sum() + b / b.sum()
    r = np.random.default_rng(SEED)
    sizes = max(1, round(float(a.sum()))), max(1, round(float(b.sum())))
    draws = [r.multinomial(size, both / both.sum(), REPLAYS) for size in sizes]
    null = [
        statistics.likelihood_ratio(_curve(x, k), _curve(y, k))
        for x, y in zip(*(d.astype(np.float64) for d in draws), strict=True)
    ]
    spread = max(float(np.std(null, ddof=1)), 1e-9)
    return (statistics.likelihood_ratio(a, b) - float(np.mean(null))) / spread


def _curve(counts: Floats, k: int) -> Floats:
    """Sort counts, the largest first, to a length."""
    return np.pad(np.sort(counts)[::-1], (0, k - len(counts)))


def _curve_score(off: float, count: int) -> float:
    """Put a gap of sorted curves on the scale of G2 of as many labels."""
    df = max(1, count - 1)
    return df + max(off, 0.0) * float(np.sqrt(2 * df))


def _unevenness(a: Floats, b: Floats) -> float:
    """Say by how many deviations shares differ from even ones, on the side least so."""
    found = []
    for counts in (a, b):
        even = np.full(len(counts), counts.sum() / len(counts))
        x2 = float(((counts - even) ** 2 / even).sum())
        df = max(1, len(counts) - 1)
        found.append((x2 - df) / float(np.sqrt(2 * df)))
    return min(found)


def _moved(labels: Labels) -> float:
    """Return the share of rows that changed label, less what noise moves."""
    n, m = float(labels.reference.sum()), float(labels.serving.sum())
    if n <= 0 or m <= 0:
        return 0.0
    p, q = labels.reference / n, labels.serving / m
    middle = (labels.reference + labels.serving) / (n + m)
    noise = np.sqrt(2 / np.pi * middle * (1 - middle) * (1 / n + 1 / m)).sum() / 2
    return float(np.abs(p - q).sum() / 2 - noise)


def _one_sided(labels: Labels) -> tuple[float, float]:
    """Return the share of each side's values whose label the other lacks."""
    a, b = labels.reference, labels.serving
    lost, new = float(a[b <= 0].sum()), float(b[a <= 0].sum())
    return lost / max(float(a.sum()), 1e-300), new / max(float(b.sum()), 1e-300)


def _nulls(labels: Labels) -> float:
    return null_score(labels, vectors(labels))
