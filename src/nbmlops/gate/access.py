"""Who may do what to which model, as `[access]` of the policy says.

Every verb is checked by `check_access`. Who acts is a claim, and whoever can write
the registry's folder can write around it: in a local folder these rules are advice that
the audit trail makes visible. A team's catalog is where they are enforced.
"""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from nbmlops.errors import NotAllowed, UsageError, suggestion
from nbmlops.gate.policy_file import PolicyFile, read_policy_file
from nbmlops.refs import check_alias, check_model_name, parse_ref
from nbmlops.registry.place import Place

PROTECTED = "protected"
# By role: the verbs that need it. A verb that is not named here needs none.
ROLES: Mapping[str, tuple[str, ...]] = {
    "read": (
        "show",
        "card",
        "attachment",
        "versions",
        "load",
        "verify-load",
        "sbom",
        "restore-env",
        "compare",
        "checks",
        "gates",
        "approvals",
        "tenure",
        "lineage",
        "history",
        "export",
        "audit-report",
        "export-oms",
        "models",
        "search",
        "datasets",
        "catalog",
        "backup",
    ),
    "register": (
        "register",
        "evaluate",
        "reproduce",
        "skew",
        "tag",
        "note",
        "describe",
        "dataset",
        "sign",
        "import",
        "import-mlflow",
        "request",
    ),
    "promote": (
        "promote",
        "rollback",
        "retire",
        "alias",
        "unalias",
        "acknowledge",  # these two change what the gates read
        "rebaseline",
    ),
    "approve": ("approve", "reject"),  # but whoever asked may withdraw
    "delete": ("delete", "restore", "gc", "redact"),
}
_ROLE_OF = {verb: role for role, verbs in ROLES.items() for verb in verbs}
# A file that cannot be read shall not keep anyone from looking, or from going back.
_WITHOUT_POLICY = frozenset({*ROLES["read"], "rollback"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """The rules of `[access]`.

    Attributes
    ----------
    everywhere
        By role: who has it for any model.
    models
        By model, then by role: who has it there instead.
    protected
        Aliases that move by promote, rollback and retire only, gated or not.
    """

    everywhere: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    models: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    protected: frozenset[str] = frozenset()

    def holders(self, role: str, model: str | None) -> tuple[str, ...] | None:
        """Return who has a role for a model; None where anybody has."""
        own = self.models.get(model, {}) if model is not None else {}
        return own[role] if role in own else self.everywhere.get(role)


def check_access(place: Place, verb: str, *subjects: object) -> None:
    """Refuse a verb to who may not use it.

    Parameters
    ----------
    place
        The registry, and who acts.
    verb
        "promote".
    *subjects
        The models: names, refs, or versions. Without one, what holds for any model
        counts; what is no ref is left to the verb, which says so.

    Raises
    ------
    NotAllowed
        If the policy gives the verb's role to others only.
    UsageError
        If the policy cannot be read, and the verb does more than look or go back.
    """
    role = _ROLE_OF.get(verb)
    if role is None:
        return
    try:
        file = read_policy_file(place.policy, project=place.folder.parent)
        access = read_access(file)
    except UsageError:
        if verb in _WITHOUT_POLICY:
            return
        raise
    for model in _models(subjects):
        holders = access.holders(role, model)
        if holders is None or is_one_of(place.actor, holders):
            continue
        on = f" {model}" if model is not None else ""
        listed = ", ".join(holders)
        raise NotAllowed(
            f"{place.actor} may not {verb}{on}: {file.path} gives the role {role!r} to "
            f"{listed or 'nobody'}",
            hint=f"ask one of: {listed}" if listed else f"name who has {role} there",
        )


def _models(subjects: Iterable[object]) -> set[str | None]:
    names: set[str | None] = set()
    for subject in subjects:
        with suppress(UsageError):
            names.add(parse_ref(subject).name)
    return names or {None}


def read_access(file: PolicyFile) -> Access:
    """Read `[access]`.

    Parameters
    ----------
    file
        The policy file.

    Returns
    -------
    Access
        A key with a list is a role, one with a table a model. A UsageError names the
        key that is unknown, or whose value is of the wrong kind.
    """
    where = f"{file.path} [access]"
    everywhere: dict[str, tuple[str, ...]] = {}
    models: dict[str, Mapping[str, tuple[str, ...]]] = {}
    protected: tuple[str, ...] = ()
    for key, value in file.tables.get("access", {}).items():
        if isinstance(value, dict):
            at = f"{file.path} [access.{check_model_name(key)}]"
            models[key] = {
                role: _role(at, role, who, ROLES) for role, who in value.items()
            }
        elif key == PROTECTED:
            protected = _names(where, key, value)
        else:
            everywhere[key] = _role(where, key, value, (*ROLES, PROTECTED))
    return Access(
        everywhere=everywhere,
        models=models,
        protected=frozenset(map(check_alias, protected)),
    )


def is_one_of(actor: str, names: Iterable[str]) -> bool:
    """Tell whether names, or patterns such as `*@example.com`, mean an actor."""
    return any(
        re.fullmatch(re.escape(name).replace(r"\*", ".*"), actor, re.I | re.S)
        for name in names
    )


def _role(where: str, role: str, value: Any, known: Iterable[str]) -> tuple[str, ...]:
    if role not in ROLES:
        raise UsageError(f"{where}: unknown key {role!r}", hint=suggestion(role, known))
    return _names(where, role, value)


def _names(where: str, key: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        example = '["champion"]' if key == PROTECTED else '["ana@example.com"]'
        raise UsageError(
            f"{where}: {key} cannot be {value!r}",
            hint=f"write a list such as {example}",
        )
    return tuple(value)
