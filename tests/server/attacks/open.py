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
