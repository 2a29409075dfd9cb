"""One version of an MLflow store as it will be written here: its bytes, its detail."""

import hashlib
import json
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from nbmlops.errors import NotAllowed, Untrusted, warn
from nbmlops.evaluate.tasks import UNSUPERVISED
from nbmlops.lifecycle.example import ATTACHMENT, as_read_by, example_bytes, series_of
from nbmlops.lifecycle.proof import NotLoadedError, prove
from nbmlops.lifecycle.quarantine import examine
from nbmlops.refs import MODEL_NAME
from nbmlops.registry.models.scanner import advice, scan
from nbmlops.registry.models.serialise import check, load, save
from nbmlops.registry.models.trust import reader_trust
from nbmlops.registry.moving.incoming import Incoming, Origin
from nbmlops.registry.moving.mlflow_model import Logged, files_of, logged_model
from nbmlops.registry.moving.mlflow_store import Stored
from nbmlops.registry.signature import Column, Signature

RUN = "mlflow-run.json"
PREFIX = "mlflow-"

_EXAMPLE = "input_example.json"
_MOST_BYTES = 2**24  # of a file that is kept beside a model
_UNKNOWN = "pickled model"


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A version, the bytes to keep for it by digest, and its aliases there."""

    incoming: Incoming
    files: Mapping[str, bytes]
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Model:
    """The bytes that are kept of a model, and what it said of itself."""

    data: bytes
    flavor: str
    facts: Mapping[str, Any]
    answers: Mapping[str, Any]
    note: str = ""


def name_here(name: str) -> str:
    """Give the name that a model of MLflow's has here; "" if nothing of it is left."""
    if MODEL_NAME.match(name):
        return name
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name)[:128].strip("-._")
    return plain if MODEL_NAME.match(plain) else ""


def read_version(
    stored: Stored, store: Path, root: Path, *, trust: Sequence[str]
) -> Read:
    """Read a version and its files; NotAllowed says why it cannot come along.

    Parameters
    ----------
    stored
        What the store says of it.
    store, root
        The store's file, and where its artifacts are.
    trust
        Refs of there, or digests, that the caller vouches for.

    Returns
    -------
    Read
        With nothing written yet.

    Raises
    ------
    NotAllowed
        If MLflow had not finished it, or its files cannot be had.
    """
    if not stored.is_ready:
        raise NotAllowed(f"{_ref(stored)} is not ready in MLflow")
    logged = logged_model(stored, root)
    rows = _example(logged)
    model = _model(stored, logged, rows, trust=trust)
    files = {**_beside(logged), RUN: _run(stored)}
    if rows is not None and model.answers:
        files[ATTACHMENT] = example_bytes(rows)
    attachments = {name: _digest(data) for name, data in files.items()}
    kept = {_digest(data): data for data in (model.data, *files.values())}
    incoming = Incoming(
        number=stored.number,
        detail=_detail(stored, logged, model, attachments),
        origin=Origin(
            ref=_ref(stored),
            author=stored.author,
            created_at=stored.created_at.isoformat(),
            event=_identity(stored),
            registry=f"MLflow's {store.name}",
            note=model.note,
        ),
        history={},
    )
    return Read(incoming=incoming, files=kept, aliases=stored.aliases)


def _detail(
    stored: Stored, logged: Logged, model: _Model, attachments: Mapping[str, str]
) -> dict[str, Any]:
    facts = model.facts
    signature = logged.signature
    if not signature.columns and facts.get("names"):
        columns = (Column(name=name, kind="unknown") for name in facts["names"])
        signature = replace(signature, columns=tuple(columns))
    answers = {"columns": None, "answers": dict(model.answers)}
    return {
        "description": stored.description,
        "tags": dict(stored.tags),
        "params": {**facts.get("params", {}), **stored.params},
        "reported": dict(stored.metrics),
        "task": facts.get("task", UNSUPERVISED),
        "target": [],
        "classes": facts.get("classes", []),
        "signature": signature.to_dict(),
        "estimator": facts.get("estimator")
        or stored.tags.get("estimator_name", _UNKNOWN),
        "digest": _digest(model.data),
        "size": len(model.data),
        "flavor": model.flavor,
        "profile": None,
        "example": answers if model.answers else None,
        "parent": None,
        "source": _source(stored),
        "environment": {
            "python": logged.python,
            "platform": "",
            "packages": dict(logged.packages),
        },
        "datasets": [],
        "attachments": dict(attachments),
    }


