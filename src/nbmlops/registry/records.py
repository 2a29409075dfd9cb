"""What the registry hands out: versions, models, evaluations and checks as values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from nbmlops.profiles.profile import Profile
from nbmlops.registry.signature import Signature


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationRecord:
    """A version's stored evaluation: its name, its figures, and where its rows lie.

    Attributes
    ----------
    name
        "test", or what `evaluate` was told.
    digest
        Of the stored rows.
    rows
        How many.
    metrics
        The computed metrics by name.
    dataset
        Content digest of the frame.
    slices, groups
        The columns kept beside the predictions.
    latency_ms
        Median time of one single-row prediction.
    """

    name: str
    digest: str
    rows: int
    metrics: Mapping[str, float]
    dataset: str = ""
    slices: tuple[str, ...] = ()
    groups: str = ""
    latency_ms: float | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRecord:
    """A stored skew check.

    Attributes
    ----------
    seq, happened_at, ref
        Its event, when (UTC), of which version.
    verdict, ok
        The report's.
    report, profile
        Digests of the report and of the serving side's profile.
    serving
        What was checked, in words.
    muted_until
        Where the findings were acknowledged: the first day on which one of these
        acknowledgements ends, as "2026-12-31"; else "".
    is_partial
        True if a column that the version reads was not looked at, as was asked.
    """

    seq: int
    happened_at: datetime
    ref: str
    verdict: str
    ok: bool
    report: str
    profile: str
    serving: str
    muted_until: str = ""
    is_partial: bool = False

    @property
    def outcome(self) -> str:
        """The verdict, and until when its findings are muted, if they are."""
        muted = f", muted until {self.muted_until}" if self.muted_until else ""
        return f"{self.verdict}{muted}"

    def to_dict(self) -> dict[str, Any]:
        """Return the check as plain values."""
        return {
            "seq": self.seq,
            "happened_at": self.happened_at.isoformat(),
            "ref": self.ref,
            "verdict": self.verdict,
            "ok": self.ok,
            "muted_until": self.muted_until,
            "is_partial": self.is_partial,
            "serving": self.serving,
            "report": self.report,
            "profile": self.profile,
        }

    def __repr__(self) -> str:
        from nbmlops.registry.summary_view import check_text

        return check_text(self)

    def _repr_html_(self) -> str:
        from nbmlops.registry.summary_view import check_html

        return check_html(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelVersion:
    """An immutable numbered entry under a model's name.

    Attributes
    ----------
    name, number
        The model, and which of its versions.
    created_at, author, description
        When (UTC), who claims to have made it, and what it is.
    tags, aliases
        As they were when this object was read.
    metrics
        Of its own evaluation "test", else of its newest one; by name.
    reported
        Numbers that were reported at registration, not computed here.
    params
        `get_params()` as text, and what `params=` added.
    task
        "binary", "multiclass", "regression" ...
    target, classes
        The target columns; the classes in the estimator's order.
    signature
        The columns that the model reads.
    digest, size, flavor
        SHA-256 of the artifact, its bytes, and its format: "skops" or "joblib".
    estimator
        "Pipeline: StandardScaler, LogisticRegression".
    source
        Git commit and whether the tree was dirty; notebook and cell, or script.
    environment
        Python, platform, and package versions.
    datasets
        The frames: role, description, rows, content digest.
    evaluations
        The newest of each name.
    parent
        The ref from which it was made, or "".
    """

    name: str
    number: int
    created_at: datetime
    author: str
    description: str
    tags: Mapping[str, str]
    aliases: tuple[str, ...]
    metrics: Mapping[str, float]
    reported: Mapping[str, float]
    params: Mapping[str, str]
    task: str
    target: tuple[str, ...]
    classes: tuple[Any, ...]
    signature: Signature
    digest: str
    size: int
    flavor: str
    estimator: str
    source: Mapping[str, Any]
    environment: Mapping[str, Any]
    datasets: tuple[Mapping[str, Any], ...]
    evaluations: tuple[EvaluationRecord, ...]
    attachments: Mapping[str, str]
    notes: tuple[str, ...]
    parent: str
    profile_digest: str | None
    is_deleted: bool = False
    read_profile: Callable[[str], Profile] = field(repr=False, compare=False)

    @property
    def ref(self) -> str:
        """The version's own ref: `name/number`."""
        return f"{self.name}/{self.number}"

    @property
    def profile(self) -> Profile | None:
        """The training profile, read from its artifact; None if there was no train."""
        if self.profile_digest is None:
            return None
        return self.read_profile(self.profile_digest)

    def evaluation(self, name: str) -> EvaluationRecord | None:
        """Return the newest evaluation of that name."""
        return next((e for e in self.evaluations if e.name == name), None)

    def to_dict(self) -> dict[str, Any]:
        """Return the version as plain values."""
        return {
            "ref": self.ref,
            "name": self.name,
            "number": self.number,
            "created_at": self.created_at.isoformat(),
            "author": self.author,
            "description": self.description,
            "tags": dict(self.tags),
            "aliases": list(self.aliases),
            "metrics": dict(self.metrics),
            "reported": dict(self.reported),
            "params": dict(self.params),
            "task": self.task,
            "target": list(self.target),
            "classes": list(self.classes),
            "signature": self.signature.to_dict(),
            "digest": self.digest,
            "size": self.size,
            "flavor": self.flavor,
            "estimator": self.estimator,
            "source": dict(self.source),
            "environment": dict(self.environment),
            "datasets": [dict(d) for d in self.datasets],
            "evaluations": [
                {"name": e.name, "rows": e.rows, "metrics": dict(e.metrics)}
                for e in self.evaluations
            ],
            "attachments": dict(self.attachments),
            "notes": list(self.notes),
            "parent": self.parent,
        }

    def __repr__(self) -> str:
        from nbmlops.registry.view import version_text

        return version_text(self)

    def _repr_html_(self) -> str:
        from nbmlops.registry.view import version_html

        return version_html(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A name with its versions, summed up.

    Attributes
    ----------
    name, created_at
        The model, and when its first version was registered (UTC).
    versions
        How many there are, deleted ones left out.
    newest
        The highest number; None if all are deleted.
    aliases
        Version numbers by alias.
    """

    name: str
    created_at: datetime
    versions: int
    newest: int | None
    aliases: Mapping[str, int]

    def to_dict(self) -> dict[str, Any]:
        """Return the model as plain values."""
        return {
            "name": self.name,
            "created_at": self.created_at.isoformat(),
            "versions": self.versions,
            "newest": self.newest,
            "aliases": dict(self.aliases),
        }

    def __repr__(self) -> str:
        from nbmlops.registry.summary_view import model_text

        return model_text(self)

    def _repr_html_(self) -> str:
        from nbmlops.registry.summary_view import model_html

        return model_html(self)
