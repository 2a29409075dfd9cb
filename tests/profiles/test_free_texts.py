"""Columns of free text: what is counted of them, in any order and in any batches."""

import zlib
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbmlops.frames import source
from nbmlops.profiles import free_text_column, free_texts
from nbmlops.profiles.building import build_profile
from nbmlops.profiles.columns import OtherColumn, TextColumn
from nbmlops.profiles.free_text_column import FreeTextColumn
from nbmlops.profiles.profile import Profile
from tests.profiles.strategies import close

WORDS = "late flight gate crew night Delay! 12 \N{GRINNING FACE} привет мир 東京 don't"
TEXTS = st.one_of(
    st.none(),
    st.lists(st.sampled_from(WORDS.split()), max_size=8).map(" ".join),
    st.text(max_size=12),
)
ROWS = st.lists(TEXTS, min_size=1, max_size=40)
few = settings(max_examples=30, deadline=None)


def written(rows: int, seed: int = 0, words: int = 300) -> list[str]:
    """Write texts of words some of which are frequent."""
    random = np.random.default_rng(seed)
    shares = 1 / np.arange(1, words + 1)
    shares /= shares.sum()
    return [
        " ".join(
            f"word{at}" for at in random.choice(words, random.integers(4, 20), p=shares)
        )
        for _ in range(rows)
    ]


def table_of(rows: Any) -> pa.Table:
    return pa.table({"t": pa.array(rows, type=pa.string())})


REFERENCE = build_profile(table_of(written(500)))


def column_of(frame: Any, **options: Any) -> FreeTextColumn:
    column = build_profile(frame, columns="t", **options).columns["t"]
    assert isinstance(column, FreeTextColumn)
    return column


def one(text: str) -> FreeTextColumn:
    return column_of(table_of([text]), like=REFERENCE)


def assert_same(left: FreeTextColumn, right: FreeTextColumn) -> None:
    close([left.mass, left.nulls, left.others], [right.mass, right.nulls, right.others])
    assert left.scripts == right.scripts
    assert left.signs == right.signs
    for name in ("word", "word_rows", "word_mass", "fresh"):
        assert getattr(left, name).tolist() == getattr(right, name).tolist()
    assert left.known_by == right.known_by
    for mine, other in ((left.lengths, right.lengths), (left.words, right.words)):
        assert mine.raw.codes.tolist() == other.raw.codes.tolist()
        assert mine.raw.mass.tolist() == other.raw.mass.tolist()
        assert mine.nulls == other.nulls


@pytest.mark.parametrize(
    ("text", "words", "script", "signs"),
    [
        ("Two words.", 2, "latin", "capitals, punctuation"),
        ("don't stop", 3, "latin", "punctuation"),
        ("привет, мир 12", 3, "cyrillic", "digits, punctuation"),
        ("東京タワー", 5, "kana", "nothing"),
        ("東京に", 3, "han", "nothing"),
        ("naïve café \N{GRINNING FACE}", 2, "latin", "emoji"),
        ("नमस्ते दुनिया", 2, "indic", "nothing"),
        ("e\u0301te\u0301", 1, "latin", "nothing"),
        ("bad \ufffd byte", 2, "latin", "unreadable"),
        ("\U00020000\U00020001", 2, "han", "nothing"),
        ("new \U0001fae9", 1, "latin", "emoji"),  # of Unicode 16
        ("ab東cd", 3, "latin", "nothing"),
        ("123 456", 2, "none", "digits"),
        ("", 0, "none", "nothing"),
        (" \n\t", 0, "none", "nothing"),
    ],
)
def test_a_text_is_taken_apart(text: str, words: int, script: str, signs: str) -> None:
    column = one(text)
    assert column.words.minimum == words
    assert dict(column.scripts) == {script: 1.0}
    assert dict(column.signs) == {signs: 1.0}
    assert column.lengths.minimum == len(text)


LETTERS = {
    "latin": "a\u0141\u1eb5\ufb01\uff21",
    "greek": "\u03bb\u1f00",
    "cyrillic": "\u0434\u1c80\ua640",
    "hebrew": "\u05d0",
    "arabic": "\u0633\u0750\u08a0\ufb50\ufe70",
    "indic": "\u0939\u0d05",
    "thai": "\u0e01",
    "han": "\u6771\u3400\uf900\U00020000",
    "kana": "\u3042\u30a2\u31f0\uff66",
    "hangul": "\ud55c\u1100\u3131",
    "other": "\u0561\u10d0",
}


@pytest.mark.parametrize("script", LETTERS)
def test_each_block_of_letters_has_its_script(script: str) -> None:
    rows = list(LETTERS[script])
    assert column_of(table_of(rows), like=REFERENCE).scripts == {script: len(rows)}


def test_words_are_known_whatever_their_case_and_order() -> None:
    assert one("WORD1 Word2 word1").fresh.tolist() == [0, 2, 0, 0, 4]
    assert one("word2, nothing-like-it").fresh.tolist() == [3, 4, 9, 12, 16]
    assert one("ab ba").pairs == 2


