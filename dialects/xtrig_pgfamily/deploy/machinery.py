"""The words that a deployment's machinery speaks to PostgreSQL: locks, time-outs, roles, stuck logins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from xtrig.dialect.deployment import Words
from xtrig.plugin import Hazard, Lines, Statement, Version, literal
from xtrig_pgfamily.statements import do_block

_KEY = int.from_bytes(b"xtrig")
"""The key of the advisory lock; with the two-key form other people's keys are less likely to be the same."""

HANGING_SECONDS = 1.0
"""A login that is in its triggers for longer hangs."""

_ATTEMPTS = 8
"""With the time-out of a lock, and the pauses in between, longer than a transaction may be idle."""

_STUCK = """
SELECT pid, extract(epoch FROM clock_timestamp() - xact_start)::float8 AS seconds, usename AS role,
    pg_terminate_backend(pid) AS ended
FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
    AND state IS NULL AND query = '' AND backend_start >= {since}
    AND xact_start < clock_timestamp() - make_interval(secs => {seconds})
""".strip()
# A session inside its login trigger has begun a transaction, and neither a state nor a query yet (17.9, 18.4).
# Without its age a healthy login that is just passing would be ended too.

WORDS = Words(
    lock=f"SELECT pg_advisory_lock({_KEY >> 32}, {_KEY & 0x7FFFFFFF})",
    lock_in_transaction=f"SELECT pg_advisory_xact_lock({_KEY >> 32}, {_KEY & 0x7FFFFFFF})",
    opening={
        "transaction_read_only": "off",
        "search_path": "pg_catalog, pg_temp",
        "client_min_messages": "warning",
        # With an unreachable synchronous standby a commit would wait for ever; nothing on the server bounds it.
        "synchronous_commit": "local",
        # Where the network breaks between two statements, the locks would stay, and they hold up every login.
        "idle_in_transaction_session_timeout": "10s",
    },
    set="SELECT pg_catalog.set_config({name}, {value}, true)",
    current="SELECT pg_catalog.current_setting({name}) AS value",
    unbounded=(
        # Which of them there are depends on the version.
        "SELECT set_config(name, '0', false) FROM unnest(ARRAY['statement_timeout', 'transaction_timeout', "
        "'idle_session_timeout', 'idle_in_transaction_session_timeout', 'client_connection_check_interval']) AS name "
        "WHERE current_setting(name, true) IS NOT NULL",
        # One thing that is locked must not keep all the rest from being taken back.
        "SET lock_timeout = '2s'",
        "SET default_transaction_read_only = off",
        "SET synchronous_commit = local",
        "SET search_path = pg_catalog, pg_temp",
        # A notice to a client that is gone ends the session: the server sees only then that it is gone.
        "SET client_min_messages = error",
    ),
    lock_timeout="lock_timeout",
    statement_timeout="statement_timeout",
    role="session_authorization",
    clock="SELECT clock_timestamp()::text AS now",
    position="SELECT pg_current_wal_insert_lsn()::text AS position",
    behind="SELECT count(*) AS behind FROM pg_stat_replication WHERE state = 'streaming' AND replay_lsn < {position}",
    end_stuck=_STUCK,
    may_be_canary="SELECT has_parameter_privilege('session_replication_role', 'SET') AS may",
    without_triggers={"event_triggers": "off"},
)

_LOGINS = (17,)
"""The first version with login triggers, and with the setting event_triggers."""


def words(version: Version) -> Words:
    """Return the words of a version; before 17 no trigger is met at a login, so there is nothing to be past."""
    return WORDS if version >= _LOGINS else replace(WORDS, may_be_canary="SELECT false AS may", without_triggers={})


CANARY = {"session_replication_role": "replica"}
"""With this a connection meets the triggers of ENABLE REPLICA and ENABLE ALWAYS, and no others."""


def delayed(seconds: float, statements: Sequence[Statement]) -> str:
    """Return the block that waits, ends logins that hang, and runs each statement, whichever of them fail.

    While it waits its transaction holds no lock and no snapshot. The server runs it to its end also when the
    client is gone: nothing looks at the connection meanwhile. Logins that hang may hold what has to be dropped.
    """
    since = "(SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid())"
    stuck = " ".join(_STUCK.format(since=since, seconds=HANGING_SECONDS).split())
    lines: Lines = [
        f"PERFORM pg_sleep({seconds:.3f});",
        "BEGIN",
        [f"PERFORM * FROM ({stuck}) AS stuck;"],
        "EXCEPTION WHEN OTHERS THEN",
        ["RAISE LOG 'xtrig: logins that hang cannot be ended: %', SQLERRM;"],
        "END;",
    ]
    undo: Lines = [f"EXECUTE {literal(each.sql)};" for each in statements if Hazard.LOSES_DATA not in each.hazards]
    if undo:
        lines += _together(undo)
    for execute in undo:
        lines += [
            "BEGIN",
            [execute],
            "EXCEPTION WHEN OTHERS THEN",
            ["RAISE LOG 'xtrig: a deployment that nobody finished cannot be taken back: %', SQLERRM;"],
            "END;",
        ]
    if not statements:
        lines.append("RAISE LOG 'xtrig: takes back a deployment that nobody finished';")
    return do_block(lines)


def _together(undo: Lines) -> Lines:
    """Return the loop that runs all or none, and ends the block if it did.

    A trigger that could be dropped, and not be made again, would be lost. What holds a lock, be it the deployment
    itself, is gone when the server has ended its transaction.
    """
    return [
        f"FOR attempt IN 1 .. {_ATTEMPTS} LOOP",
        [
            "BEGIN",
            [*undo, "RETURN;"],
            "EXCEPTION",
            [
                "WHEN lock_not_available OR deadlock_detected OR internal_error THEN",
                ["RAISE LOG 'xtrig: tries again to take a deployment back: %', SQLERRM;", "PERFORM pg_sleep(0.5);"],
                "WHEN OTHERS THEN",
                ["EXIT;"],
            ],
            "END;",
        ],
        "END LOOP;",
    ]
