"""A repair in front of a pipeline: stock parts, fitted, and nothing else touched."""

import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from io import BytesIO
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone

from nbmlops.errors import NbmlopsWarning, NotFound, UsageError
from nbmlops.registry.models.serialise import load, save
from nbmlops.skew.judge import check
from nbmlops.skew.repair.doing import done
from nbmlops.skew.repair.plan import Plan
from nbmlops.skew.repair.serving_form import in_serving_form
from nbmlops.skew.repair.steps import (
    Apply,
    Convert,
    Scale,
    Shift,
    Step,
    Text,
    ToNull,
)
from nbmlops.skew.repair.transformer import transformer
from nbmlops.skew.report import Cause, SkewReport
from tests.skew.repair.test_steps import CASES

ROWS = 3_000
DESTINATIONS = [f"D{k}" for k in range(12)]
Break = Callable[[pd.DataFrame], pd.DataFrame]


def world(seed: int) -> pd.DataFrame:
    r = np.random.default_rng(seed)
    hours = np.clip(r.normal(14, 3, ROWS), 0, 23.9)
    return pd.DataFrame(
        {
            "carrier": r.choice(["AA", "B6", "EV", "UA"], ROWS, p=[0.2, 0.3, 0.1, 0.4]),
            "distance": r.choice([229, 502, 733, 1089, 1400, 2475], ROWS),
            "temp": np.round(r.normal(15, 8, ROWS), 1),
            "rain": np.round(r.lognormal(0, 1, ROWS), 2),
            "age": np.where(r.random(ROWS) < 0.15, np.nan, r.integers(1, 30, ROWS)),
            "when": pd.Timestamp("2026-01-05")
            + pd.to_timedelta(r.integers(0, 70, ROWS), "D")
            + pd.to_timedelta(hours // 1, "h"),
            "paid": r.random(ROWS) < 0.3,
            "low": r.gamma(2, 3, ROWS),
            "high": r.normal(40, 4, ROWS),
            "dest": pd.Series(r.choice(DESTINATIONS, ROWS)).mask(r.random(ROWS) < 0.05),
        }
    )


TRAIN, CLEAN = world(1), world(2)
BREAKS: dict[str, Break] = {
    "kilometres": lambda f: f.assign(distance=f["distance"] * 1.609344),
    "Fahrenheit": lambda f: f.assign(temp=f["temp"] * 1.8 + 32),
    "thousandths": lambda f: f.assign(rain=f["rain"] / 1000),
    "logarithms": lambda f: f.assign(rain=np.log(f["rain"])),
    "decimal logarithms": lambda f: f.assign(rain=np.log10(f["rain"])),
    "sign": lambda f: f.assign(temp=-f["temp"]),
    "null as -1": lambda f: f.assign(age=f["age"].fillna(-1)),
    "standardised": lambda f: f.assign(high=(f["high"] - 40) / 4),
    "exchanged": lambda f: f.assign(low=f["high"], high=f["low"]),
    "lower case": lambda f: f.assign(carrier=f["carrier"].str.lower()),
    "blanks": lambda f: f.assign(dest=f["dest"] + " "),
    "prefix": lambda f: f.assign(dest="airport-" + f["dest"]),
    "null as text": lambda f: f.assign(dest=f["dest"].fillna("None")),
    "hours": lambda f: f.assign(when=f["when"] + pd.Timedelta(hours=6)),
    "numbers as text": lambda f: f.assign(temp=f["temp"].astype(str)),
    "times as text": lambda f: f.assign(when=f["when"].astype(str)),
    "times as numbers": lambda f: f.assign(
        when=f["when"].astype("datetime64[ms]").astype("int64")
    ),
    "truth as text": lambda f: f.assign(paid=f["paid"].astype(str)),
    "another name": lambda f: f.rename(columns={"paid": "is_paid"}),
    "many at once": lambda f: f.assign(
        distance=f["distance"] * 1.609344,
        age=f["age"].fillna(-1),
        carrier=f["carrier"].str.lower(),
    ),
}
STOCK = {
    "kilometres",
    "Fahrenheit",
    "thousandths",
    "logarithms",
    "sign",
    "null as -1",
    "standardised",
    "exchanged",
    "another name",
}


def report_of(served: pd.DataFrame, **options: Any) -> SkewReport:
    return check(TRAIN, served, **options)[0]


def schema_of(data: bytes) -> str:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return archive.read("schema.json").decode()


@pytest.mark.parametrize("name", BREAKS)
def test_the_repaired_frame_passes_the_check_and_is_like_training(name: str) -> None:
    served = BREAKS[name](CLEAN)
    found = report_of(served)
    assert not found.ok
    repair = found.repair()
    mended = repair.transform(served)
    assert report_of(mended).ok, report_of(mended)
    assert list(mended) == list(TRAIN) == list(repair.get_feature_names_out())
    for column in TRAIN:
        if column in served and served[column].equals(CLEAN[column]):
            pd.testing.assert_series_equal(mended[column], CLEAN[column])


@pytest.mark.parametrize("name", BREAKS)
def test_training_rows_in_serving_form_are_like_what_is_served(name: str) -> None:
    served = BREAKS[name](CLEAN)
    found = report_of(served)
    as_served = found.as_served(TRAIN)
    assert check(as_served, served)[0].ok
    assert set(as_served) == set(served)
    assert report_of(found.repair().transform(as_served)).ok


@pytest.mark.parametrize("name", BREAKS)
def test_it_is_kept_without_trust_and_always_as_the_same_bytes(name: str) -> None:
    served = BREAKS[name](CLEAN)
    found = report_of(served)
    saved = save(found.repair())
    assert saved.flavor == "skops"
    loaded = load(saved.data, saved.flavor)  # nobody vouches for it
    pd.testing.assert_frame_equal(
        loaded.transform(served), found.repair().transform(served)
    )
    stored = SkewReport.from_dict(json.loads(found.to_json()))
    assert save(stored.repair()).data == save(loaded).data == saved.data
    assert ("nbmlops" not in schema_of(saved.data)) == (name in STOCK)


@pytest.mark.parametrize(("step", "served", "wanted"), CASES)
def test_the_transformer_does_each_step(
    step: Step, served: Sequence[Any], wanted: Sequence[Any]
) -> None:
    frame = pd.DataFrame({"x": served, "y": range(len(served))})
    repair = transformer(Plan(columns=("y", "x"), steps={"x": (step,)}))
    found = repair.transform(frame)
    pd.testing.assert_series_equal(
        found["x"], done(step, frame["x"]), check_dtype=False
    )
    assert list(found) == ["y", "x"]


COLUMNS = st.sampled_from(
    [
        pd.Series([1, 2, 3]),
        pd.Series([1.5, np.nan, np.inf]),
        pd.Series([1, None, 3], dtype="Int64"),
        pd.Series([True, False, True]),
        pd.Series(["a", None, "c"]),
        pd.Series(["a", 1, None], dtype=object),
        pd.Series(["a", "b", "a"], dtype="category"),
        pd.Series([pd.Timestamp("2026-01-01", tz="UTC"), pd.NaT, pd.NaT]),
        pd.Series([b"x", b"y", None], dtype=object),
    ]
)
NAMES = st.sampled_from(["it's", "a__b", "{c}", "remainder", "Ä", "", "0 x"])


@given(
    others=st.dictionaries(NAMES, COLUMNS, min_size=1, max_size=5),
    at=st.integers(0, 5),
    name=st.sampled_from(["x", "transformers", "x__y", "{x}"]),
    step=st.sampled_from([Scale(by=2.0), Apply(function="exp"), ToNull(values=(1.0,))]),
    index=st.sampled_from([[0, 1, 2], [7, 7, 3]]),
)
def test_what_is_not_named_stays_as_it_was(
    others: dict[str, pd.Series], at: int, name: str, step: Step, index: list[int]
) -> None:
    columns = list(others.items())
    columns.insert(at, (name, pd.Series([1.0, 2.0, np.nan])))
    frame = pd.DataFrame(dict(columns))
    frame.index = pd.Index(index)
    before = frame.copy()
    repair = transformer(Plan(columns=tuple(map(str, frame)), steps={name: (step,)}))
    found = repair.transform(frame[list(frame)[::-1]])  # order of serving: any
    pd.testing.assert_frame_equal(found.drop(columns=name), before.drop(columns=name))
    assert list(found) == list(before)
    pd.testing.assert_frame_equal(frame, before)


@given(
    given=st.sampled_from(["x", "a__b", "{}", "n_jobs"]),
    name=st.sampled_from(["y", "c__d", "{0}", "{name!r}", "remainder"]),
)
def test_a_column_of_another_name_gets_its_own(given: str, name: str) -> None:
    plan = Plan(columns=("a", name), sources={name: given})
    frame = pd.DataFrame({given: ["v"], "a": [1]})
    found = transformer(plan).transform(frame)
    assert found.to_dict("list") == {"a": [1], name: ["v"]}


def test_polars_frames_come_out_as_they_are_asked_for() -> None:
    served = BREAKS["many at once"](CLEAN)
    repair = report_of(served).repair()
    expected = repair.transform(served)
    found = repair.set_output(transform="polars").transform(pl.from_pandas(served))
    assert isinstance(found, pl.DataFrame)
    pd.testing.assert_frame_equal(found.to_pandas(), expected, check_dtype=False)


def test_infinities_and_objects_are_no_trouble_to_functions_and_nulls() -> None:
    plan = Plan(
        columns=("x", "y", "z"),
        steps={
            "x": (Apply(function="exp"),),
            "y": (ToNull(values=(-1, -2)),),
            "z": (Scale(by=2.0), Apply(function="exp")),
        },
    )
    frame = pd.DataFrame({"x": [-np.inf, 0.0], "y": [np.inf, -2], "z": [-np.inf, 0.0]})
    found = transformer(plan).transform(frame)
    assert found["x"].tolist() == found["z"].tolist() == [0.0, 1.0]
    assert found["y"][0] == np.inf
    assert np.isnan(found["y"][1])
    empty = pd.DataFrame({"x": [None], "y": [None], "z": [None]}, dtype=object)
    assert transformer(plan).transform(empty).isna().all(axis=None)


@pytest.mark.parametrize("divides", [True, False])
def test_numbers_are_the_ones_that_pandas_gives_to_the_last_bit(divides: bool) -> None:
    step = Scale(by=1000, divides=divides)
    frame = pd.DataFrame({"x": np.arange(5_000) / 1000})
    found = transformer(Plan(columns=("x",), steps={"x": (step,)})).transform(frame)
    assert found["x"].equals(done(step, frame["x"]))


def test_a_repair_is_not_learnt_anew() -> None:
    served = BREAKS["many at once"](CLEAN)
    repair = report_of(served).repair()
    again = clone(repair).fit(TRAIN.sample(50, random_state=0))
    pd.testing.assert_frame_equal(again.transform(served), repair.transform(served))


def test_extra_columns_are_left_out_and_rows_keep_their_index() -> None:
    served = BREAKS["kilometres"](CLEAN).assign(request_id="r").iloc[5:9]
    repair = report_of(BREAKS["kilometres"](CLEAN)).repair()
    assert list(repair.transform(served)) == list(TRAIN)
    assert list(repair.transform(served).index) == [5, 6, 7, 8]


def test_only_the_columns_named_are_repaired() -> None:
    served = BREAKS["many at once"](CLEAN)
    found = report_of(served)
    mended = report_of(found.repair("distance").transform(served))
    assert {c.name for c in mended.columns.values() if c.cause} == {"age", "carrier"}
    as_served = found.as_served(TRAIN, columns=["age"])
    assert as_served["distance"].equals(TRAIN["distance"])
    assert not as_served["age"].isna().any()


def test_what_is_exchanged_needs_nothing_else_whatever_it_seemed_to_be() -> None:
    served = BREAKS["exchanged"](CLEAN)
    found = report_of(served)
    scaled = Cause(kind="preprocessed-twice", detail="", mend=(Scale(by=4.0),))
    other = replace(found.columns["high"], cause=scaled)
    unsure = replace(found, columns={**found.columns, "high": other})
    assert unsure.repair().transform(served)["high"].equals(CLEAN["high"])


def test_an_acknowledged_column_is_left_unless_it_is_named() -> None:
    served = BREAKS["kilometres"](CLEAN)
    found = report_of(served, muted={"distance": ("2026-12-31", "known")})
    with pytest.raises(UsageError, match="no handling fault was found"):
        found.repair()
    assert report_of(found.repair("distance").transform(served)).ok


def test_faults_that_nothing_turns_back_are_named() -> None:
    served = BREAKS["kilometres"](CLEAN).drop(columns="temp")
    with pytest.warns(NbmlopsWarning, match=r"as it comes: temp \(missing-column\)"):
        mended = report_of(served).repair().transform(served)
    assert list(mended) == [c for c in TRAIN if c != "temp"]
    found = report_of(mended)
    assert [
        c.name for c in found.columns.values() if c.verdict == "handling fault"
    ] == ["temp"]


def test_nothing_to_repair_is_an_error_that_says_so() -> None:
    with pytest.raises(UsageError, match="nothing can be repaired: no handling fault"):
        report_of(CLEAN).repair()
    found = report_of(CLEAN.assign(temp=np.round(CLEAN["temp"], -1)))
    assert found.columns["temp"].cause is not None
    with pytest.raises(UsageError, match=r"of temp \(rounding\) no way back is known"):
        found.repair()
    both = report_of(BREAKS["kilometres"](CLEAN).drop(columns="temp"))
    with pytest.raises(UsageError, match="there is a repair for: distance"):
        both.repair("temp")


def test_a_column_that_was_not_checked_cannot_be_named() -> None:
    with pytest.raises(NotFound, match="distanse"):
        report_of(BREAKS["kilometres"](CLEAN)).repair(["distanse"])


def test_a_report_of_an_earlier_version_says_to_check_again() -> None:
    found = replace(report_of(BREAKS["kilometres"](CLEAN)), order=())
    with pytest.raises(UsageError, match="check again"):
        found.repair()


def test_what_has_no_way_back_to_serving_stays_with_a_warning() -> None:
    plan = Plan(
        columns=("temp",), steps={"temp": (Convert(to="number", given="other"),)}
    )
    with pytest.warns(NbmlopsWarning, match="temp: no way back"):
        made = in_serving_form(report_of(CLEAN), plan, TRAIN)
    pd.testing.assert_frame_equal(made, TRAIN)


def test_spellings_that_only_serving_knows_are_taken_from_the_report() -> None:
    served = CLEAN.assign(carrier=CLEAN["carrier"].str.center(6))
    plan = Plan(columns=tuple(map(str, TRAIN)), steps={"carrier": (Text(how="strip"),)})
    made = in_serving_form(report_of(served), plan, TRAIN)
    assert set(made["carrier"]) == set(served["carrier"])
    uneven = CLEAN.assign(carrier=CLEAN["carrier"].replace("AA", " AA"))
    made = in_serving_form(report_of(uneven), plan, TRAIN)
    assert set(made["carrier"]) == {" AA", "B6", "EV", "UA"}


def test_times_are_moved_in_the_type_they_have() -> None:
    plan = Plan(columns=("t",), steps={"t": (Shift(hours=-5),)})
    frame = pd.DataFrame({"t": pd.to_datetime(["2026-01-01 05:00"], utc=True)})
    found = transformer(plan).transform(frame)
    assert found["t"][0] == pd.Timestamp("2026-01-01", tz="UTC")
