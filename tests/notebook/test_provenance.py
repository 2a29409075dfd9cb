"""Secrets leave a cell's source, the rest stays; the notebook's path is found."""

from pathlib import Path

import pytest

from nbmlops.notebook.provenance import notebook_path, redacted

HIDDEN = [
    'password = "hunter2"',
    "db_password='hunter2'",
    'PASSWORD: str = "hunter2"',
    'connect(host="db", password="hunter2")',
    'os.environ["AWS_SECRET_ACCESS_KEY"] = "hunter2"',
    'config = {"api_key": "hunter2"}',
    "api_key = '''hunter2\nhunter2'''",
    'token = f"hunter2"',
    'auth_token = ("hunter2")',
    "%env API_KEY=hunter2",
    "%env API_KEY hunter2",
    "!export MY_TOKEN=hunter2",
    'url = "postgresql://ana:hunter2@db/flights"',
    'x = "ghp_hunter2hunter2hunter2hunter2"',
    'x = "AKIAHUNTER2HUNTER212"',
]
KEPT = [
    "max_tokens = 256",
    'tokenizer = "words"',
    "password = getpass()",
    'sort_key = "day"',
    'key = "late"',
    "df.groupby('secret_santa').size()",
    'url = "https://example.com/flights.csv"',
    "x: dict[str, str] = {}",
    'print("no password here")',
]


@pytest.mark.parametrize("source", HIDDEN, ids=str)
def test_what_looks_like_a_secret_is_taken_out(source: str) -> None:
    text = redacted(f"x = 1\n{source}\ny = 2")
    assert "hunter2" not in text.lower()
    assert text.startswith("x = 1\n")
    assert text.endswith("\ny = 2")


@pytest.mark.parametrize("source", KEPT, ids=str)
def test_what_is_no_secret_stays(source: str) -> None:
    assert redacted(source) == source


def test_a_very_long_cell_is_cut() -> None:
    assert len(redacted("x = 1\n" * 10_000)) < 20_100


@pytest.mark.parametrize(
    "text", ['password="""', "a_", '"', "password=", "password : a ", "://a:"]
)
def test_redaction_comes_to_an_end_on_awkward_input(text: str) -> None:
    """In quadratic time this would take hours."""
    assert len(redacted(text * 20_000)) < 30_000


def test_a_secret_that_the_cut_goes_through_is_taken_out() -> None:
    text = redacted('password = """\n' + "hunter2\n" * 10_000 + '"""')
    assert "hunter2" not in text


def test_the_path_comes_from_the_host(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    monkeypatch.delenv("PAPERMILL_OUTPUT_PATH", raising=False)
    assert notebook_path({}) == ""
    monkeypatch.setenv("JPY_SESSION_NAME", str(tmp_path / "sub" / "a.ipynb"))
    assert notebook_path({}) == "sub/a.ipynb"
    assert notebook_path({"__vsc_ipynb_file__": "/else/b.ipynb"}) == "/else/b.ipynb"
    monkeypatch.setenv("JPY_SESSION_NAME", "console-1")
    assert notebook_path({}) == ""
