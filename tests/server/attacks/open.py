"""Attacks that succeed today: whoever cures one takes its entry away; `strict` makes a cure without that fail.

A test's name, without the version of the server, has the number of the attack with what is missing, and the cases
of the test that succeed; no cases are all of them.
"""

from __future__ import annotations

from collections.abc import Mapping

OPEN: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "test_a_command_says_that_the_schema_is_mallory_s": (
        "1: a schema has no state: nothing says whose it is",
        (),
    ),
    "test_a_function_of_the_same_name_without_arguments": (
        "1: maintain() and read_log() are called without their argument",
        (),
    ),
    "test_a_name_that_is_taken": (
        "1: the kind of a relation with the right mark is not asked",
        ("SEQUENCE audit.session_inbox",),
    ),
    "test_a_table_of_steps_in_a_schema_of_mallory_s": (
        "1: with security: invoker nothing asks whose tables and schemas are",
        (
            "the schema-invoker",
            "the table-invoker",
        ),
    ),
    "test_the_schema_s_owner_drops_the_guard": (
        "1: without tables nothing asks whose the schema is",
        (),
    ),
    "test_what_is_in_the_schema_beforehand": (
        "1: the preflight of a record takes over tables with all that hangs on them",
        (
            "script-a marked inbox with a trigger",
            "script-a marked state with a default",
        ),
    ),
    "test_what_the_schema_s_owner_puts_in_the_place_of_a_table": (
        "1: nothing asks whose the schema of a record of sessions is",
        (),
    ),
    "test_a_function_that_is_just_as_wanted": (
        "2: a function in sync is left to its owner, whoever that is",
        (),
    ),
    "test_a_function_with_a_mark_of_its_owner_s": (
        "2: the mark is believed, and the owner of a replaced function stays",
        (),
    ),
    "test_a_schema_with_a_mark_of_its_owner_s": (
        "2: the owner of a schema drops what is in it",
        (),
    ),
    "test_a_table_with_a_mark_of_its_owner_s": (
        "2: with security: invoker nothing asks whose a table is",
        (
            "table without mark-invoker-apply --adopt",
            "table-invoker-apply --adopt",
            "table-invoker-apply",
            "table-invoker-script",
        ),
    ),
    "test_the_function_of_a_ddl_trigger": (
        "2: the mark is believed, and the owner of a replaced function stays",
        (),
    ),
    "test_a_schema_that_is_named": (
        "3: the reader does not ask whose the views are",
        (),
    ),
    "test_a_view_of_the_superuser_s_own_over_one_of_mallory_s": (
        "3: the reader does not ask what the views stand on",
        (),
    ),
    "test_the_deployed_schema_is_given_to_mallory": (
        "3: the reader does not ask whose the views are",
        (),
    ),
    "test_views_that_call_a_function_of_mallory_s": (
        "3: the reader does not ask whose the views are",
        (),
    ),
    "test_what_looks_like_no_call": (
        "3: the reader does not ask whose the views are",
        (),
    ),
    "test_a_function_of_mallory_s_that_the_definition_runs": (
        "4: whose a function is that steps call is not looked at",
        (),
    ),
    "test_a_parent_that_is_attached_later": (
        "4: whose partitions are is not looked at",
        (),
    ),
    "test_a_right_to_make_triggers": (
        "4: who may make triggers on a table is not looked at",
        (),
    ),
    "test_a_row_level_policy_for_the_function_s_owner": (
        "4: what hangs on a table is not looked at",
        (),
    ),
    "test_a_view_in_the_place_of_a_table": (
        "4: what a view does with a row is not looked at",
        (
            "instead of-postgres",
            "over a table of mallory's-postgres",
            "rule-postgres",
        ),
    ),
    "test_the_remedy_that_is_printed": (
        "4: the remedy leaves what mallory has put on the table",
        (),
    ),
    "test_what_mallory_leaves_on_a_table_that_is_given_away": (
        "4: what hangs on a table is not looked at",
        (
            "a check",
            "a default",
            "a deferred constraint trigger",
            "a domain's default",
            "a domain",
            "a generated column",
            "a key of partitions",
            "a partition's default",
            "a partition",
            "a rule also",
            "a rule instead",
            "a trigger after",
            "a trigger before",
            "a trigger of a statement",
            "an index's condition",
            "an index",
        ),
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
    "test_an_empty_schema_of_the_deployer_s_own": (
        "18: a schema that is there gets no grants, and nothing can be made in it",
        (),
    ),
    "test_a_role_of_the_record": (
        "18: whoever made the reader beforehand has ADMIN on it, and nobody asks",
        (
            "False-audit_reader-apply",
            "False-audit_reader-script",
            "True-audit_reader-apply",
            "True-audit_reader-script",
        ),
    ),
    "test_an_exempt_role_that_is_made_later": (
        "19: nothing says that an exempt role does not exist",
        (),
    ),
    "test_a_command_says_that_the_exempt_role_is_missing": (
        "19: nothing says that an exempt role does not exist",
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
