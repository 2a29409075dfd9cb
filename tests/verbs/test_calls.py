"""Each verb calls one method of Registry, and says so as Python that runs."""

import inspect
from typing import Any

import pandas as pd
import pytest

from nbmlops.api import Registry
from nbmlops.errors import UsageError
from nbmlops.verbs.calls import Call, call_of
from nbmlops.verbs.names import Names
from nbmlops.verbs.parsing import parse, split
from nbmlops.verbs.table import VERBS
from tests.verbs.fakes import Recorder

FRAME = pd.DataFrame({"late": [0, 1]})


class Model:
    """An estimator as far as names are concerned."""

    def __init__(self) -> None:
        self.coef_ = 1.0

    def fit(self) -> None:
        """Do nothing."""


def scorer() -> float:
    return 0.0


def variables() -> dict[str, Any]:
    frames = ("train", "test", "serving", "july", "X", "y")
    return {name: FRAME for name in frames} | {"model": Model(), "cost": scorer}


def call(line: str) -> Call:
    return call_of(parse(split(line), "notebook"), Names(variables()))


LINES = {
    "register model --name delays --train train --target late --test test": (
        'registry.register(model, "delays", train=train, test=test, target="late")'
    ),
    "register model --name d --train X,y --tag a=b --param k=v --metric auc=0.9 "
    "--metric cost": (
        'registry.register(\n    model,\n    "d",\n    train=(X, y),\n'
        '    metrics={"auc": 0.9, "cost": cost},\n    tags={"a": "b"},\n'
        '    params={"k": "v"},\n)'
    ),
    "register model --name d --target a,b --slices c,d --attach x.txt --attach y": (
        'registry.register(\n    model,\n    "d",\n    target=["a", "b"],\n'
        '    slices=["c", "d"],\n    attach=["x.txt", "y"],\n)'
    ),
    "register model --name d --metric bal=balanced_accuracy --metric f1_macro": (
        'registry.register(\n    model,\n    "d",\n'
        '    metrics={"bal": "balanced_accuracy", "f1_macro": "f1_macro"},\n)'
    ),
    "evaluate delays/1 july --name july": (
        'registry.evaluate("delays/1", july, name="july")'
    ),
    "show delays@champion --as-of 2026-11-24": (
        'registry.card("delays@champion", as_of="2026-11-24")'
    ),
    "compare delays/1 delays/2 --data july": (
        'registry.compare("delays/1", "delays/2", data=july)'
    ),
    "skew delays@champion serving --tolerance 0.2 --columns a,b": (
        'registry.check_skew("delays@champion", serving, columns=["a", "b"], '
        "tolerance=0.2)"
    ),
    "skew delays": 'registry.check_skew("delays")',
    'promote delays/2 --to champion --reason "a \\"b\\"" --force': (
        'registry.promote("delays/2", alias="champion", reason="a \\"b\\"", force=True)'
    ),
    "rollback delays --alias staging --to delays/1": (
        'registry.rollback("delays", alias="staging", to="delays/1")'
    ),
    "tag delays/2 team=ops old= my-key=x": (
        'registry.tag("delays/2", team="ops", old=None, **{"my-key": "x"})'
    ),
    "note delays/2 two words": 'registry.note("delays/2", "two words")',
    'search "number > 0" --limit 2': 'registry.search("number > 0", limit=2)',
    "describe delays/2 two words": 'registry.describe("delays/2", "two words")',
    "acknowledge delays/2 temp --until 2027-03-01 --reason winter": (
        'registry.acknowledge("delays/2", "temp", until="2027-03-01", reason="winter")'
    ),
    "rebaseline delays/2 july --reason summer": (
        'registry.rebaseline("delays/2", july, reason="summer")'
    ),
    "load delays/1 --trust delays/1": ('registry.load("delays/1", trust=["delays/1"])'),
    "dataset july --name flights": 'registry.dataset(july, name="flights")',
    "dataset 1a2b3c4d": 'registry.dataset("1a2b3c4d")',
    "lineage delays --out a.jsonl": ('registry.lineage("delays", out="a.jsonl")'),
    "catalog event": 'registry.catalog()["event"]',
    "history": "registry.history()",
    "gc": "registry.gc()",
    "gc --run --older-than 7d": 'registry.gc(dry_run=False, older_than="7d")',
    "approve delays/2 --to staging": 'registry.approve("delays/2", alias="staging")',
}


@pytest.mark.parametrize("line", LINES, ids=str)
def test_a_line_is_written_as_python(line: str) -> None:
    assert call(line).python() == LINES[line]


