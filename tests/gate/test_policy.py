from datetime import timedelta
from pathlib import Path

import pytest

from nbmlops.errors import UsageError
from nbmlops.gate.policy import AliasPolicy, Policy, read_policy

WHOLE = """
[gate.champion]
require = ["description", "test", "git-clean"]
min = { roc_auc = 0.70 }
max = { brier_score = 0.2, latency_ms = 20 }
not-worse-than = "champion"
metric = "roc_auc"
margin = 0.005
skew = "within tolerance"
max-age = "7d"
groups = "day"
slices = ["carrier"]
slice-margin = 0.03
skew-required = true

[gate.challenger]
require = ["test"]
"""


def test_a_whole_policy_is_read(tmp_path: Path) -> None:
    path = tmp_path / "nbmlops.toml"
    path.write_text(WHOLE)
    policy = read_policy(path, project=tmp_path).gates
    assert policy["champion"] == AliasPolicy(
        require=("description", "test", "git-clean"),
        minimum={"roc_auc": 0.7},
        maximum={"brier_score": 0.2, "latency_ms": 20.0},
        not_worse_than="champion",
        metric="roc_auc",
        margin=0.005,
        groups="day",
        slices=("carrier",),
        slice_margin=0.03,
        skew="within tolerance",
        max_age=timedelta(days=7),
        skew_required=True,
    )
    assert policy["challenger"] == AliasPolicy(require=("test",))


def test_no_file_means_no_gates(tmp_path: Path) -> None:
    assert read_policy(tmp_path / "nbmlops.toml", project=tmp_path) == Policy()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('requires = ["test"]', "did you mean 'require'"),
        ("approval = 1", "did you mean 'approvals'"),
        ("approvals = 0", "a whole number from 1"),
        ("approvals = true", "a whole number from 1"),
        ('approvers = ["ana@example.com"]', "add approvals = 1"),
        ('approval-max-age = "14d"', "add approvals = 1"),
        ('approvals = 2\napprovers = ["ana", "ANA"]', "can never be had of 1"),
        ('require = ["tests"]', "require cannot be 'tests'"),
        ('require = "test"', 'a list such as ["description"]'),
        ("min = 0.7", "a table such as"),
        ('min = { roc_auc = "high" }', "min.roc_auc cannot be 'high'"),
        ('skew = "fine"', "one of: no evidence"),
        ('skew = "within tolerance"\nmax-age = "a week"', "7d"),
        ("margin = -1", "a number from 0"),
        ("margin = true", "a number from 0"),
        ("skew-required = 1", "true or false"),
        ('not-worse-than = "champion"', "need a metric"),
    ],
)
def test_mistakes_name_the_key_and_what_to_write(
    line: str, words: str, tmp_path: Path
) -> None:
    path = tmp_path / "nbmlops.toml"
    path.write_text(f"[gate.champion]\n{line}\n")
    with pytest.raises(UsageError) as refused:
        read_policy(path, project=tmp_path)
    assert words in str(refused.value)
    assert "nbmlops.toml" in str(refused.value)


@pytest.mark.parametrize("text", ["[gates.champion]", "[champion]", "min = 1"])
def test_a_misspelt_table_does_not_switch_the_gates_off(
    text: str, tmp_path: Path
) -> None:
    path = tmp_path / "nbmlops.toml"
    path.write_text(f"{text}\n")
    with pytest.raises(UsageError, match=r"nbmlops\.toml: unknown table") as refused:
        read_policy(path, project=tmp_path)
    assert "gate" in refused.value.hint


def test_gates_are_tables(tmp_path: Path) -> None:
    path = tmp_path / "nbmlops.toml"
    for text in ("gate = 1", "[gate]\nchampion = 1"):
        path.write_text(text)
        with pytest.raises(UsageError, match="is not a table"):
            read_policy(path, project=tmp_path)
