"""Who may do what to which model."""

from collections.abc import Callable
from inspect import signature
from pathlib import Path
from typing import Any

import pytest

from nbmlops.api import Registry, open_registry
from nbmlops.errors import NotAllowed, UsageError
from nbmlops.gate.access import ROLES, check_access, is_one_of
from nbmlops.verbs.table import VERBS
from tests.gate.steps import as_

Add = Callable[..., Any]
NOBODY = "\n".join(["[access]", *(f"{role} = []" for role in ROLES)])
# Verbs that touch no model, or only make what each may make for themselves.
FREE = {"status", "init", "verify", "key", "sign-head", "webhooks", "recover"}
# Asked elsewhere: by the names in the file, and of who did not propose it oneself.
LATER = {"import", "import-mlflow", "reject"}
SAYS = {"show": "card"}  # the line magic's word for a card is a shorter one
ASKED = sorted(set(VERBS) & {v for verbs in ROLES.values() for v in verbs} - LATER)


def access(*lines: str) -> None:
    Path("nbmlops.toml").write_text("\n".join(lines))


@pytest.mark.parametrize("verb", ASKED)
def test_a_verb_is_refused_to_who_has_not_its_role(
    verb: str, registry: Registry
) -> None:
    access(NOBODY)
    method = getattr(registry, VERBS[verb].method)
    needed = [p for p in signature(method).parameters.values() if p.default is p.empty]
    by_name = {p.name: "a/1" for p in needed if p.kind is p.KEYWORD_ONLY}
    by_place = ["a/1" for p in needed if p.kind is p.POSITIONAL_OR_KEYWORD]
    [role] = [role for role, verbs in ROLES.items() if verb in verbs]
    said = SAYS.get(verb, verb)
    refusal = f"ana@example.com may not {said}[ :].* role '{role}'"
    with pytest.raises(NotAllowed, match=refusal):
        method(*by_place, **by_name)
    assert not registry.location.exists()


def test_each_verb_has_a_role_or_needs_none() -> None:
    known = {verb for verbs in ROLES.values() for verb in verbs}
    assert known <= set(VERBS)
    assert {name for name, verb in VERBS.items() if verb.method} - known - FREE == set()


@pytest.mark.parametrize("verb", sorted(FREE))
def test_a_verb_without_a_role_is_refused_to_nobody(
    verb: str, registry: Registry
) -> None:
    access(NOBODY)
    check_access(registry._place, verb)


def test_a_role_is_had_for_every_model_or_for_one(add: Add) -> None:
    add()
    access(
        "[access]",
        'delete = ["*@ops.example.com"]',
        'promote = ["*"]',
        "[access.delays]",
        'promote = ["Ana@Example.com"]',
        "[access.arrivals]",
        "delete = []",
    )
    with pytest.raises(NotAllowed) as refused:
        as_("bo").promote("delays/1")
    assert refused.value.message == (
        "bo@example.com may not promote delays: nbmlops.toml gives the role 'promote' "
        "to Ana@Example.com"
    )
    assert refused.value.hint == "ask one of: Ana@Example.com"
    as_("bo").tag("delays/1", team="ops")  # nobody is named for register
    open_registry(actor="dee@ops.example.com").delete("delays/1")
    assert as_("ana").history("delays")[0].actor == "dee@ops.example.com"
    with pytest.raises(NotAllowed, match="to nobody"):
        open_registry(actor="dee@ops.example.com").delete("arrivals/1")


def test_each_model_that_is_named_counts() -> None:
    access("[access.secret]", 'read = ["ana@example.com"]')
    with pytest.raises(NotAllowed, match="may not compare secret"):
        as_("bo").compare("delays/1", "models:/secret@champion")


@pytest.mark.parametrize(
    ("name", "pattern", "fits"),
    [
        ("ana@example.com", "ana@example.com", True),
        ("ANA@example.com", "ana@example.com", True),
        ("ana@example.com", "*@example.com", True),
        ("ana@example.com.evil.org", "*@example.com", False),
        ("ana@examplexcom", "*@example.com", False),
        ("ana@example.com\n", "ana@example.com", False),
        ("a", "[ab]", False),
        ("anyone", "*", True),
        ("ana", "", False),
    ],
)
def test_names_are_exact_but_for_stars(name: str, pattern: str, fits: bool) -> None:
    assert is_one_of(name, [pattern]) is fits


def test_protected_aliases_move_by_promote_only(add: Add, registry: Registry) -> None:
    add()
    registry.alias("delays/1", "challenger")
    access("[access]", 'protected = ["challenger"]')
    with pytest.raises(NotAllowed, match="moves through gates only"):
        registry.alias("delays/1", "challenger")
    with pytest.raises(NotAllowed, match="moves through gates only"):
        registry.unalias("delays", "challenger")
    registry.alias("delays/1", "mine")
    assert registry.retire("delays", "challenger", reason="over").alias == "challenger"


def test_who_asked_may_withdraw_without_being_an_approver(
    add: Add, registry: Registry
) -> None:
    access("[access]", 'approve = ["cy@example.com"]')
    add()
    registry.request("delays/1")
    with pytest.raises(NotAllowed, match="may not reject delays"):
        as_("bo").reject("delays/1")
    assert registry.reject("delays/1").state == "rejected"


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["[acces]"], "did you mean 'access'"),
        (["access = 1"], "access is not a table"),
        (["[access]", 'promot = ["ana"]'], "did you mean 'promote'"),
        (["[access]", 'promote = "ana"'], 'a list such as ["ana@example.com"]'),
        (["[access]", "promote = [1]"], "promote cannot be [1]"),
        (["[access]", 'protected = "champion"'], 'a list such as ["champion"]'),
        (["[access]", 'protected = ["Champion"]'], "Champion"),
        (["[access.delays]", 'protected = ["champion"]'], "unknown key 'protected'"),
        (["[access.'a b']"], "cannot name a model"),
    ],
)
def test_mistakes_stop_changes_and_neither_a_look_nor_a_way_back(
    lines: list[str], words: str, add: Add, registry: Registry
) -> None:
    add()
    add()
    registry.promote("delays/1")
    registry.promote("delays/2")
    access(*lines)
    with pytest.raises(UsageError) as refused:
        registry.promote("delays/1")
    assert words in str(refused.value)
    with pytest.raises(UsageError):
        registry.tag("delays/1", team="ops")
    assert registry.get("delays@champion").number == 2
    assert registry.rollback("delays").ref == "delays/1"


def test_the_docs_list_the_verbs_of_each_role() -> None:
    docs = Path(__file__).parents[2] / "docs" / "registry.md"
    rows = [line for line in docs.read_text().splitlines() if line.startswith("| `")]
    listed = {}
    for row in rows:
        role, verbs = row.strip("| ").split(" | ")[:2]
        listed[role.strip("`")] = set(verbs.split("`")[1::2])
    for role, known in ROLES.items():
        assert set(known) == listed[role]
