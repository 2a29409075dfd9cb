"""A version's model card: what it is for, how good, on what, for whom, and its limits.

The sections are those of Mitchell et al. (2019), "Model Cards for Model Reporting", in
their order. All of it is derived from what the registry holds; what only a person can
say are three tags: `intended_use`, `out_of_scope` and `limits`.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast

from nbmlops.compare.alone import Alone, estimate
from nbmlops.display.document import Document, text
from nbmlops.display.saving import save_text
from nbmlops.errors import Tampered, UsageError
from nbmlops.evaluate.metrics import metrics_for
from nbmlops.evaluate.tasks import Task
from nbmlops.lifecycle.browse import get
from nbmlops.lifecycle.evaluate import read_scored
from nbmlops.registry.audit.signing import check_signatures
from nbmlops.registry.checks import muted_columns, stored_checks
from nbmlops.registry.lineage.datasets import Dataset, read_datasets
from nbmlops.registry.place import Place
from nbmlops.registry.records import (
    OWN_EVALUATION,
    CheckRecord,
    EvaluationRecord,
    ModelVersion,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What a model card of one version says.

    Attributes
    ----------
    version
        Which.
    evaluation
        The one that the figures are of: "test", else the newest; None without any.
    figures
        Its metrics and slices, with intervals.
    datasets
        What is known of the frames it was trained and tested on, by role.
    check
        Its newest skew check, if there was one.
    muted
        Columns whose findings are acknowledged: until when, and why.
    signed_by
        The keys that signed it.
    problems
        What was found damaged while reading.
    """

    version: ModelVersion
    evaluation: EvaluationRecord | None = None
    figures: Alone = field(default_factory=Alone)
    datasets: Mapping[str, Dataset] = field(default_factory=dict)
    check: CheckRecord | None = None
    muted: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    signed_by: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def document(self) -> Document:
        """The card in sections."""
        from nbmlops.lifecycle.card_document import card_document

        return card_document(self)

    def to_markdown(self) -> str:
        """Write the card as Markdown; it renders what users wrote as plain text."""
        from nbmlops.display.markdown import markdown

        return markdown(self.document)

    def to_dict(self) -> dict[str, Any]:
        """Return the card as plain values."""
        check = self.check
        return {
            "ref": self.version.ref,
            "version": self.version.to_dict(),
            "evaluation": self.evaluation and self.evaluation.name,
            "metrics": [asdict(metric) for metric in self.figures.metrics],
            "slices": [asdict(one) for one in self.figures.slices],
            "groups": self.figures.group_column,
            "datasets": {role: d.to_dict() for role, d in self.datasets.items()},
            "check": check and check.to_dict(),
            "muted": {name: list(said) for name, said in self.muted.items()},
            "signed_by": list(self.signed_by),
            "problems": list(self.problems),
        }

    def save(self, path: str | Path) -> Path:
        """Write the card to a file.

        Parameters
        ----------
        path
            Ends in .html, .md or .json: as what it is written.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        UsageError
            If the name ends otherwise.
        """
        path = Path(path)
        writers = {
            ".html": self._page,
            ".md": self.to_markdown,
            ".json": self._json,
        }
        if path.suffix not in writers:
            raise UsageError(
                f"a card cannot be written to {path.name!r}",
                hint=f"end the name in {', '.join(writers)}",
            )
        return save_text(path, writers[path.suffix]())

    def _json(self) -> str:
        return json.dumps(self.to_dict(), indent=2) + "\n"

    def _page(self) -> str:
        from nbmlops.display.document_html import document_html
        from nbmlops.display.theme import page

        return page(document_html(self.document), f"Model card of {self.version.ref}")

    def __repr__(self) -> str:
        return text(self.document)

    def _repr_html_(self) -> str:
        from nbmlops.display.document_html import document_html

        return document_html(self.document)


def card(
    place: Place,
    ref: str,
    *,
    as_of: str | date | datetime | None = None,
    out: str | Path | None = None,
) -> Card:
    """Make the model card of a version.

    Parameters
    ----------
    place
        The registry.
    ref
        Which version; a bare name means the champion, else the newest.
    as_of
        Which it meant then.
    out
        A file to write the card to as well: .html, .md or .json.

    Returns
    -------
    Card
        As things are now.
    """
    version = get(place, ref, as_of=as_of)
    newest = next(iter(version.evaluations), None)
    evaluation = version.evaluation(OWN_EVALUATION) or newest
    problems: list[str] = []
    figures = Alone()
    if evaluation is not None:
        try:
            scored = read_scored(place, evaluation)
            figures = estimate(scored, metrics_for(cast(Task, version.task)))
        except Tampered as error:
            problems.append(error.message)
    found = Card(
        version=version,
        evaluation=evaluation,
        figures=figures,
        **_recorded(place, version, problems),
    )
    if out is not None:
        found.save(out)
    return found


def _recorded(
    place: Place, version: ModelVersion, problems: list[str]
) -> dict[str, Any]:
    """Read what the catalog knows of a version beyond its own record."""
    digests = {entry["role"]: entry["digest"] for entry in version.datasets}
    with place.reading() as unit:
        known = {d.digest: d for d in read_datasets(unit, digests.values())}
        checks = stored_checks(unit, version.name)
        muted = muted_columns(unit, version.name, datetime.now(UTC))
        try:
            signers = check_signatures(unit, version)
        except Tampered as error:
            signers = frozenset()
            problems.append(error.message)
    return {
        "datasets": {r: known[d] for r, d in digests.items() if d in known},
        "check": next((c for c in checks if c.ref == version.ref), None),
        "muted": muted,
        "signed_by": tuple(sorted(signers)),
        "problems": tuple(problems),
    }
