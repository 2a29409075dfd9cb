"""What `register` was asked for: its arguments, looked at before anything is done."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from pathlib import Path
from typing import Any

from nbmlops.errors import UsageError, warn
from nbmlops.frames.fingerprints import content_digest
from nbmlops.frames.labelled import Labelled, labelled, unlabelled
from nbmlops.host import option
from nbmlops.lifecycle import estimators
from nbmlops.lifecycle.arguments import column_name, column_names
from nbmlops.refs import Ref, check_model_name, parse_ref

KEPT_NAMES = frozenset({"cv_results.json", "input_example.parquet"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What the caller of `register` gave, after the first look at it.

    Attributes
    ----------
    scorers, reported
        `metrics=` split into what is computed on test and what is only kept.
    """

    model: Any
    name: str
    train: Labelled | None
    test: Labelled | None
    target: str | Sequence[str] | None
    weight: str | None
    groups: str | None
    task: str | None
    slices: tuple[str, ...]
    scorers: Mapping[str, Any]
    reported: Mapping[str, float]
    params: Mapping[str, Any]
    description: str
    tags: Mapping[str, str]
    parent: Ref | None
    input_example: Any
    attach: tuple[Path, ...]


def read_registration(
    *,
    train: Any,
    test: Any,
    target: str | Sequence[str] | None,
    weight: str | None,
    groups: str | None,
    slices: Sequence[str] | None,
    metrics: Mapping[str, Any] | None,
    params: Mapping[str, Any] | None,
    tags: Mapping[str, Any] | None,
    parent: str | None,
    attach: Sequence[str | Path],
    model: Any,
    name: str,
    **rest: Any,
) -> Registration:
    """Check every argument before anything is done.

    Parameters
    ----------
    **rest
        All as in `register`.

    Returns
    -------
    Registration
        With frames split, and scorers told from numbers.

    Raises
    ------
    UsageError
        If an argument cannot be used.
    """
    check_model_name(name)
    estimators.check_estimator(model)
    if not isinstance(rest["description"], str):
        raise UsageError(
            f"the description is {rest['description']!r}", hint="describe it in words"
        )
    for what, given in (("metrics", metrics), ("params", params), ("tags", tags)):
        if given is not None and not isinstance(given, Mapping):
            raise UsageError(
                f"{what} is of type {type(given).__name__}, not a mapping",
                hint=f"{what}={{'name': value}}",
            )
    groups = column_name(groups, what="groups")
    kept_slices = column_names(slices, what="slices")
    reported, scorers = _split_metrics(metrics)
    if scorers and test is None:
        raise UsageError(
            f"the scorer {next(iter(scorers))!r} has nothing to be computed on",
            hint=f"give {option('test')}, or numbers instead of scorers",
        )
    features = estimators.feature_names(model)
    has_target = target is not None or not estimators.is_unsupervised(model)
    if not has_target and test is not None and not isinstance(test, tuple):
        raise UsageError(
            f"{type(model).__name__} predicts no target that a test could tell of",
            hint=f"leave {option('test')} out, or name the target",
        )
    frames = {
        what: None
        if frame is None
        else labelled(
            frame,
            target=target,
            weight=weight,
            features=features,
            ignore=(groups,) if groups else (),
            what=what,
        )
        if has_target or isinstance(frame, tuple)
        else unlabelled(frame, features=features, what=what)
        for what, frame in (("train", train), ("test", test))
    }
    _warn_of_equal(frames["train"], frames["test"])
    return Registration(
        model=model,
        name=name,
        train=frames["train"],
        test=frames["test"],
        target=target,
        weight=weight,
        groups=groups,
        slices=kept_slices,
        reported=reported,
        scorers=scorers,
        params=params or {},
        tags={str(key): str(value) for key, value in (tags or {}).items()},
        parent=parse_ref(parent) if parent else None,
        attach=_attachments(attach),
        **rest,
    )


def _attachments(attach: Sequence[str | Path]) -> tuple[Path, ...]:
    """Find the files, and refuse two of one name: they are kept by it."""
    found = tuple(_file(path) for path in _listed(attach))
    names = [path.name for path in found]
    for name in names:
        if names.count(name) > 1 or name in KEPT_NAMES:
            raise UsageError(
                f"the attachment {name!r} would take the place of another",
                hint="rename the file: attachments are kept by their name alone",
            )
    return found


def _listed(attach: Sequence[str | Path]) -> Iterable[str | Path]:
    return (attach,) if isinstance(attach, (str, Path)) else attach


def _file(path: str | Path) -> Path:
    found = Path(path)
    if not found.is_file():
        raise UsageError(
            f"there is no file {str(path)!r} to attach",
            hint=f"check {option('attach')}",
        )
    try:
        found.open("rb").close()
    except OSError as error:
        raise UsageError(
            f"{str(path)!r} cannot be attached: {error.strerror}",
            hint="make it readable, or leave it out",
        ) from None
    return found


def _split_metrics(
    metrics: Mapping[str, Any] | None,
) -> tuple[dict[str, float], dict[str, Any]]:
    """Tell numbers, which are only kept, from scorers, which are computed."""
    reported, scorers = {}, {}
    for key, value in (metrics or {}).items():
        if isinstance(value, Real):
            if value != value or value in (float("inf"), float("-inf")):
                raise UsageError(f"the metric {key!r} is {value}", hint="leave it out")
            reported[str(key)] = float(value)
        elif callable(value) or isinstance(value, str):
            scorers[str(key)] = value
        else:
            raise UsageError(
                f"the metric {key!r} is of type {type(value).__name__}",
                hint="give a number, or a scorer(estimator, X, y)",
            )
    return reported, scorers


def _warn_of_equal(train: Labelled | None, test: Labelled | None) -> None:
    if train is None or test is None or train.rows != test.rows:
        return
    if content_digest(train.frame) == content_digest(test.frame):
        warn(
            "test equals train: the metrics say how well the model remembers, "
            "not how well it predicts"
        )
