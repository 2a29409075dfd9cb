"""What errors and warnings say, and where a warning is told to be."""

import linecache
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nbmlops.api import Registry
from nbmlops.errors import (
    GateFailed,
    NbmlopsError,
    NbmlopsWarning,
    NotAllowed,
    NotFound,
    UsageError,
    suggestion,
    warn,
)


def test_errors_are_also_the_builtin_ones() -> None:
    assert issubclass(UsageError, ValueError)
    assert issubclass(NotFound, LookupError)
    assert issubclass(NotAllowed, PermissionError)
    assert issubclass(GateFailed, NbmlopsError)


def test_not_found_suggests_what_was_probably_meant() -> None:
    error = NotFound("model", "dealys", ["delays", "prices"])
    assert str(error) == "there is no model 'dealys'\nHint: did you mean 'delays'?"


def test_suggestion_ignores_case_and_lists_when_nothing_is_near() -> None:
    assert suggestion("DELAYS", ["delays"]) == "did you mean 'delays'?"
    assert suggestion("x", ["beta", "alpha"]) == "there is: alpha, beta"
    many = [f"model{i:02}" for i in range(12)]
    assert suggestion("zzz", many).endswith("and 4 more")
    assert suggestion("x", []) == ""


def test_control_codes_do_not_reach_a_terminal() -> None:
    error = UsageError("it raised \x1b]0;mine\x07\n\tX\x9b", hint="\x1b[2J")
    assert error.message == "it raised \\x1b]0;mine\\x07\n\tX\\x9b"
    assert str(error).endswith("\nHint: \\x1b[2J")


def test_a_notebook_prints_the_message_without_a_traceback() -> None:
    error = UsageError("the value 3 is too small", hint="give at least 5")
    assert error._render_traceback_() == [
        "UsageError: the value 3 is too small",
        "Hint: give at least 5",
    ]


def test_a_warning_is_at_the_users_own_line_each_time(
    registry: Registry, add: Callable[..., Any]
) -> None:
    add()
    registry.on("note", lambda event: 1 / 0)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("default")
        for _ in range(2):
            registry.note("delays/1", "kept")
    assert [Path(one.filename) for one in told] == [Path(__file__)] * 2
    assert {one.category for one in told} == {NbmlopsWarning}
    line = linecache.getline(__file__, told[0].lineno)
    assert line.strip() == 'registry.note("delays/1", "kept")'


def test_code_that_has_no_name_is_warned_too() -> None:
    with pytest.warns(NbmlopsWarning, match="this was left out"):
        exec("warn('this was left out')", {"warn": warn})
