"""The table of causes, and how one is chosen.

A new cause is one entry in `TABLE`. A handling fault is named only when it beats
every explanation without a fault by 4 (a likelihood ratio of e^2): natural shifts
must not be called faults. What scores close behind is told as "also".
"""

from functools import partial

from nbmlops.skew.causes import (
    affine,
    affixes,
    clipping,
    documents,
    embeddings,
    epoch,
    hours,
    labels,
    maps,
    natural,
    permuting,
    recoding,
    rounding,
    scaling,
    sentinels,
    spelling,
    swapping,
    tokens,
    transforms,
    units,
)
from nbmlops.skew.causes.evidence import Candidate, Evidence, Hypothesis
from nbmlops.skew.repair.steps import lines
from nbmlops.skew.report import Cause

WITHOUT_FAULT = frozenset(
    {
        "nulls",
        "constant",
        "new-category",
        "lost-category",
        "extra-column",
        "population",
    }
)
MARGIN = 4.0  # by which a fault must beat what is no fault
# What is told as "also". A natural change has its parameters free: what imitates it,
# such as one more or a range like training's, has a prior of 18.
CLOSE, CLOSE_TO_NATURAL = 6.0, 20.0
# Other figures of one map: between near ones single rows change cells, by chance.
CLOSE_FIGURES = {"unit": 20.0, "transform": 20.0, "timezone": 20.0}
CLOSE_IF_FEW = 24.0  # the same among few rows, where any natural change scores well
IMITATED = 34.0  # the same, of a fault that growth imitates: its prior costs 20
MOST_ALSO = 2

NUMBER = frozenset({"number"})
TIME = frozenset({"time"})
TEXT = frozenset({"text"})
LABEL = frozenset({"text", "boolean"})
VECTOR = frozenset({"vector"})
FREE_TEXT = frozenset({"free text"})

TABLE: tuple[Hypothesis, ...] = (
    Hypothesis(kind="constant", applies=NUMBER, propose=natural.propose_constant),
    Hypothesis(kind="constant", applies=LABEL | TIME, propose=labels.propose_constant),
    Hypothesis(kind="truncated", applies=TIME, propose=labels.propose_truncated),
    Hypothesis(kind="truncated", applies=TEXT, propose=affixes.propose_truncated),
    Hypothesis(kind="null-token", applies=TEXT, propose=tokens.propose),
    # Of whitespace, case, unicode and dtype the least powerful that does.
    Hypothesis(kind="case", applies=TEXT, propose=spelling.propose),
    Hypothesis(kind="prefix", applies=TEXT, propose=affixes.propose_affix),
    Hypothesis(kind="recoded", applies=TEXT, propose=recoding.propose),
    Hypothesis(kind="permuted", applies=LABEL, propose=permuting.propose),
    Hypothesis(kind="timezone", applies=TIME, propose=hours.propose),
    Hypothesis(kind="unit", applies=NUMBER, propose=units.propose),
    Hypothesis(
        kind="affine",
        applies=NUMBER,
        propose=partial(maps.propose, kind="affine", maps=affine.AFFINE),
    ),
    Hypothesis(kind="sign", applies=NUMBER, propose=affine.propose_sign),
    Hypothesis(kind="transform", applies=NUMBER, propose=transforms.propose),
    Hypothesis(kind="rounding", applies=NUMBER, propose=rounding.propose),
    Hypothesis(kind="clipped", applies=NUMBER, propose=clipping.propose),
    Hypothesis(
        kind="preprocessed-twice", applies=NUMBER, propose=scaling.propose_twice
    ),
    Hypothesis(kind="not-preprocessed", applies=NUMBER, propose=scaling.propose_not),
    Hypothesis(kind="swapped", applies=NUMBER, propose=swapping.propose),
    Hypothesis(kind="epoch", applies=NUMBER, propose=epoch.propose),
    Hypothesis(kind="sentinel", applies=NUMBER, propose=sentinels.propose),
    Hypothesis(
        kind="nulls",
        applies=NUMBER | LABEL | TIME | VECTOR | FREE_TEXT,
        propose=natural.propose_presence,
    ),
    Hypothesis(kind="nulls", applies=NUMBER, propose=natural.propose_nulls),
    Hypothesis(kind="nulls", applies=LABEL, propose=labels.propose_nulls),
    Hypothesis(kind="nulls", applies=TIME, propose=hours.propose_nulls),
    Hypothesis(
        kind="new-category",
        applies=LABEL,
        propose=partial(labels.propose_one_sided, new=True),
    ),
    Hypothesis(
        kind="lost-category",
        applies=LABEL,
        propose=partial(labels.propose_one_sided, new=False),
    ),
    Hypothesis(
        kind="not-preprocessed",
        applies=VECTOR,
        propose=embeddings.propose_normalised,
    ),
    Hypothesis(kind="unit", applies=VECTOR, propose=embeddings.propose_unit),
    Hypothesis(kind="constant", applies=VECTOR, propose=embeddings.propose_constant),
    Hypothesis(kind="nulls", applies=VECTOR, propose=embeddings.propose_nulls),
    Hypothesis(
        kind="truncated", applies=FREE_TEXT, propose=documents.propose_truncated
    ),
    Hypothesis(kind="case", applies=FREE_TEXT, propose=documents.propose_case),
    Hypothesis(kind="unicode", applies=FREE_TEXT, propose=documents.propose_unreadable),
    Hypothesis(kind="nulls", applies=FREE_TEXT, propose=documents.propose_nulls),
    Hypothesis(kind="population", applies=NUMBER, propose=natural.propose_population),
    Hypothesis(kind="population", applies=LABEL, propose=labels.propose_population),
    Hypothesis(kind="population", applies=TIME, propose=hours.propose_population),
    Hypothesis(
        kind="population", applies=VECTOR | FREE_TEXT, propose=natural.propose_moved
    ),
)


