"""Profiles as bytes: nothing is lost, damage is noticed, the bytes are stable."""

import struct
import subprocess
import sys
import zlib
from itertools import count
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbmlops.errors import Tampered, UsageError
from nbmlops.profiles.building import build_profile
from nbmlops.profiles.columns import NumberColumn
from nbmlops.profiles.profile import Profile
from nbmlops.profiles.storing import MAGIC
from tests.profiles.strategies import ROWS, assert_same, frame_of

FRAME = pd.DataFrame(
    {
        "x": np.linspace(-3, 3, 500) ** 3,
        "s": [f"label {at % 7}" for at in range(500)],
        "w": np.linspace(0.5, 2.0, 500),
        "m": [1, "a"] * 250,
    }
)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(ROWS, st.floats(0.01, 100.0)), max_size=30))
def test_bytes_hold_everything(rows: list[Any]) -> None:
    frame = frame_of([row for row, _ in rows], [weight for _, weight in rows])
    profile = build_profile(frame, time="clock", weight="weight")
    read = Profile.from_bytes(profile.to_bytes())
    assert_same(profile, read)
    assert read.to_bytes() == profile.to_bytes()
    assert read == profile
    assert hash(read) == hash(profile)
    assert (read.weight, read.time) == ("weight", "clock")
    assert list(read.columns) == list(profile.columns)
    assert repr(read) == repr(profile)


def test_large_sketches_and_labels_survive() -> None:
    frame = pd.DataFrame(
        {"x": np.arange(30_000) * 0.1, "s": [f"id {at}" for at in range(30_000)]}
    )
    profile = build_profile(frame)
    read = Profile.from_bytes(profile.to_bytes())
    assert read == profile
    assert read.columns["x"].distinct == profile.columns["x"].distinct
    assert read.columns["s"].distinct == profile.columns["s"].distinct


def test_a_read_profile_adds_up() -> None:
    profile = build_profile(FRAME)
    read = Profile.from_bytes(profile.to_bytes())
    assert read + read == profile + profile


def test_the_bytes_are_those_of_every_process() -> None:
    code = (
        "import numpy as np, pandas as pd;"
        "from nbmlops.profiles.building import build_profile;"
        "f = pd.DataFrame({'x': np.linspace(-3, 3, 5000) ** 3,"
        "'s': list('abcde') * 1000});"
        "print(build_profile(f).digest)"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    }
    assert len(digests) == 1


def test_a_column_takes_a_few_kilobytes() -> None:
    random = np.random.default_rng(0)
    for values in (
        random.normal(size=100_000),
        random.lognormal(size=100_000),
        random.integers(0, 5_000, 100_000),
    ):
        assert len(build_profile(pd.DataFrame({"x": values})).to_bytes()) < 14_000


def test_no_row_can_be_read_from_the_bytes() -> None:
    secret = 1234.56789012
    frame = pd.DataFrame({"x": [secret, *np.linspace(0, 5000, 999)]})
    body = zlib.decompress(build_profile(frame).to_bytes()[len(MAGIC) + 2 :])
    assert struct.pack("<d", secret) not in body
    assert b"1234.5678" not in body


def test_equal_frames_have_equal_profiles_and_others_not() -> None:
    assert build_profile(FRAME) == build_profile(FRAME.copy())
    assert build_profile(FRAME) != build_profile(FRAME.iloc[1:])
    assert build_profile(FRAME) != "a profile"


def test_a_newer_format_asks_for_an_upgrade() -> None:
    data = build_profile(FRAME).to_bytes()
    newer = MAGIC + struct.pack("<H", 3) + data[len(MAGIC) + 2 :]
    with pytest.raises(UsageError, match=r"format 3, .* reads up to 2\n.*--upgrade"):
        Profile.from_bytes(newer)


def repacked(change: bytes, to: bytes) -> bytes:
    data = build_profile(FRAME).to_bytes()
    start = len(MAGIC) + 2
    body = zlib.decompress(data[start:])
    assert change in body
    return data[:start] + zlib.compress(body.replace(change, to, 1))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"garbage",
        MAGIC,
        MAGIC + b"\x01\x00",
        MAGIC + b"\x01\x00" + zlib.compress(b""),
        MAGIC + b"\x01\x00" + zlib.compress(struct.pack("<I", 9) + b"{}"),
        MAGIC + b"\x01\x00" + zlib.compress(struct.pack("<I", 2) + b"[]"),
        MAGIC + b"\x01\x00" + zlib.compress(struct.pack("<I", 2) + b"{}"),
        build_profile(FRAME).to_bytes()[:-1],
        build_profile(FRAME).to_bytes() + b"x",
        repacked(b'"kind":"text"', b'"kind":"tixt"'),
        repacked(b'"length":500', b'"length":900'),
        repacked(b'"array":"<u1"', b'"array":"<q9"'),
        repacked(b'"nulls":', b'"rulls":'),
    ],
    ids=map(str, count()),
)
def test_garbage_is_noticed(data: bytes) -> None:
    with pytest.raises(Tampered) as noticed:
        Profile.from_bytes(data)
    assert "Hint: " in str(noticed.value)


@given(st.integers(0, 10**6), st.integers(1, 255))
def test_any_changed_byte_is_noticed(at: int, change: int) -> None:
    data = bytearray(WHOLE)
    data[at % len(data)] ^= change
    with pytest.raises((Tampered, UsageError)):
        Profile.from_bytes(bytes(data))


@pytest.mark.parametrize("at", range(14))
def test_any_change_at_the_start_is_noticed(at: int) -> None:
    for change in range(1, 256):
        data = bytearray(WHOLE)
        data[at] ^= change
        with pytest.raises((Tampered, UsageError)):
            Profile.from_bytes(bytes(data))


def test_masses_beyond_32_bits_are_kept() -> None:
    frame = pd.DataFrame({"x": [1.0, 1.0, 2.0], "w": [2.0**40, 3.0, 5.0]})
    profile = build_profile(frame, weight="w")
    column = Profile.from_bytes(profile.to_bytes()).columns["x"]
    assert isinstance(column, NumberColumn)
    assert column.raw.mass.tolist() == [2.0**40 + 3.0, 5.0]
    assert column.atoms_mass.tolist() == [2.0**40 + 3.0]


WHOLE = build_profile(FRAME).to_bytes()
