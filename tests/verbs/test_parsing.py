"""Reading a line: what is understood, and what is said when it is not."""

import pytest

from nbmlops.errors import UsageError
from nbmlops.verbs.parsing import HelpAsked, parse, split


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
    with pytest.raises(HelpAsked) as asked:
        parse(split(line), "notebook")
    assert asked.value.text.startswith("usage: %mlops skew REF [FRAME]")


def test_two_dashes_end_the_options() -> None:
    assert written("note delays/2 -- --help is a word")["text"][0] == "--help"  # type: ignore[index]


def test_the_overview_lists_every_verb_of_the_host() -> None:
    from nbmlops.verbs.table import verbs_of

    for host in ("notebook", "cli"):
        with pytest.raises(HelpAsked) as asked:
            parse(["--help"], host)
        for name in verbs_of(host):
            assert f"  {name} " in asked.value.text
        assert len(asked.value.text.splitlines()) <= 72
