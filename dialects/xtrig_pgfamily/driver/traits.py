"""What servers of the family have, and with which settings a deployment works on them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from xtrig.plugin import literal

CANARY = {"session_replication_role": "replica"}
"""With this a connection meets the triggers of ENABLE REPLICA and ENABLE ALWAYS, and no others."""

READING: Mapping[str, tuple[int, str]] = {
    "quote_all_identifiers": (0, "off"),
    "standard_conforming_strings": (0, "on"),
    "escape_string_warning": (0, "off"),
    "backslash_quote": (0, "safe_encoding"),
    "transform_null_equals": (0, "off"),
    "array_nulls": (0, "on"),
    "DateStyle": (0, "ISO, MDY"),
    "IntervalStyle": (80400, "postgres"),
    "bytea_output": (90000, "hex"),
    "extra_float_digits": (0, "1"),
    "xmloption": (0, "content"),
    "row_security": (90500, "on"),
    "restrict_nonsystem_relation_kind": (170000, ""),
}
"""What decides how a query is read and its answer written: the first version that knows the parameter, as
``server_version_num``, and the value. A role may set each of them."""

SETTINGS: Mapping[str, tuple[int, str]] = {
    "client_min_messages": (0, "warning"),
    "statement_timeout": (0, "0"),
    "lock_timeout": (0, "5s"),
    "idle_in_transaction_session_timeout": (90600, "0"),
    "idle_session_timeout": (140000, "0"),
    "transaction_timeout": (170000, "0"),
    "client_connection_check_interval": (140000, "0"),
    "exit_on_error": (0, "off"),
    "default_transaction_isolation": (0, "read committed"),
    "default_transaction_deferrable": (0, "off"),
    **READING,
    "check_function_bodies": (0, "on"),
    "geqo": (0, "off"),
    # A database may be set to less, and to have no temporary files: the catalogs could not be read then.
    "work_mem": (0, "4MB"),
    "plpgsql.extra_errors": (90300, "none"),
    "plpgsql.extra_warnings": (90300, "none"),
    "plpgsql.check_asserts": (90500, "on"),
}
"""What every session of ours has besides, whatever the owner of the database or of the role has set for its sessions.
In a session of the caller's the time-outs are the caller's: they bound what we ask, too."""


def settings(version: int, of: Mapping[str, tuple[int, str]] = SETTINGS) -> Mapping[str, str]:
    """Return :data:`SETTINGS`, or others in that form, for a server of ``version``."""
    return {name: value for name, (since, value) in of.items() if since <= version}


def pinned(settings: Mapping[str, str], *, only_for: int | None = None) -> str:
    """Return the query that sets ``settings`` and keeps other people's functions and operators out.

    A database's owner may give its sessions a search_path, and what a superuser then asks by unqualified names would
    run what lies there. All is set for the transaction; with ``only_for`` for the session, and only if its server
    process is that one: behind a pooler it would be set for whoever comes next. Its row has the process in ``pid``;
    with ``only_for`` there is no row for another one.
    """
    is_local = "true" if only_for is None else "false"
    calls = ", ".join(
        f"pg_catalog.set_config({literal(name)}, {literal(value)}, {is_local})"
        for name, value in {"search_path": _SEARCH_PATH, **settings}.items()
    )
    condition = "" if only_for is None else f" WHERE pg_catalog.pg_backend_pid() OPERATOR(pg_catalog.=) {only_for}"
    return f"SELECT pg_catalog.pg_backend_pid() AS pid, ARRAY[{calls}] AS settings{condition}"


_SEARCH_PATH = "pg_catalog, pg_temp"


@dataclass(frozen=True, slots=True)
class Traits:
    """What differs between the kinds of servers, and between versions. The default is what all have."""

    pins_search_path: bool = True
    """Whether a deployment's statements are executed with a search_path of nothing but pg_catalog."""
    has_canary: bool = False
    """Whether :data:`CANARY` chooses the triggers that a login meets."""
    past_triggers: Mapping[str, str] = field(default_factory=dict)
    """Parameters with which a privileged connection meets no trigger at login."""

    heeds_warnings: bool = False
    """Whether a warning at CREATE FUNCTION or at a login means what elsewhere is an error: the function was not
    compiled, or a trigger failed."""

    def opening(self, lock_timeout: float) -> Mapping[str, str]:
        """Return the settings of each transaction; ``lock_timeout`` is in seconds."""
        return {
            "transaction_read_only": "off",
            **({"search_path": _SEARCH_PATH} if self.pins_search_path else {}),
            "client_min_messages": "warning",
            # With an unreachable synchronous standby a commit would wait for ever; nothing on the server bounds it.
            "synchronous_commit": "local",
            # Where the network breaks between two statements, the locks would stay, and they hold up every login.
            "idle_in_transaction_session_timeout": "10s",
            "lock_timeout": str(round(lock_timeout * 1000)),
        }

    def unbounded(self) -> Iterator[str]:
        """Yield the settings of a session that has to outlive every time-out."""
        # Which of them there are depends on the version.
        yield (
            "SELECT set_config(name, '0', false) FROM unnest(ARRAY['statement_timeout', 'transaction_timeout', "
            "'idle_session_timeout', 'idle_in_transaction_session_timeout', 'client_connection_check_interval']) AS "
            "name WHERE current_setting(name, true) IS NOT NULL"
        )
        # One thing that is locked must not keep all the rest from being taken back.
        # No login waits behind it for longer either; it is tried again.
        yield "SET lock_timeout = '400ms'"
        yield "SET default_transaction_read_only = off"
        yield "SET synchronous_commit = local"
        if self.pins_search_path:
            yield f"SET search_path = {_SEARCH_PATH}"
        # A notice to a client that is gone ends the session: the server sees only then that it is gone.
        yield "SET client_min_messages = error"


ALL = Traits()
"""What is true of every kind and version: enough to ask a server what it is."""
