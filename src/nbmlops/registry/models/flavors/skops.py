"""skops files: no code of the file's author runs, and each type is on a list.

skops itself trusts every estimator of the installed scikit-learn. Here only what was
read (reviewed.py) passes unvouched, which is checked before skops sees the file.
"""

import io
import json
from collections.abc import Iterable, Mapping
from typing import Any
from zipfile import BadZipFile, ZipFile

import skops
from scipy.sparse import load_npz
from skops.io import dump, get_untrusted_types, loads
from skops.io.exceptions import UntrustedTypesFoundException

from nbmlops.errors import Untrusted
from nbmlops.registry.models.canonical import SCHEMA, Data, canonical
from nbmlops.registry.models.flavors.bounds import check_bounds
from nbmlops.registry.models.flavors.main import refuse_main
from nbmlops.registry.models.flavors.members import check_size
from nbmlops.registry.models.flavors.nodes import check_nodes, name_of, nodes_in
from nbmlops.registry.models.reviewed import COMPILED_TYPES, reviewed_types

# Of the reviewed ones, what skops does not list itself and most models need.
_USUAL = sorted(
    COMPILED_TYPES
    | {
        name
        for name in reviewed_types()
        if name.startswith(("sklearn._loss.", "sklearn.calibration._"))
    }
)
_SKLEARN = "sklearn."
_CHECKABLE = ("csc", "csr")
# What skops, and the constructors that it calls, raise on a file that nobody wrote so.
_UNSOUND = (
    AttributeError,
    BadZipFile,
    EOFError,
    ImportError,
    KeyError,
    RecursionError,
    TypeError,
    ValueError,
)


class _Members(dict[str, Data]):
    """The members of a skops file as they lie in memory, in the place of a zip."""

    writestr = dict.__setitem__
    namelist = dict.keys


def save(model: Any) -> bytes:
    """Write an estimator, the same model as the same bytes."""
    try:
        return canonical(*_taken(model))
    except Exception:
        # Of what is taken skops promises nothing, to a later version least: whatever
        # fails there, only its own file tells whether skops holds the model.
        return canonical(*_written(model))


def _taken(model: Any) -> tuple[Any, Mapping[str, Data]]:
    """Take what skops would write: half of its time is a file that we write anew."""
    from skops.io._utils import SaveContext, get_state  # private: may be gone one day

    members = _Members()
    context = SaveContext(zip_file=members)
    state = get_state(model, context)
    state["protocol"] = context.protocol
    state["_skops_version"] = skops.__version__
    return json.loads(json.dumps(state)), members  # as a reader would see it


def _written(model: Any) -> tuple[Any, Mapping[str, Data]]:
    """Read what skops writes."""
    file = io.BytesIO()
    dump(model, file)
    with ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    return json.loads(members[SCHEMA]), members


def load(data: bytes) -> Any:
    """Load a file that the reader vouches for, whatever types it wants."""
    # skops goes through the list for each node.
    text = ZipFile(io.BytesIO(data)).read(SCHEMA).decode()
    usual = [name for name in _USUAL if name.rpartition(".")[2] in text]
    try:
        return loads(data, trusted=usual)
    except UntrustedTypesFoundException:
        wanted = get_untrusted_types(data=data)
    refuse_main(wanted)
    return loads(data, trusted=wanted)


def load_reviewed(data: bytes, *, also: frozenset[str] = frozenset()) -> Any:
    """Load a file for which nobody vouches.

    Parameters
    ----------
    data
        The bytes, whoever wrote them.
    also
        Types that the reader trusts beside the reviewed ones.

    Returns
    -------
    object
        The estimator.

    Raises
    ------
    Untrusted
        If it wants other types, or is no sound file.
    """
    trusted = sorted(check_reviewed(data, also=also))
    try:
        model = loads(data, trusted=trusted)
        check_bounds(model)
    except _UNSOUND as error:
        raise Untrusted(_unsound(error)) from None
    return model


def check_reviewed(
    data: bytes, *, also: frozenset[str] = frozenset()
) -> frozenset[str]:
    """Look through a file for which nobody vouches; nothing of it is made.

    Parameters
    ----------
    data, also
        As in `load_reviewed`.

    Returns
    -------
    frozenset of str
        Those of the known types that the file wants.

    Raises
    ------
    Untrusted
        If it wants other types, or is no sound file.
    """
    check_size(data)
    known = reviewed_types() | also
    try:
        _check_sparse(data)
        schema = _schema(data)
        named = {name_of(node) for node in nodes_in(schema)}
        # skops has types that it trusts by itself, of scikit-learn all estimators.
        wanted = {t for t in named if t.startswith(_SKLEARN)}
        wanted.update(get_untrusted_types(data=data))
    except _UNSOUND as error:
        raise Untrusted(_unsound(error)) from None
    refused = wanted - known
    refuse_main(refused)
    if refused:
        raise Untrusted(unreviewed(refused))
    try:
        check_nodes(schema, vouched=also)
    except _UNSOUND as error:
        raise Untrusted(_unsound(error)) from None
    return frozenset(named & known)


def unreviewed(types: Iterable[str]) -> str:
    """Say which types nobody has reviewed, and which can crash a process."""
    compiled = sorted(COMPILED_TYPES.intersection(types))
    others = sorted(set(types) - COMPILED_TYPES)
    parts = []
    if others:
        parts.append(f"types that nobody has reviewed: {', '.join(others)}")
    if compiled:
        parts.append(
            f"compiled types, which can crash a process: {', '.join(compiled)}"
        )
    return f"loading would make {'; and '.join(parts)}"


def _check_sparse(data: bytes) -> None:
    """Refuse sparse matrices whose indices lie outside: scipy follows them blindly."""
    with ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            if name.endswith(".npz"):
                matrix = load_npz(io.BytesIO(archive.read(name)))
                if matrix.format not in _CHECKABLE:
                    raise ValueError(f"a sparse matrix of format {matrix.format}")
                matrix.check_format(full_check=True)


def _schema(data: bytes) -> Any:
    with ZipFile(io.BytesIO(data)) as archive:
        return json.loads(archive.read(SCHEMA))


def _unsound(error: Exception) -> str:
    return f"the artifact is no sound skops file: {error!r}"
