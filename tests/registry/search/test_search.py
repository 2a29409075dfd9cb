"""What a query finds is what it says, whatever stands in it."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbmlops.errors import UsageError
from nbmlops.registry.place import Place
from nbmlops.registry.records import ModelVersion
from nbmlops.registry.search.fields import FIELDS, candidates
from nbmlops.registry.search.language import (
    Comparison,
    Joined,
    Name,
    Negation,
    Query,
    Value,
    parse,
)
from nbmlops.registry.search.running import search, search_fields
from nbmlops.registry.tables import schema
from tests.registry.search.conftest import INJECTIONS
from tests.registry.search.queries import Judge, written

PAGE = Path(__file__).parents[3] / "docs" / "registry.md"
DAYS = ("2026-01-01", "9999-12-31", "2000-01-01T00:00:00+02:00", "0001-01-01")
TEXTS = (
    *INJECTIONS, "ops", "data", "delays", "arrivals", "delays/1", "LATE", "late", "",
    "champion", "shadow", "night", "binary", "Ridge", "skops", "within tolerance",
    "Logistic", "1", "true", "strasse", "storm night*",
)  # fmt: skip
KEYS = {
    "metrics": ("roc_auc", "f1"),
    "reported": ("cost", *INJECTIONS),
    "params": ("C", *INJECTIONS),
    "tags": ("team", "level", "nothing", *INJECTIONS),
    "packages": ("scikit-learn", "Scikit.Learn", "torch"),
}
ORDER = ("=", "!=", "<", "<=", ">", ">=")
NUMBERS = st.sampled_from([0.0, 1.0, 2.0, 0.5, 0.6, 0.7, 0.75, 0.8, -1.0, 1e999])
RELEASES = ("1.9", "1.10", "1.9rc1", "3.11", "3.9.1", "3")
DIGESTS = ("5feceb", "6B86", "ab12ab", "CD34", "dddd", "eeee", "0001" * 16)


@st.composite
def comparisons(draw: st.DrawFn) -> Query:
    name = draw(st.sampled_from(sorted(FIELDS)))
    field = FIELDS[name]
    key = draw(st.sampled_from(KEYS[name])) if field.key else None
    signs, values = _kinds()[field.kind]
    if field.kind != "words":
        signs = (*signs, "in", "not in", "present", "missing")
    sign: Any = draw(st.sampled_from(signs))
    if sign == "~" and field.kind != "words":
        values = st.sampled_from(TEXTS).map(Value)
    most = {"present": 0, "missing": 0, "in": 3, "not in": 3}.get(sign, 1)
    listed = draw(st.lists(values, min_size=min(1, most), max_size=most))
    return Comparison(Name(name, key), sign, tuple(listed))


def _kinds() -> dict[str, tuple[tuple[str, ...], st.SearchStrategy[Value]]]:
    texts = st.sampled_from(TEXTS).map(Value)
    numbers = NUMBERS.map(Value)
    flags = st.booleans().map(Value)
    return {
        "text": ((*ORDER, "~"), texts),
        "number": (ORDER, numbers),
        "moment": (ORDER, st.sampled_from(DAYS).map(Value)),
        "yes or no": (("=", "!="), flags),
        "digest": (("=", "!=", "~"), st.sampled_from(DIGESTS).map(Value)),
        "release": ((*ORDER, "~"), st.sampled_from(RELEASES).map(Value)),
        "loose": ((*ORDER, "~"), texts | numbers | flags),
        "dataset": (
            ("=", "!=", "~"),
            st.sampled_from(("flights", *DIGESTS)).map(Value),
        ),
        "words": (("~",), st.sampled_from([t for t in TEXTS if t]).map(Value)),
    }


def queries() -> st.SearchStrategy[Query]:
    def joined(parts: st.SearchStrategy[Query]) -> st.SearchStrategy[Query]:
        several = st.lists(parts, min_size=2, max_size=3).map(tuple)
        words = st.sampled_from(["and", "or"])
        return st.builds(Joined, words, several) | st.builds(Negation, parts)

    return st.recursive(comparisons(), joined, max_leaves=4)


@pytest.fixture(scope="session")
def judges(varied: Place) -> list[Judge]:
    """Every version that is not deleted, newest first, read without search."""
    with varied.reading() as unit:
        rows = unit.rows(
            "select name, number from model_version where deleted_at is null "
            "order by seq desc"
        )
        checks = unit.rows("select name, number, verdict from skew_check order by seq")
        uses = unit.rows("select name, number, digest from dataset_use")
        names = dict(unit.rows("select digest, name from dataset_name"))
    newest = {(name, number): verdict for name, number, verdict in checks}
    return [
        Judge(
            varied.version(f"{name}/{number}"),
            [newest[name, number]] if (name, number) in newest else [],
            [(d, names.get(d, "")) for *key, d in uses if key == [name, number]],
        )
        for name, number in rows
    ]


@settings(deadline=None, max_examples=400)
@given(query=queries())
def test_search_finds_what_plain_python_finds(
    varied: Place, judges: list[Judge], query: Query
) -> None:
    found = search(varied, written(query))
    assert [v.ref for v in found] == [
        judge.version.ref for judge in judges if judge.is_true(query)
    ]


def refs(place: Place, query: str) -> list[str]:
    return [version.ref for version in search(place, query)]


def rows(place: Place) -> dict[str, list[tuple[Any, ...]]]:
    with place.reading() as unit:
        return {t: unit.rows(f"from {t} order by all") for t in schema.TABLES}


@pytest.mark.parametrize("hostile", INJECTIONS)
@pytest.mark.parametrize(
    "query",
    ["name = {}", "tags.team ~ {}", "alias in ({}, {})", "text ~ {}", "parent < {}"],
)
def test_a_hostile_value_is_a_value(varied: Place, query: str, hostile: str) -> None:
    before = rows(varied)
    quoted = "'{}'".format(hostile.replace("'", "''"))
    search(varied, query.replace("{}", quoted))
    assert rows(varied) == before


@pytest.mark.parametrize("hostile", INJECTIONS)
def test_a_hostile_key_is_a_key(varied: Place, hostile: str) -> None:
    number = INJECTIONS.index(hostile) + 1
    key = '"{}"'.format(hostile.replace('"', '""'))
    assert refs(varied, f"tags.{key} is present") == [f"delays/{number}"]
    assert refs(varied, f"params.{key} = ''") == [f"delays/{number}"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("metrics.roc_auc > 0.7", ["delays/3", "delays/2"]),
        ("metrics.roc_auc = 0.9", []),  # of "july", and delays/1 has a "test"
        ("not metrics.roc_auc < 0.8 and name = 'delays' and number < 4", ["delays/2"]),
        ("metrics.f1 != 0.5 and number <= 2 and name = 'delays'", ["delays/2"]),
        ("alias = 'champion'", ["arrivals/1", "delays/1"]),
        ("alias = 'shadow' and alias = 'champion'", ["delays/1"]),
        ("alias != 'champion' and number = 1", []),
        ("tags.level >= 4", ["delays/6", "delays/5"]),
        ("tags.team = 'night'", ["delays/2"]),
        ("tags.level is missing and name = 'delays'", ["delays/2"]),
        ("params.C > 1", ["delays/6", "delays/4"]),
        ("dataset = 'flights'", ["arrivals/1"]),
        ("dataset = 'dddd'", ["arrivals/1"]),
        ("dataset = 'eeee' and number < 3", ["delays/2", "delays/1"]),
        ("packages.scikit-learn >= 1.10", ["arrivals/1"]),
        ("packages.scikit_learn < '1.9'", ["arrivals/2"]),
        ("python < '3.10'", ["arrivals/2"]),
        ("git_commit = 'AB12ab'", ["arrivals/1"]),
        ("git_dirty = true", ["arrivals/1"]),
        ("git_dirty = false", ["arrivals/2"]),
        ("git_dirty != true and name = 'arrivals'", ["arrivals/2"]),
        ("verdict = 'over tolerance'", ["delays/2"]),
        ("verdict is present", ["delays/2", "delays/1"]),
        ("text ~ 'NIGHT flights'", ["arrivals/1"]),
        ("text ~ 'night'", ["arrivals/1", "delays/2"]),
        ("text ~ 'sto* trained'", ["delays/3"]),
        ("text ~ 'tor'", []),
        ("parent = 'delays/1'", ["arrivals/1"]),
        ("target = 'late' and target != 'late'", []),
        ("description ~ 'FLIGHTS'", ["arrivals/1"]),
        ("author = 'ana' and created > '2020-01-01' and number = 6", ["delays/6"]),
        ("created > '2999-01-01'", []),
    ],
)
def test_each_field_means_what_it_says(
    varied: Place, query: str, found: list[str]
) -> None:
    assert refs(varied, query) == found


def test_a_day_means_its_start_or_its_end(varied: Place) -> None:
    created = search(varied, "ref = 'delays/1'")[0].created_at
    day, moment = created.date().isoformat(), created.isoformat()
    for query, is_so in (
        (f"created = '{day}'", True),
        (f"created > '{day}'", False),
        (f"created >= '{day}'", True),
        (f"created < '{day}'", False),
        (f"created <= '{day}'", True),
        (f"created = '{moment}'", True),
        (f"created < '{moment}'", False),
    ):
        assert refs(varied, f"{query} and ref = 'delays/1'") == ["delays/1"] * is_so


def test_the_newest_come_first_and_deleted_ones_never(varied: Place) -> None:
    found = search(varied, "number > 0")
    assert [v.ref for v in found[:3]] == ["arrivals/2", "arrivals/1", "delays/6"]
    assert len(found) == 8
    assert all(isinstance(version, ModelVersion) for version in found)
    assert search(varied, "number > 0", limit=2) == found[:2]


@pytest.mark.parametrize(
    ("query", "marked", "said"),
    [
        (
            "metric > 1",
            "^metric > 1",
            "there is no field 'metric': did you mean 'metrics'?",
        ),
        ("zzz = 1", "^zzz = 1", "there is no field 'zzz': there is: alias, author"),
        ("roc_auc > 1", "^roc_auc > 1", "did you mean 'metrics.roc_auc'?"),
        ("team = 'ops'", "^team = 'ops'", "did you mean 'tags.team'?"),
        ("metrics.roc > 1", "metrics.^roc > 1", "did you mean 'roc_auc'?"),
        ("params.c = 1", "params.^c = 1", "no version has params.c: did you mean 'C'?"),
        ("metrics > 1", "^metrics > 1", "metrics takes a name: metrics.f1"),
        ("author.x = 'a'", "^author.x = 'a'", "author takes no name after it"),
        ("author = 3", "author = ^3", "author is text, and 3 is a number: write '3'"),
        ("number = 'x'", "number = ^'x'", "number is a number, and 'x' is text"),
        ("created > 2026", "created > ^2026", "a day or a moment, in quotes, and 2026"),
        ("created > 'soon'", "created > ^'soon'", "'soon' is no moment: write '2026"),
        ("git_dirty = 'x'", "git_dirty = ^'x'", "is true or false, and 'x' is text"),
        ("number ~ 'x'", "^number ~ 'x'", "cannot be asked by ~, but by = != <"),
        ("text = 'x'", "^text = 'x'", "text cannot be asked by =, but by ~"),
        ("text is missing", "^text is missing", "cannot be asked by missing"),
        ("text ~ '--'", "text ~ ^'--'", "there is no word in '--'"),
        ("digest = 'ab'", "digest = ^'ab'", "'ab' is no digest: write its first 4"),
        ("python > 'x'", "python > ^'x'", "'x' is no release"),
        ("tags.level ~ 4", "tags.level ~ ^4", "text where it is asked by ~, and 4"),
        ("name in ('a', 1)", "name in ('a', ^1)", "name is text, and 1 is a number"),
    ],
)
def test_what_a_field_cannot_be_asked_is_pointed_at(
    varied: Place, query: str, marked: str, said: str
) -> None:
    with pytest.raises(UsageError) as caught:
        search(varied, query)
    message, line, caret = str(caught.value).splitlines()
    assert said in message
    at = caret.index("^")
    assert line[2:at] + "^" + line[at:] == marked


@pytest.mark.parametrize("query", [None, 3, ["number = 1"]])
def test_a_query_is_text(varied: Place, query: Any) -> None:
    with pytest.raises(UsageError, match="is no query"):
        search(varied, query)


def test_a_limit_is_at_least_one(varied: Place) -> None:
    with pytest.raises(UsageError, match="at most 0 versions"):
        search(varied, "number = 1", limit=0)


def test_where_nothing_is_registered_no_name_is_wrong(place: Place) -> None:
    with place.catalog.writing(create=True):
        pass
    assert search(place, "metrics.roc_auc > 0.7 or params.C = 1") == []
    assert "created" in search_fields(place)


def test_what_is_completed_can_be_asked(varied: Place) -> None:
    with varied.reading() as unit:
        offered = list(candidates(unit))
    assert {"created", "metrics.roc_auc", "tags.team", "packages.scikit-learn"} < {
        *offered
    }
    for spelled in offered:
        if spelled != "text":
            search(varied, f"{spelled} is present")
    keys = {parse(f"{spelled} = 1").name.key for spelled in offered}  # type: ignore[union-attr]
    assert {*INJECTIONS} < keys


def test_a_very_long_list_of_values_is_searched(varied: Place) -> None:
    values = ",".join(f"'{number}'" for number in range(1_500))
    assert refs(varied, f"tags.level in ({values}) and number = 1") == ["delays/1"]
    parts = " or ".join(f"number={number}" for number in range(700))
    assert len(refs(varied, parts)) == 8


def test_the_page_names_every_field() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for name, field in FIELDS.items():
        assert f"`{name}.X`" in page if field.key else f"`{name}`" in page
