"""Columns of free text are judged by their facets, at one error rate."""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from nbmlops.profiles.building import build_profile
from nbmlops.profiles.free_text_column import FreeTextColumn
from nbmlops.skew.free_texts import findings, free_text_finding
from nbmlops.skew.judge import check, judge
from nbmlops.skew.report import ColumnSkew, SkewReport

LATIN, CYRILLIC = "abcdefghijklmnop", "абвгдежзийклмноп"


def written(
    rows: int, seed: int, *, letters: str = LATIN, mean: float = 14, words: int = 3_000
) -> list[str]:
    """Write texts like sentences; the words are the same for each alphabet."""
    spelling = np.random.default_rng(1)
    known = [
        "".join(letters[at] for at in spelling.integers(0, 16, spelling.integers(3, 9)))
        for _ in range(words)
    ]
    random = np.random.default_rng(seed)
    shares = 1 / np.arange(1, words + 1)
    chosen = random.choice(words, (rows, int(6 * mean)), p=shares / shares.sum())
    texts = []
    for row, length in zip(chosen, random.poisson(mean, rows) + 4, strict=True):
        text = " ".join(known[at] for at in row[:length])
        texts.append(f"{text[0].upper()}{text[1:]}.")
    return texts


def table_of(rows: Any) -> pa.Table:
    return pa.table({"t": pa.array(rows, type=pa.string())})


REFERENCE = build_profile(table_of(written(3_000, 0)))


def served(rows: Any) -> ColumnSkew:
    frame = table_of(rows) if isinstance(rows, list) else rows
    return judge(REFERENCE, build_profile(frame, like=REFERENCE)).columns["t"]


def sides_of(before: list[str], after: list[str]) -> list[FreeTextColumn]:
    reference = build_profile(table_of(before))
    serving = build_profile(table_of(after), like=reference)
    sides = [profile.columns["t"] for profile in (reference, serving)]
    return [side for side in sides if isinstance(side, FreeTextColumn)]


@pytest.mark.parametrize(("before", "after"), [(150, 50), (400, 400)])
@pytest.mark.parametrize("kind", ["alike", "in bursts"])
def test_the_level_holds_without_drift(kind: str, before: int, after: int) -> None:
    random = np.random.default_rng(before)
    pool = written(8_000, 2)
    if kind == "in bursts":  # all words of a text are foreign, or none is
        pool[::12] = written(8_000, 3, letters=CYRILLIC)[::12]
    found = 0
    for _ in range(40):
        order = random.permutation(8_000)[: before + after]
        rows = [pool[at] for at in order]
        first, second = sides_of(rows[:before], rows[before:])
        finding = free_text_finding(first, second, (1.0, 1.0), 0.1)
        found += finding.p_value <= 0.05
    assert found <= 6  # a chance of 1.4% at a level of 5%


def test_nothing_is_found_where_nothing_moved() -> None:
    found = served(written(4_000, 5))
    assert (found.verdict, found.kind) == ("no evidence", "free text")
    assert found.detectable is not None
    assert found.detectable < 0.1


def test_few_texts_say_what_they_could_not_have_shown() -> None:
    found = served(written(60, 6))
    assert found.verdict == "not enough data"
    assert found.detectable is not None
    assert found.detectable > 0.1


MOVED: dict[str, tuple[list[str], str]] = {
    "longer": (written(1_500, 7, mean=45), "times longer"),
    "another language in a tenth": (
        [
            *written(1_350, 7),
            *written(150, 8, letters=CYRILLIC),
        ],
        "10.0% of texts are in cyrillic letters, 0% before",
    ),
    "new words": (
        [
            f"{text} {'qqq'[: at % 3]}zz{at}"
            for at, text in enumerate(written(1_500, 7))
        ],
        "of words are new",
    ),
    "emoji": (
        [f"{text} \N{GRINNING FACE}" for text in written(1_500, 7)],
        "emoji in 0% -> 100% of texts",
    ),
}


