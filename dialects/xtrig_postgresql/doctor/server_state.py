"""The state of a server: the queries for it, their answers by name and with types, and what a check of them is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xtrig.dialect.doctor import Answers, Problem, WayIn
from xtrig.dialect.driver import Row
from xtrig.plugin import PREFIX, Severity, Version, literal
from xtrig_pgfamily.catalog.trust import Trust
from xtrig_pgfamily.deploy.candidates import CANDIDATE
from xtrig_pgfamily.deploy.placeholder import NAME as PLACEHOLDER
from xtrig_pgfamily.words import name, qualified

LOGIN_TRIGGERS = (17,)
"""The first version with login triggers, event_triggers and pg_database.dathasloginevt."""

SEEN_BY_MONITORS = frozenset(("sessions", "standbys"))
"""Queries whose columns are mostly NULL for roles without pg_read_all_stats (seen on 18.4)."""

STARTED_LOCKED_SECONDS = 2
HANGING_SECONDS = 6
"""A login that takes longer hangs; what xtrig renders is bounded at 5 s."""

SPREADING = (
    "event_triggers",
    "session_replication_role",
    "transaction_timeout",
    "default_transaction_read_only",
)
"""Settings that matter for login triggers where a role or a database has them, too."""

SETTINGS = (
    *SPREADING,
    "allow_alter_system",
    "config_file",
    "data_directory",
    "log_destination",
    "log_min_messages",
    "logging_collector",
    "max_connections",
    "port",
    "reserved_connections",
    "session_preload_libraries",
    "shared_preload_libraries",
    "superuser_reserved_connections",
    "synchronous_commit",
    "synchronous_standby_names",
    "unix_socket_directories",
)

_SERVER = """
SELECT current_setting('server_version') AS version, current_database()::text AS database, session_user::text AS role,
    current_user::text AS acts_as,
    (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS is_superuser,
    pg_has_role('pg_read_all_stats', 'USAGE') AS sees_sessions,
    pg_is_in_recovery() AS is_standby, pg_backend_pid() AS pid,
    host(inet_server_addr()) AS address, inet_server_port() AS port
""".strip()

_TRIGGERS = """
SELECT evtname::text AS name, evtevent::text AS event, evtenabled::text AS state,
    nspname::text AS schema, proname::text AS function, lanname::text AS language, prosecdef AS is_definer,
    coalesce(proconfig, '{}') AS settings,
    o.rolname::text AS owner, o.rolsuper AS owner_is_superuser,
    f.rolname::text AS function_owner, f.rolsuper AS function_owner_is_superuser,
    ARRAY(SELECT m.rolname::text FROM pg_roles AS m
        WHERE NOT f.rolsuper AND NOT m.rolsuper AND m.rolcanlogin AND pg_has_role(m.oid, f.oid, 'MEMBER')
        ORDER BY 1) AS can_replace,
    obj_description(e.oid, 'pg_event_trigger') AS comment
FROM pg_event_trigger AS e
    JOIN pg_proc AS p ON p.oid = evtfoid
    JOIN pg_namespace AS n ON n.oid = pronamespace
    JOIN pg_language AS l ON l.oid = prolang
    JOIN pg_roles AS o ON o.oid = evtowner
    JOIN pg_roles AS f ON f.oid = proowner
ORDER BY evtname
""".strip()

_ROLE_SETTINGS = """
SELECT datname::text AS database, rolname::text AS role, coalesce(rolsuper, false) AS is_superuser,
    split_part(one, '=', 1) AS name, substr(one, strpos(one, '=') + 1) AS value
FROM pg_db_role_setting
    LEFT JOIN pg_database AS d ON d.oid = setdatabase
    LEFT JOIN pg_roles AS r ON r.oid = setrole
    CROSS JOIN unnest(setconfig) AS one
WHERE (setdatabase = 0 OR datname = current_database()) AND split_part(one, '=', 1) IN ({names})
ORDER BY 1, 2, 4
""".strip()

_ROLES = """
SELECT rolname::text AS name, rolsuper AS is_superuser, {may} AS may_set
FROM pg_roles
WHERE rolcanlogin AND (rolsuper OR {may}) AND (rolvaliduntil IS NULL OR rolvaliduntil > now())
ORDER BY rolname <> session_user, oid
""".strip()
# A connection limit does not bind superusers (manual of 18, CREATE ROLE). The end of validity is that of the
# password alone; a role that can only log in by another method is not counted.

_DATABASES = """
SELECT datname::text AS name, {flag} AS looks_for_triggers, datname = current_database() AS is_this
FROM pg_database WHERE datallowconn ORDER BY datname <> 'postgres', datname
""".strip()

_STANDBYS = """
SELECT r.application_name AS name, r.state, sync_state, a.datname::text AS database
FROM pg_stat_replication AS r LEFT JOIN pg_stat_activity AS a ON a.pid = r.pid
ORDER BY 1, 4
""".strip()
# Walsenders with a database are those of logical replication.

_SLOTS = """
SELECT slot_name::text AS name, slot_type AS type, active AS is_active
FROM pg_replication_slots WHERE slot_type = 'physical' OR database = current_database() ORDER BY slot_name
""".strip()

HANGING = f"""
state IS NULL AND query = '' AND datname = current_database()
    AND xact_start < clock_timestamp() - interval '{HANGING_SECONDS} s'
""".strip()
"""A session inside its login trigger has begun a transaction, and has neither a state nor a query yet (17.9, 18.4)."""

_SESSIONS = f"""
SELECT application_name, client_addr::text AS address, count(*) AS number,
    count(*) FILTER (WHERE query ~* '^[[:space:]]*discard[[:space:]]+all[[:space:];]*$') AS resets,
    count(*) FILTER (WHERE {HANGING}) AS hanging,
    count(*) FILTER (WHERE state = 'starting' AND wait_event_type = 'Lock'
        AND backend_start < clock_timestamp() - interval '{STARTED_LOCKED_SECONDS} s') AS held
FROM pg_stat_activity WHERE backend_type = 'client backend'
GROUP BY 1, 2 ORDER BY 1, 2
""".strip()
# A login that waits for DDL on login triggers to commit is still 'starting' (18.4; the state is new there).

_LEFTOVERS = f"""
SELECT nspname::text AS schema, proname::text AS name
FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = pronamespace
WHERE prorettype = 'event_trigger'::regtype
    AND (starts_with(proname::text, {literal(CANDIDATE)}) OR proname = {literal(PLACEHOLDER)})
ORDER BY 1, 2
""".strip()

_SCHEMAS = """
SELECT nspname FROM pg_event_trigger AS e JOIN pg_proc AS p ON p.oid = evtfoid
    JOIN pg_namespace AS n ON n.oid = pronamespace WHERE evtenabled <> 'D'
""".strip()

_PROGRAMS = "SELECT setting AS folder FROM pg_config WHERE name = 'BINDIR'"


def queries(version: Version) -> Mapping[str, str]:
    """Return the queries for a version, by name."""
    has_login = version >= LOGIN_TRIGGERS
    may = "has_parameter_privilege(oid, 'event_triggers', 'SET')" if has_login else "false"
    return {
        "server": _SERVER,
        "settings": f"SELECT name, setting AS value, source FROM pg_settings WHERE name IN ({_literals(SETTINGS)})",
        "role settings": _ROLE_SETTINGS.format(names=_literals(SPREADING)),
        "roles": _ROLES.format(may=may),
        "triggers": _TRIGGERS,
        "databases": _DATABASES.format(flag="dathasloginevt" if has_login else "false"),
        "standbys": _STANDBYS,
        "slots": _SLOTS,
        "sessions": _SESSIONS,
        "leftovers": _LEFTOVERS,
        "trust": Trust((), schemas_found=_SCHEMAS, version=version).query(),
        "programs": _PROGRAMS,
    }


def _literals(words: Iterable[str]) -> str:
    return ", ".join(map(literal, words))


_NOT_OF_THE_SERVER = frozenset(("client", "session", "interactive", "global", "user", "database", "database user"))
"""pg_settings.source of values that other sessions need not have; "global" is ALTER ROLE ALL (guc.h of 18)."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """An event trigger; ``function`` is qualified, both names are quoted where SQL needs it."""

    name: str
    event: str
    state: str
    """pg_event_trigger.evtenabled: O, A, R or D."""
    owner: str
    function: str
    row: Row

    @property
    def is_ours(self) -> bool:
        """Whether xtrig made it."""
        return (self.row["comment"] or "").startswith(PREFIX)

    @property
    def is_enabled(self) -> bool:
        """Whether it fires in ordinary sessions, or in those of replication."""
        return self.state != "D"

    def setting(self, wanted: str) -> str | None:
        """Return the value that the function's SET clause gives a parameter, or None."""
        pairs = (each.partition("=") for each in self.row["settings"])
        return next((value for key, _, value in pairs if key == wanted), None)


class ServerState:
    """The answers of one server. A query without an answer has no rows: ask :meth:`missing` first."""

    def __init__(self, answers: Answers, way_in: WayIn, version: Version) -> None:
        self.answers = answers
        self.way_in = way_in
        self.has_login_triggers = version >= LOGIN_TRIGGERS
        self._identity: Row = next(iter(self.rows("server")), {})
        self._settings = {row["name"]: row for row in self.rows("settings")}

    def rows(self, query: str) -> Sequence[Row]:
        """Return the rows of a query."""
        return self.answers[query].rows

    def missing(self, query: str) -> str | None:
        """Return why a query has no answer, or None if it has one."""
        if query in SEEN_BY_MONITORS and not self._identity.get("sees_sessions"):
            return f"the role {self['acts_as']} may not look at other people's sessions"
        return self.answers[query].problem

    def __getitem__(self, column: str) -> Any:
        """Return a column of the query ``server``."""
        return self._identity.get(column)

    def setting(self, wanted: str) -> str:
        """Return a setting as this session has it, or "" if it is not known."""
        row = self._settings.get(wanted)
        return "" if row is None else str(row["value"])

    def server_setting(self, wanted: str) -> str:
        """Return a setting of the whole server, or "" if it is hidden by one of this session, or not known."""
        row = self._settings.get(wanted)
        return "" if row is None or row["source"] in _NOT_OF_THE_SERVER else str(row["value"])

    @property
    def triggers(self) -> list[Trigger]:
        """The event triggers of the database, in the order in which they fire."""
        return [
            Trigger(
                name(row["name"]),
                row["event"],
                row["state"],
                row["owner"],
                qualified(row["schema"], row["function"]),
                row,
            )
            for row in self.rows("triggers")
        ]

    @property
    def login_triggers(self) -> list[Trigger]:
        """The enabled event triggers of the event login."""
        return [trigger for trigger in self.triggers if trigger.event == "login" and trigger.is_enabled]

    @property
    def looks_for_triggers(self) -> bool:
        """Whether logins to this database look for login triggers."""
        return any(row["is_this"] and row["looks_for_triggers"] for row in self.rows("databases"))

    @property
    def standbys(self) -> list[Row]:
        """The standbys that are connected now."""
        return [row for row in self.rows("standbys") if row["database"] is None and row["state"] != "backup"]


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """One check. ``find`` yields problems made by :meth:`problem`; ``needs`` names the queries that it reads.

    It is left out where one of these queries has no answer.
    """

    name: str
    needs: tuple[str, ...]
    find: Callable[[ServerState], Iterator[Problem]]
    since_login_triggers: bool = True
    """Whether it needs a server with login triggers (PostgreSQL 17)."""

    def problem(self, severity: Severity, subject: str, message: str, remedy: str) -> Problem:
        """Return a problem with the name of this check."""
        return Problem(self.name, severity, subject, message, remedy)
