"""Secrets leave a recorded text, and the rest of it stays."""

import pytest

from nbmlops.registry.secrets import (
    SECRET,
    patch_without_secrets,
    without_login,
    without_secrets,
)

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
    'db_pwd = "hunter2"',
    'DB_PASS = "hunter2"',
    'headers = {"Authorization": "Basic hunter2"}',
    'get(url, headers={"X-Auth": "Bearer hunter2hunter2"})',
    'url = "https://example.com/x.parquet?sig=1&token=hunter2"',
    "attach 'postgres:dbname=x password=hunter2 host=h' as p",
    "from postgres_scan('host=h password=hunter2', 'public', 'flights')",
    "create secret s (type s3, key_id 'AK', secret 'hunter2')",
    "nbmlops import-mlflow postgresql://ana:hunter2@db/mlflow",
    "%set_env API_KEY=hunter2",
    'passphrase = "hunter2"',
    'credentials = "hunter2"',
    'private_key = "hunter2"',
    'access_key = "hunter2"',
    'accountKey = "hunter2"',
    'auth_key = "hunter2"',
    'dsn = "hunter2"',
    'connection_string = "hunter2"',
    'x = "github_pat_hunter2hunter2hunter2"',
    'x = "glpat-hunter2hunter2hunter2"',
    'x = "sk-hunter2hunter2hunter2"',
    'x = "hf_hunter2hunter2hunter2"',
    'x = "xoxb-hunter2-hunter2"',
    'x = "eyJhunter2hunter2.eyJhunter2hunter2.hunter2"',
    'x = "ASIAHUNTER2HUNTER212"',
    'x = "AIzaHunter2Hunter2Hunter2Hunter2Hunter2"',
    'x = "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=hunter2+/hunter2=="',
    'x = "Endpoint=sb://a.example/;SharedAccessKey=hunter2hunter2="',
    'x = "SharedAccessSignature=sv=2024&sig=hunter2"',
    'post("https://hooks.slack.com/services/T01/B01/hunter2")',
    'post("https://hooks.slack.com/workflows/T01/A01/hunter2")',
    'post("https://discord.com/api/webhooks/1234/hunter2")',
    'post("https://a.webhook.office.com/webhookb2/1@2/IncomingWebhook/hunter2")',
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
    "connect(password=pw, host='h')",
    "connect(token=read_token(), host='h')",
    "pwd = '/data'",
    "colours = {'pass': 'green'}",
    "passes = ['ok']",
    'print("no password here")',
    'docs = "https://api.slack.com/messaging/webhooks"',
    'said = "Bearer " + read()',
    "mask-sk = 'sk-learn'",
]


@pytest.mark.parametrize("source", HIDDEN, ids=str)
def test_what_looks_like_a_secret_is_taken_out(source: str) -> None:
    text = without_secrets(f"x = 1\n{source}\ny = 2")
    assert "hunter2" not in text.lower()
    assert text.startswith("x = 1\n")
    assert text.endswith("\ny = 2")


@pytest.mark.parametrize("source", KEPT, ids=str)
def test_what_is_no_secret_stays(source: str) -> None:
    assert without_secrets(source) == source


def test_a_text_that_is_too_long_is_cut_after_a_line_and_says_so() -> None:
    assert without_secrets("x = 1\n" * 10, most=14) == "x = 1\nx = 1\n# ... cut"
    assert (
        patch_without_secrets("+x = 1\n" * 10, most=16) == "+x = 1\n+x = 1\n... cut\n"
    )
    assert without_secrets("x" * 10, most=5) == "xxxxx\n# ... cut"
    assert len(without_secrets("x = 1\n" * 10_000)) < 20_100


@pytest.mark.parametrize(
    "text",
    ['password="""', "a_", '"', "password=", "password : a ", "://a:", "?a_pass="],
)
def test_redaction_comes_to_an_end_on_awkward_input(text: str) -> None:
    """In quadratic time this would take hours."""
    assert len(without_secrets(text * 20_000)) < 30_000


def test_a_secret_that_the_cut_goes_through_is_taken_out() -> None:
    text = without_secrets('password = """\n' + "hunter2\n" * 10_000 + '"""')
    assert "hunter2" not in text
    token = 'x = 1\ny = "ghp_hunter2hunter2hunter2hunter2"\n'
    assert without_secrets(token, most=25) == "x = 1\n# ... cut"
    assert patch_without_secrets(token, most=25) == "x = 1\n... cut\n"


@pytest.mark.parametrize(
    "line",
    [
        '+password = "hunter2"',
        '+    "api_key = \\"hunter2\\"\\n",',
        '+    "!export MY_TOKEN=hunter2\\n",',
        "+API_KEY=hunter2",
        "-db_password: hunter2",
        "+url = https://ana:hunter2@example.com/flights.git",
    ],
    ids=str,
)
def test_secrets_in_a_patch_are_taken_out(line: str) -> None:
    text = patch_without_secrets(f" x = 1\n{line}\n y = 2\n", most=1_000)
    assert "hunter2" not in text
    assert text.startswith(" x = 1\n")
    assert text.endswith(" y = 2\n")


def test_code_in_a_patch_stays() -> None:
    patch = "+password = getpass()\n+key: late\n+tokens = [t for t in tokens]\n"
    assert patch_without_secrets(patch, most=1_000) == patch


def test_the_value_of_a_secret_variable_is_taken_out_wherever_it_stands(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DB_PASSWORD", "hunter2!")
    monkeypatch.setenv("HOME_TOWN", "Springfield")
    text = without_secrets("connect('hunter2!', 'Springfield')")
    assert text == "connect('[redacted]', 'Springfield')"


def test_a_short_value_of_a_secret_variable_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("USE_PASSWORD", "1")
    assert without_secrets("x = 1") == "x = 1"


def test_a_secret_value_that_holds_another_one_is_taken_out_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DB_PASSWORD", "hunter2")
    monkeypatch.setenv("API_TOKEN", "hunter2andmore")
    assert without_secrets("connect('hunter2andmore')") == "connect('[redacted]')"


def test_a_private_key_is_taken_out() -> None:
    key = "-----BEGIN RSA PRIVATE KEY-----\nhunter2\n-----END RSA PRIVATE KEY-----"
    assert without_secrets(f"k = '''{key}'''\ny = 2") == "k = '''[redacted]'''\ny = 2"


def test_a_login_leaves_a_url() -> None:
    assert without_login("https://ana:x@example.com/a") == "https://example.com/a"
    assert without_login("https://hunter2@example.com/a") == "https://example.com/a"
    assert without_login("git@example.com:a.git") == "git@example.com:a.git"


def test_a_secret_that_was_set_since_is_taken_out_of_the_same_patch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    patch = "+connect('5up3r-s3cret')\n"
    assert patch_without_secrets(patch, most=100) == patch
    monkeypatch.setenv("SERVICE_PASSWORD", "5up3r-s3cret")
    assert patch_without_secrets(patch, most=100) == f"+connect('{SECRET}')\n"
