"""The command: its words, its exit status, and its three forms of output."""

import json
import re
import warnings
from pathlib import Path
from typing import Any

import pytest
import skops.io

from nbmlops import __version__, open_registry
from nbmlops.cli import as_json, main
from nbmlops.errors import UsageError
from nbmlops.registry import context
from nbmlops.verbs.session import Outcome, Session
from tests.notebook.flights import variables


@pytest.fixture
def flown(tmp_path: Path) -> dict[str, Any]:
    """Files as a project would have them, and delays/1 registered from Python."""
    made = variables()
    for name in ("train", "test", "serving", "july"):
        made[name].to_parquet(tmp_path / f"{name}.parquet")
    skops.io.dump(made["model"], tmp_path / "model.skops")
    open_registry().register(
        made["model"], "delays", train=made["train"], target="late", test=made["test"]
    )
    return made


def out(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out


def err(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().err


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert out(capsys) == f"nbmlops {__version__}\n"


def test_no_verb_is_status_and_names_this_command(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([]) == 0
    text = out(capsys)
    assert "nbmlops register" in text
    assert "%mlops" not in text


def test_a_model_file_is_registered(
    flown: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    words = "register model.skops --name delays --train train.parquet --target late"
    assert (
        main(
            [
                *words.split(),
                "--test",
                "test.parquet",
                "--metric",
                "cost=3",
                "--metric",
                "bal=balanced_accuracy",
            ]
        )
        == 0
    )
    assert out(capsys).startswith("delays/2 ")
    version = open_registry().get("delays/2")
    assert version.source["command"].startswith("nbmlops register model.skops --name")
    assert context._notebook is None
    assert version.reported == {"cost": 3.0}
    assert version.metrics["roc_auc"] > 0.7
    assert 0.5 < version.metrics["bal"] < 1


def test_a_password_in_the_command_is_not_recorded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard: list[Any] = []

    def run(session: Session, words: list[str]) -> Outcome:
        heard.append(context.place_in_code())
        raise UsageError("enough")

    monkeypatch.setattr(Session, "run", run)
    main(["import-mlflow", "postgresql://ana:hunter2@db/mlflow"])
    [source] = heard
    assert source["command"].endswith("postgresql://ana:[redacted]@db/mlflow")


def test_a_registry_that_was_made_is_told_beside_the_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", "--json"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["exists"] is True
    assert captured.err == "made the registry .nbmlops\n"
    assert main(["init"]) == 0
    assert err(capsys) == ""


def test_a_check_that_is_fine_exits_0(
    flown: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["skew", "delays/1", "serving.parquet"]) == 0


def test_a_check_that_finds_drift_exits_1(
    flown: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["skew", "delays/1", "july.parquet"]) == 1
    assert "over tolerance" in out(capsys)


def test_a_gate_that_fails_exits_1(
    flown: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "nbmlops.toml").write_text("[gate.champion]\nmin = {roc_auc = 0.999}\n")
    assert main(["gates", "delays/1"]) == 1
    assert "fails" in out(capsys)
    assert main(["promote", "delays/1"]) == 1
    assert "roc_auc" in err(capsys)
    assert open_registry().get("delays/1").aliases == ()
    assert main(["promote", "delays/1", "--force", "--reason", "a test"]) == 0


def test_verify_exits_1_when_bytes_were_changed(
    flown: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify"]) == 0
    artifact = next(
        p for p in (tmp_path / ".nbmlops/artifacts").rglob("*") if p.is_file()
    )
    artifact.chmod(0o644)
    artifact.write_bytes(b"changed")
    assert main(["verify"]) == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["skwe"],
            "nbmlops: there is no verb 'skwe'\n"
            "Hint: did you mean 'skew'? nbmlops --help lists the verbs\n",
        ),
        (["promote"], "nbmlops: promote needs REF\nHint: nbmlops promote delays/2"),
        (["use", "x"], "nbmlops: 'use' is for notebooks only\nHint: --registry"),
        (["show", "nothing"], "nbmlops: "),
        (["skew", "delays", "serving"], "nbmlops: there is no file 'serving'"),
        (["models", "--registry", "x"], "nbmlops: there is no registry"),
        (["models", "--html", "no/such/x.html"], "nbmlops: no/such/x.html cannot be"),
        (["card", "delays", "--out", "no/such/x.md"], "nbmlops: no/such/x.md cannot"),
        (["history", "--out", "no/such/x"], "nbmlops: no/such/x cannot be written"),
        (["lineage", "delays", "--out", "no/x"], "nbmlops: no/x cannot be written"),
        (["audit-report", "delays", "no/x.html"], "nbmlops: no/x.html cannot be"),
    ],
    ids=str,
)
def test_misuse_exits_2_in_three_lines_at_most(
    words: list[str],
    message: str,
    flown: dict[str, Any],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(words) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(message)
    assert len(captured.err.splitlines()) <= 3


def test_a_warning_is_told_without_our_code(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(*args: object) -> Outcome:
        warnings.warn("left out: the alias 'Live'", UserWarning, stacklevel=1)
        return Outcome(text="done", written={})

    monkeypatch.setattr(Session, "run", run)
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        assert main(["models"]) == 0
    assert err(capsys) == "nbmlops: warning: left out: the alias 'Live'\n"


def test_our_own_bug_exits_3_with_its_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*arguments: object) -> None:
        raise ZeroDivisionError("ours")

    monkeypatch.setattr("nbmlops.cli._run", broken)
    assert main(["models"]) == 3
    assert "Traceback" in err(capsys)


def test_json_is_json(
    flown: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["versions", "delays", "--json"]) == 0
    assert json.loads(out(capsys))["versions"][0]["ref"] == "delays/1"
    assert main(["skew", "delays/1", "july.parquet", "--json"]) == 1
    assert json.loads(out(capsys))["ok"] is False
    assert main(["history", "--json"]) == 0
    assert json.loads(out(capsys))["events"]


def test_a_signed_head_is_printed_as_verify_takes_it(
    flown: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["key", "--new"]) == 0
    out(capsys)
    assert main(["sign-head"]) == 0
    assert main(["verify", "--head", out(capsys).strip()]) == 0


def test_the_path_of_a_report_is_printed_bare(
    flown: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit-report", "delays", "delays.html"]) == 0
    assert out(capsys) == f"{tmp_path / 'delays.html'}\n"


def test_json_has_null_for_what_is_no_number() -> None:
    class Result:
        def to_dict(self) -> dict[str, Any]:
            return {"a": float("nan"), "b": [float("inf"), 1.5], "c": (1,)}

    assert json.loads(as_json(Result())) == {"a": None, "b": [None, 1.5], "c": [1]}
    with pytest.raises(UsageError, match="no JSON form"):
        as_json(object())


def test_html_writes_a_page_that_needs_no_network(
    flown: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["skew", "delays/1", "july.parquet", "--html", "report.html"]) == 1
    page = (tmp_path / "report.html").read_text()
    assert page.startswith("<!doctype html>")
    assert not re.search(r"(?:src|href)=[\"']?(?:https?:)?//", page)
    assert "written: report.html" in err(capsys)


def test_python_prints_the_call(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["retire", "delays", "--reason", "old", "--python"]) == 0
    assert out(capsys) == (
        'import nbmlops\nregistry = nbmlops.open_registry(".nbmlops")\n'
        'registry.retire("delays", reason="old")\n'
    )
