"""Governance by magics: a request, its approval by somebody else, the promotion."""

from pathlib import Path

import pytest

from tests.notebook.conftest import Notebook
from tests.notebook.flights import variables

POLICY = "[gate.champion]\napprovals = 1\n\n[access]\ndelete = []\n"


@pytest.fixture
def flown(notebook: Notebook) -> Notebook:
    """A notebook with delays/1 registered, under a policy."""
    notebook.shell.user_ns.update(variables())
    notebook.ok("%mlops register model --name delays --train train --target late")
    Path("nbmlops.toml").write_text(POLICY)
    return notebook


def shown(notebook: Notebook) -> str:
    return "\n".join(output["text/plain"] for output in notebook.outputs)


def test_a_version_goes_from_request_to_production(flown: Notebook) -> None:
    flown.run("%mlops promote delays/1")
    assert "nobody requested it: %mlops request delays/1 --to champion" in flown.stdout
    flown.ok("%mlops request delays/1 --reason night")
    assert "delays/1 for champion: 0 of 1 approved" in shown(flown)
    flown.ok("%mlops")
    assert "delays/1 was requested for champion just now" in shown(flown)
    flown.run("%mlops approve delays/1")
    assert "cannot approve delays/1: the same name made it" in flown.stdout
    flown.ok("import nbmlops")
    flown.ok("nbmlops.open_registry(actor='bo@example.com').approve('delays/1')")
    assert "delays/1 for champion: 1 of 1 approved" in shown(flown)
    flown.ok("%mlops promote delays/1 --reason night")
    flown.ok("%mlops approvals")
    assert "promoted (event" in shown(flown)
    flown.ok("%mlops tenure delays")
    assert "delays/1 is champion, since" in shown(flown)
    assert "ana@example.com promoted it (event " in shown(flown)


def test_a_refusal_is_two_lines(flown: Notebook) -> None:
    flown.run("%mlops delete delays/1")
    assert "may not delete delays: nbmlops.toml gives the role 'delete'" in flown.stdout
    assert "Traceback" not in flown.stdout
    assert len(flown.stdout.strip().splitlines()) == 2


def test_garbage_is_listed_and_nothing_more(flown: Notebook) -> None:
    Path("nbmlops.toml").unlink()
    flown.ok("%mlops delete delays/1")
    flown.ok("%mlops gc --older-than 0m")
    assert "%mlops gc --run removes them for good" in shown(flown)
    flown.ok("%mlops gc --run --older-than 0m")
    assert shown(flown).startswith("Removed")
    flown.run("%mlops restore delays/1")
    assert "cannot come back" in flown.stdout
