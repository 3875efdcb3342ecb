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
    "test_a_lock_that_keeps_a_bad_trigger_alive": (
        "7: dropping the trigger shares a transaction with the update of pg_database",
        (
            "DROP OWNED",
            "a grant of the owner's",
        ),
    ),
    "test_a_lock_when_the_server_takes_back": (
        "7: dropping the trigger shares a transaction with the update of pg_database",
        (),
    ),
    "test_a_lock_during_a_deployment": (
        "8: CREATE EVENT TRIGGER waits for the database's lock, and all logins behind it",
        (
            "DROP OWNED",
            "a setting of hers",
            "a grant of the owner's",
            "a comment of the owner's",
        ),
    ),
    "test_the_lock_of_deployments": (
        "8: the lock of deployments is one that every role may take",
        (),
    ),
    "test_a_client_that_does_not_read": (
        "9: a login that waits for its client holds the row lock of session_state",
        (),
    ),
    "test_a_forged_line_ends_a_session": (
        "11: a line without context is believed, whatever else it says of where it is from",
        (),
    ),
    "test_a_command_when_nobody_gets_in": (
        "12: no command gets past a trigger that refuses it, and drop refuses event_triggers=off",
        (
            "drop-",
            "drop--c event_triggers=off",
            "status-",
            "plan-",
            "audit verify-",
            "apply --plan-",
            "doctor-",
        ),
    ),
    "test_the_message_names_the_command_that_helps": (
        "12: a refused login is reported without the way out",
        (),
    ),
    "test_a_host_that_looks_like_an_address": (
        "13: a host is cast to inet by its letters",
        (
            "1.2.3.4.5",
            "::::",
            "bad.cafe",
            "dead:beef",
            "host5",
        ),
    ),
    "test_a_line_that_cannot_be_read": (
        "13: a line that cannot be read ends the reading of all others",
        (
            "a NUL in a name",
            "a pid that is too large",
            "a port that is none",
            "a session_id that is none",
            "half a surrogate",
        ),
    ),
    "test_a_database_whose_name_is_not_ascii": (
        "13: odd bytes in a chunk hide the lines of a database with a name beyond ASCII",
        (
            "True-b\\xfccher",
            "True-\\u043a\\u043d\\u0438\\u0433\\u0438",
        ),
    ),
    "test_odd_bytes_that_anybody_offers": (
        "13: odd bytes of one line damage the names in a whole chunk",
        (
            "j\\xfcrgen-0xff",
            "j\\xfcrgen-utf-8, cut",
            "j\\xfcrgen-overlong",
            "j\\xfcrgen-a surrogate",
        ),
    ),
    "test_a_client_that_vanishes_without_a_word": (
        "14: the guard's idle session keeps the lock after it has taken back",
        (),
    ),
    "test_the_connections_notice_a_dead_network": (
        "14: connections have no keepalives and no tcp_user_timeout",
        (),
    ),
    "test_an_encoding_that_is_none": (
        "15: with client_encoding SQL_ASCII every text arrives as bytes",
        (),
    ),
    "test_a_setting_of_the_database": (
        "16: sessions take over what the owner of the database has set",
        (
            "sessions-client_encoding = 'SQL_ASCII'",
            "sessions-default_transaction_isolation = serializable",
            "sessions-exit_on_error = on",
            "sessions-quote_all_identifiers = on",
            "steps-client_encoding = 'SQL_ASCII'",
            "steps-exit_on_error = on",
            "steps-idle_in_transaction_session_timeout = '1ms'",
            "steps-idle_session_timeout = '1ms'",
            "steps-quote_all_identifiers = on",
            "steps-role = 'mallory'",
            "steps-statement_timeout = '1ms'",
            "steps-transaction_timeout = '1ms'",
        ),
    ),
    "test_a_flood_of_lines": (
        "17: a call reads 4 to 5 MB of the log",
        (),
    ),
    "test_a_log_that_is_removed_unread": (
        "17: that a file is gone unread is no gap",
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
}


def reason(name: str) -> str | None:
    """Return why an attack succeeds today, None if it does not; the name is that of a test with its case."""
    test, _, case = name.partition("[")
    why, cases = OPEN.get(test, ("", ()))
    return why if why and (not cases or case.removesuffix("]") in cases) else None
