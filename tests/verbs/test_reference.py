"""The reference page says what the table says."""

from pathlib import Path

from nbmlops.verbs.reference import reference
from nbmlops.verbs.table import VERBS

PAGE = Path(__file__).parents[2] / "docs" / "verbs.md"


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference(), (
        "python -m nbmlops.verbs.reference docs/verbs.md"
    )


def test_every_verb_and_option_is_on_the_page() -> None:
    sections = reference().split("\n### ")
    for verb in VERBS.values():
        [section] = [s for s in sections if s.startswith(f"{verb.name}\n")]
        for option in verb.options:
            assert option in section


def test_no_line_of_help_is_wider_than_a_page() -> None:
    lines = [line for line in reference().splitlines() if not line.startswith("- ")]
    assert max(map(len, lines)) <= 92
