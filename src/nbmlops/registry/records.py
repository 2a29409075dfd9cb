"""What the registry hands out: versions, models, evaluations and checks as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from nbmlops.profiles.profile import Profile
from nbmlops.registry.installed import package_name
from nbmlops.registry.signature import Signature

if TYPE_CHECKING:
    from nbmlops.registry.pages import Page, Stored

OWN_EVALUATION = "test"  # what `register` calls the evaluation on test=


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


class ModelVersion:
    """An immutable numbered entry under a model's name.

    It is a row of a page: what is asked of it is read then, if it was one of very many.
    Two are equal if they say the same.
    """

    __slots__ = ("_page", "_row")

    def __init__(self, page: "Page", row: int) -> None:
        self._page = page
        self._row = row

    @property
    def name(self) -> str:
        """The model."""
        return self._page.names[self._row]

    @property
    def number(self) -> int:
        """Which of the model's versions: from 1, never given again."""
        return self._page.numbers[self._row]

    @property
    def ref(self) -> str:
        """The version's own ref: `name/number`."""
        return f"{self.name}/{self.number}"

    @property
    def created_at(self) -> datetime:
        """When it was registered, in UTC."""
        return self._stored.created_at

    @property
    def author(self) -> str:
        """Who claims to have made it."""
        return self._stored.author

    @property
    def description(self) -> str:
        """What it is, for people."""
        return self._stored.description

    @property
    def tags(self) -> Mapping[str, str]:
        """As they were when this object was read."""
        return self._page.tags(self._row)

    @property
    def aliases(self) -> tuple[str, ...]:
        """As they were when this object was read."""
        return self._page.aliases(self._row)

    @property
    def metrics(self) -> Mapping[str, float]:
        """Of its own evaluation "test", else of its newest one; by name."""
        return dict(self._stored.metrics)

    @property
    def reported(self) -> Mapping[str, float]:
        """Numbers that were reported at registration, not computed here."""
        return dict(self._document["reported"])

    @property
    def params(self) -> Mapping[str, str]:
        """`get_params()` as text, and what `params=` added."""
        return dict(self._document["params"])

    @property
    def task(self) -> str:
        """One of "binary", "multiclass", "regression" ..."""
        return str(self._document["task"])

    @property
    def target(self) -> tuple[str, ...]:
        """The target columns."""
        return tuple(self._document["target"])

    @property
    def classes(self) -> tuple[Any, ...]:
        """The classes in the estimator's order."""
        found = self._document["classes"]
        return tuple(tuple(c) if isinstance(c, list) else c for c in found)

    @property
    def signature(self) -> Signature:
        """The columns that the model reads."""
        return Signature.from_dict(self._document["signature"])

    @property
    def digest(self) -> str:
        """SHA-256 of the artifact."""
        return self._stored.digest

    @property
    def size(self) -> int:
        """The artifact's bytes."""
        return self._stored.size

    @property
    def flavor(self) -> str:
        """The artifact's format: "skops" or "joblib"."""
        return str(self._document["flavor"])

    @property
    def estimator(self) -> str:
        """As in "Pipeline: StandardScaler, LogisticRegression"."""
        return str(self._document["estimator"])

    @property
    def source(self) -> Mapping[str, Any]:
        """Git commit and whether the tree was dirty; notebook and cell, or script."""
        return dict(self._document["source"])

    @property
    def environment(self) -> Mapping[str, Any]:
        """Python, platform, and package versions by the names that an index uses."""
        found = dict(self._document["environment"])
        packages = found.get("packages", {})
        found["packages"] = {package_name(n): v for n, v in packages.items()}
        return found

    @property
    def datasets(self) -> tuple[Mapping[str, Any], ...]:
        """The frames: role, description, rows, content digest."""
        return tuple(self._document["datasets"])

    @property
    def evaluations(self) -> tuple[EvaluationRecord, ...]:
        """The newest of each name."""
        return self._stored.evaluations

    @property
    def attachments(self) -> Mapping[str, str]:
        """Digests of the files kept with it, by name."""
        return dict(self._document["attachments"])

    @property
    def notes(self) -> tuple[str, ...]:
        """What was noted of it, oldest first."""
        return self._stored.notes

    @property
    def parent(self) -> str:
        """The ref from which it was made, or ""."""
        return self._document["parent"] or ""

    @property
    def example(self) -> Mapping[str, Any]:
        """Rows that are nobody's, with their answers; {} if there are none."""
        return dict(self._document.get("example") or {})

    @property
    def importance(self) -> tuple[Mapping[str, Any], ...]:
        """Mean increase of the loss on test, by feature: `feature mean low high`."""
        return tuple(self.importance_details.get("features", ()))

    @property
    def importance_details(self) -> Mapping[str, Any]:
        """How its importance was computed: `loss rows groups note features`, or {}."""
        return dict(self._document.get("importance") or {})

    @property
    def preparation(self) -> Mapping[str, Mapping[str, Any]]:
        """What its own first steps do to columns: `scaler` and `fill`, by column."""
        return dict(self._document.get("preparation") or {})

    @property
    def imported(self) -> Mapping[str, Any]:
        """Where it was brought in from; {} for one that was registered here."""
        return dict(self._document.get("imported") or {})

    @property
    def is_deleted(self) -> bool:
        """True for one that only `as_of` still finds."""
        return self._stored.is_deleted

    @property
    def profile(self) -> Profile | None:
        """The training profile, read from its artifact; None if there was no train."""
        digest = self._stored.profile
        return None if digest is None else self._page.source.read_profile(digest)

    @property
    def _stored(self) -> "Stored":
        return self._page.stored(self._row)

    @property
    def _document(self) -> Mapping[str, Any]:
        return self._stored.document

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
            "importance": [dict(f) for f in self.importance],
            "notes": list(self.notes),
            "parent": self.parent,
            "imported": dict(self.imported),
        }

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ModelVersion):
            return NotImplemented
        return self.to_dict() == other.to_dict()

    def __hash__(self) -> int:
        return hash(self.ref)

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
