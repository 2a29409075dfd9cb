"""The policy: which gates must hold before an alias moves, read from nbmlops.toml."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from nbmlops.errors import UsageError, suggestion
from nbmlops.gate.access import Access, read_access
from nbmlops.gate.policy_file import read_policy_file
from nbmlops.lifecycle.arguments import read_age
from nbmlops.refs import check_alias
from nbmlops.registry.place import Place
from nbmlops.skew.report import VERDICTS, Verdict

REQUIREMENTS = ("description", "test", "git-clean")
LATENCY = "latency_ms"


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasPolicy:
    """The gates of one alias; an empty one has only the integrity gates.

    Attributes
    ----------
    require
        Of `REQUIREMENTS`.
    minimum, maximum
        Limits on computed metrics of the version's own evaluation, by metric;
        `latency_ms` is one of them.
    not_worse_than
        The alias whose holder must not be clearly better, or "".
    metric, margin
        By which metric, and the loss that is accepted, >= 0.
    groups
        The column whose rows are drawn together; "" takes the evaluation's own.
    slices, slice_margin
        Columns on no slice of which the version may be worse by more than this.
    skew
        The worst verdict that passes; None where skew is not judged.
    max_age
        How old the newest serving profile may be; None for any age.
    skew_required
        True fails where nothing was ever served.
    approvals
        How many people must have approved the version; 0 for none.
    approvers
        Who they may be, by name or as `*@example.com`; () for anybody.
    approval_max_age
        How long a request and its approvals stand; None for ever.
    """

    require: tuple[str, ...] = ()
    minimum: Mapping[str, float] = field(default_factory=dict)
    maximum: Mapping[str, float] = field(default_factory=dict)
    not_worse_than: str = ""
    metric: str = ""
    margin: float = 0.0
    groups: str = ""
    slices: tuple[str, ...] = ()
    slice_margin: float = 0.0
    skew: Verdict | None = None
    max_age: timedelta | None = None
    skew_required: bool = False
    approvals: int = 0
    approvers: tuple[str, ...] = ()
    approval_max_age: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The gates of every alias, and the file that asks for them.

    Attributes
    ----------
    file
        Its path from the folder that holds the registry; "" where there is none.
    digest
        SHA-256 of its bytes; "" where they could not be read.
    gates
        By alias.
    access
        Who may do what.
    """

    file: str = ""
    digest: str = ""
    gates: Mapping[str, AliasPolicy] = field(default_factory=dict)
    access: Access = field(default_factory=Access)

    def of(self, alias: str) -> AliasPolicy:
        """Return what is asked for an alias, which may be nothing."""
        return self.gates.get(alias, AliasPolicy())

    def to_dict(self) -> dict[str, str] | None:
        """Return which file it is, as an event keeps it; None where there is none."""
        return {"file": self.file, "digest": self.digest} if self.file else None


def read_policy(path: Path, *, project: Path) -> Policy:
    """Read the gates of every alias, and who may do what.

    Parameters
    ----------
    path
        The policy file; absent means that there are no gates.
    project
        The folder from which the file is named in results.

    Returns
    -------
    Policy
        With the digest of the very bytes that were read. A UsageError names the key
        that is unknown, or whose value is of the wrong kind.
    """
    file = read_policy_file(path, project=project)
    return Policy(
        file=file.path,
        digest=file.digest,
        gates={
            check_alias(alias): _Reader(path.name, alias, table).read()
            for alias, table in file.tables.get("gate", {}).items()
        },
        access=read_access(file),
    )


def policy_of(place: Place) -> Policy:
    """Read the policy of a registry, as `read_policy` does."""
    return read_policy(place.policy, project=place.folder.parent)


