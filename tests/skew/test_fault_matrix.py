"""Whatever is wrong with a serving frame is a finding, never an exception."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder

from nbmlops.api import Registry, check_skew
from nbmlops.errors import UsageError
from nbmlops.skew.parity.result import Parity
from nbmlops.skew.report import SkewReport
from tests.skew.faults import FEATURES, ROWS, faults, sample

FAULTS = faults()
GROUP = 100


@pytest.fixture(scope="module")
def reference() -> pd.DataFrame:
    return sample(1)


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_is_a_finding(name: str, reference: pd.DataFrame) -> None:
    fault = FAULTS[name]
    report = check_skew(reference, fault.frame)
    shown_in_all_ways(report)
    if fault.cause is not None:
        cause = report.columns[fault.column].cause
        assert (cause.kind if cause else "") == fault.cause


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_may_be_in_the_reference(
    name: str, reference: pd.DataFrame
) -> None:
    shown_in_all_ways(check_skew(FAULTS[name].frame, reference))


def test_every_fault_is_a_check_that_a_registry_keeps(
    registry: Registry, reference: pd.DataFrame
) -> None:
    registry.register(fitted(reference), "m", train=(reference, target(reference)))
    for fault in FAULTS.values():
        report = registry.check_skew("m", fault.frame)
        same_as_alone = check_skew(reference, fault.frame)
        assert report.columns.keys() >= same_as_alone.columns.keys() - {"z"}
    assert len(registry.checks("m")) == len(FAULTS)


def test_no_rows_are_refused_in_words(reference: pd.DataFrame) -> None:
    with pytest.raises(UsageError, match="serving has no rows"):
        check_skew(reference, reference[:0])


def test_two_columns_of_one_name_are_refused_in_words(reference: pd.DataFrame) -> None:
    with pytest.raises(UsageError, match="more than one column named 'n'"):
        check_skew(reference, pd.concat([reference, reference[["n"]]], axis=1))


@pytest.mark.parametrize("bad", [-1.0, 0.0, np.nan, np.inf])
def test_a_weight_that_is_none_is_refused_in_words(
    bad: float, reference: pd.DataFrame
) -> None:
    weights = np.r_[np.ones(ROWS - 1), bad]
    with pytest.raises(UsageError, match="not above 0 in 1 rows"):
        check_skew(reference, reference.assign(w=weights), weight="w")


def test_a_logs_own_weight_that_is_none_is_left_out_and_told(
    registry: Registry, reference: pd.DataFrame
) -> None:
    registry.register(fitted(reference), "m", train=(reference, target(reference)))
    weights = np.r_[np.ones(ROWS - 2), -1.0, np.nan]
    report = registry.check_skew("m", sample(2).assign(weight=weights))
    assert any(
        "'weight' is null, infinite or not above 0 in 2" in n for n in report.notes
    )


def test_keys_that_repeat_are_counted_and_left_out(reference: pd.DataFrame) -> None:
    keyed = reference.assign(key=np.arange(ROWS))
    served = keyed.assign(key=np.r_[np.arange(ROWS - 2), 0, 0])
    report = check_skew(keyed, served, key="key")
    parity: Any = report.sections["parity"]
    assert parity.pairs == ROWS - 3
    assert parity.serving.repeated == 3
    assert parity.verdict == "no evidence"


def damaged(folder: Path, rows: pd.DataFrame, *, groups: list[int]) -> Path:
    """Write the rows to Parquet and overwrite a page of some row groups."""
    path = folder / "log.parquet"
    pq.write_table(
        pa.Table.from_pandas(rows, preserve_index=False), path, row_group_size=GROUP
    )
    about = pq.read_metadata(path)
    data = bytearray(path.read_bytes())
    for group in groups:
        column = about.row_group(group).column(0)
        start = column.dictionary_page_offset or column.data_page_offset
        data[start : start + column.total_compressed_size] = bytes(
            [0xFF] * column.total_compressed_size
        )
    path.write_bytes(data)
    return path


def test_a_damaged_row_group_is_lost_and_told_and_the_rest_is_read(
    tmp_path: Path, reference: pd.DataFrame
) -> None:
    rows = sample(2)
    path = damaged(tmp_path, rows, groups=[1, 4])
    report = check_skew(reference, path)
    assert report.rows == ROWS - 2 * GROUP
    assert report.notes[0] == (
        "200 of 600 rows are lost, the figures are of the others: damaged and not "
        "read: row group 2 of log.parquet, row group 5 of log.parquet"
    )
    left = rows.drop(index=[*range(100, 200), *range(400, 500)])
    alone = check_skew(reference, left)
    assert report.columns == alone.columns


def test_a_registry_keeps_a_check_of_what_is_left_of_a_file(
    registry: Registry, tmp_path: Path, reference: pd.DataFrame
) -> None:
    registry.register(fitted(reference), "m", train=(reference, target(reference)))
    report = registry.check_skew("m", damaged(tmp_path, sample(2), groups=[0]))
    assert any(note.startswith("100 of 600 rows are lost") for note in report.notes)
    assert len(registry.checks("m")) == 1
    assert report.rows == ROWS - GROUP


def test_a_damaged_key_is_lost_and_told_and_the_other_rows_are_matched(
    tmp_path: Path,
) -> None:
    rows = sample(2)
    rows.insert(0, "order", range(ROWS))
    path = damaged(tmp_path, rows, groups=[1])
    report = check_skew(rows, path, key="order", columns=["n"])  # n itself is whole
    assert report.notes[0].startswith("100 of 600 rows are lost")
    parity = report.sections["parity"]
    assert isinstance(parity, Parity)
    assert (parity.verdict, parity.pairs) == ("no evidence", ROWS - GROUP)


def test_checksums_find_a_flipped_bit_where_the_writer_left_them(
    tmp_path: Path, reference: pd.DataFrame
) -> None:
    path = tmp_path / "log.parquet"
    table = pa.table({"n": sample(2)["n"]})
    pq.write_table(
        table, path, row_group_size=GROUP, compression="none", use_dictionary=False,
        write_page_checksum=True,
    )  # fmt: skip
    at = pq.read_metadata(path).row_group(2).column(0)
    data = bytearray(path.read_bytes())
    data[at.data_page_offset + at.total_compressed_size - 20] ^= 1
    path.write_bytes(data)
    report = check_skew(reference[["n"]], path)
    assert report.rows == ROWS - GROUP


def test_a_file_that_is_damaged_all_over_stays_an_error(
    tmp_path: Path, reference: pd.DataFrame
) -> None:
    path = damaged(tmp_path, sample(2), groups=list(range(ROWS // GROUP)))
    with pytest.raises(UsageError, match=r"log.parquet is not a whole Parquet file"):
        check_skew(reference, path)


def test_a_damaged_reference_stays_an_error(
    tmp_path: Path, reference: pd.DataFrame
) -> None:
    path = damaged(tmp_path, reference, groups=[0])
    with pytest.raises(UsageError, match=r"log.parquet is not a whole Parquet file"):
        check_skew(path, reference)


def fitted(rows: pd.DataFrame) -> Pipeline:
    """Fit a model that reads every column and takes what is unknown or absent."""
    numbers = make_pipeline(SimpleImputer())
    labels = make_pipeline(
        SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore")
    )
    read = ColumnTransformer([("n", numbers, ["n", "i"]), ("c", labels, ["c"])])
    model = make_pipeline(read, LogisticRegression(max_iter=1000))
    return model.fit(rows[FEATURES], target(rows))


def target(rows: pd.DataFrame) -> "pd.Series[bool]":
    """Say what is to be learnt."""
    return (rows["n"] > 10).rename("high")


def shown_in_all_ways(report: SkewReport) -> None:
    """Show the report in every way there is."""
    assert repr(report)
    assert len(report._repr_html_().encode()) < 200_000
    assert len(report.to_frame()) == len(report.columns)
    assert SkewReport.from_dict(report.to_dict()) == report
