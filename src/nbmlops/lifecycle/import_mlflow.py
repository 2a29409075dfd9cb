"""Bringing in the registered models of an MLflow store, with what made them.

A model in the skops format is kept as it is, and asked in quarantine what it is. A
pickle is kept as it is too, and not opened, unless the caller vouches for it by name:
then it is loaded in quarantine, and here if that goes well, and kept as skops.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from nbmlops.errors import AlreadyExists, NotAllowed, UsageError, suggestion, warn
from nbmlops.lifecycle.mlflow_version import Read, name_here, read_version
from nbmlops.lifecycle.vouching import read_vouched
from nbmlops.refs import ALIAS_NAME, NEWEST, Ref
from nbmlops.registry import lookup
from nbmlops.registry.catalog import Writer
from nbmlops.registry.moving.incoming import Planned, planned, prove, write
from nbmlops.registry.moving.mlflow_store import Stored, read_store
from nbmlops.registry.place import Place
from nbmlops.registry.records import ModelVersion
from nbmlops.registry.unit import Unit

_MOST_TOLD = 12


@dataclass(slots=True)
class _Brought:
    """What was read of a store: versions by the name that they get here.

    And in words what could not come along, and what is called otherwise here.
    """

    versions: dict[str, list[Read]]
    left_out: list[str]
    renamed: list[str]


def import_mlflow(
    place: Place,
    path: str | Path,
    *,
    artifacts: str | Path | None = None,
    models: Sequence[str] = (),
    trust: Sequence[str] = (),
    ruled: frozenset[str] = frozenset(),
    permit: Callable[[str], object] | None = None,
) -> list[ModelVersion]:
    """Bring in the registered models of scikit-learn that an MLflow store holds.

    Numbers, aliases, tags, descriptions, parameters, metrics (as reported) and files
    come along; moments, users and runs are kept as the origin. What is left out, or
    is called otherwise here, is said in a warning.

    Parameters
    ----------
    place
        The registry; made if it does not exist yet.
    path
        The store's sqlite file.
    artifacts
        The folder of its artifacts, or one above it; None means beside the store. No
        file outside of it is read.
    models
        Only these, by MLflow's names.
    trust
        MLflow's refs ("delays/2") or digests of what the caller vouches for.
    ruled
        The aliases that the policy has a rule for: none of them is moved.
    permit
        Called with the name of each model before anything is written; it may refuse.

    Returns
    -------
    list of ModelVersion
        Those that were new here, newest first. AlreadyExists if none is.
    """
    store = Path(path).expanduser()
    root = store.parent if artifacts is None else Path(artifacts).expanduser()
    chosen = _chosen(read_store(store), models)
    vouched = read_vouched(trust)
    place.catalog.check_makeable()
    brought = _read(chosen, store, root, trust=vouched)
    if permit is not None:
        for name in brought.versions:
            permit(name)
    plans = _plans(place, brought)
    for name, plan in plans.items():
        prove(plan)
        for read in brought.versions[name]:
            for data in read.files.values():
                place.artifacts.put(data)
    with place.catalog.writing(create=True) as writer:
        found = [
            version
            for name in plans
            for version in _write(place, writer, name, brought, ruled)
        ]
    _warn_of("left out", brought.left_out)
    _warn_of("called otherwise here", brought.renamed)
    return found


def _chosen(stored: list[Stored], models: Sequence[str]) -> list[Stored]:
    if not stored:
        raise UsageError(
            "the store has no registered model", hint="mlflow.register_model makes one"
        )
    known = {one.name for one in stored}
    for name in models:
        if name not in known:
            raise UsageError(
                f"the store has no model {name!r}", hint=suggestion(name, known)
            )
    return [one for one in stored if not models or one.name in models]


def _read(
    chosen: list[Stored], store: Path, root: Path, *, trust: Sequence[str]
) -> _Brought:
    versions: dict[str, list[Read]] = defaultdict(list)
    left_out: list[str] = []
    renamed: list[str] = []
    for name, group in groupby(chosen, key=lambda stored: stored.name):
        here = name_here(name)
        if not here or here.casefold() in map(str.casefold, versions):
            left_out.append(f"{name!r}: it cannot have a name of its own here")
            continue
        if here != name:
            renamed.append(f"{name!r} is {here}")
        for stored in group:
            try:
                read = read_version(stored, store, root, trust=trust)
            except NotAllowed as error:
                left_out.append(error.message)
            else:
                versions[here].append(read)
    if not versions:
        raise UsageError(
            f"nothing can be brought in: {'; '.join(left_out[:3])}",
            hint="--artifacts names the folder that holds the models",
        )
    return _Brought(versions=dict(versions), left_out=left_out, renamed=renamed)


def _plans(place: Place, brought: _Brought) -> dict[str, Planned]:
    if not place.catalog.exists:
        return dict(_planned(None, brought))
    with place.catalog.reading() as unit:
        return dict(_planned(unit, brought))


def _planned(unit: Unit | None, brought: _Brought) -> Iterator[tuple[str, Planned]]:
    """Plan each model; those of which all is here are passed over if others are not."""
    known: list[AlreadyExists] = []
    for name, versions in brought.versions.items():
        try:
            yield name, planned(unit, name, [read.incoming for read in versions])
        except AlreadyExists as error:
            known.append(error)
    if len(known) == len(brought.versions):
        raise known[0]


def _write(
    place: Place, writer: Writer, name: str, brought: _Brought, ruled: frozenset[str]
) -> list[ModelVersion]:
    reads = brought.versions[name]
    is_new = lookup.new_number(writer.unit, name) == 1
    plan = planned(writer.unit, name, [read.incoming for read in reads])
    written = write(place, writer, plan)
    brought.renamed += [
        f"{version.imported['ref']} is {version.ref}"
        for version in reversed(written)
        if not version.imported["ref"].endswith(f"/{version.number}")
    ]
    if not is_new:
        if any(read.aliases for read in reads):
            brought.left_out.append(
                f"the aliases of {name}: it was here before, so its own stay"
            )
        return written
    for read in reads:
        ref = Ref(name, number=read.incoming.number)
        for alias in read.aliases:
            if not ALIAS_NAME.match(alias) or alias == NEWEST:
                brought.left_out.append(f"the alias {alias!r} of {ref}: no alias here")
            elif alias in ruled:
                brought.left_out.append(
                    f"the alias {alias!r} of {ref}: the policy has a rule for it, so "
                    "promote it"
                )
            else:
                writer.move_alias(ref, alias, "alias", {"imported": True})
    return [place.version_in(writer.unit, version.ref) for version in written]


def _warn_of(what: str, said: Sequence[str]) -> None:
    if said:
        rest = len(said) - _MOST_TOLD
        more = f"; and {rest:,} more" if rest > 0 else ""
        warn(f"{what}: {'; '.join(said[:_MOST_TOLD])}{more}")
