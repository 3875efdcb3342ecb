"""The words that a deployment's machinery speaks to PostgreSQL: locks, time-outs, roles, stuck logins."""

from __future__ import annotations

from collections.abc import Sequence

from xtrig.dialect.deployment import Words
from xtrig.plugin import Hazard, Lines, Statement, literal
from xtrig_postgresql.statements import do_block

_KEY = int.from_bytes(b"xtrig")
"""The key of the advisory lock; with the two-key form other people's keys are less likely to be the same."""

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
    },
    set="SELECT set_config({name}, {value}, true)",
    current="SELECT current_setting({name}) AS value",
    unbounded=(
        "SET statement_timeout = 0",
        "SET idle_in_transaction_session_timeout = 0",
        "SET default_transaction_read_only = off",
        "SET synchronous_commit = local",
        "SET search_path = pg_catalog, pg_temp",
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

CANARY = {"session_replication_role": "replica"}
"""With this a connection meets the triggers of ENABLE REPLICA and ENABLE ALWAYS, and no others."""


def delayed(seconds: float, statements: Sequence[Statement]) -> str:
    """Return the block that waits, ends logins that hang, and runs each statement, whichever of them fail.

    While it waits its transaction holds no lock and no snapshot. The server runs it to its end also when the
    client is gone: nothing looks at the connection meanwhile.
    """
    lines: Lines = [f"PERFORM pg_sleep({seconds:.3f});"]
    for statement in statements:
        if Hazard.LOSES_DATA not in statement.hazards:
            lines += [
                "BEGIN",
                [f"EXECUTE {literal(statement.sql)};"],
                "EXCEPTION WHEN OTHERS THEN",
                ["RAISE LOG 'xtrig: a deployment that nobody finished cannot be taken back: %', SQLERRM;"],
                "END;",
            ]
    lines.append("RAISE LOG 'xtrig: took back a deployment that nobody finished';")
    return do_block(lines)
