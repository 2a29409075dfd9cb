"""Aliases, tags, notes, deletion and what can be read of the past."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from nbmlops.api import Registry
from nbmlops.errors import NotAllowed, NotFound, UsageError

Add = Callable[..., Any]


def test_aliases_point_and_move(add: Add, registry: Registry) -> None:
    add()
    add()
    registry.alias("delays/1", "shadow")
    assert registry.get("delays/1").aliases == ("shadow",)
    assert registry.alias("delays/2", "shadow").subject == "delays/2"
    assert registry.get("delays@shadow").number == 2
    registry.unalias("delays", "shadow")
    with pytest.raises(NotFound, match="there is no alias 'delays@shadow'"):
        registry.get("delays@shadow")


def test_champion_moves_by_promotion_only(add: Add, registry: Registry) -> None:
    add()
    with pytest.raises(NotAllowed, match="'champion' moves through gates only"):
        registry.alias("delays/1", "champion")
    with pytest.raises(NotAllowed):
        registry.unalias("delays", "champion")
    with pytest.raises(UsageError, match="reserved"):
        registry.alias("delays/1", "newest")


def test_tags_are_set_and_taken_away(add: Add, registry: Registry) -> None:
    add(tags={"team": "ops"})
    registry.tag("delays/1", team="data", stage=2)
    assert registry.get("delays/1").tags == {"stage": "2", "team": "data"}
    registry.tag("delays/1", team=None)
    assert registry.get("delays/1").tags == {"stage": "2"}
    with pytest.raises(UsageError, match="no tag was given"):
        registry.tag("delays/1")


def test_notes_are_kept_in_order(add: Add, registry: Registry) -> None:
    add()
    registry.note("delays/1", "first")
    registry.note("delays/1", "second")
    assert registry.get("delays/1").notes == ("first", "second")
    for text in ("  ", 5, None):
        with pytest.raises(UsageError, match="the note is empty"):
            registry.note("delays/1", text)  # type: ignore[arg-type]  # what users do


def test_a_description_takes_the_place_of_the_one_before(
    add: Add, registry: Registry
) -> None:
    add(description="night flights", tags={"team": "ops"})
    event = registry.describe("delays/1", "late arrivals")
    assert (event.verb, event.subject) == ("describe", "delays/1")
    assert registry.get("delays/1").description == "late arrivals"
    assert registry.versions("delays")[0].description == "late arrivals"
    assert "late arrivals" in repr(registry.card("delays/1"))
    assert "late arrivals" in repr(registry.history("delays"))
    for text in ("  ", 5, None):
        with pytest.raises(UsageError, match="the description is empty"):
            registry.describe("delays/1", text)  # type: ignore[arg-type]  # what users do
    assert registry.get("delays/1").description == "late arrivals"
    assert registry.verify().ok


def test_a_description_is_found_by_its_words_and_no_longer_by_the_old_ones(
    add: Add, registry: Registry
) -> None:
    add(description="night flights", tags={"team": "ops"}, params={"shift": "early"})
    registry.describe("delays/1", "late arrivals")
    for words in ("night", "flights"):
        assert registry.search(f"text ~ '{words}'") == []
    for words in ("arrivals", "ops", "early", "delays"):
        assert [v.ref for v in registry.search(f"text ~ '{words}'")] == ["delays/1"]
    assert registry.search("description ~ 'night'") == []


def test_a_bare_name_changes_nothing_when_it_could_mean_several(
    add: Add, registry: Registry
) -> None:
    add()
    assert registry.tag("delays", a=1).subject == "delays/1"
    add()
    with pytest.raises(UsageError, match="'delays' has several versions") as refused:
        registry.tag("delays", a=2)
    assert "delays/1, delays/2" in refused.value.hint
    assert registry.get("delays/2").tags == {}


def test_a_bare_name_reads_the_champion_else_the_newest(
    add: Add, registry: Registry
) -> None:
    add()
    add()
    assert registry.get("delays").number == 2
    registry.promote("delays/1")
    assert registry.get("delays").number == 1
    assert registry.get("delays@newest").number == 2


def test_deleting_hides_and_restoring_brings_back(add: Add, registry: Registry) -> None:
    add()
    add()
    registry.delete("delays/2", reason="a mistake")
    with pytest.raises(NotFound, match="there is no version 'delays/2'") as gone:
        registry.get("delays/2")
    assert "%mlops restore delays/2 brings it back" in gone.value.hint
    assert [v.number for v in registry.versions("delays")] == [1]
    assert add().number == 3
    assert registry.restore("delays/2").verb == "restore"
    assert registry.get("delays/2").number == 2
    for ref, error in (
        ("delays/2", NotAllowed),
        ("delays/9", NotFound),
        ("delays", UsageError),
    ):
        with pytest.raises(error):
            registry.restore(ref)


def test_the_champion_is_not_deleted(add: Add, registry: Registry) -> None:
    add()
    registry.promote("delays/1")
    with pytest.raises(NotAllowed, match="delays/1 is champion: it cannot be deleted"):
        registry.delete("delays/1")


def test_the_past_can_be_asked_for(add: Add, registry: Registry) -> None:
    before = datetime.now(UTC)
    add()
    registry.promote("delays/1")
    first = datetime.now(UTC)
    time.sleep(0.002)
    add()
    registry.promote("delays/2")
    assert registry.get("delays@champion").number == 2
    assert registry.get("delays@champion", as_of=first).number == 1
    naive = first.replace(tzinfo=None)
    assert registry.get("delays@champion", as_of=naive).number == 1
    assert registry.get("delays", as_of=first.isoformat()).number == 1
    today = datetime.now(UTC).date()
    for day in (today, today.isoformat(), today.strftime("%Y%m%d")):
        assert registry.get("delays", as_of=day).number == 2
    assert registry.get("delays@newest", as_of=first).number == 1
    for ref in ("delays", "delays@champion", "delays/2"):
        with pytest.raises(NotFound, match="it meant none"):
            registry.get(ref, as_of=before)
    with pytest.raises(UsageError, match="'yesterday' is not a moment"):
        registry.get("delays", as_of="yesterday")


def test_history_is_newest_first_and_by_subject(
    add: Add, registry: Registry, model: Any
) -> None:
    add()
    registry.register(model, "other")
    registry.tag("delays/1", a=1)
    verbs = [event.verb for event in registry.history("delays")]
    assert verbs == ["tag", "evaluate", "register"]
    assert len(registry.history()) == 5
    assert len(registry.history("delays/1")) == 3
    assert list(registry.history().to_frame()["seq"]) == [5, 4, 3, 2, 1]
    assert "a=1" in repr(registry.history("delays"))
    with pytest.raises(NotFound, match="did you mean 'delays'"):
        registry.history("delay")


def test_the_catalog_is_plain_frames(add: Add, registry: Registry) -> None:
    add()
    tables = registry.catalog()
    assert list(tables["model_version"]["number"]) == [1]
    assert set(tables["metric"]["metric"]) >= {"roc_auc", "log_loss"}
    assert len(tables["event"]) == 3


def test_status_says_what_needs_attention(
    add: Add, registry: Registry, train: Any
) -> None:
    assert not registry.status().exists
    assert "No registry yet" in repr(registry.status())
    assert registry.init().exists
    assert registry.status().models == ()
    add()
    (item,) = registry.status().attention
    assert item.why == "no version is champion"
    registry.promote("delays/1")
    assert registry.status().attention == ()
    features = train.drop(columns=["late", "day"])
    registry.check_skew("delays", features.assign(hour=features["hour"] * 60))
    (item,) = registry.status().attention
    assert "handling fault" in item.why
    assert len(repr(registry.status()).splitlines()) < 24


def test_names_are_shown_escaped(add: Add, registry: Registry) -> None:
    nasty = "<script>alert(1)</script>"
    version = add(description=nasty, tags={nasty: nasty})
    registry.note("delays/1", nasty)
    for shown in (
        version,
        registry.get("delays/1"),
        registry.history(),
        registry.status(),
        registry.promote("delays/1", reason=nasty),
    ):
        html = shown._repr_html_()
        assert "<script" not in html
        assert len(html) < 200_000


def test_an_unknown_model_is_suggested_or_the_first_step_told(
    registry: Registry, add: Add
) -> None:
    registry.init()
    with pytest.raises(NotFound) as first:
        registry.versions("delays")
    assert "%mlops register" in first.value.hint
    add()
    with pytest.raises(NotFound, match="did you mean 'delays'"):
        registry.versions("dalays")
    with pytest.raises(UsageError, match="is one version"):
        registry.versions("delays/1")


def test_what_was_deleted_then_is_not_what_a_ref_meant_then(
    add: Add, registry: Registry
) -> None:
    add()
    add()
    registry.delete("delays/2")
    then = registry.history()[0].happened_at
    registry.restore("delays/2")
    assert registry.get("delays@newest").number == 2
    assert registry.get("delays@newest", as_of=then).number == 1
    with pytest.raises(NotFound, match="delays/2"):
        registry.get("delays/2", as_of=then)


def test_a_naive_moment_is_utc_wherever_the_user_is(
    add: Add, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    add()
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        made = registry.get("delays").created_at.replace(tzinfo=None)
        assert registry.get("delays", as_of=made + timedelta(hours=1)).number == 1
        with pytest.raises(NotFound):
            registry.get("delays", as_of=made - timedelta(hours=1))
    finally:
        monkeypatch.undo()
        time.tzset()


def test_what_is_no_moment_or_reason_is_a_usage_error(
    add: Add, registry: Registry
) -> None:
    add()
    wrong: Any = 5
    with pytest.raises(UsageError, match="5 is not a moment"):
        registry.get("delays", as_of=wrong)
    nothing: Any = None
    with pytest.raises(UsageError, match="the reason is None"):
        registry.delete("delays/1", reason=nothing)
    assert registry.get("delays/1").number == 1