class _Reader:
    """Reads one `[gate.ALIAS]` table, and names the key where it is wrong."""

    def __init__(self, file: str, alias: str, table: Any) -> None:
        if not isinstance(table, dict):
            raise UsageError(
                f"{file}: gate.{alias} is not a table", hint=f"[gate.{alias}]"
            )
        self._where = f"{file} [gate.{alias}]"
        self._table = table

    def read(self) -> AliasPolicy:
        self._refuse_unknown()
        skew = self._text("skew") or None
        if skew is not None and skew not in VERDICTS:
            raise self._wrong("skew", skew, f"one of: {', '.join(VERDICTS)}")
        policy = AliasPolicy(
            require=self._names("require", REQUIREMENTS),
            minimum=self._limits("min"),
            maximum=self._limits("max"),
            not_worse_than=self._text("not-worse-than"),
            metric=self._text("metric"),
            margin=self._amount("margin"),
            groups=self._text("groups"),
            slices=self._names("slices"),
            slice_margin=self._amount("slice-margin"),
            skew=skew,
            max_age=self._age("max-age"),
            skew_required=self._flag("skew-required"),
            approvals=self._count("approvals"),
            approvers=self._names("approvers"),
            approval_max_age=self._age("approval-max-age"),
        )
        if (policy.not_worse_than or policy.slices) and not policy.metric:
            raise UsageError(
                f"{self._where}: not-worse-than and slices need a metric",
                hint='add a line such as metric = "roc_auc"',
            )
        if policy.skew is None and (policy.max_age or policy.skew_required):
            raise UsageError(
                f"{self._where}: max-age and skew-required ask nothing without skew",
                hint='add skew = "within tolerance"',
            )
        self._check_approvals(policy)
        return policy

    def _check_approvals(self, policy: AliasPolicy) -> None:
        """Refuse approvers of nothing, and more approvals than there are approvers."""
        names = {name.casefold() for name in policy.approvers}
        if not policy.approvals and (names or policy.approval_max_age):
            raise UsageError(
                f"{self._where}: approvers and approval-max-age ask nothing without "
                "approvals",
                hint="add approvals = 1",
            )
        is_open = not names or any("*" in name for name in names)
        if not is_open and len(names) < policy.approvals:
            raise UsageError(
                f"{self._where}: {policy.approvals} approvals can never be had of "
                f"{len(names)} approvers",
                hint="name more approvers, or ask for fewer approvals",
            )

    def _refuse_unknown(self) -> None:
        for key in self._table:
            if key not in _KEYS:
                raise UsageError(
                    f"{self._where}: unknown key {key!r}", hint=suggestion(key, _KEYS)
                )

    def _text(self, key: str) -> str:
        value = self._table.get(key, "")
        if not isinstance(value, str):
            raise self._wrong(key, value, "text in quotes")
        return value

    def _flag(self, key: str) -> bool:
        value = self._table.get(key, False)
        if not isinstance(value, bool):
            raise self._wrong(key, value, "true or false")
        return value

    def _count(self, key: str) -> int:
        value = self._table.get(key)
        if value is None:
            return 0
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise self._wrong(key, value, "a whole number from 1")
        return value

    def _amount(self, key: str) -> float:
        value = self._table.get(key, 0.0)
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not is_number or not 0 <= value < float("inf"):
            raise self._wrong(key, value, "a number from 0")
        return float(value)

    def _names(self, key: str, known: tuple[str, ...] | None = None) -> tuple[str, ...]:
        value = self._table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            raise self._wrong(key, value, 'a list such as ["description"]')
        for name in value:
            if known is not None and name not in known:
                raise self._wrong(key, name, f"one of: {', '.join(known)}")
        return tuple(value)

    def _limits(self, key: str) -> dict[str, float]:
        value = self._table.get(key, {})
        if not isinstance(value, dict):
            raise self._wrong(key, value, "a table such as { roc_auc = 0.7 }")
        for metric, limit in value.items():
            if isinstance(limit, bool) or not isinstance(limit, (int, float)):
                raise self._wrong(f"{key}.{metric}", limit, "a number")
        return {metric: float(limit) for metric, limit in value.items()}

    def _age(self, key: str) -> timedelta | None:
        value = self._text(key)
        if not value:
            return None
        age = read_age(value)
        if age is None:
            raise self._wrong(key, value, "a number with m, h, d or w: 7d")
        return age

    def _wrong(self, key: str, value: object, wanted: str) -> UsageError:
        return UsageError(
            f"{self._where}: {key} cannot be {value!r}", hint=f"write {wanted}"
        )


_KEYS = (
    "require",
    "min",
    "max",
    "not-worse-than",
    "metric",
    "margin",
    "groups",
    "slices",
    "slice-margin",
    "skew",
    "max-age",
    "skew-required",
    "approvals",
    "approvers",
    "approval-max-age",
)
