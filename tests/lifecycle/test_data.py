"""Datasets are known by their content, named, and followed to what came of them."""

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pytest
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry as Schemas
from referencing import Resource
from sklearn.pipeline import Pipeline

from nbmlops.api import Registry
from nbmlops.display.graph import BOX
from nbmlops.errors import NotFound, UsageError
from nbmlops.registry.lineage.layout import lay_out
from nbmlops.registry.lineage.values import Lineage
from tests.flights import FEATURES, flights

Add = Callable[..., Any]
SCHEMAS = Path(__file__).parents[1] / "registry" / "openlineage"


@pytest.fixture
def loop(
    add: Add, registry: Registry, train: pd.DataFrame, test: pd.DataFrame
) -> Registry:
    """Three versions on two frames, one made from another, one in production."""
    june = flights(1_200, seed=4)
    add()
    add(train=june, parent="delays/1")
    add(parent="delays/2")
    registry.promote("delays/1", reason="the first")
    registry.check_skew("delays/1", june[FEATURES])
    registry.dataset(train, "flights", description="<b>all of May</b>")
    registry.dataset(test, "held-out")
    return registry


def labels(lineage: Lineage, *kinds: Any) -> list[str]:
    return [node.label for node in lineage.of_kind(*kinds)]


def test_a_frame_and_a_file_of_it_are_one_dataset(
    registry: Registry, train: pd.DataFrame, tmp_path: Path
) -> None:
    path = tmp_path / "may.parquet"
    train.to_parquet(path, row_group_size=300)
    named = registry.dataset(train, "flights")
    again = registry.dataset(str(path))
    assert again == named
    assert (again.rows, len(again.columns)) == train.shape
    assert [event.verb for event in registry.history()] == ["dataset", "init"]


def test_where_a_file_came_from_is_kept(
    registry: Registry, train: pd.DataFrame, tmp_path: Path
) -> None:
    path = tmp_path / "may.parquet"
    train.to_parquet(path)
    (file,) = registry.dataset(str(path)).source["files"]
    assert (file["path"], file["size"]) == (str(path), path.stat().st_size)
    assert len(file["sha256"]) == 64


def test_the_query_of_a_relation_is_kept(registry: Registry) -> None:
    with duckdb.connect() as connection:
        found = registry.dataset(connection.sql("select range as a from range(7)"))
    assert found.rows == 7
    assert "range(" in found.source["query"].lower()


def test_a_password_in_the_query_of_a_relation_is_not_kept(registry: Registry) -> None:
    with duckdb.connect() as connection:
        asked = connection.sql("select 'host=db password=hunter2 user=ana' as a")
        source = registry.dataset(asked).source
    assert "password=[redacted] user=ana" in source["query"]


def test_register_evaluate_check_and_rebaseline_note_what_they_used(
    loop: Registry, test: pd.DataFrame
) -> None:
    loop.evaluate("delays/2", flights(400, seed=6), name="july")
    loop.rebaseline("delays/1", flights(500, seed=7), reason="summer")
    assert loop.dataset("flights").description == "<b>all of May</b>"
    held_out = loop.dataset("held-out")
    assert held_out.rows == len(test)
    assert set(held_out.used_by) == {"delays/1", "delays/2", "delays/3"}
    roles = {use.role for data in loop.datasets() for use in data.uses}
    assert roles == {"train", "test", "july", "serving", "baseline"}
    assert loop.verify().ok


def test_a_name_moves_on_and_both_keep_it(registry: Registry) -> None:
    first = registry.dataset(flights(50, seed=1), "flights")
    second = registry.dataset(flights(50, seed=2), "flights")
    assert registry.dataset("flights").digest == second.digest
    assert registry.dataset(first.digest[:10]).names == ("flights",)
    assert registry.lineage("flights").starts == (
        f"dataset:{second.digest}",
        f"dataset:{first.digest}",
    )


@pytest.mark.parametrize("name", ["", "a b", "../x", "deadbeef", 7])
def test_names_that_are_none_are_refused(registry: Registry, name: Any) -> None:
    with pytest.raises(UsageError, match="cannot name a dataset"):
        registry.dataset(flights(5, seed=1), name)
    assert not registry.location.exists()


def test_a_stream_is_no_dataset_but_can_be_checked(
    loop: Registry, test: pd.DataFrame
) -> None:
    def stream() -> pa.RecordBatchReader:
        return pa.Table.from_pandas(test[FEATURES]).to_reader()

    with pytest.raises(UsageError, match="can be read once only"):
        loop.dataset(stream())
    before = len(loop.datasets())
    loop.check_skew("delays/1", stream())
    assert len(loop.datasets()) == before


def test_a_digest_that_nothing_has_says_so(loop: Registry) -> None:
    with pytest.raises(NotFound, match="no dataset 'ffffffff'"):
        loop.dataset("ffffffff")


def test_what_was_trained_on_data_is_found(loop: Registry) -> None:
    found = loop.lineage("flights")
    assert set(labels(found, "version")) == {"delays/1", "delays/2", "delays/3"}
    trained = [node.ref for node in found.effects(found.starts[0], "run")]
    assert trained == ["delays/1", "delays/3"]
    assert "delays@champion" in {node.label for node in found.downstream()}
    assert repr(found).startswith("flights: Trained delays/1 and delays/3; ")


def test_where_a_version_came_from_is_found(loop: Registry) -> None:
    found = loop.lineage("delays/3")
    above = {node.label for node in found.upstream()}
    assert {"delays/2", "delays/1", "flights"} <= above
    assert labels(loop.lineage("delays/1"), "version") == [
        "delays/1",
        "delays/2",
        "delays/3",
    ]


