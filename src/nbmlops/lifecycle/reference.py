"""The rows behind a version's reference, while they are still what they were."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from nbmlops.errors import NotFound, UsageError
from nbmlops.frames.files import file_source, files_source
from nbmlops.frames.fingerprints import content_digest
from nbmlops.frames.opening import open_frame
from nbmlops.frames.source import Source
from nbmlops.host import option
from nbmlops.profiles.profile import Profile
from nbmlops.refs import parse_ref
from nbmlops.registry.checks import accepted_baseline, accepted_data
from nbmlops.registry.place import Place
from nbmlops.registry.records import ModelVersion


def reference_rows(place: Place, version: ModelVersion, given: Any = None) -> Source:
    """Open the rows that a check by row compares serving with.

    Parameters
    ----------
    place
        The registry.
    version
        Which version.
    given
        A frame to compare with. None takes the accepted reference, else what the
        version was trained on, from the recorded files or query, if their content
        still has the recorded digest.

    Returns
    -------
    Source
        The rows.

    Raises
    ------
    UsageError
        If there are no such rows any more, or a profile was given, which has none.
    """
    if isinstance(given, Profile):
        raise UsageError(
            "the reference is a profile, and no row can be told from a profile",
            hint=_give(),
        )
    if given is not None:
        return open_frame(given, what="reference")
    recorded, shown = _recorded(place, version)
    source = _opened(version, recorded["source"], shown)
    if content_digest(source) != recorded["digest"]:
        raise UsageError(
            f"{source.description} no longer holds {shown}"
            f"{_difference(source, recorded)}",
            hint=_give(),
        )
    return source


def _recorded(place: Place, version: ModelVersion) -> tuple[Mapping[str, Any], str]:
    """Find what is recorded of the reference's frame, and what that is in words."""
    ref = parse_ref(version.ref)
    with place.reading() as unit:
        is_accepted = accepted_baseline(unit, ref) is not None
        recorded: Mapping[str, Any] | None = accepted_data(unit, ref)
    shown = f"what was accepted as the reference of {version.ref}"
    if not is_accepted:
        shown = f"what {version.ref} was trained on"
        recorded = next((d for d in version.datasets if d["role"] == "train"), None)
    if recorded is None:
        raise UsageError(
            f"nothing is recorded of the rows of {shown}"
            if is_accepted
            else f"{version.ref} was registered without train=: no rows are known",
            hint=_give(),
        )
    return recorded, shown


def _opened(version: ModelVersion, source: Mapping[str, Any], shown: str) -> Source:
    """Open the recorded files, or run the recorded query again."""
    if source.get("query"):
        return _queried(version, source["query"], shown)
    if not source.get("files"):
        variable = source.get("variable")
        named = f"{source['frame']} {variable!r}" if variable else source["frame"]
        raise UsageError(
            f"{shown} was a frame in memory ({named}): no row of it was kept",
            hint=_give(),
        )
    paths = [Path(file["path"]) for file in source["files"]]
    try:
        if source.get("more_files"):  # only the first are recorded: find all again
            return file_source(source["frame"])
        return files_source(paths, source["frame"])
    except (UsageError, NotFound) as error:
        raise UsageError(
            f"{shown} cannot be read: {error.message}", hint=_give()
        ) from None


def _queried(version: ModelVersion, query: str, shown: str) -> Source:
    """Run a recorded query again, if it only reads and is not another's."""
    if version.imported:
        raise UsageError(
            f"{version.ref} was imported: its query is not run here", hint=_give()
        )
    try:
        connection = duckdb.connect()
        found = connection.extract_statements(query)
        if [statement.type for statement in found] != [duckdb.StatementType.SELECT]:
            raise duckdb.ParserException("it is not one statement that selects")
        return open_frame(connection.sql(query), what="reference")
    except duckdb.Error as error:
        reason = str(error).partition("\n")[0]
        raise UsageError(
            f"{shown} was a query that cannot be run again: {reason}", hint=_give()
        ) from None


def _difference(source: Source, recorded: Mapping[str, Any]) -> str:
    """Say what changed, where it is plain to see."""
    missing = [name for name in recorded["columns"] if name not in source.columns]
    if missing:
        return f": it lacks the column {missing[0]!r}"
    if source.rows is not None and source.rows != recorded["rows"]:
        return f": it has {source.rows:,} rows, not {recorded['rows']:,}"
    return ""


def reference_profile(place: Place, version: ModelVersion) -> Profile | None:
    """Return what serving data are compared with: accepted, else trained on."""
    with place.catalog.reading() as unit:
        accepted = accepted_baseline(unit, parse_ref(version.ref))
    return place.read_profile(accepted) if accepted else version.profile


def _give() -> str:
    return f"give {option('reference')}, a frame or file with these rows"
