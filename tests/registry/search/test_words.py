"""Which words of a text are found, and the order of releases."""

import pytest

from nbmlops.registry.installed import package_name
from nbmlops.registry.search.releases import fitting
from nbmlops.registry.search.words import asked_words, words_of


def test_words_are_runs_of_letters_and_digits_once_each() -> None:
    assert words_of("Night-flights, night_delay 2", "Straße") == (
        " 2 delay flights night strasse "
    )
    assert words_of("", "--") == ""


def test_an_asked_word_is_whole_or_a_beginning() -> None:
    assert asked_words("Night fl* roc_auc night *") == [
        " night ",
        " fl",
        " roc ",
        " auc ",
    ]


@pytest.mark.parametrize(
    ("sign", "fits"),
    [("<", ["1.9", "1.10rc1"]), ("=", ["1.10"]), (">=", ["1.10", "2.0"])],
)
def test_releases_are_ordered_as_releases(sign: str, fits: list[str]) -> None:
    recorded = ["1.9", "1.10rc1", "1.10", "2.0", "unknown"]
    assert fitting(recorded, sign, "1.10.0") == fits


def test_a_package_has_one_name_however_it_is_spelled() -> None:
    assert package_name("Scikit_Learn") == package_name("scikit-learn")