def test_a_test_frame_leads_to_the_evaluation_and_not_to_the_run(
    loop: Registry,
) -> None:
    found = loop.lineage("held-out")
    (start,) = found.starts
    assert {node.kind for node in found.effects(start)} == {"evaluation"}


def test_moves_lead_to_what_is_in_production_now(loop: Registry) -> None:
    loop.promote("delays/2", reason="better", force=True)
    found = loop.lineage("delays@champion")
    (live,) = [n for n in found.of_kind("deployment") if n.ref == "delays/2"]
    (move,) = found.causes(live.key)
    assert (move.label, move.ref) == ("promoted to champion", "delays/2")
    assert found.of_version("delays/1", "deployment") == ()


def test_a_deleted_version_is_still_in_the_lineage(loop: Registry) -> None:
    loop.delete("delays/3", reason="a mistake")
    found = loop.lineage("delays/3")
    assert found.by_key["version:delays/3"].note == "deleted"


def test_a_name_of_a_model_and_a_dataset_asks_which(loop: Registry) -> None:
    loop.dataset("flights", "delays")
    with pytest.raises(UsageError, match="is a model and a dataset") as asked:
        loop.lineage("delays")
    assert "dataset:delays" in asked.value.hint
    assert labels(loop.lineage("dataset:delays"), "dataset")


def test_an_unknown_subject_says_what_there_is(loop: Registry) -> None:
    with pytest.raises(NotFound, match="no model or dataset 'flight'") as unknown:
        loop.lineage("flight")
    assert unknown.value.hint == "did you mean 'flights'?"
    with pytest.raises(UsageError, match="not of a DataFrame"):
        loop.lineage(pd.DataFrame())  # type: ignore[arg-type]


@pytest.mark.parametrize("subject", ["delays", "delays/2", "flights"])
def test_a_lineage_shows_itself_in_text_and_html(loop: Registry, subject: str) -> None:
    found = loop.lineage(subject)
    html = found._repr_html_()
    assert len(html) < 200_000
    assert "<b>all" not in html
    bare = html.partition("<details")[2]
    for word in ("delays/2", "flights", "held-out"):
        assert word in bare  # the tables hold what a stripped drawing would lose
        assert word in repr(found)
    assert json.loads(json.dumps(found.to_dict()))["subject"] == subject


def test_a_long_lineage_is_drawn_in_part_and_told_whole(
    registry: Registry, model: Pipeline, train: pd.DataFrame
) -> None:
    for _ in range(20):
        registry.register(model, "delays", train=train, target="late")
    found = registry.lineage("delays")
    assert len(found.of_kind("version")) == 20
    html = found._repr_html_()
    assert "4 older versions not drawn" in html
    assert html.count('data-l="delays/') == 16
    assert len(html) < 200_000


@pytest.mark.parametrize("subject", ["delays", "delays/3", "flights", "held-out"])
def test_no_box_of_a_drawing_covers_another(loop: Registry, subject: str) -> None:
    layout = lay_out(loop.lineage(subject))
    for column in range(len(layout.headers)):
        heights = sorted(box.y for box in layout.boxes if box.column == column)
        assert heights
        assert heights[0] >= BOX / 2
        assert all(b - a > BOX for a, b in pairwise(heights))
    for link in layout.links:
        assert link.source != link.target


def validator() -> Draft202012Validator:
    contents = [json.loads(path.read_text()) for path in SCHEMAS.glob("*.json")]
    schemas: Any = Schemas().with_resources(
        (content["$id"], Resource.from_contents(content)) for content in contents
    )
    return Draft202012Validator(
        {"$ref": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"},
        registry=schemas,
        format_checker=FormatChecker(),
    )


def facets(event: dict[str, Any]) -> list[dict[str, Any]]:
    holders = [event["job"], *event["inputs"], *event["outputs"]]
    kinds = ("facets", "inputFacets", "outputFacets")
    return [f for h in holders for k in kinds for f in h.get(k, {}).values()]


def test_openlineage_events_are_what_its_schemas_ask_for(
    loop: Registry, tmp_path: Path
) -> None:
    path = tmp_path / "events.jsonl"
    loop.lineage("delays", out=path)
    events = [json.loads(line) for line in path.read_text().splitlines()]
    names = [event["job"]["name"] for event in events]
    assert names.count("delays.register") == 3
    assert {"delays.evaluate", "delays.check", "delays.promote"} <= set(names)
    check = validator()
    for event in events:
        check.validate(event)
        for facet in facets(event):
            check.evolve(schema={"$ref": facet["_schemaURL"]}).validate(facet)
    assert len({event["run"]["runId"] for event in events}) == len(events)


def test_openlineage_says_what_went_in_and_what_came_out(loop: Registry) -> None:
    events = loop.lineage("delays/3").to_openlineage()
    assert events == loop.lineage("delays/3").to_openlineage()
    (made,) = [
        event
        for event in events
        if [out["name"] for out in event["outputs"]] == ["delays/3"]
    ]
    assert {given["name"] for given in made["inputs"]} == {"flights", "delays/2"}
    (flights_in,) = [g for g in made["inputs"] if g["name"] == "flights"]
    assert flights_in["inputFacets"]["dataQualityMetrics"]["rowCount"] == 2_000
    fields = flights_in["facets"]["schema"]["fields"]
    assert {"late", *FEATURES} <= {field["name"] for field in fields}