def _model(
    stored: Stored, logged: Logged, rows: pd.DataFrame | None, *, trust: Sequence[str]
) -> _Model:
    """Keep the bytes as they are, unless they are a pickle that is vouched for."""
    data = logged.file.read_bytes()
    flavor = "skops" if logged.is_skops else "joblib"
    is_named = not {_ref(stored), _digest(data)}.isdisjoint(trust)
    types = reader_trust().types
    if is_named:
        _scan(_ref(stored), data, flavor)
    else:
        try:
            check(data, flavor, types=types)
        except Untrusted:
            return _Model(data=data, flavor=flavor, facts={}, answers={})
    found = examine(
        _ref(stored),
        data,
        flavor,
        signature=logged.signature,
        rows=rows,
        is_trusted=is_named,
        types=types,
    )
    facts, answers = found["facts"], found["answers"]
    if logged.is_skops:
        return _Model(data=data, flavor=flavor, facts=facts, answers=answers)
    converted = _converted(data, rows, logged.signature)
    note = f"converted from the pickle {_digest(data)}, which the importer vouched for"
    return replace(converted, facts=facts, answers=answers, note=note)


def _scan(ref: str, data: bytes, flavor: str) -> None:
    """Say what a scanner finds in a pickle, and refuse one that it rejects."""
    findings = scan(data, flavor)
    if findings.dangerous:
        raise Untrusted(
            f"{ref} is a pickle that calls {', '.join(findings.dangerous)}: no model "
            "needs that",
            hint="leave it out of trust: it is then kept, and not opened",
        )
    if findings.lines:
        warn(advice(ref, "opened", findings))


def _converted(data: bytes, rows: pd.DataFrame | None, signature: Signature) -> _Model:
    """Load a pickle that passed the quarantine, and save it in the safest format."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of another version: the quarantine answered
        model = load(data, "joblib", is_trusted=True)
        saved = save(model)
        sample = None if rows is None else as_read_by(model, rows, signature)
        try:
            prove(model, saved, sample)
        except NotLoadedError:
            return _Model(data=data, flavor="joblib", facts={}, answers={})
    return _Model(data=saved.data, flavor=saved.flavor, facts={}, answers={})


def _example(logged: Logged) -> pd.DataFrame | None:
    """Read the input example, where it is a frame of the columns that were recorded."""
    path = logged.folder / _EXAMPLE
    if not path.is_file() or path.stat().st_size > _MOST_BYTES:
        return None
    try:
        said = json.loads(path.read_bytes())
        frame = pd.DataFrame(said["data"], columns=said["columns"])
        names = list(logged.signature.names)
        if frame.empty or not names:
            return None
        columns = logged.signature.columns
        return pd.DataFrame(
            {c.name: series_of(list(frame[c.name]), c.dtype) for c in columns}
        )[names]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None


def _beside(logged: Logged) -> dict[str, bytes]:
    """Read what lies beside the model: requirements, examples, its description."""
    return {
        f"{PREFIX}{name.replace('/', '-')}": path.read_bytes()
        for name, path in files_of(logged).items()
        if path.stat().st_size <= _MOST_BYTES
    }


def _run(stored: Stored) -> bytes:
    """Write all that the store says of a version as JSON."""
    said = {
        "model": stored.name,
        "version": stored.number,
        "created_at": stored.created_at.isoformat(),
        "user": stored.author,
        "aliases": list(stored.aliases),
        "run": stored.run,
        "tags": {**stored.run_tags, **stored.tags},
        "params": dict(stored.params),
        "metrics": dict(stored.metrics),
    }
    return json.dumps(said, indent=1, sort_keys=True, ensure_ascii=False).encode(
        errors="replace"
    )


def _source(stored: Stored) -> dict[str, str]:
    tags = stored.run_tags
    is_notebook = tags.get("mlflow.source.type") == "NOTEBOOK"
    said = {
        "notebook" if is_notebook else "command": tags.get("mlflow.source.name", ""),
        "run": tags.get("mlflow.runName", stored.run),
        "git_commit": tags.get("mlflow.source.git.commit", ""),
        "git_branch": tags.get("mlflow.source.git.branch", ""),
    }
    return {key: value for key, value in said.items() if value}


def _identity(stored: Stored) -> str:
    parts = ["mlflow", stored.name, stored.number, stored.created_at.isoformat()]
    return _digest(json.dumps([*parts, stored.run]).encode())


def _ref(stored: Stored) -> str:
    return f"{stored.name}/{stored.number}"


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
