"""Spellings: the least powerful form is the cause, and untidy labels are no fault."""

import numpy as np
import pandas as pd
import pytest

from nbmlops.profiles.labels import shortened
from nbmlops.skew.causes import spelling
from nbmlops.skew.causes.relabelling import is_shortened
from nbmlops.skew.repair.steps import Text
from tests.skew.causes.label_faults import draw, each, with_nulls
from tests.skew.causes.labelled import cause_of, repaired, sample
from tests.skew.checking import column_of, report_of

ROWS = 2000


def test_the_sentence_gives_examples_in_quotes_where_blanks_are_at_stake() -> None:
    s = sample(4)
    cause = cause_of(column_of(s.before, each(s.after, lambda n: n + " ")))
    assert cause.kind == "whitespace"
    assert cause.detail == (
        "Älv Nord arrives as 'Älv Nord ', Dôle Nord as 'Dôle Nord ', Cádiz Nord as "
        "'Cádiz Nord ' ... in 100% of serving rows: only blanks around them differ"
    )


def test_labels_of_markup_stay_text_in_the_views() -> None:
    names = ["<b>A</b>", "<i>B</i>", "C"]
    r = np.random.default_rng(2)
    before, after = (draw(r, ROWS, names) for _ in range(2))
    report = report_of(
        pd.DataFrame({"x": before}), pd.DataFrame({"x": each(after, str.lower)})
    )
    assert cause_of(report.columns["x"]).kind == "case"
    html = report._repr_html_()
    assert "&lt;b&gt;A&lt;/b&gt;" in html
    assert "<b>A</b>" not in html


@pytest.mark.parametrize(
    ("form", "one", "other"),
    [
        (0, " a", "a"),
        (1, "new_york  city", "new york-city"),
        (2, "STRASSE", "straße"),
        (3, "Zu\u0308rich", "Z\u00fcrich"),
        (4, "\N{LATIN SMALL LIGATURE FI}n", "fin"),
        (5, "Z\u00c3\u00bcrich", "Z\u00fcrich"),
        (5, "it\u00e2\u20ac\u2122s", "it\u2019s"),
        (6, "S\u00e3o", "Sao"),
        (7, "1.50", "1.5"),
        (7, "007", "7"),
        (7, "-0", "0"),
        (8, "Yes", "1"),
        (8, "F", "false"),
    ],
)
def test_forms_make_spellings_of_one_label_equal(
    form: int, one: str, other: str
) -> None:
    of = spelling.FORMS[form].of
    assert of(one) == of(other)


@pytest.mark.parametrize("label", ["10", "1.05", "2", "null", "1e5", "0x1", "1,0"])
def test_other_numbers_stay_other_labels(label: str) -> None:
    of = spelling.FORMS[7].of
    assert of(label) != of("1")


def test_two_spellings_at_once_are_told_together() -> None:
    s = sample(12)
    cause = cause_of(column_of(s.before, each(s.after, lambda n: f" {n.upper()}")))
    assert {cause.kind, *cause.also} == {"case", "whitespace"}


def test_untidy_labels_are_no_fault_while_they_stay_as_untidy() -> None:
    # One row in ten has a label that somebody typed in his own way, never twice.
    for seed in range(10):
        s = sample(12, ROWS, seed)
        sides = []
        for side in (s.before, s.after):
            typed = [
                "".join(c.upper() if s.r.random() < 0.5 else c for c in name)
                for name in side
            ]
            sides.append(np.where(s.r.random(ROWS) < 0.1, typed, side))
        assert column_of(*sides).verdict != "handling fault"


def test_many_labels_are_mended_by_a_rule_instead_of_one_by_one() -> None:
    r = np.random.default_rng(3)
    names = [f"KEY {k:04d}" for k in range(400)]
    before, after = (draw(r, 20_000, names) for _ in range(2))
    served = each(after, str.lower)
    cause = cause_of(column_of(before, served))
    assert cause.mend == (Text(how="upper"),)
    assert column_of(before, repaired(cause, served)).verdict == "no evidence"


def test_labels_beyond_those_that_are_counted_are_found_and_mended() -> None:
    r = np.random.default_rng(4)
    names = np.array([f"N{k}" for k in range(30_000)], dtype=object)
    shares = 1 / np.arange(1, 30_001) ** 0.9
    before, after = (r.choice(names, 60_000, p=shares / shares.sum()) for _ in range(2))
    served = np.char.lower(after.astype(str)).astype(object)
    column = column_of(before, served)
    cause = cause_of(column)
    assert column.verdict == "handling fault"
    assert (cause.kind, cause.mend) == ("case", (Text(how="upper"),))
    assert column_of(before, after).cause is None


def test_very_long_labels_are_compared_by_their_beginning() -> None:
    r = np.random.default_rng(6)
    names = [f"{k:02d} " + "Terms and conditions " * 20 for k in range(8)]
    assert is_shortened(shortened(names[0]))
    assert not is_shortened(names[0][:217])
    before, after = (with_nulls(r, draw(r, ROWS, names), 0.05) for _ in range(2))
    assert column_of(before, after).cause is None
    served = np.array([n and n.lower() for n in after], dtype=object)
    assert cause_of(column_of(before, served)).kind == "case"
    cut = np.array([n and n[:255] for n in after], dtype=object)
    cause = cause_of(column_of(before, cut))
    assert cause.kind == "truncated"
    assert "cut to 255 characters" in cause.detail
