"""The views of the record: the same columns on every vendor."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig_pgfamily.objects import Grant, View
from xtrig_pgfamily.sessions.names import Names

_HEX_ID = "to_hex(floor(extract(epoch FROM backend_start))::bigint) || '.' || to_hex(backend_pid)"
"""The session id of log_line_prefix (%c) and of jsonlog."""

_SESSIONS = f"""
SELECT session_id, login_user::text, database_name::text, host(client_addr) AS client_ip, client_port, application,
    auth_method, backend_pid, instance, started_at AS logon_at, ended_at AS logoff_at, ended_by, last_seen_at,
    detected_at, source, ended_at - started_at AS duration, last_seen_at - started_at AS duration_at_least,
    detected_at - started_at AS duration_at_most
FROM @schema@.session_log
UNION ALL
SELECT coalesce(session_id, {_HEX_ID}), login_user::text, coalesce(database_name, current_database()),
    host(client_addr), client_port, application, split_part(authn, ':', 1), backend_pid, @instance@, started_at,
    ended_at, ended_by, last_seen_at, detected_at, coalesce(source, 'login trigger'), ended_at - started_at,
    last_seen_at - started_at, detected_at - started_at
FROM (
    SELECT i.login_user, i.client_addr, i.client_port, i.application, i.authn, i.backend_pid, i.started_at,
        i.backend_start, i.session_id, i.ended_at, i.source, i.database_name,
        CASE WHEN is_gone THEN 'inferred' ELSE i.ended_by END AS ended_by,
        CASE WHEN is_gone THEN greatest(i.started_at, (SELECT complete_at FROM @schema@.session_state))
            ELSE i.last_seen_at END AS last_seen_at,
        CASE WHEN is_gone THEN statement_timestamp() ELSE i.detected_at END AS detected_at
    FROM @schema@.session_inbox AS i
        LEFT JOIN pg_stat_get_activity(NULL) AS s
            ON s.pid = i.backend_pid AND (s.backend_start > i.started_at) IS NOT TRUE
        CROSS JOIN LATERAL (
            VALUES (i.ended_by IS NULL AND s.pid IS NULL AND i.started_at < now() AND NOT pg_is_in_recovery())
        ) AS seen (is_gone)
) AS inbox
""".strip()
# The view shows a session as ended as soon as its process is gone, before that is recorded. Not on a standby, which has
# no list of its primary's sessions; not for sessions that began after the reading transaction, which may not see them.
# A role without the right to see backend_start takes a reused pid for the same session.
_REFUSED = """
SELECT at, session_id, login_user, database_name, client_ip, application, sqlstate, message
FROM @schema@.refused_login
""".strip()
_GAPS = """
SELECT since, CASE WHEN until < (SELECT max(until) FROM @schema@.coverage) THEN until END AS until, reason
FROM @schema@.coverage
WHERE reason IS NOT NULL
""".strip()
_TAMPERED = """
SELECT coalesce('seal ' || n, substring(problem FROM '^([a-z_]+): '), 'session_log') AS subject,
    regexp_replace(problem, '^[a-z_]+: ', '') AS message, recorded_at AS at
FROM @schema@.verify_seals()
""".strip()
_VIEWS = (
    ("sessions", "one row for each session", _SESSIONS),
    ("refused_logins", "logins that were refused", _REFUSED),
    ("coverage_gaps", "when logins were not recorded", _GAPS),
    ("tamper_findings", "what the seals say of rows that were changed afterwards", _TAMPERED),
)


def views(names: Names) -> Iterator[View]:
    """Yield the views."""
    for word, purpose, query in _VIEWS:
        view = View(
            path=names.path(word),
            query=names.filled(query),
            grants=(Grant(names.sessions.reader, "SELECT"),),
            states_grants=True,
            owner=names.sessions.owner,
            purpose=f"View {names.called(word)}: {purpose}",
        )
        yield view.marked(names.set_name)
