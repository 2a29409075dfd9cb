"""Hypothesis "permuted": the same labels, and each means another one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from nbmlops.skew.causes import fit as fitting
from nbmlops.skew.causes.evidence import Candidate, Evidence
from nbmlops.skew.causes.frequencies import (
    by_rank,
    curve_score,
    orders_price,
    ranked,
    sorted_gap,
)
from nbmlops.skew.causes.label_scores import null_score, pooled, vectors
from nbmlops.skew.causes.words import arriving, share
from nbmlops.skew.questions import Labels
from nbmlops.skew.repair.steps import Apply, Relabel, Step
from nbmlops.skew.statistics import Floats

GATE = 3.5  # deviations of the sorted curves' own noise
# What it costs: an order that the alphabet knows, one of the encoder, and any other.
TURNED_OWN, KNOWN_OWN, RANKED_OWN = 9.0, 4.5, 18.0
LEAST_MOVED = 0.1  # of the rows, beyond noise: below it nothing is called permuted
LEAST_TOLD = 0.03  # and from here on it is told beside a change of the population
# Labels in any order are seldom near their old shares: nearer than one order in a
# hundred are those that each became a little more or less, and so changed ranks.
ORDERS, RARE, SEED = 500, 0.01, 20130101
MOST_ONE_SIDED = 0.25  # of a side's rows in labels that the other lacks
MOST_LABELS, MOST_TURNED = 1_000, 250  # beyond it rows are too few to tell an order

Places = NDArray[np.int64]


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

    meant: Places
    said: str
    price: float


def propose(evidence: Evidence) -> Iterator[Candidate]:
    """Propose that the labels are the same, and mean each other.

    Parameters
    ----------
    evidence
        The column; its hints may hold the order of the model's own encoder.

    Yields
    ------
    Candidate
        The best turn of a known order, and any order of the same frequencies.
    """
    labels = evidence.labels
    if labels is None or not 2 <= len(labels.names) <= MOST_LABELS:
        return
    moved = _moved(labels)
    if max(_one_sided(labels)) > MOST_ONE_SIDED or moved <= LEAST_TOLD:
        return
    for found in _proposed(evidence, labels):
        # A few rows in a hundred move by themselves: no sentence is made of it.
        known = moved > LEAST_MOVED
        yield found if known else replace(found, backed=False, detail="")


def _proposed(evidence: Evidence, labels: Labels) -> Iterator[Candidate]:
    """Propose the best turn of a known order, and any order, however few rows moved."""
    known = [str(name) for name in evidence.hints.get("categories", ())]
    tried = [(fitting.fit(*_under(labels, o)), o) for o in _orders(labels, known)]
    fits = [(fit.soft + order.price, order) for fit, order in tried if fit.passes]
    if fits:
        score, order = min(fits, key=lambda found: found[0])
        yield _in_order(evidence, labels, order, score)
    if len(labels.names) > 2:
        yield from _in_any_order(labels)


def _orders(labels: Labels, categories: Sequence[str]) -> Iterator[Order]:
    """List the turns of labels in a known order, and the exchange of two orders."""
    count = len(labels.names)
    if count > MOST_TURNED:
        return
    plain = np.arange(count)
    yield from _turns(plain, TURNED_OWN)
    at = {name: k for k, name in enumerate(labels.names)}
    known = np.array([at[name] for name in categories if name in at], dtype=np.int64)
    if len(known) != count or np.array_equal(known, plain):
        return
    yield from _turns(known, KNOWN_OWN)
    said = "the order of the model's encoder and the alphabet's are exchanged"
    for meant in (np.argsort(known), known):
        yield Order(meant=meant, said=said, price=KNOWN_OWN)


def _turns(sequence: Places, own: float) -> Iterator[Order]:
    """List an order turned round by so many places, and reversed."""
    count = len(sequence)
    price = float(2 * np.log(2 * count)) + own
    turned = [np.roll(sequence, -by) for by in range(1, count)]
    for by, turn in enumerate([*turned, sequence[::-1]], start=1):
        meant = np.empty(count, dtype=np.int64)
        meant[sequence] = turn
        places = min(by, count - by)
        said = f"labels are moved by {places} place{'s' * (places > 1)} in their order"
        said = said if by < count else "labels are in reverse order"
        said = said if count > 2 else "the two are exchanged"
        yield Order(meant=meant, said=said, price=price)


def _under(labels: Labels, order: Order) -> tuple[Floats, Floats]:
    """Count the reference under the labels that serving gives."""
    return pooled(
        np.append(labels.reference[order.meant], labels.others[0]),
        np.append(labels.serving, labels.others[1]),
    )


def _in_order(
    evidence: Evidence, labels: Labels, order: Order, score: float
) -> Candidate:
    """Say in words which labels mean which."""
    heavy = np.argsort(-labels.serving, kind="stable")
    moved = [
        (labels.names[order.meant[j]], labels.names[j])
        for j in heavy
        if order.meant[j] != j
    ]
    return Candidate(
        kind="permuted",
        score=score + null_score(labels, vectors(labels)),
        detail=f"{arriving(moved)}: {order.said}",
        mend=_meanings(evidence, {served: meant for meant, served in moved}),
    )


def _meanings(evidence: Evidence, names: dict[str, str]) -> tuple[Step, ...]:
    """Give each label its meaning back."""
    if evidence.kind != "boolean":
        return (Relabel(labels=names),)
    # A null is not exchanged; numpy would make it true.
    return () if evidence.serving.nulls else (Apply(function="logical_not"),)


def _in_any_order(labels: Labels) -> Iterator[Candidate]:
    """Propose that the labels are exchanged in some way that only shares tell."""
    if _order_is_near(labels):
        return
    every = np.arange(len(labels.names))
    off = sorted_gap(labels.reference, labels.serving)
    if off >= GATE:
        return
    score = curve_score(off, len(every)) + orders_price(labels.reference) + RANKED_OWN
    ranks = ranked(labels, every, every)
    names = [(labels.names[i], labels.names[j]) for i, j in ranks if i != j]
    if not names:
        return
    yield Candidate(
        kind="permuted",
        score=score + null_score(labels, vectors(labels)),
        detail=f"the same labels in the same shares, exchanged: {arriving(names)}, "
        f"by their frequency; {share(_moved(labels))} of rows moved",
        mend=by_rank(labels, ranks),
    )


def _moved(labels: Labels) -> float:
    """Return the share of rows that changed label, less what noise moves."""
    n, m = float(labels.reference.sum()), float(labels.serving.sum())
    if n <= 0 or m <= 0:
        return 0.0
    p, q = labels.reference / n, labels.serving / m
    middle = (labels.reference + labels.serving) / (n + m)
    noise = np.sqrt(2 / np.pi * middle * (1 - middle) * (1 / n + 1 / m)).sum() / 2
    return float(np.abs(p - q).sum() / 2 - noise)


def _order_is_near(labels: Labels) -> bool:
    """Say whether hardly any order of serving's labels is as near to training's."""
    p, q = (side / side.sum() for side in (labels.reference, labels.serving))
    orders = np.random.default_rng(SEED).permuted(np.tile(q, (ORDERS, 1)), axis=1)
    apart = np.abs(orders - p).sum(axis=1)
    return float((apart <= np.abs(q - p).sum()).mean()) < RARE


def _one_sided(labels: Labels) -> tuple[float, float]:
    """Return the share of each side's values whose label the other lacks."""
    a, b = labels.reference, labels.serving
    lost, new = float(a[b <= 0].sum()), float(b[a <= 0].sum())
    return lost / max(float(a.sum()), 1e-300), new / max(float(b.sum()), 1e-300)
