"""What the names of a session hold: which package's objects, and which are the same.

Reading code alone does not tell whether `a.b(c)` changes `a` or `c`. What the name
holds when the cell ends, and lists of what only looks, tell it often enough.
"""

import builtins
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

Kind = tuple[str, str]  # "module", "function", "object", "plain" or "iterator"; package
UNKNOWN: Kind = ("", "")
PLAIN: Kind = ("plain", "")
ITERATOR: Kind = ("iterator", "")
RANDOM = "random"  # the package of what draws from a state that all share

# Their functions leave alone what they are given, if their value is used.
READERS = frozenset(
    {
        "catboost", "duckdb", "joblib", "lightgbm", "nbmlops", "numpy", "pandas",
        "polars", "pyarrow", "scipy", "sklearn", "skops", "xgboost",
    }
)  # fmt: skip
# What they do is seen, not computed with.
DRAWING = frozenset(
    {"IPython", "altair", "bokeh", "matplotlib", "plotly", "pprint", "seaborn"}
)
# They never share what they hold: pandas copies on write, polars does not write.
SEPARATE = frozenset({"pandas", "polars"})
# Built-in functions that leave alone what they are given.
LOOKERS = frozenset(
    {
        "abs", "all", "any", "bool", "bytes", "callable", "chr", "complex", "dict",
        "dir", "display", "divmod", "enumerate", "float", "format", "frozenset",
        "getattr", "hasattr", "hash", "help", "hex", "id", "int", "isinstance",
        "issubclass", "len", "list", "max", "min", "oct", "open", "ord", "pow",
        "print", "range", "repr", "reversed", "round", "set", "slice", "sorted", "str",
        "sum", "tuple", "type", "zip",
    }
)  # fmt: skip
# Methods that leave alone what they are called on, of the packages above ...
LOOKING = frozenset(
    {
        "abs", "agg", "aggregate", "all", "any", "apply", "argmax", "argmin",
        "argsort", "assign", "astype", "between", "cast", "clip", "collect", "copy",
        "corr", "count", "cov", "cummax", "cummin", "cumsum", "cut",
        "decision_function", "describe", "df", "diff", "drop", "drop_duplicates",
        "drop_nulls", "dropna", "duplicated", "eq", "estimate", "eval", "explode",
        "fetchall", "fetchdf", "fetchone", "ffill", "fill_null", "fillna", "filter",
        "first", "flatten", "get_feature_names_out", "group_by", "groupby", "head",
        "hist", "idxmax", "idxmin", "info", "isin", "is_in", "is_null", "isna",
        "isnull", "items", "iterrows", "itertuples", "join", "keys", "kurt", "last",
        "lazy", "len", "map", "max", "mean", "median", "melt", "memory_usage", "merge",
        "min", "mode", "n_unique", "ngroups", "nlargest", "notna", "notnull",
        "nsmallest", "nunique", "pivot", "pivot_table", "plot", "predict",
        "predict_log_proba", "predict_proba", "quantile", "ravel", "rename", "replace",
        "reset_index", "reshape", "rolling", "round", "schema", "score",
        "score_samples", "select", "set_index", "shift", "size", "skew", "sort_index",
        "sort_values", "stack", "std", "sum", "tail", "to_csv", "to_dict", "to_frame",
        "to_list", "to_markdown", "to_numpy", "to_pandas", "to_parquet", "to_string",
        "tolist", "transform", "transpose", "unique", "unpivot", "unstack",
        "value_counts", "values", "var", "with_columns",
    }
)  # fmt: skip
# ... and of Python's own containers.
LOOKING_BUILTIN = frozenset(
    {"copy", "count", "get", "index", "items", "keys", "values"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What the names of a session hold at one moment.

    Attributes
    ----------
    kinds
        By name: what it holds.
    identities
        By name: which object. Two names of one identity are one object.
    """

    kinds: Mapping[str, Kind] = field(default_factory=dict)
    identities: Mapping[str, int] = field(default_factory=dict)

    def kind(self, name: str) -> Kind:
        """Tell what a name holds; of a built-in function its package is "builtins"."""
        known = self.kinds.get(name)
        if known is not None:
            return known
        return ("function", "builtins") if hasattr(builtins, name) else UNKNOWN


def held(variables: Mapping[str, Any]) -> Held:
    """Note what names hold now; the objects themselves are not kept.

    Parameters
    ----------
    variables
        A session's.

    Returns
    -------
    Held
        Names that begin with an underscore are left out: IPython's own.
    """
    own = {name: v for name, v in variables.items() if not name.startswith("_")}
    return Held(
        kinds={name: kind_of(value) for name, value in own.items()},
        identities={name: id(value) for name, value in own.items()},
    )


def merged(before: Held, after: Held, *, unsure: Collection[str] = ()) -> Held:
    """Describe what names held during a cell: unknown where that has changed.

    Parameters
    ----------
    before, after
        At its beginning and at its end.
    unsure
        Names that may have held other objects in between.

    Returns
    -------
    Held
        With the identities of the end.
    """
    kinds = {**before.kinds, **after.kinds}
    for name, kind in kinds.items():
        if name in unsure or before.kinds.get(name, kind) != kind:
            kinds[name] = UNKNOWN
    return Held(kinds=kinds, identities=after.identities)


def kind_of(value: object) -> Kind:
    """Tell what kind of object something is, without touching it."""
    cls = type(value)
    if issubclass(cls, ModuleType):
        return ("module", _top(value.__dict__.get("__name__")))
    if cls in (str, bytes, int, float, complex, bool, type(None)):
        return PLAIN
    if issubclass(cls, (FunctionType, BuiltinFunctionType, MethodType, type)):
        return ("function", _package(value))
    if hasattr(cls, "__next__"):
        return ITERATOR
    return ("object", _top(cls.__module__))


def _package(function: object) -> str:
    """Name a function's package; "random" for those that draw from a global state."""
    module = getattr(function, "__module__", None)
    if module is None:
        module = type(getattr(function, "__self__", None)).__module__
    drawn = isinstance(module, str) and "random" in module.split(".")
    return RANDOM if drawn else _top(module)


def _top(module: object) -> str:
    return module.partition(".")[0] if isinstance(module, str) else ""
