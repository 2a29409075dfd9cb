"""Reading a line: what is understood, and what is said when it is not."""

import re
from typing import get_args

import pytest

from nbmlops.errors import UsageError
from nbmlops.host import Host
from nbmlops.verbs.help import FIRST, WIDTH
from nbmlops.verbs.parsing import HelpAsked, parse, split
from nbmlops.verbs.table import VERBS, verbs_of
from nbmlops.verbs.verb import Group


def written(line: str) -> dict[str, object]:
    return parse(split(line), "notebook").written


def test_no_verb_means_status() -> None:
    assert parse([], "notebook").verb.name == "status"
    assert parse(["--python"], "notebook").written == {"python": True}


def test_only_what_was_written_is_kept() -> None:
    assert written("promote delays/2 --reason 'at night'") == {
        "ref": "delays/2",
        "reason": "at night",
    }


def test_options_may_stand_between_positional_words() -> None:
    line = "skew delays@champion --tolerance 0.2 serving --alpha=0.01"
    assert written(line) == {
        "ref": "delays@champion",
        "serving": "serving",
        "tolerance": "0.2",
        "alpha": "0.01",
    }


def test_nothing_is_substituted() -> None:
    assert written("note delays/2 costs $5 {and} more")["text"] == [
        "costs",
        "$5",
        "{and}",
        "more",
    ]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "promot delays/2",
            "there is no verb 'promot'\n"
            "Hint: did you mean 'promote'? %mlops --help lists the verbs",
        ),
        ("xyzzy", "there is no verb 'xyzzy'\nHint: %mlops --help lists the verbs"),
        (
            "skew delays x --tolerence 0.2",
            "skew has no option --tolerence\nHint: did you mean '--tolerance'?",
        ),
        (
            "skew delays x --tol 0.2",
            "skew has no option --tol\nHint: did you mean '--tolerance'?",
        ),
        (
            "promote",
            "promote needs REF\n"
            'Hint: %mlops promote delays/2 --to champion --reason "better at night"',
        ),
        (
            "register model",
            "register needs --name\nHint: %mlops register model --name delays "
            "--train train --target late --test test",
        ),
        (
            "register",
            "register needs MODEL and --name\nHint: %mlops register model "
            "--name delays --train train --target late --test test",
        ),
        (
            "run",
            "run needs NAME\nHint: %%mlops run night-flights",
        ),
        (
            "promote delays/2 champion",
            "promote: 'champion' is one too many\n"
            'Hint: %mlops promote delays/2 --to champion --reason "better at night"',
        ),
        (
            "use team --python",
            "use has no option --python\nHint: %mlops use team/.nbmlops",
        ),
        (
            "promote delays/2 --json",
            "promote has no option --json\nHint: --json is for terminals only",
        ),
        (
            "versions delays other",
            "versions: 'other' is one too many\nHint: %mlops versions delays",
        ),
        (
            "promote delays/2 --reason",
            "promote: --reason needs a value\nHint: --reason TEXT",
        ),
        ("demo", "'demo' is for terminals only\nHint: type nbmlops demo in a terminal"),
    ],
    ids=str,
)
def test_a_wrong_line_is_told_in_two(line: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(split(line), "notebook")
    assert str(caught.value) == message


def test_an_open_quote_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match=r"a quote is not closed in: note x 'abc"):
        split("note x 'abc")


@pytest.mark.parametrize(
    "line", ["skew --help", "help skew", "skew delays -h", "skew delays --tol --help"]
)
def test_help_is_asked_for_in_several_ways(line: str) -> None:
    with pytest.raises(HelpAsked) as caught:
        parse(split(line), "notebook")
    assert caught.value.text.startswith("usage: %mlops skew REF [FRAME]")


def test_two_dashes_end_the_options() -> None:
    assert written("note delays/2 -- --help is a word")["text"][0] == "--help"  # type: ignore[index]


def asked(words: list[str], host: Host) -> str:
    with pytest.raises(HelpAsked) as caught:
        parse(words, host)
    return caught.value.text


@pytest.mark.parametrize("host", ["notebook", "cli"])
def test_the_overview_lists_every_verb_of_the_host(host: Host) -> None:
    text = asked(["--help"], host)
    groups = text.partition("All verbs:\n")[2].partition("\n\n")[0]
    headings, names = set(get_args(Group)), re.findall(r"[\w-]+", groups)
    listed = [name for name in names if name not in headings]
    assert listed == [
        verb.name
        for group in get_args(Group)
        for verb in verbs_of(host).values()
        if verb.group == group
    ]
    assert headings <= set(names)
    assert len(text.splitlines()) <= 42
    assert max(map(len, text.splitlines())) <= WIDTH


@pytest.mark.parametrize("host", ["notebook", "cli"])
def test_the_overview_says_what_the_first_verbs_do(host: Host) -> None:
    assert set(FIRST) <= set(VERBS)
    lines = asked(["help"], host).partition("\n\n")[2].partition("\n\n")[0]
    told = dict(re.findall(r"^  (\S+) +(\S.*)$", lines, re.MULTILINE))
    known = verbs_of(host)
    assert told == {name: known[name].summary for name in FIRST if name in known}


@pytest.mark.parametrize("host", ["notebook", "cli"])
def test_every_verb_is_explained_where_all_are_asked_for(host: Host) -> None:
    assert "help all says" in asked(["help"], host)
    for words in (["help", "all"], ["--help", "all"]):
        text = asked(words, host)
        told = dict(re.findall(r"^  (\S+) +(\S.*)$", text, re.MULTILINE))
        assert told == {name: v.summary for name, v in verbs_of(host).items()}
        assert max(map(len, text.splitlines())) <= WIDTH
