"""Attacks that succeed today: whoever cures one takes its entry away; `strict` makes a cure without that fail.

A test's name, without the version of the server, has the number of the attack with what is missing, and the cases
of the test that succeed; no cases are all of them.
"""

from __future__ import annotations

from collections.abc import Mapping

OPEN: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "test_an_empty_schema_of_the_deployer_s_own": (
        "18: the roles of the record get no rights to a schema that was there before",
        (),
    ),
    "test_a_login_that_is_cancelled": (
        "5: the handler around a denial catches that the client cancels",
        (
            "alone",
            "after a row",
            "after sql",
            "security: invoker",
        ),
    ),
    "test_a_handler_around_a_denial_by_hand": (
        "5: no check says that a handler around a denial catches cancelling",
        (),
    ),
    "test_a_denied_command_under_settings_of_the_user_s": (
        "5: the handler around a denial catches the user's own timeout and cancelling",
        (
            "statement_timeout",
            "cancel",
        ),
    ),
    "test_what_is_shown_is_edited": (
        "6: the plan in the file is not compared with the one that is worked out anew",
        (),
    ),
    "test_what_is_shown_is_another_plan_s": (
        "6: the plan in the file is not compared with the one that is worked out anew",
        (),
    ),
    "test_a_plan_for_another_server": (
        "6: the fingerprint has no system identifier",
        ("True",),
    ),
    "test_whoever_writes_the_file_writes_the_fingerprint": (
        "6: there is no signature, and nothing says that a fingerprint is none",
        (),
    ),
    "test_lines_that_are_missing": (
        "17: that lines are missing is no gap",
        (),
    ),
    "test_a_command_that_leaves_no_row": (
        "20: on_error: allow also allows what the user's own timeout or cancelling did",
        (
            "statement_timeout",
            "cancel",
        ),
    ),
    "test_a_condition_that_is_null": (
        "20: no check says that the condition of a denial can be NULL",
        (),
    ),
    "test_a_step_that_does_not_parse": (
        "21: a traceback",
        (
            "perform f('a' 'b');-polardb",
            "perform f('a' 'b');-polardb-oracle",
        ),
    ),
    "test_a_script_that_was_not_expected": (
        "21: a traceback",
        (
            'CREATE TABLE t(a "weird; type");',
            "CREATE TABLE t(a int, PRIMARY KEY (id)) INHERITS (base);",
            "create table t of some_type;",
            "create table t partition of s default;",
            "create table t(like s including all);",
        ),
    ),
    "test_a_character_that_shows_something_else": (
        "21: import prints characters as they are",
        (
            "import-\\u200b",
            "import-\\u2028",
            "import-\\u202e",
            "import-\\u2066",
        ),
    ),
    "test_a_cell_that_is_a_formula": (
        "21: a cell that a spreadsheet splits at semicolons is not guarded",
        (";=HYPERLINK(1)",),
    ),
}


def reason(name: str) -> str | None:
    """Return why an attack succeeds today, None if it does not; the name is that of a test with its case."""
    test, _, case = name.partition("[")
    why, cases = OPEN.get(test, ("", ()))
    return why if why and (not cases or case.removesuffix("]") in cases) else None
