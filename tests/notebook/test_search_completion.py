"""After `%mlops search` the fields are offered, with the registry's own names."""

import pytest
from IPython.core.completer import provisionalcompleter
from sklearn.linear_model import LogisticRegression

from nbmlops import open_registry
from nbmlops.notebook import known_names
from tests.notebook.conftest import Notebook


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ('%mlops search "cre', {'%mlops search "created'}),
        ('%mlops search "tags.', {'%mlops search "tags.team'}),
        ("%mlops search '(params.C", {"%mlops search '(params.C"}),
        (
            '%mlops search "number > 1 and reported.',
            {'%mlops search "number > 1 and reported.cost'},
        ),
        ('%mlops search "nothing', set()),
    ],
)
def test_fields_are_offered_anywhere_in_a_query(
    notebook: Notebook,
    monkeypatch: pytest.MonkeyPatch,
    line: str,
    offered: set[str],
) -> None:
    monkeypatch.setattr(known_names, "PATIENCE_SECONDS", 60)
    model = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    open_registry().register(
        model, "delays", tags={"team": "ops"}, metrics={"cost": 1.0}
    )
    with provisionalcompleter():
        found = list(notebook.shell.Completer.completions(line, len(line)))
    assert {line[: one.start] + one.text for one in found} == offered


def test_a_search_shows_a_table_and_an_error_three_lines(notebook: Notebook) -> None:
    model = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    open_registry().register(model, "delays", tags={"team": "ops"})
    found = notebook.ok("found = %mlops search \"tags.team = 'ops'\"\nfound")
    assert [version.ref for version in found] == ["delays/1"]
    assert "delays/1" in str(notebook.outputs)
    notebook.run('%mlops search "tag.team = 1"')
    assert notebook.stdout.strip().splitlines() == [
        "QueryError: there is no field 'tag': did you mean 'tags'?",
        "  tag.team = 1",
        "  ^",
    ]