@pytest.mark.parametrize("text", ["\U00020000\U00020001", f"{'a' * 99} {'a' * 98}"])
def test_rare_characters_and_long_words_are_told_apart(text: str) -> None:
    assert one(text).pairs == 2


def test_new_words_are_expected_as_good_and_turing_say() -> None:
    served = column_of(table_of(written(4_000, seed=1, words=3_000)))
    fresh = column_of(
        table_of(written(4_000, seed=2, words=3_000)),
        like=build_profile(table_of(written(4_000, seed=1, words=3_000))),
    ).fresh
    assert served.unseen[0] == pytest.approx(fresh[0] / fresh[1], rel=0.2)


@pytest.mark.parametrize(
    ("kept", "share", "noise"),
    [(9, 3 / 8, 1 + 2 / 3), (2, 3 / 8, 1 + 2 / 3), (1, 5 / 8, 1 + 3 / 5)],
)
def test_what_is_not_kept_counts_as_rare(kept: int, share: float, noise: float) -> None:
    with patch.object(free_text_column, "MOST_WORDS", kept):
        column = column_of(table_of(["a b c", "a b d", "a e"]), like=REFERENCE)
    assert column.unseen == pytest.approx((share, noise))


def test_where_no_word_is_rare_none_is_new() -> None:
    assert column_of(table_of(["a b", "a b"]), like=REFERENCE).unseen == (0.0, 1.0)


@few
@given(ROWS, ROWS)
def test_parts_add_up_to_the_whole(first: list[Any], second: list[Any]) -> None:
    parts = [build_profile(table_of(rows), like=REFERENCE) for rows in (first, second)]
    whole = build_profile(table_of(first + second), like=REFERENCE).columns["t"]
    added = (parts[0] + parts[1]).columns["t"]
    assert isinstance(added, FreeTextColumn)
    assert isinstance(whole, FreeTextColumn)
    assert_same(added, whole)


@few
@given(ROWS, st.randoms(use_true_random=False), st.integers(1, 9))
def test_order_and_batches_change_nothing(
    rows: list[Any], random: Any, size: int
) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)
    whole = column_of(table_of(rows), like=REFERENCE)
    with patch.object(source, "BATCH_ROWS", size):
        assert_same(column_of(table_of(shuffled), like=REFERENCE), whole)


@pytest.mark.parametrize("size", [7, 400, 1_500])
def test_the_kind_does_not_depend_on_batches(size: int) -> None:
    rows = [None, *written(2_000)] * 2
    with patch.object(source, "BATCH_ROWS", size):
        assert_same(column_of(table_of(rows)), column_of(table_of(rows)))


@few
@given(ROWS)
def test_bytes_hold_everything(rows: list[Any]) -> None:
    profile = build_profile(table_of(rows), like=REFERENCE)
    read = Profile.from_bytes(profile.to_bytes())
    assert read == profile
    assert repr(read) == repr(profile)


def test_no_text_is_kept() -> None:
    rows = [f"my secret number {at} is word{at}" for at in range(300)]
    profile = build_profile(table_of(rows))
    assert isinstance(profile.columns["t"], FreeTextColumn)
    assert b"secret" not in zlib.decompress(profile.to_bytes()[10:])


def test_rare_words_are_left_out_beyond_the_limit() -> None:
    with patch.object(free_text_column, "MOST_WORDS", 50):
        column = column_of(table_of(written(500)))
        both = (REFERENCE + REFERENCE).columns["t"]
    whole = column_of(table_of(written(500)))
    assert len(column.word) == 50
    assert column.pairs == whole.pairs
    assert column.others_most >= 1
    assert column.word_rows.min() >= column.others_most
    assert column.unseen[0] > whole.unseen[0]
    assert isinstance(both, FreeTextColumn)
    assert len(both.word) == 50
    assert both.pairs == 2 * whole.pairs


def test_of_words_as_rare_the_lowest_hashes_are_kept() -> None:
    with patch.object(free_text_column, "MOST_WORDS", 2):
        kept = one("a b c d").word.tolist()
    assert kept == one("a b c d").word.tolist()[:2]


def test_rare_words_that_were_left_out_add_up() -> None:
    with patch.object(free_text_column, "MOST_WORDS", 2):
        first, second = (
            build_profile(table_of(rows), like=REFERENCE)
            for rows in (["a b c", "a b"], ["d e f", "d e g"])
        )
        column = (first + second).columns["t"]
    assert isinstance(column, FreeTextColumn)
    # c, f and g once each, then two words more that two texts hold each.
    assert (column.pairs, column.others, column.others_most) == (11, 7, 4)


