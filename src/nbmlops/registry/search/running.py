"""Searching: a query's text in, the versions that it is true of out."""

from nbmlops.errors import UsageError
from nbmlops.registry import pages
from nbmlops.registry.place import Place
from nbmlops.registry.records import ModelVersion
from nbmlops.registry.search.compiling import Compiler
from nbmlops.registry.search.fields import candidates
from nbmlops.registry.search.language import parse

_SELECTED = """
select v.name, v.number, v.seq
from model_version v
where v.deleted_at is null
"""
_NEWEST_FIRST = "order by v.seq desc limit $most"
_ALL = 2**62


def search(place: Place, query: str, *, limit: int | None = None) -> list[ModelVersion]:
    """Find the versions that a query is true of.

    Parameters
    ----------
    place
        The registry.
    query
        As in "metrics.roc_auc > 0.7 and tags.team = 'ops'".
    limit
        At most so many, at least 1.

    Returns
    -------
    list of ModelVersion
        Newest first, deleted ones left out.

    Raises
    ------
    UsageError
        If the query cannot be read, or the limit is none.
    """
    if not isinstance(query, str):
        raise UsageError(f"{query!r} is no query", hint="search(\"author ~ 'ana'\")")
    if limit is not None and limit < 1:
        raise UsageError(f"at most {limit} versions are none", hint="limit=20")
    parsed = parse(query)
    with place.reading() as unit:
        compiler = Compiler(unit, query)
        sql = f"{_SELECTED} and ({compiler.condition(parsed)}) {_NEWEST_FIRST}"
        most = _ALL if limit is None else limit
        return pages.selected(unit, place, sql, **compiler.parameters, most=most)


def search_fields(place: Place) -> list[str]:
    """List the fields that a query can name, with this registry's metrics and tags."""
    with place.reading() as unit:
        return list(candidates(unit))
