"""A profile is a table that reads well, escaped in HTML, plain in a dict."""

import json

import numpy as np
import pandas as pd

from nbmlops.profiles.building import build_profile

RANDOM = np.random.default_rng(0)
FRAME = pd.DataFrame(
    {
        "delay": np.round(RANDOM.normal(10, 3, 400)),
        "carrier": RANDOM.choice(["UA", "AA", "DL", "WN", "B6"], 400),
        "late": RANDOM.random(400) < 0.25,
        "left_at": pd.date_range("2013-01-01", periods=400, freq="h"),
        "day": pd.date_range("2013-01-01", periods=400, freq="D"),
        "id": [f"N{at}" for at in range(400)],
        "mixed": [1, "a"] * 200,
        "nothing": [None] * 400,
        "hollow": [np.nan] * 400,
    }
)
PROFILE = build_profile(FRAME)


def test_the_text_says_what_is_in_each_column() -> None:
    lines = repr(PROFILE).splitlines()
    assert lines[0] == "Profile of 400 rows, 9 columns"
    assert lines[1].split() == [
        *("column", "kind", "null", "distinct", "shape"),
        *("what", "is", "in", "it"),
    ]
    by_name = {line.split()[0]: line for line in lines[2:]}
    assert by_name.keys() == set(FRAME.columns)
    assert "number" in by_name["delay"]
    assert "2 more" in by_name["carrier"]
    assert "true 2" in by_name["late"]
    assert "2013-01-01 00:00 … 2013-01-17 15:00" in by_name["left_at"]
    assert "2013-01-01 … 2014-02-04" in by_name["day"]
    assert "identifier, 2 to 4 long" in by_name["id"]
    assert "int and str" in by_name["mixed"]
    assert "all null" in by_name["nothing"]
    assert "all null" in by_name["hollow"]
    assert max(map(len, lines)) <= 118


def test_weights_are_told_with_the_rows_they_are_worth() -> None:
    frame = pd.DataFrame({"x": [1.0, 2.0, 3.0], "w": [1.0, 1.0, 10.0]})
    text = repr(build_profile(frame, weight="w"))
    assert "weighted by w: as good as 1 equal rows" in text


def test_lags_are_told_in_words() -> None:
    clock = pd.date_range("2020-01-01", periods=50, freq="h")
    frame = pd.DataFrame({"clock": clock, "seen": clock + pd.Timedelta("2min")})
    assert "min after the clock" in repr(build_profile(frame, time="clock"))


def test_html_is_escaped_small_and_alone() -> None:
    bad = "<script>alert(1)</script>"
    frame = pd.DataFrame({bad: [1], "s": ["<b>&amp;"]})
    html = build_profile(frame)._repr_html_()
    assert "<script" not in html
    assert "<b>" not in html
    assert "&lt;script&gt;" in html
    assert "http" not in html
    wide = pd.DataFrame({f"column {at}": ["x" * 200] for at in range(1_000)})
    shown = build_profile(wide)
    assert len(shown._repr_html_()) < 200_000
    assert "and 800 more columns" in repr(shown)


def test_the_dict_is_plain() -> None:
    plain = json.loads(json.dumps(PROFILE.to_dict()))
    assert plain["rows"] == 400
    assert plain["columns"]["delay"]["kind"] == "number"
    assert plain["columns"]["delay"]["quantiles"]["0.5"] == 10.0
    assert sum(plain["columns"]["carrier"]["labels"].values()) == 400
    assert plain["columns"]["mixed"]["types"] == "int and str"
