"""Data as entries of the registry: named, listed, and followed to what came of it."""

from pathlib import Path
from typing import Any

from nbmlops.errors import NotFound, UsageError
from nbmlops.frames.opening import open_frame
from nbmlops.host import call
from nbmlops.lifecycle.frame_record import described
from nbmlops.refs import parse_ref
from nbmlops.registry import context, lookup
from nbmlops.registry.lineage import datasets as rows
from nbmlops.registry.lineage.datasets import Dataset
from nbmlops.registry.lineage.reading import follow
from nbmlops.registry.lineage.values import Lineage
from nbmlops.registry.place import Place
from nbmlops.registry.records import ModelVersion
from nbmlops.registry.unit import Unit


def dataset(
    place: Place, frame: Any, name: str | None = None, *, description: str = ""
) -> Dataset:
    """Keep what is known of a frame, and give it a name.

    No row is kept. A frame that was trained, evaluated or checked on is known already;
    with nothing new to say of it, nothing is written.

    Parameters
    ----------
    place
        The registry; made if it does not exist yet.
    frame
        A frame or file; or the digest, or at least 8 digits of it, or the name of a
        dataset that is known.
    name
        What to call it. A name that another dataset has moves on to this one; both keep
        it, and the newest is meant.
    description
        What it is, in words.

    Returns
    -------
    Dataset
        As it is now.

    Raises
    ------
    UsageError
        If the name or the frame cannot be used.
    """
    if name is not None:
        rows.check_dataset_name(name)
    if not isinstance(description, str):
        raise UsageError(
            f"the description is {description!r}", hint="describe it in words"
        )
    record = _known(place, frame)
    if record is None:
        source = open_frame(frame, what="dataset")
        record = described(source, variable=context.variable_of(frame))
        if record is None:
            raise UsageError(
                "a stream of rows can be read once only, so it is no dataset",
                hint="pass a table: reader.read_all()",
            )
    digest = record["digest"]
    detail = {"name": name or "", "description": description, "data": record}
    with place.catalog.writing(create=True) as writer:
        if _is_news(writer.unit, digest, name, description):
            writer.write("dataset", rows.subject(digest), detail)
        return rows.read_datasets(writer.unit, [digest])[0]


def datasets(place: Place) -> list[Dataset]:
    """List the datasets that the registry has seen, the last seen first."""
    with place.catalog.reading() as unit:
        return rows.read_datasets(unit)


def lineage(
    place: Place,
    subject: str | Dataset | ModelVersion,
    *,
    out: str | Path | None = None,
) -> Lineage:
    """Follow a version or a dataset back to where it came from, and on.

    Parameters
    ----------
    place
        The registry.
    subject
        A ref; a model's name, for all of its versions; a dataset's name or digest, or
        at least 8 digits of it. `dataset:NAME` where a model has the same name.
    out
        A file to write OpenLineage events into as well, one JSON object per line.

    Returns
    -------
    Lineage
        Data, runs, versions, and what became of them.

    Raises
    ------
    UsageError
        If the subject is neither of these.
    """
    if isinstance(subject, Dataset):
        subject = f"{rows.PREFIX}{subject.digest}"
    text = getattr(subject, "ref", subject)
    if not isinstance(text, str):
        raise UsageError(
            f"a lineage is of a ref or a dataset, not of a {type(subject).__name__}",
            hint=f"{call('dataset', 'FRAME')} gives what is known of a frame",
        )
    with place.catalog.reading() as unit:
        found = _followed(unit, text.strip())
    if out is not None:
        found.write_openlineage(out)
    return found


def _known(place: Place, frame: Any) -> dict[str, Any] | None:
    """Find a dataset by its digest or name; None for what is a frame or a file."""
    if isinstance(frame, Dataset):
        frame = frame.digest
    if not isinstance(frame, str) or not place.catalog.exists or Path(frame).exists():
        return None
    with place.catalog.reading() as unit:
        digest = _digests(unit, frame)[:1]
        found = rows.read_datasets(unit, digest)
    return {"digest": found[0].digest, "rows": found[0].rows} if found else None


def _is_news(unit: Unit, digest: str, name: str | None, description: str) -> bool:
    found = rows.read_datasets(unit, [digest])
    if not found or (description and description != found[0].description):
        return True
    return name is not None and rows.dataset_names(unit).get(name) != digest


def _digests(unit: Unit, subject: str) -> list[str]:
    """Find the datasets that a name or a digest means, the newest first."""
    text = subject.removeprefix(rows.PREFIX)
    if rows.is_digest(text):
        return [rows.find_digest(unit, text)]
    return rows.digests_named(unit, text)


def _followed(unit: Unit, text: str) -> Lineage:
    """Tell a ref from a model's name and from a dataset, and follow it."""
    if "/" in text or "@" in text:
        ref = parse_ref(text)
        if ref.number is None or lookup.is_deleted(unit, ref) is None:
            ref = lookup.resolve(unit, ref)
        return follow(unit, str(ref), refs=[str(ref)])
    models = lookup.model_names(unit)
    names = rows.dataset_names(unit)
    if text in models and text in names:
        raise UsageError(
            f"{text!r} is a model and a dataset",
            hint=f"write {text}/1 for a version, {rows.PREFIX}{text} for the dataset",
        )
    if text in models:
        numbers = reversed(lookup.live_numbers(unit, text))
        return follow(unit, text, refs=[f"{text}/{number}" for number in numbers])
    digests = _digests(unit, text)
    if not digests:
        known = [*models, *names]
        hint = "" if known else "nothing is registered yet"
        raise NotFound("model or dataset", text, known, hint=hint)
    shown = text.removeprefix(rows.PREFIX)
    shown = digests[0][: rows.SHORT] if rows.is_digest(shown) else shown
    return follow(unit, shown, digests=digests)