@pytest.mark.parametrize("line", LINES, ids=str)
def test_the_python_that_is_printed_makes_the_same_call(line: str) -> None:
    made, evaluated = Recorder(), Recorder()
    call(line).make(made)
    eval(call(line).python(), variables() | {"registry": evaluated})
    [(method, arguments, keywords)] = made.calls
    [(method_2, arguments_2, keywords_2)] = evaluated.calls
    assert method == method_2
    assert [type(a) for a in arguments] == [type(a) for a in arguments_2]
    assert repr(keywords) == repr(keywords_2)


NEEDED = {
    "register": ["model", "--name", "d"],
    "evaluate": ["d/1", "july"],
    "compare": ["d/1", "d/2"],
    "rollback": ["d"],
    "import-mlflow": ["july.parquet"],
} | {
    name: ["d/1"]
    for name in ("skew", "load", "verify-load", "reproduce", "gates", "promote")
}
ONE = {"columns": "dist", "target": "late", "metric": "auc=1", "pair": "a=b"}


@pytest.mark.parametrize(
    ("name", "word"),
    [
        (name, argument.word)
        for name, verb in VERBS.items()
        for argument in verb.arguments
        if argument.is_option and (argument.kind in ONE or argument.is_many)
    ],
    ids=str,
)
def test_an_option_that_takes_several_takes_one(name: str, word: str) -> None:
    [argument] = [a for a in VERBS[name].arguments if a.word == word]
    one = ONE.get(argument.kind, "one")
    parsed = parse([name, *NEEDED[name], word, one], "notebook")
    given = call_of(parsed, Names(variables())).keywords[argument.to].read()
    if argument.kind == "target":
        assert given == one
    elif isinstance(given, dict):
        assert len(given) == 1
    else:
        assert given == [one]


@pytest.mark.parametrize(
    "name", [name for name, verb in VERBS.items() if verb.method], ids=str
)
def test_every_argument_of_a_verb_is_a_parameter_of_its_method(name: str) -> None:
    verb = VERBS[name]
    signature = inspect.signature(getattr(Registry, verb.method))
    by_position = [
        a for a in verb.arguments if not a.to and a.key != verb.pick and not a.is_many
    ]
    keywords = [a.to for a in verb.arguments if a.to and a.to != "**"]
    needed = [a for a in by_position if a.is_required]
    signature.bind_partial(None, *by_position, **dict.fromkeys(keywords))
    assert len(keywords) == len(set(keywords))
    if "**" not in [a.to for a in verb.arguments] and name not in (
        "note",
        "describe",
        "compare",
    ):
        given = [a.to for a in verb.arguments if a.is_option and a.is_required and a.to]
        signature.bind(None, *needed, **dict.fromkeys(given))


@pytest.mark.parametrize("name", list(VERBS))
def test_every_example_can_be_parsed(name: str) -> None:
    verb = VERBS[name]
    assert verb.examples
    for host, lines in (("notebook", verb.examples), ("cli", verb.shell_examples)):
        for line in lines:
            if host in verb.hosts:
                parsed = parse(split(line.replace("\\\n", " ")), host)
                assert parsed.verb is verb


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "skew delays servng",
            "there is no variable or file 'servng'\nHint: did you mean 'serving'?",
        ),
        (
            "register modle --name d",
            "there is no variable or file 'modle'\nHint: did you mean 'model'?",
        ),
        (
            "skew delays serving --tolerance much",
            "--tolerance takes a number, not 'much'\nHint: --tolerance 0.1",
        ),
        (
            "skew delays serving --columns a,,b",
            "--columns 'a,,b' has an empty name in it\n"
            "Hint: write a,b without blanks, or quote it",
        ),
        ("tag d/1 team", "a tag is written key=value, not 'team'\nHint: team=ops"),
        ("tag d/1 ref=1", "'ref' cannot be a tag\nHint: choose another name"),
        (
            "register model --name d --metric 0.9",
            "--metric 0.9: which metric is it?\nHint: --metric auc=0.9",
        ),
        (
            "register model --name d --metric =0.9",
            "--metric takes a name and a value, not '=0.9'\nHint: --metric auc=0.9",
        ),
        (
            "register model --name d --metric auc=csot",
            "'csot' is neither a number, a variable nor the name of a scorer\n"
            "Hint: did you mean 'cost'?",
        ),
        ("skew delays frame.csv", "there is no file 'frame.csv'"),
    ],
    ids=str,
)
def test_what_cannot_be_meant_is_told(line: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        call(line)
    assert str(caught.value).startswith(message)
    assert len(str(caught.value).splitlines()) <= 3


def test_an_unknown_table_is_told_with_those_that_exist() -> None:
    with pytest.raises(
        UsageError, match=r"no table 'evnt'\nHint: did you mean 'event'"
    ):
        call("catalog evnt").make(Recorder())
