"""The model card: what it says, from what, and that it says it safely."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from nbmlops.api import Registry
from nbmlops.display.theme import LIMIT
from nbmlops.errors import UsageError
from nbmlops.lifecycle.card import Card
from tests.display.hostile import DOORS, assert_harmless
from tests.flights import FEATURES, flights

Add = Callable[..., Any]


def section(card: Card, title: str) -> Any:
    return next(s for s in card.document.sections if s.title == title)


@pytest.fixture
def card(add: Add, registry: Registry) -> Card:
    version = add(groups="day", slices=["carrier"], description="Late flights")
    registry.tag("delays/1", intended_use="rank departures", limits="no storms")
    return registry.card(version.ref)


def test_the_number_that_decides_comes_first(card: Card) -> None:
    value = card.version.metrics["roc_auc"]
    lead = card.figures.metrics[0]
    assert lead.value == pytest.approx(value)
    assert lead.interval is not None
    assert lead.interval[0] < value < lead.interval[1]
    first = repr(card).splitlines()[0]
    assert first.startswith(f"delays/1: ROC AUC {value:.3f}")
    assert "on test, 1,000 rows" in first


def test_the_sections_are_those_of_a_model_card_in_their_order(card: Card) -> None:
    assert [s.title for s in card.document.sections] == [
        "Details", "Intended use", "Metrics", "Importance", "Slices", "Data",
        "Production", "Limits", "Provenance", "Signature", "Parameters",
        "Environment", "Loading",
    ]  # fmt: skip


def test_packages_are_counted_as_a_comparison_counts_them(
    card: Card, add: Add, registry: Registry
) -> None:
    add()
    count = section(card, "Environment").answer
    assert count == f"{len(card.version.environment['packages'])} packages"
    assert f"Environment: {count}, all alike" in repr(
        registry.compare("delays/1", "delays/2")
    )


def test_what_only_a_person_can_say_are_tags(card: Card, registry: Registry) -> None:
    assert section(card, "Intended use").answer == "rank departures"
    assert section(card, "Limits").answer.startswith("no storms")
    assert "rank departures" not in str(section(card, "Details"))
    registry.tag("delays/1", intended_use=None)
    bare = section(registry.card("delays/1"), "Intended use")
    assert 'tag delays/1 intended_use="..."' in bare.answer


def test_slices_are_judged_and_small_ones_named(card: Card) -> None:
    verdicts = {one.slice: one.verdict for one in card.figures.slices}
    assert set(verdicts) == {"AA", "B6", "EV", "UA"}
    assert verdicts["UA"] != "too small"
    named = [slice for slice, verdict in verdicts.items() if verdict == "too small"]
    assert all(slice in str(section(card, "Slices")) for slice in named)
    assert "by day, 20 groups" in str(section(card, "Metrics"))


def test_a_slice_that_does_clearly_worse_stands_under_the_headline(
    add: Add, registry: Registry, test: pd.DataFrame
) -> None:
    rows = flights(4_000, seed=7)
    spoilt = rows["carrier"] == "UA"
    rows.loc[spoilt, "late"] = ~rows.loc[spoilt, "late"]
    add(test=rows, slices=["carrier"])
    assert "clearly worse on carrier UA" in repr(registry.card("delays"))


def test_the_newest_check_stands_under_the_headline(
    add: Add, registry: Registry, test: pd.DataFrame
) -> None:
    add()
    assert "never checked for skew" in repr(registry.card("delays/1"))
    registry.check_skew("delays/1", test[FEATURES].assign(hour=30))
    shown = registry.card("delays/1")
    assert shown.check is not None
    assert f"newest skew check: {shown.check.verdict}" in repr(shown)


def test_the_limits_that_the_record_shows_are_named(
    add: Add, registry: Registry, test: pd.DataFrame
) -> None:
    add(train=None, test=test[:100])
    limits = str(section(registry.card("delays"), "Limits"))
    for said in ("100 rows", "no groups", "no slices", "no training data", "git"):
        assert said in limits
    assert "random_state is None" in limits


def test_data_is_called_by_its_name(
    card: Card, registry: Registry, test: pd.DataFrame
) -> None:
    registry.dataset(card.datasets["test"].digest, "flights-june")
    data = section(registry.card("delays"), "Data")
    assert "1,000 rows of flights-june" in data.answer


def test_a_version_without_an_evaluation_has_a_card(
    add: Add, registry: Registry
) -> None:
    add(train=None, test=None, target=None)
    shown = registry.card("delays")
    assert shown.document.title.startswith("delays/1: Pipeline")
    assert "never evaluated" in shown.to_markdown()
    assert_harmless(shown._repr_html_())


def test_damaged_rows_are_said_and_do_not_hide_the_card(
    card: Card, registry: Registry
) -> None:
    assert card.evaluation is not None
    digest = card.evaluation.digest
    path = registry.location / "artifacts" / "sha256" / digest[:2] / digest
    path.chmod(0o644)
    path.write_bytes(b"other")
    shown = registry.card("delays/1")
    assert "was changed" in shown.problems[0]
    assert "was changed" in " ".join(repr(shown).split())
    assert f"{card.version.metrics['roc_auc']:.3f}" in repr(shown)


@pytest.mark.parametrize("suffix", [".html", ".md", ".json"])
def test_a_card_is_written_by_the_suffix_of_the_file(
    suffix: str, add: Add, registry: Registry
) -> None:
    add()
    path = Path(f"card{suffix}")
    registry.card("delays", out=path)
    written = path.read_text()
    assert "delays/1" in written
    if suffix == ".json":
        said = json.dumps(registry.card("delays").to_dict())
        assert json.loads(written) == json.loads(said)
    if suffix == ".html":
        assert len(written.encode()) < LIMIT


def test_another_suffix_is_refused(card: Card) -> None:
    with pytest.raises(UsageError, match=r"written to 'card\.pdf'") as caught:
        card.save("card.pdf")
    assert ".html, .md, .json" in str(caught.value)
    assert not Path("card.pdf").exists()


def test_nothing_that_users_wrote_renders(
    add: Add, registry: Registry, test: pd.DataFrame
) -> None:
    door = "".join(DOORS[:10])
    add(
        description=door,
        tags={"intended_use": door, "limits": door, door: door},
        params={door: door},
        test=test.assign(**{door: test["carrier"] + door}),
        slices=[door],
        groups="day",
        input_example=None,
    )
    shown = registry.card("delays")
    assert_harmless(shown._repr_html_())
    assert "<script" not in shown.to_markdown()
