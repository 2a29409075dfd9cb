"""What is typed where: our own words follow the host, the user's own stay."""

import re
import shlex
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

import nbmlops
from nbmlops.cli import main
from nbmlops.host import (
    call,
    on_a_line,
    option,
    other_registry,
    typed,
    used_from,
    width,
)
from nbmlops.verbs.table import VERBS
from nbmlops.verbs.verb import COMMON
from tests.notebook.flights import variables

SOURCE = Path(nbmlops.__file__).parent
OWN_WORDS = 'not %mlops use, "%mlops" nor %mlops history'


def test_a_line_is_spelt_as_it_is_typed_here() -> None:
    assert typed("history") == "%mlops history"
    assert other_registry() == "%mlops use LOCATION"
    with used_from("cli", width=80):
        assert typed("history") == "nbmlops history"
        assert other_registry() == "--registry LOCATION"
        assert width() == 80
    assert typed("history") == "%mlops history"
    assert width() == 100


def test_an_option_is_spelt_as_it_is_given_here() -> None:
    given = ("reason", "it's late"), ("allow_more", True), ("to", 3), ("slices", None)
    assert [option(name, value) for name, value in given] == [
        'reason="it\'s late"', "allow_more=True", "to=3", "slices=",
    ]  # fmt: skip
    assert option("trust", ["delays/1", "a b"]) == "trust=['delays/1', 'a b']"
    with on_a_line():
        assert [option(name, value) for name, value in given] == [
            "--reason 'it'\\''s late'", "--allow-more", "--to 3", "--slices",
        ]  # fmt: skip
        assert shlex.split(option("reason", "it's late")) == ["--reason", "it's late"]
        assert option("trust", ["delays/1", "a b"]) == "--trust delays/1 --trust 'a b'"
        assert option("reason", "...") == "--reason '...'"
        assert option("alias", "champion", "--to") == "--to champion"
    assert option("alias", "champion", "--to") == "alias='champion'"


def test_a_call_is_spelt_as_it_is_made_here() -> None:
    spelt = partial(call, "verify-load", "delays/1", as_of="2026-01-01")
    assert spelt() == "registry.verify_load('delays/1', as_of='2026-01-01')"
    with on_a_line():
        assert spelt() == "%mlops verify-load delays/1 --as-of 2026-01-01"
        with used_from("cli"):
            assert spelt() == "nbmlops verify-load delays/1 --as-of 2026-01-01"
    assert spelt() == "registry.verify_load('delays/1', as_of='2026-01-01')"


def test_what_a_hint_tells_to_type_is_in_the_table_of_verbs() -> None:
    """Whatever is not would be refused where it is typed."""
    words = {word for verb in VERBS.values() for word in verb.options}
    words |= {argument.word for host in COMMON.values() for argument in host}
    told, verbs = set(), set()
    for path in SOURCE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        told |= set(re.findall(r"\boption\(\s*[\"'](\w+)[\"'](?!.*[\"']--to)", text))
        verbs |= set(re.findall(r"\bcall\(\s*[\"']([\w-]+)[\"']", text))
    assert len(told) > 10
    assert {f"--{name.replace('_', '-')}" for name in told} <= words
    assert verbs <= set(VERBS)


def test_an_error_leaves_the_host_as_it_was() -> None:
    with pytest.raises(ZeroDivisionError), used_from("cli"):
        raise ZeroDivisionError
    assert typed("history") == "%mlops history"


def test_a_users_own_words_are_never_rewritten_in_a_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    made = variables()
    nbmlops.open_registry().register(
        made["model"],
        "delays",
        train=made["train"],
        target="late",
        description=OWN_WORDS,
    )
    assert main(["show", "delays/1"]) == 0
    assert OWN_WORDS in capsys.readouterr().out
    pd.DataFrame({"a": [1]}).to_csv("%mlops use.csv")
    assert main(["skew", "delays/1", "%mlops use.cvs"]) == 2
    said = capsys.readouterr().err
    assert "there is no file '%mlops use.cvs'" in said
    assert "did you mean '%mlops use.csv'?" in said


def test_hints_in_a_terminal_name_the_command(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["models"]) == 2
    assert "nbmlops init makes one, --registry LOCATION" in capsys.readouterr().err


def test_no_room_below_the_verbs_spells_the_magic_itself() -> None:
    """Whatever does could not be right in a terminal."""
    above = {"verbs", "notebook", "cli.py", "demo.py", "host.py", "api.py"}
    spelt = [
        f"{path.relative_to(SOURCE)}: {line.strip()}"
        for path in sorted(SOURCE.rglob("*.py"))
        if path.relative_to(SOURCE).parts[0] not in above
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"%mlops ", line)
    ]
    assert spelt == []
