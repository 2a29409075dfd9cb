from nbmlops.errors import (
    GateFailed,
    NbmlopsError,
    NotAllowed,
    NotFound,
    UsageError,
    suggestion,
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