@pytest.mark.parametrize("what", MOVED)
def test_the_facet_that_moved_is_said(what: str) -> None:
    rows, said = MOVED[what]
    found = served(rows)
    assert found.verdict == "over tolerance"
    assert said in found.summary.lower()
    assert found.cause is not None
    assert found.cause.kind == "population"
    assert found.bars


def test_fewer_new_words_are_no_finding() -> None:
    usual = served(written(1_500, 7))
    common = [text.replace("z", "a") for text in written(1_500, 7, words=3_000)]
    assert served(common).p_value == pytest.approx(usual.p_value or 0.0, abs=1)
    first, second = sides_of(written(300, 1), written(300, 2, words=3_000))
    second = sides_of(written(3_000, 1), written(300, 2))[1]
    by_part = {f.part: f for f in findings(first, second, (1.0, 1.0), 0.1)}
    assert "new words" not in by_part  # of another vocabulary nothing is told


FAULTS: dict[str, tuple[list[Any], str]] = {
    "truncated": ([text[:80] for text in written(1_500, 7)], "truncated"),
    "case": ([text.lower() for text in written(1_500, 7)], "case"),
    "unicode": (
        [
            text.replace("a", "\ufffd") if at % 10 == 0 else text
            for at, text in enumerate(written(1_500, 7))
        ],
        "unicode",
    ),
    "dtype": ([], "dtype"),
    "empty-column": ([None] * 1_500, "empty-column"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_named(fault: str) -> None:
    rows, kind = FAULTS[fault]
    frame = table_of(rows) if rows else pd.DataFrame({"t": [1.0, 2.0] * 200})
    found = served(frame)
    assert found.cause is not None
    assert (found.cause.kind, found.verdict) == (kind, "handling fault")


def test_texts_of_another_kind_are_not_lower_cased_ones() -> None:
    found = served([f"entirely different words {at}" for at in range(500)])
    assert found.cause is not None
    assert found.cause.kind == "population"


def test_nulls_are_named() -> None:
    rows: list[Any] = list(written(1_500, 7))
    rows[::10] = [None] * 150
    found = served(rows)
    assert found.verdict == "over tolerance"
    assert found.cause is not None
    assert found.cause.kind == "nulls"


def test_weights_are_worth_kishs_rows() -> None:
    rows = [*written(1_000, 7), *written(1_000, 8, mean=45)]
    weights = [1.0] * 1_000 + [1e-3] * 1_000
    table = table_of(rows).append_column("w", pa.array(weights))
    report = judge(REFERENCE, build_profile(table, like=REFERENCE, weight="w"))
    assert report.columns["t"].verdict != "over tolerance"
    assert served(rows).verdict == "over tolerance"


@pytest.mark.parametrize(
    "rows",
    [["a", "b"] * 200, [""] * 400, ["\N{GRINNING FACE}"] * 400, written(1, 7)],
    ids=["labels", "empty", "emoji", "one row"],
)
def test_any_text_can_be_judged(rows: list[str]) -> None:
    report = judge(REFERENCE, build_profile(table_of(rows), like=REFERENCE))
    report._repr_html_()
    assert report.columns["t"].kind == "free text"


def test_profiles_that_were_made_apart_are_compared_as_far_as_they_go() -> None:
    other = build_profile(table_of(written(3_000, 4)))
    assert judge(REFERENCE, other).columns["t"].verdict == "no evidence"
    labels = build_profile(table_of(["a", "b"]))
    found = judge(REFERENCE, labels).columns["t"]
    assert "free text" in found.summary
    assert found.verdict == "no evidence"


def test_reports_show_and_keep_free_text() -> None:
    report = check(table_of(written(3_000, 0)), table_of(MOVED["longer"][0]))[0]
    assert "times longer" in repr(report)
    page = report._repr_html_()
    assert "<svg" in page
    assert "free text" in page
    assert SkewReport.from_dict(report.to_dict()).columns == report.columns
