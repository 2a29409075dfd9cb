"""Model files named on a line: a pickle only by name, and never a dangerous one."""

import io
from pathlib import Path

import joblib
import numpy as np
import pytest
from sklearn.cluster import Birch

from nbmlops.errors import Untrusted
from nbmlops.verbs.model_files import read_model
from tests.pickles import touching


def test_a_pickle_is_read_only_by_name(tmp_path: Path) -> None:
    path = tmp_path / "model.joblib"
    joblib.dump(Birch().fit(np.eye(4)), path)
    with pytest.raises(Untrusted, match="is a pickle: opening it runs"):
        read_model(path)
    assert read_model(path, trust=[str(path)]).predict(np.eye(4)).shape == (4,)


@pytest.mark.parametrize("wrapped", [False, True])
def test_one_that_runs_a_command_is_not_even_by_name(
    tmp_path: Path, wrapped: bool
) -> None:
    path, marker = tmp_path / "model.pkl", tmp_path / "pwned"
    buffer = io.BytesIO()
    joblib.dump([touching(marker)] if wrapped else touching(marker), buffer)
    path.write_bytes(buffer.getvalue())
    with pytest.raises(Untrusted, match=r"calls posix\.system: no model needs that"):
        read_model(path, trust=[str(path)])
    assert not marker.exists()
