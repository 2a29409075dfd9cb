"""XGBoost, LightGBM and CatBoost models in these libraries' own formats.

A zip of `model.ubj`, `model.txt` or `model.cbm`, which the library reads by itself, of
`manifest.json` with what makes it the scikit-learn estimator again (class, parameters,
classes), and, where it was a pipeline's last step, of the steps before it as skops.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline

from nbmlops.errors import UsageError
from nbmlops.registry.models.flavors.members import pack, unpack

MANIFEST = "manifest.json"
STEPS = "steps.skops"
_TUPLE = "__tuple__"
_FOREIGN = "the artifact is no {} model"
_AGAIN = "register the model again"
_FLAVORS = ("xgboost", "lightgbm", "catboost")


@dataclass(frozen=True, slots=True, kw_only=True)
class Boosted:
    """A booster's artifact, read but not yet made into an estimator.

    Attributes
    ----------
    flavor, class_name
        "xgboost", and "XGBClassifier".
    model
        The library's own format.
    parameters, state
        What was kept beside it.
    steps
        A skops file of the pipeline that it was the last step of, if it was.
    """

    flavor: str
    class_name: str
    model: bytes
    parameters: Mapping[str, Any]
    state: Mapping[str, Any]
    steps: bytes | None

    @property
    def type_name(self) -> str:
        """The class with its library: "xgboost.XGBClassifier"."""
        return f"{self.flavor}.{self.class_name}"


def flavor_of(model: Any) -> str | None:
    """Name the library whose model this is, or whose model is a pipeline's last step.

    Parameters
    ----------
    model
        A fitted estimator.

    Returns
    -------
    str or None
        None for all others: subclasses made by users, and models inside other
        estimators than pipelines.
    """
    booster = _last(model)
    library = type(booster).__module__.partition(".")[0]
    if library not in _FLAVORS:
        return None
    return library if type(booster).__name__ in _module(library).CLASSES else None


def save(model: Any, flavor: str, save_steps: Callable[[Any], bytes]) -> bytes | None:
    """Write a booster in its library's format.

    Parameters
    ----------
    model
        It, or a pipeline that ends in it.
    flavor
        What `flavor_of` said.
    save_steps
        Writes the pipeline without its last step.

    Returns
    -------
    bytes or None
        None if a parameter cannot be written as text, a function of the user's say.
    """
    booster, module = _last(model), _module(flavor)
    parameters = booster.get_params()
    if not _is_plain(parameters) or not module.is_portable(booster):
        return None
    native, state = module.save(booster)
    manifest = {
        "class": type(booster).__name__,
        "parameters": _written(parameters),
        "state": state,
    }
    members = {
        MANIFEST: json.dumps(manifest, sort_keys=True, ensure_ascii=False).encode(),
        module.MEMBER: native,
    }
    if booster is not model:
        name = model.steps[-1][0]
        steps = Pipeline([*model.steps[:-1], (name, "passthrough")])
        steps.set_params(**_of_pipeline(model))
        members[STEPS] = save_steps(steps)
    return pack(members)


def read(data: bytes, flavor: str) -> Boosted:
    """Take an artifact apart; nothing of it is made into an object yet.

    Parameters
    ----------
    data
        What `save` returned.
    flavor
        The flavor that it is said to have.

    Returns
    -------
    Boosted
        Its parts.

    Raises
    ------
    UsageError
        If it is no such artifact.
    """
    module = _module(flavor)
    members = unpack(data)
    try:
        manifest = json.loads(members[MANIFEST])
        class_name, model = str(manifest["class"]), members[module.MEMBER]
        parameters, state = manifest["parameters"], manifest["state"]
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(_FOREIGN.format(flavor), hint=_AGAIN) from error
    if not isinstance(parameters, dict) or not isinstance(state, dict):
        raise UsageError(_FOREIGN.format(flavor), hint=_AGAIN)
    if class_name not in module.CLASSES:
        known = ", ".join(sorted(module.CLASSES))
        raise UsageError(
            f"{flavor} models are not of the class {class_name!r}",
            hint=f"known: {known}",
        )
    return Boosted(
        flavor=flavor,
        class_name=class_name,
        parameters=parameters,
        state=state,
        model=model,
        steps=members.get(STEPS),
    )


def build(boosted: Boosted, load_steps: Callable[[bytes], Any]) -> Any:
    """Make the estimator.

    Parameters
    ----------
    boosted
        The parts of an artifact that the reader vouches for.
    load_steps
        Reads the pipeline.

    Returns
    -------
    object
        The estimator, or the pipeline that ends in it.

    Raises
    ------
    UsageError
        If the library is not installed.
    """
    if find_spec(boosted.flavor) is None:
        raise UsageError(
            f"this is a model of {boosted.flavor}, which is not installed",
            hint=f"pip install {boosted.flavor}",
        )
    estimator_class = getattr(import_module(boosted.flavor), boosted.class_name)
    estimator = _module(boosted.flavor).load(
        estimator_class(**_as_given(boosted.parameters)),
        boosted.model,
        boosted.state,
    )
    if boosted.steps is None:
        return estimator
    pipeline = load_steps(boosted.steps)
    pipeline.steps[-1] = (pipeline.steps[-1][0], estimator)
    return pipeline


def array_as_lists(array: Any) -> dict[str, Any]:
    """Write a short array of numbers or texts, its type included."""
    return {"dtype": array.dtype.str, "values": array.tolist()}


def array_of_lists(written: Mapping[str, Any]) -> Any:
    """Read what `array_as_lists` wrote."""
    return np.array(written["values"], dtype=np.dtype(written["dtype"]))


def _module(flavor: str) -> ModuleType:
    return import_module(f"nbmlops.registry.models.flavors.{flavor}")


def _last(model: Any) -> Any:
    return model.steps[-1][1] if type(model) is Pipeline else model


def _of_pipeline(model: Pipeline) -> dict[str, Any]:
    own = model.get_params(deep=False)
    return {key: value for key, value in own.items() if key != "steps"}


def _is_plain(value: Any) -> bool:
    """Tell whether JSON gives a value back as the estimator reads it."""
    if isinstance(value, dict):
        return all(isinstance(k, str) and _is_plain(v) for k, v in value.items())
    if isinstance(value, (list, tuple)):
        return all(map(_is_plain, value))
    return value is None or isinstance(value, (bool, int, float, str, np.generic))


def _written(value: Any) -> Any:
    """Write a parameter for JSON; tuples are marked, as libraries tell them apart."""
    if isinstance(value, dict):
        return {key: _written(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_written(item) for item in value]
    if isinstance(value, tuple):
        return {_TUPLE: [_written(item) for item in value]}
    return value.item() if isinstance(value, np.generic) else value


def _as_given(value: Any) -> Any:
    """Read what `_written` wrote."""
    if isinstance(value, list):
        return [_as_given(item) for item in value]
    if not isinstance(value, dict):
        return value
    if _TUPLE in value:
        return tuple(_as_given(item) for item in value[_TUPLE])
    return {key: _as_given(item) for key, item in value.items()}
