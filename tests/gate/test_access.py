"""Who may do what to which model."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nbmlops.api import Registry, open_registry
from nbmlops.errors import NotAllowed, UsageError
from nbmlops.gate.access import ROLES, is_one_of
from nbmlops.verbs.table import VERBS

Add = Callable[..., Any]
NOBODY = "\n".join(["[access]", *(f"{role} = []" for role in ROLES)])
# Verbs that touch no model, or only make what each may make for themselves.
FREE = {"status", "init", "verify", "key", "sign-head", "webhooks", "backup", "recover"}
# One call of each verb; access is refused before anything is looked up.
CALLS: dict[str, Callable[[Registry], object]] = {
    "acknowledge": lambda r: r.acknowledge("a/1", "x", until="2030-01-01", reason="r"),
    "alias": lambda r: r.alias("a/1", "mine"),
    "approvals": lambda r: r.approvals("a"),
    "audit-report": lambda r: r.audit_report("a", "a.html"),
    "approve": lambda r: r.approve("a/1"),
    "catalog": lambda r: r.catalog(),
    "checks": lambda r: r.checks("a"),
    "compare": lambda r: r.compare("a/1", "a/2"),
    "dataset": lambda r: r.dataset(None, "flights"),
    "datasets": lambda r: r.datasets(),
    "card": lambda r: r.card("a/1"),
    "delete": lambda r: r.delete("a/1"),
    "evaluate": lambda r: r.evaluate("a/1", None),
    "export": lambda r: r.export("a/1", "a.zip"),
    "export-oms": lambda r: r.export_oms("a/1", "a", key="key.pem"),
    "gates": lambda r: r.gates("a/1"),
    "gc": lambda r: r.gc(),
    "import": lambda r: r.import_("a.zip"),
    "history": lambda r: r.history("a"),
    "lineage": lambda r: r.lineage("a/1"),
    "load": lambda r: r.load("a/1"),
    "models": lambda r: r.models(),
    "note": lambda r: r.note("a/1", "text"),
    "promote": lambda r: r.promote("a/1"),
    "rebaseline": lambda r: r.rebaseline("a/1", None, reason="r"),
    "redact": lambda r: r.redact(1, reason="r"),
    "register": lambda r: r.register(None, "a"),
    "request": lambda r: r.request("a/1"),
    "restore": lambda r: r.restore("a/1"),
    "retire": lambda r: r.retire("a", reason="r"),
    "rollback": lambda r: r.rollback("a"),
    "sbom": lambda r: r.sbom("a/1"),
    "search": lambda r: r.search("name = 'a'"),
    "show": lambda r: r.get("a/1"),
    "sign": lambda r: r.sign("a/1"),
    "skew": lambda r: r.check_skew("a/1", None),
    "tag": lambda r: r.tag("a/1", team="ops"),
    "tenure": lambda r: r.tenure("a"),
    "unalias": lambda r: r.unalias("a", "mine"),
    "verify-load": lambda r: r.verify_load("a/1"),
    "versions": lambda r: r.versions("a"),
}


def access(*lines: str) -> None:
    Path("nbmlops.toml").write_text("\n".join(lines))


def as_(name: str) -> Registry:
    return open_registry(actor=f"{name}@example.com")


@pytest.mark.parametrize("verb", sorted(CALLS))
def test_a_verb_is_refused_to_who_has_not_its_role(
    verb: str, registry: Registry
) -> None:
    access(NOBODY)
    with pytest.raises(NotAllowed, match=f"ana@example.com may not {verb}"):
        CALLS[verb](registry)
    assert not registry.location.exists()


def test_each_verb_has_a_role_or_needs_none() -> None:
    known = {verb for verbs in ROLES.values() for verb in verbs}
    # Rejecting is asked where it is known who proposed: that one may withdraw.
    assert known == set(CALLS) | {"reject"}
    assert {name for name, verb in VERBS.items() if verb.method} - known - FREE == set()


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