def test_weights_count_as_rows_would() -> None:
    rows = written(60, seed=3)
    weights = np.arange(60) % 3 + 1.0
    once = table_of(rows).append_column("w", pa.array(weights))
    often = table_of(np.repeat(np.array(rows), weights.astype(int)).tolist())
    with patch.object(free_texts, "ROWS_AT_ONCE", 7):
        weighted = column_of(once, weight="w", like=REFERENCE)
    repeated = column_of(often, like=REFERENCE)
    close(weighted.word_mass, repeated.word_mass)
    close(weighted.fresh, repeated.fresh)
    assert weighted.scripts == repeated.scripts
    assert weighted.signs == repeated.signs
    plain = column_of(table_of(rows), like=REFERENCE)
    assert weighted.word_rows.tolist() == plain.word_rows.tolist()


@pytest.mark.parametrize(
    "rows",
    [
        [f"id-{at:08d}" for at in range(500)],
        ["one of five long sentences", "another of these five"] * 250,
        [f"Flight {at}" for at in range(500)],
        [f"no {at} of 500" for at in range(500)],
        [f"the-flight-with-the-number-{at}" for at in range(500)],
        [chr(0x4E00 + at) * 9 for at in range(500)],
        written(99),
        [None] * 500,
        [""] * 500,
    ],
    ids=[
        "identifiers",
        "few labels",
        "short",
        "short words",
        "one word",
        "names",
        "few rows",
        "nulls",
        "empty",
    ],
)
def test_labels_and_identifiers_are_no_free_text(rows: Any) -> None:
    column = build_profile(table_of(rows)).columns["t"]
    assert isinstance(column, TextColumn)


@pytest.mark.parametrize("size", [100, 10_000])
def test_the_first_thousand_texts_tell_the_kind(size: int) -> None:
    with patch.object(source, "BATCH_ROWS", size):
        assert column_of(table_of([*written(990), *["a"] * 3_000])).mass == 3_990


def test_texts_after_many_nulls_are_looked_at() -> None:
    assert column_of(table_of([None] * 2_500 + written(500))).nulls == 2_500


def test_scripts_without_blanks_are_free_text_too() -> None:
    rows = ["".join(chr(0x4E00 + at * k % 500) for k in range(20)) for at in range(300)]
    assert column_of(table_of(rows)).scripts == {"han": 300.0}


def test_serving_is_counted_as_the_reference_is() -> None:
    assert column_of(table_of(["a", "a"]), like=REFERENCE).mass == 2
    labels = build_profile(table_of(["a", "b"]))
    column = build_profile(table_of(written(500)), like=labels).columns["t"]
    assert isinstance(column, TextColumn)
    nulls = column_of(pd.DataFrame({"t": [None, None]}), like=REFERENCE)
    assert (nulls.nulls, nulls.pairs) == (2, 0)
    assert_same(nulls, column_of(table_of([None, None]), like=REFERENCE))


def test_no_word_is_new_where_the_reference_holds_none() -> None:
    empty = build_profile(table_of(["...", None]), like=REFERENCE)
    column = column_of(table_of(written(10)), like=empty)
    assert column.known_by == ""


def test_labels_and_free_text_add_up_to_no_kind() -> None:
    column = (REFERENCE + build_profile(table_of(["a"]))).columns["t"]
    assert isinstance(column, OtherColumn)
    assert column.types == "free text and text"


def test_texts_compared_with_other_words_tell_no_new_ones() -> None:
    other = build_profile(table_of(written(300, seed=9)))
    served = [build_profile(table_of(["word1"]), like=p) for p in (REFERENCE, other)]
    for left, right in (served, (served[0], other)):
        column = (left + right).columns["t"]
        assert isinstance(column, FreeTextColumn)
        assert column.known_by == ""
        assert not column.fresh.any()


def test_a_part_without_words_keeps_what_is_told_of_new_ones() -> None:
    served = build_profile(table_of(["word1 news"]), like=REFERENCE)
    column = (served + build_profile(pd.DataFrame({"t": [None]}))).columns["t"]
    assert isinstance(column, FreeTextColumn)
    assert column.known_by
    assert column.fresh[:2].tolist() == [1, 2]


def test_long_texts_are_read_in_part_and_measured_in_full() -> None:
    column = one("word1 " * 200_000)
    assert column.lengths.maximum == 1_200_000
    assert column.words.maximum == 1_667


def test_bytes_that_are_no_text_come_escaped() -> None:
    broken = pa.array([b"good word1", b"bad \xff"], type=pa.binary())
    frame = pa.table({"t": broken.view(pa.string())})
    assert column_of(frame, like=REFERENCE).mass == 2


def test_dictionaries_are_read() -> None:
    rows = [*written(400), None]
    plain = column_of(table_of(rows))
    coded = column_of(pa.table({"t": pa.array(rows).dictionary_encode()}))
    assert_same(coded, plain)


def test_the_view_shows_words_and_scripts() -> None:
    assert "100% latin" in repr(REFERENCE)
    assert "free text" in REFERENCE._repr_html_()
    shown = REFERENCE.to_dict()["columns"]["t"]
    assert shown["scripts"] == {"latin": 500.0}
    assert shown["words"]["minimum"] >= 4
