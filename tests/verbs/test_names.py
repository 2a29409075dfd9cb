"""Words as values: variables first, then files; models from files only if safe."""

from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import skops.io
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from nbmlops.errors import Untrusted, UsageError
from nbmlops.verbs.names import Names, is_fitted, is_frame

FITTED = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])


def test_a_variable_goes_before_a_file_of_the_same_name(tmp_path: Path) -> None:
    (tmp_path / "july").write_text("")
    frame = pd.DataFrame({"a": [1]})
    given = Names({"july": frame}).data("july")
    assert given.code == "july"
    assert given.read() is frame
    assert Names({}).data("july").code == '"july"'


def test_a_terminal_knows_files_only(tmp_path: Path) -> None:
    (tmp_path / "july.csv").write_text("a\n1\n")
    assert Names().data("july.csv").read() == "july.csv"
    with pytest.raises(
        UsageError, match=r"no file 'jul.csv'\nHint: did you mean 'july"
    ):
        Names().data("jul.csv")


def test_a_pattern_is_taken_as_it_is() -> None:
    assert Names().data("logs/*.parquet").read() == "logs/*.parquet"


def test_variables_with_commas_make_a_tuple() -> None:
    X, y = np.zeros((2, 1)), np.zeros(2)
    given = Names({"X": X, "y": y}).data("X,y")
    assert given.code == "(X, y)"
    assert [id(part) for part in given.read()] == [id(X), id(y)]


def test_a_private_or_foreign_name_is_never_suggested() -> None:
    with pytest.raises(UsageError) as caught:
        Names({"_serving": pd.DataFrame(), "serving_": 1, "In": []}).data("serving")
    assert str(caught.value).endswith("did you mean 'serving_'?")


@pytest.mark.parametrize(
    ("value", "answer"),
    [
        (pd.DataFrame({"a": [1]}), True),
        (pl.DataFrame({"a": [1]}), True),
        (pa.table({"a": [1]}), True),
        ((np.zeros((2, 1)), np.zeros(2)), True),
        (pd.Series([1]), False),
        (pl.Series([1]), False),
        ((1, 2), False),
        (pd, False),
        ("train", False),
        (pd.DataFrame, False),
    ],
    ids=[
        "pandas",
        "polars",
        "arrow",
        "arrays",
        "pandas series",
        "polars series",
        "other tuple",
        "module",
        "text",
        "class",
    ],
)
def test_frames_are_told_from_other_variables(value: object, answer: bool) -> None:
    assert is_frame(value) is answer


def test_fitted_estimators_are_told_from_others() -> None:
    assert is_fitted(FITTED)
    assert is_fitted(make_pipeline(StandardScaler(), FITTED))
    assert not is_fitted(LinearRegression())
    assert not is_fitted(make_pipeline(StandardScaler(), LinearRegression()))
    assert not is_fitted(LinearRegression)
    assert not is_fitted(pd.DataFrame({"a": [1]}))


def test_a_skops_file_is_read_and_spelt(tmp_path: Path) -> None:
    skops.io.dump(FITTED, tmp_path / "m.skops")
    given = Names().model("m.skops")
    assert given.code == 'skops.io.load("m.skops")'
    assert given.read().coef_ == pytest.approx(FITTED.coef_)


@pytest.mark.parametrize("suffix", [".joblib", ".pkl", ".pickle"])
def test_a_pickle_is_opened_only_if_vouched_for(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"m{suffix}"
    joblib.dump(FITTED, path)
    with pytest.raises(Untrusted, match=f"--trust m{suffix}"):
        Names().model(path.name).read()
    assert Names().model(path.name, [path.name]).read().n_features_in_ == 1


def test_vouching_by_digest_holds_for_these_bytes_only(tmp_path: Path) -> None:
    import hashlib

    path = tmp_path / "m.joblib"
    joblib.dump(FITTED, path, compress=3)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert Names().model("m.joblib", [digest]).read().n_features_in_ == 1
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(Untrusted):
        Names().model("m.joblib", [digest]).read()


class Bomb:
    """A pickle of this would run code when it is opened."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Path.touch, (Path("exploded"),)  # type: ignore[return-value]


def test_refusing_a_pickle_runs_nothing_of_it(tmp_path: Path) -> None:
    joblib.dump(Bomb(), tmp_path / "bomb.pkl")
    with pytest.raises(Untrusted):
        Names().model("bomb.pkl").read()
    assert not (tmp_path / "exploded").exists()


@pytest.mark.parametrize("name", ["m.skops", "m.joblib"])
def test_a_damaged_model_file_is_told_in_two_lines(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"not a model")
    with pytest.raises(UsageError, match=f"^{name} cannot be read") as caught:
        Names().model(name, [name]).read()
    assert len(str(caught.value).splitlines()) == 2


def test_a_file_of_another_kind_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "m.txt").write_text("x")
    with pytest.raises(UsageError, match="not a model file"):
        Names().model("m.txt").read()


@pytest.mark.parametrize("variables", [{}, None], ids=["notebook", "terminal"])
def test_a_scorer_of_scikit_learn_goes_by_its_name(variables: dict[str, Any]) -> None:
    given = Names(variables).scorer("balanced_accuracy")
    assert given.code == '"balanced_accuracy"'
    assert given.read() == "balanced_accuracy"


def test_a_variable_goes_before_a_scorer_of_the_same_name() -> None:
    assert Names({"f1": len}).scorer("f1").read() is len


@pytest.mark.parametrize(
    ("variables", "word", "message"),
    [
        ({}, "balnced_accuracy", "a number, a variable nor the name of a scorer"),
        (None, "balnced_accuracy", "a number nor the name of a scorer"),
    ],
    ids=["notebook", "terminal"],
)
def test_an_unknown_scorer_is_told_with_the_nearest(
    variables: dict[str, Any] | None, word: str, message: str
) -> None:
    with pytest.raises(UsageError) as caught:
        Names(variables).scorer(word)
    assert str(caught.value) == (
        f"{word!r} is neither {message}\nHint: did you mean 'balanced_accuracy'?"
    )


def test_a_version_where_a_frame_is_due_is_told_apart() -> None:
    for word in ("delays@champion", "delays/2"):
        with pytest.raises(UsageError, match="reads as a version, not as a frame"):
            Names({}).data(word)