def name_cause(evidence: Evidence) -> Cause:
    """Choose the cause of a column that differs.

    Parameters
    ----------
    evidence
        The column.

    Returns
    -------
    Cause
        The best explanation; "population" where nothing else fits.
    """
    found = sorted(
        (
            candidate
            for entry in TABLE
            if evidence.kind in entry.applies
            for candidate in entry.propose(evidence)
        ),
        key=lambda c: c.score,
    )
    faultless = [c for c in found if c.kind in WITHOUT_FAULT]
    if not faultless:
        faultless = [
            Candidate(
                kind="population",
                score=float("inf"),
                detail=natural.population_sentence(evidence),
            )
        ]
    bound = faultless[0].score
    nothing = (hours if evidence.kind in TIME else natural).none(evidence)
    if nothing is not None:
        bound = min(bound, nothing)
    best = faultless[0]
    faults = [c for c in found if c.kind not in WITHOUT_FAULT and c.backed]
    if faults and faults[0].score <= bound - MARGIN:
        best = faults[0]
    reach = CLOSE
    if best.kind in WITHOUT_FAULT:
        reach = CLOSE_IF_FEW if evidence.is_small else CLOSE_TO_NATURAL
    detail = _imitated(best, found, evidence, reach) or best.detail + _rivals(
        best, faults
    )
    return Cause(
        kind=best.kind,
        detail=detail,
        also=_also(best, found, reach),
        repair=lines(best.mend, evidence.name),
        mend=best.mend,
        stuck=best.stuck,
    )


def _imitated(
    best: Candidate, found: list[Candidate], evidence: Evidence, reach: float
) -> str:
    """Tell of a fault that a natural change looks like."""
    if best.kind != "population":
        return ""
    close = [
        c
        for c in found
        if c.kind not in WITHOUT_FAULT
        and c.detail
        and c.score <= best.score + (reach if c.backed else IMITATED)
    ]
    if not close:
        return ""
    moved = f"{evidence.summary}; " if evidence.summary else ""
    rival = close[0]
    if rival.backed and evidence.is_small:
        return (
            f"{moved}too few rows to tell a {rival.kind} from a change of the "
            f"population; this fits as well: {rival.detail}"
        )
    return f"{moved}the population changed, but this fits as well: {rival.detail}"


def _rivals(best: Candidate, found: list[Candidate]) -> str:
    """Tell of the same kind with other figures: x 1024 beside x 1000."""
    reach = CLOSE_FIGURES.get(best.kind, CLOSE)
    others = [
        c.variant
        for c in found
        if c.kind == best.kind and c is not best and c.score <= best.score + reach
    ]
    told = [variant for variant in others if variant]
    return f" ({told[0]} fits as well)" if told else ""


def _also(best: Candidate, found: list[Candidate], reach: float) -> tuple[str, ...]:
    """Return other kinds that score close to the best."""
    kinds = [
        c.kind
        for c in found
        if c.score <= best.score + (reach if _is_sure(c) else max(reach, IMITATED))
    ]
    others = dict.fromkeys(kind for kind in kinds if kind != best.kind)
    return tuple(others)[:MOST_ALSO]


def _is_sure(candidate: Candidate) -> bool:
    """Say whether nothing natural, such as growth beside rounding, looks like it."""
    return candidate.backed and candidate.kind != "unit"
