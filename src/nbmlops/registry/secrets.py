"""Taking out of a text what looks like a secret, before the text is recorded."""

import os
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

SECRET = "[redacted]"
MOST_CHARACTERS = 20_000
_SHORTEST_VALUE = 6  # of a variable: "1" or "true" would be found everywhere

# The end of a name that speaks of a secret, as a variable, a keyword or a key ...
_NAME = (
    r"(?:passw(?:or)?d|passphrase|(?<![a-z])token(?![a-z])|_pwd|_pass(?![a-z])|secret|"
    r"credential|private_?key|api_?key|access_?key|account_?key|auth_?key|"
    r"(?<![a-z])dsn|authorization|connection_?string)[\w\-]{0,40}"
)
# ... then = or :, perhaps an annotation before, and a text, which the cut may have left
# open. Each part is bounded: a text of any shape is read in linear time.
_STRING = (
    r"[rbfu]{0,2}(?:\"{3}[\s\S]*?(?:\"{3}|\Z)|'{3}[\s\S]*?(?:'{3}|\Z)|"
    r"\"(?:\\.|[^\"\\\n])*(?:\"|$)|'(?:\\.|[^'\\\n])*(?:'|$)|"
    r"\\\"[^\"\\\n]*(?:\\\"|$))"  # the last as it stands in a notebook's file
)
_ASSIGNED = re.compile(
    rf"({_NAME}\\?['\"]?\]?[ \t]{{0,20}}(?::[ \t]{{0,20}}[\w.\[\]| ]{{1,60}})?"
    rf"(?:=|:)\s{{0,20}}\(?\s{{0,20}}){_STRING}",
    re.IGNORECASE | re.MULTILINE,
)
_SHELL = re.compile(
    rf"^([+\-\" \t]{{0,20}}(?:%env|%set_env|![ \t]*export|export)[ \t]+\w{{0,40}}?"
    rf"{_NAME}(?:[ \t]*=[ \t]*|[ \t]+)).+$",
    re.IGNORECASE | re.MULTILINE,
)
# In a patch, of a file of settings: a value without quotes.
_SETTING = re.compile(
    rf"^([+\- ][\w .\-]{{0,80}}?{_NAME}[ \t]{{0,20}}[=:][ \t]{{0,20}})"
    r"[^\s()\[\]{}'\"]+$",
    re.IGNORECASE | re.MULTILINE,
)
# In a query of SQL or of a web address, whose own quotes are further out.
_IN_QUERY = re.compile(
    rf"([?&]{_NAME}=)[^\s&'\"]+|"
    rf"((?<![\w.]){_NAME}=)[^\s'\"(),\[\]]{{1,200}}(?=[ ]\w{{1,40}}=|['\"])|"
    r"(\bsecret\s{1,20})'[^'\n]*'",
    re.IGNORECASE,
)
_IN_URL = re.compile(r"(://[^\s:/@'\"]{1,80}:)[^\s@/'\"]{1,200}(?=@)")
_LOGIN = re.compile(r"(://)[^\s/@'\"]{1,300}@")
_KNOWN_SHAPES = re.compile(
    r"\b(?:gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|"
    r"(?:AKIA|ASIA)[0-9A-Z]{16}|AIza[\w-]{35}|"
    r"sk-[\w-]{20,}|hf_\w{20,}|xox[abprs]-[\w-]{10,}|"
    r"eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]+)"
)
# What is secret by what stands before it: in a header, in a connection string, and in
# the addresses of chats, to which whoever knows them can post.
_AFTER = re.compile(
    r"(\bBearer |\b(?:AccountKey|SharedAccessKey|SharedAccessSignature)=|"
    r"\bhooks\.slack\.com/\w{1,20}/|\bdiscord(?:app)?\.com/api/webhooks/|"
    r"\.webhook\.office\.com/)[\w.~+/=%@&?:-]{8,}"
)
_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?"
    r"(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|\Z)"
)
_VARIABLE = re.compile(_NAME, re.IGNORECASE)


def without_secrets(text: str, *, most: int = MOST_CHARACTERS) -> str:
    """Take what looks like a secret out of code.

    Parameters
    ----------
    text
        A cell.
    most
        How many characters are kept; a longer text is cut, and says so.

    Returns
    -------
    str
        Replaced are the texts assigned to names such as `api_key`, passwords in URLs,
        private keys, tokens of known shapes, and whatever is now the value of an
        environment variable with such a name. No proof that no secret is left.
    """
    found = _without_values(_without_shapes(_whole_lines(text, most)))
    return f"{found}\n# ... cut" if len(text) > most else found


def patch_without_secrets(text: str, *, most: int) -> str:
    """Take what looks like a secret out of a patch: of files of settings too.

    Parameters
    ----------
    text
        As `git diff` gives it.
    most
        How many characters are kept.

    Returns
    -------
    str
        As by `without_secrets`.
    """
    found = _without_values(_patch_without_shapes(_whole_lines(text, most)))
    return f"{found}\n... cut\n" if len(text) > most else found


def without_login(url: str) -> str:
    """Take the user and password out of a URL."""
    return _LOGIN.sub(r"\1", url)


def _whole_lines(text: str, most: int) -> str:
    """Cut a text at the end of a line: half a token would not be known for one."""
    if len(text) <= most:
        return text
    return text[:most].rpartition("\n")[0] or text[:most]


@lru_cache(maxsize=1)
def _patch_without_shapes(text: str) -> str:
    # The same long patch comes with each model that one session registers.
    return _SETTING.sub(rf"\1{SECRET}", _without_shapes(text))


def _without_shapes(text: str) -> str:
    text = _PRIVATE_KEY.sub(SECRET, text)
    text = _ASSIGNED.sub(rf'\1"{SECRET}"', text)
    text = _SHELL.sub(rf"\1{SECRET}", text)
    text = _IN_QUERY.sub(lambda m: f"{m[1] or m[2] or m[3]}{SECRET}", text)
    text = _IN_URL.sub(rf"\1{SECRET}", text)
    text = _AFTER.sub(rf"\1{SECRET}", text)
    return _KNOWN_SHAPES.sub(SECRET, text)


def _without_values(text: str) -> str:
    for value in _secret_values(os.environ):
        text = text.replace(value, SECRET)
    return text


def _secret_values(variables: Mapping[str, str]) -> Iterable[str]:
    """Find the values of variables whose names speak of secrets, the longest first."""
    values = {
        value
        for name, value in variables.items()
        if len(value) >= _SHORTEST_VALUE and _VARIABLE.search(name)
    }
    return sorted(values, key=len, reverse=True)
