"""The registry as users hold it: one short method per verb, each a delegation."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from nbmlops.compare.comparison import Comparison
from nbmlops.evaluate.evaluation import Evaluation
from nbmlops.frames.opening import read_what_is_whole
from nbmlops.gate import approvals, promotion
from nbmlops.gate.access import check_access
from nbmlops.gate.approval_state import ApprovalRequest
from nbmlops.gate.results import GateResult, Promotion
from nbmlops.gate.tenure import Tenure, tenure
from nbmlops.lifecycle import browse, change, check, data, decided, hooks
from nbmlops.lifecycle.attachment import Attachment, attachment
from nbmlops.lifecycle.card import Card, card
from nbmlops.lifecycle.compare import compare
from nbmlops.lifecycle.environment import Requirements, restore_env
from nbmlops.lifecycle.evaluate import evaluate
from nbmlops.lifecycle.gc import Garbage, gc
from nbmlops.lifecycle.import_mlflow import import_mlflow
from nbmlops.lifecycle.load import load
from nbmlops.lifecycle.register import register
from nbmlops.lifecycle.reproduce import reproduce
from nbmlops.lifecycle.reproduction import Reproduction
from nbmlops.lifecycle.status import Status, status
from nbmlops.lifecycle.verify_load import LoadProof, verify_load
from nbmlops.profiles.building import build_profile
from nbmlops.profiles.profile import Profile
from nbmlops.refs import CHAMPION
from nbmlops.registry.audit.events import Event
from nbmlops.registry.audit.keys import SigningKey, make_key, own_key
from nbmlops.registry.audit.oms import export_oms
from nbmlops.registry.audit.redaction import redact
from nbmlops.registry.audit.report import audit_report
from nbmlops.registry.audit.signing import sign, sign_head
from nbmlops.registry.audit.verification import Verification, verify
from nbmlops.registry.hooks import callbacks
from nbmlops.registry.lineage.datasets import Dataset
from nbmlops.registry.lineage.values import Lineage
from nbmlops.registry.models.sbom import BillOfMaterials, bill_of_materials
from nbmlops.registry.moving.backup import backup, recover
from nbmlops.registry.moving.bundle import export
from nbmlops.registry.moving.importing import import_
from nbmlops.registry.moving.receipt import Receipt
from nbmlops.registry.place import Place, open_place
from nbmlops.registry.records import CheckRecord, Model, ModelVersion
from nbmlops.registry.search.running import search, search_fields
from nbmlops.skew.check_frames import check_frames
from nbmlops.skew.parity.judge import add_parity, open_rows
from nbmlops.skew.report import SkewReport
from nbmlops.skew.weights import ImportanceWeights
from nbmlops.skew.weights import importance_weights as weights_of


def open_registry(
    location: str | Path | None = None,
    *,
    actor: str | None = None,
    read_only: bool = False,
) -> "Registry":
    """Open a registry; nothing is made until `init` or the first `register`.

    Parameters
    ----------
    location
        The `.nbmlops` folder itself. None takes `NBMLOPS_REGISTRY`, else
        `[tool.nbmlops] registry` in `pyproject.toml`, else the nearest `.nbmlops`
        upward, else `./.nbmlops`.
    actor
        Who acts; None takes `NBMLOPS_ACTOR`, else git's `user.email`, else the login.
    read_only
        True refuses every change, takes no lock and upgrades no older registry. Where
        nothing can be written, reading works without it too.

    Returns
    -------
    Registry
        Ready to use.
    """
    return Registry(open_place(location, actor=actor, read_only=read_only))


def check_skew(
    reference: Any,
    serving: Any,
    *,
    weight: str | None = None,
    key: str | Sequence[str] | None = None,
    time: str | None = None,
    columns: Sequence[str] | None = None,
    joint: bool = False,
    tolerance: float = 0.1,
    alpha: float = 0.05,
) -> SkewReport:
    """Judge a serving frame against a reference, without a registry.

    Parameters
    ----------
    reference
        A frame, or a Profile.
    serving
        A frame, a file, or a Profile.
    weight
        The serving column with 1 / each row's sampling probability.
    key
        The column or columns that say which rows of both sides are the same: these are
        compared value by value.
    time
        The column that says when a row was served; with `key` the newest reference row
        that is not later is taken, where the reference has that column too.
    columns
        Only these.
    joint
        Also look for a shift of the columns together, which takes rows of both sides.
    tolerance
        The Jensen-Shannon distance that does not matter, 0 to 1.
    alpha
        The share of checks without any drift that may find some.

    Returns
    -------
    SkewReport
        Columns worst first.
    """

    def judged(served: Any) -> SkewReport:
        report = check_frames(
            reference,
            served,
            weight=weight,
            time=time,
            columns=columns,
            joint=joint,
            tolerance=tolerance,
            alpha=alpha,
        )
        if key is None:
            return report
        return add_parity(
            report,
            open_rows(reference, what="reference"),
            open_rows(served, what="serving frame"),
            key=key,
            time=time,
            columns=columns,
            ignore=[weight] if weight else [],
        )

    return read_what_is_whole(serving, judged, what="serving frame")


def importance_weights(
    reference: Any,
    serving: Any,
    *,
    columns: Sequence[str] | None = None,
    weight: str | None = None,
) -> ImportanceWeights:
    """Weigh training rows by how much more often serving has their like.

    Parameters
    ----------
    reference
        The training rows.
    serving
        What is served now.
    columns
        By which columns; all that both sides have when None. Leave out the target.
    weight
        The serving column with 1 / each row's sampling probability.

    Returns
    -------
    ImportanceWeights
        `.weights` is for `fit(sample_weight=...)`; `.effective_rows` and `.warning`
        say whether to rely on them.
    """
    return weights_of(reference, serving, columns=columns, weight=weight)


def profile(
    frame: Any, *, weight: str | None = None, time: str | None = None
) -> Profile:
    """Sum a frame up column by column; no row of it is kept.

    Parameters
    ----------
    frame
        Any frame or file.
    weight
        A column of row weights.
    time
        The column that says when each row was made.

    Returns
    -------
    Profile
        `p + q` merges two.
    """
    return build_profile(frame, weight=weight, time=time)


class Registry:
    """A place that holds models, and every verb on it.

    `open_registry` makes one. The methods' full descriptions are those of the
    functions they call, and of `%mlops VERB --help`.
    """

    def __init__(self, place: Place) -> None:
        self._place = place

    @property
    def location(self) -> Path:
        """The registry's folder."""
        return self._place.folder

    @property
    def actor(self) -> str:
        """Who acts, as the audit trail will say."""
        return self._place.actor

    def __repr__(self) -> str:
        return f"<Registry {self.location}>"

    def _for(self, verb: str, *subjects: object) -> Place:
        """Return the place once the policy's [access] lets the actor do this there."""
        check_access(self._place, verb, *subjects)
        return self._place

    def init(self) -> Status:
        """Make the registry if it does not exist yet, and say what is in it."""
        return change.init(self._place)

    def register(
        self,
        model: Any,
        name: str,
        *,
        train: Any = None,
        target: str | Sequence[str] | None = None,
        test: Any = None,
        weight: str | None = None,
        groups: str | None = None,
        task: str | None = None,
        slices: Sequence[str] | None = None,
        metrics: Mapping[str, Any] | None = None,
        params: Mapping[str, Any] | None = None,
        description: str = "",
        tags: Mapping[str, Any] | None = None,
        parent: str | None = None,
        input_example: Any = None,
        attach: Sequence[str | Path] = (),
        trust: Sequence[str] = (),
    ) -> ModelVersion:
        """Register a fitted estimator as the model's next version."""
        return register(
            self._for("register", name),
            model,
            name,
            train=train,
            target=target,
            test=test,
            weight=weight,
            groups=groups,
            task=task,
            slices=slices,
            metrics=metrics,
            params=params,
            description=description,
            tags=tags,
            parent=parent,
            input_example=input_example,
            attach=attach,
            trust=trust,
        )

    def evaluate(
        self,
        ref: str,
        data: Any,
        *,
        target: str | Sequence[str] | None = None,
        weight: str | None = None,
        slices: Sequence[str] | None = None,
        groups: str | None = None,
        metrics: Mapping[str, Any] | None = None,
        name: str = "test",
    ) -> Evaluation:
        """Evaluate a version on a frame, and keep the rows for comparisons."""
        return evaluate(
            self._for("evaluate", ref),
            ref,
            data,
            target=target,
            weight=weight,
            slices=slices,
            groups=groups,
            metrics=metrics,
            name=name,
        )

    def models(self) -> list[Model]:
        """List the models, the one that changed last first."""
        return browse.models(self._for("models"))

    def versions(self, name: str) -> list[ModelVersion]:
        """List a model's versions, newest first."""
        return browse.versions(self._for("versions", name), name)

    def get(
        self, ref: str, *, as_of: str | date | datetime | None = None
    ) -> ModelVersion:
        """Return the version that a ref means, or meant then."""
        return browse.get(self._for("show", ref), ref, as_of=as_of)

    def card(
        self,
        ref: str,
        *,
        as_of: str | date | datetime | None = None,
        out: str | Path | None = None,
    ) -> Card:
        """Make a version's model card: what it is for, how good, and its limits."""
        return card(self._for("card", ref), ref, as_of=as_of, out=out)

    def attachment(
        self, ref: str, name: str, *, out: str | Path | None = None
    ) -> Attachment:
        """Read a file that was attached to a version; its digest is verified first."""
        return attachment(self._for("attachment", ref), ref, name, out=out)

    def search(self, query: str, *, limit: int | None = None) -> list[ModelVersion]:
        """Find the versions that a query is true of, newest first."""
        return search(self._for("search"), query, limit=limit)

    def search_fields(self) -> list[str]:
        """List what a query can name: fields, and this registry's metrics and tags."""
        return search_fields(self._for("search"))

    def load(
        self,
        ref: str,
        *,
        trust: Sequence[str] = (),
        allow_version_mismatch: bool = False,
    ) -> Any:
        """Load a version's estimator; its digest is verified first."""
        return load(
            self._for("load", ref),
            ref,
            trust=trust,
            allow_version_mismatch=allow_version_mismatch,
        )

    def verify_load(self, ref: str, *, trust: Sequence[str] = ()) -> LoadProof:
        """Prove that a version loads here and answers its example as it did."""
        return verify_load(self._for("verify-load", ref), ref, trust=trust)

    def sbom(self, ref: str, *, out: str | Path | None = None) -> BillOfMaterials:
        """List what a version was made with, as CycloneDX 1.6."""
        return bill_of_materials(self._for("sbom", ref).version(ref), out=out)

    def reproduce(
        self, ref: str, *, timeout: float = 600.0, trust: Sequence[str] = ()
    ) -> Reproduction:
        """Run what made a version again, and say how far the result agrees."""
        place = self._for("reproduce", ref)
        return reproduce(place, ref, timeout=timeout, trust=trust)

    def restore_env(self, ref: str, path: str | Path | None = None) -> Requirements:
        """Write what a version was made with as requirements that pip installs."""
        return restore_env(self._for("restore-env", ref), ref, path)

    def compare(
        self,
        *refs: str,
        data: Any = None,
        target: str | Sequence[str] | None = None,
        groups: str | None = None,
        slices: Sequence[str] | None = None,
    ) -> Comparison:
        """Compare versions: metrics with intervals, data, parameters, environment."""
        return compare(
            self._for("compare", *refs),
            *refs,
            data=data,
            target=target,
            groups=groups,
            slices=slices,
        )

    def check_skew(
        self,
        ref: str,
        serving: Any = None,
        *,
        reference: Any = None,
        weight: str | None = None,
        key: str | Sequence[str] | None = None,
        time: str | None = None,
        target: str | None = None,
        columns: Sequence[str] | None = None,
        labels: Any = None,
        since: str | date | datetime | None = None,
        until: str | date | datetime | None = None,
        joint: bool = False,
        tolerance: float = 0.1,
        alpha: float = 0.05,
    ) -> SkewReport:
        """Judge a serving frame against the version's training profile; store it."""
        judged = partial(
            check.check_skew,
            self._for("skew", ref),
            ref,
            reference=reference,
            weight=weight,
            key=key,
            time=time,
            target=target,
            columns=columns,
            labels=labels,
            since=since,
            until=until,
            joint=joint,
            tolerance=tolerance,
            alpha=alpha,
        )
        return read_what_is_whole(serving, judged, what="serving frame")

    def checks(self, name: str) -> list[CheckRecord]:
        """List a model's stored skew checks, newest first."""
        return browse.checks(self._for("checks", name), name)

    def acknowledge(
        self, ref: str, column: str, *, until: str | date | datetime, reason: str
    ) -> Event:
        """Mute the findings in one column until a day."""
        return decided.acknowledge(
            self._for("acknowledge", ref), ref, column, until=until, reason=reason
        )

    def rebaseline(self, ref: str, frame: Any, *, reason: str) -> Profile:
        """Accept a frame as the new reference of a version's checks."""
        return decided.rebaseline(
            self._for("rebaseline", ref), ref, frame, reason=reason
        )

    def gates(
        self, ref: str, alias: str = CHAMPION, *, trust: Sequence[str] = ()
    ) -> tuple[GateResult, ...]:
        """Judge a version's gates without moving anything."""
        return promotion.gates(self._for("gates", ref), ref, alias, trust=trust)

    def request(
        self, ref: str, alias: str = CHAMPION, *, reason: str = ""
    ) -> ApprovalRequest:
        """Ask that a version be approved for an alias."""
        return approvals.request(self._for("request", ref), ref, alias, reason=reason)

    def approve(
        self, ref: str, *, alias: str | None = None, reason: str = ""
    ) -> ApprovalRequest:
        """Approve a version for what was asked, as it is now."""
        return approvals.approve(
            self._for("approve", ref), ref, alias=alias, reason=reason
        )

    def reject(
        self, ref: str, *, alias: str | None = None, reason: str = ""
    ) -> ApprovalRequest:
        """Reject what was asked for a version, or withdraw it."""
        return approvals.reject(self._place, ref, alias=alias, reason=reason)

    def approvals(self, name: str | None = None) -> list[ApprovalRequest]:
        """List the requests for approval and what became of them, newest first."""
        return approvals.approvals(self._for("approvals", name), name)

    def promote(
        self,
        ref: str,
        alias: str = CHAMPION,
        *,
        reason: str = "",
        force: bool = False,
        trust: Sequence[str] = (),
    ) -> Promotion:
        """Give a version an alias if its gates hold."""
        return promotion.promote(
            self._for("promote", ref),
            ref,
            alias,
            reason=reason,
            force=force,
            trust=trust,
        )

    def rollback(
        self,
        name: str,
        alias: str = CHAMPION,
        *,
        to: str | int | None = None,
        reason: str = "",
        trust: Sequence[str] = (),
    ) -> Promotion:
        """Undo the newest standing promotion."""
        return promotion.rollback(
            self._for("rollback", name), name, alias, to=to, reason=reason, trust=trust
        )

    def retire(self, name: str, alias: str = CHAMPION, *, reason: str) -> Promotion:
        """Take a model out of production."""
        return promotion.retire(self._for("retire", name), name, alias, reason=reason)

    def tenure(
        self,
        name: str,
        alias: str = CHAMPION,
        *,
        as_of: str | date | datetime | None = None,
    ) -> Tenure:
        """Say which version held an alias then, since when, by whom and why."""
        return tenure(self._for("tenure", name), name, alias, as_of=as_of)

    def alias(self, ref: str, alias: str) -> Event:
        """Point a free alias to a version; gated ones move by `promote`."""
        gated = promotion.gated_aliases(self._place)
        return change.alias(self._for("alias", ref), ref, alias, gated=gated)

    def unalias(self, name: str, alias: str) -> Event:
        """Take a free alias away."""
        gated = promotion.gated_aliases(self._place)
        return change.unalias(self._for("unalias", name), name, alias, gated=gated)

    def tag(self, ref: str, **tags: Any) -> Event:
        """Set tags of a version; None takes one away."""
        return change.tag(self._for("tag", ref), ref, tags)

    def note(self, ref: str, text: str) -> Event:
        """Add a note to a version."""
        return change.note(self._for("note", ref), ref, text)

    def describe(self, ref: str, text: str) -> Event:
        """Say, for people, what a version is, in place of what was said before."""
        return change.describe(self._for("describe", ref), ref, text)

    def delete(self, ref: str, *, reason: str = "") -> Event:
        """Delete a version: it is hidden, its bytes stay until `gc`."""
        return change.delete(self._for("delete", ref), ref, reason=reason)

    def restore(self, ref: str) -> Event:
        """Bring a deleted version back."""
        return change.restore(self._for("restore", ref), ref)

    def gc(self, dry_run: bool = True, *, older_than: str = "1h") -> Garbage:
        """List the artifacts that nothing needs; `dry_run=False` removes them."""
        return gc(self._for("gc"), dry_run, older_than=older_than)

    def dataset(
        self, frame: Any, name: str | None = None, *, description: str = ""
    ) -> Dataset:
        """Keep what is known of a frame, and give it a name; no row is kept."""
        return data.dataset(self._for("dataset"), frame, name, description=description)

    def datasets(self) -> list[Dataset]:
        """List the datasets that were trained, judged on or named, newest first."""
        return data.datasets(self._for("datasets"))

    def lineage(
        self,
        subject: str | Dataset | ModelVersion,
        *,
        out: str | Path | None = None,
    ) -> Lineage:
        """Follow a version or a dataset to where it came from, and what came of it."""
        return data.lineage(self._for("lineage", subject), subject, out=out)

    def history(
        self, name: str | None = None, *, out: str | Path | None = None
    ) -> browse.History:
        """List what was done, newest first; to one model, or to all."""
        return browse.history(self._for("history", name), name, out=out)

    def verify(self, *, head: str | None = None, repair: bool = False) -> Verification:
        """Re-hash the audit trail and every artifact, and replay the tables."""
        return verify(self._place, head=head, repair=repair)

    def audit_report(self, name: str, path: str | Path) -> Path:
        """Write all that an auditor asks of a model as one HTML file."""
        return audit_report(self._for("audit-report", name), name, path)

    def export_oms(self, ref: str, path: str | Path, *, key: str | Path) -> Path:
        """Write a version as a folder that OpenSSF model signing verifies."""
        return export_oms(self._for("export-oms", ref), ref, path, key=key)

    def key(self, *, new: bool = False) -> SigningKey:
        """Show this user's signing key, or make one."""
        return make_key() if new else own_key()

    def sign(self, ref: str) -> Event:
        """Sign a version's manifest with this user's key."""
        return sign(self._for("sign", ref), ref)

    def sign_head(self) -> str:
        """Sign the newest event's number and hash, to be kept elsewhere."""
        return sign_head(self._place)

    def redact(self, event: Event | int, *, reason: str) -> Event:
        """Drop the actor and the free text of one event; the chain still verifies."""
        return redact(self._for("redact"), event, reason=reason)

    def on(self, verb: str, callback: Callable[[Event], object]) -> Callable[[], None]:
        """Call a function with each event of a verb; what is returned ends it."""
        return callbacks.on(self.location, verb, callback)

    def webhooks(self) -> list[hooks.WebhookStatus]:
        """List the webhooks of the policy file, and how far each was told."""
        return hooks.webhooks(self._place)

    def export(self, ref: str, path: str | Path) -> Receipt:
        """Write a version, or a whole model, with its history to one file."""
        return export(self._for("export", ref), ref, path)

    def import_(
        self, path: str | Path, *, name: str | None = None
    ) -> list[ModelVersion]:
        """Bring in what `export` wrote; no alias moves."""
        permit = partial(self._for, "import")
        return import_(self._place, path, name=name, permit=permit)

    def import_mlflow(
        self,
        path: str | Path,
        *,
        artifacts: str | Path | None = None,
        models: Sequence[str] = (),
        trust: Sequence[str] = (),
    ) -> list[ModelVersion]:
        """Bring in the registered models of an MLflow store on sqlite."""
        return import_mlflow(
            self._place,
            path,
            artifacts=artifacts,
            models=models,
            trust=trust,
            ruled=promotion.ruled_aliases(self._place),
            permit=partial(self._for, "import"),
        )

    def backup(self, path: str | Path) -> Receipt:
        """Copy the whole registry while it is in use, and verify the copy."""
        return backup(self._for("backup"), path)

    def recover(self, path: str | Path) -> Receipt:
        """Fill this place, which must be empty, from a backup."""
        return recover(self._for("recover"), path)

    def status(self) -> Status:
        """Say what is in the registry, and what needs attention."""
        return status(self._place)

    def catalog(self) -> dict[str, pd.DataFrame]:
        """Return the tables as plain frames: copies, that nothing here depends on."""
        return browse.catalog(self._for("catalog"))
