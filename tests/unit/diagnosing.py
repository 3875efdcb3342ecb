"""Rows of a server on which nothing is wrong, and what the doctor says when some are changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xtrig.dialect.doctor import Answer, Command, Problem
from xtrig.dialect.driver import WayIn
from xtrig_postgresql.doctor import PostgreSQLDoctor

_SETTINGS = {
    "allow_alter_system": "on",
    "config_file": "/var/lib/data/postgresql.conf",
    "data_directory": "/var/lib/data",
    "log_min_messages": "warning",
    "logging_collector": "on",
    "max_connections": "100",
    "port": "5432",
    "shared_preload_libraries": "plpgsql",
    "superuser_reserved_connections": "3",
    "synchronous_commit": "on",
    "unix_socket_directories": "/run/postgresql",
}
_ROWS: dict[str, list[dict[str, Any]]] = {
    "server": [
        {
            "version": "18.4",
            "database": "shop",
            "role": "postgres",
            "acts_as": "postgres",
            "is_superuser": True,
            "sees_sessions": True,
            "is_standby": False,
            "pid": 42,
            "address": None,
            "port": None,
        }
    ],
    "roles": [{"name": "postgres", "is_superuser": True, "may_set": True}],
    "triggers": [
        {
            "name": "on_logon",
            "event": "login",
            "state": "O",
            "schema": "audit",
            "function": "on_logon",
            "language": "plpgsql",
            "is_definer": True,
            "settings": ["search_path=pg_catalog, pg_temp", "transaction_timeout=5s"],
            "owner": "postgres",
            "owner_is_superuser": True,
            "function_owner": "postgres",
            "function_owner_is_superuser": True,
            "can_replace": [],
            "missing_exempt": [],
            "comment": "xtrig:1:0123456789abcdef:audit",
        }
    ],
    "databases": [
        {"name": "postgres", "looks_for_triggers": False, "is_this": False},
        {"name": "shop", "looks_for_triggers": True, "is_this": True},
    ],
}
_DOCTOR = PostgreSQLDoctor((18,))


def rows_of(query: str) -> list[dict[str, Any]]:
    """Return the rows that a safe server answers to a query."""
    return _ROWS.get(query, [])


def diagnose(
    changed: Mapping[str, Answer] | None = None, settings: Mapping[str, str] | None = None, way_in: WayIn | None = None
) -> list[Problem]:
    """Return the problems of a safe server with some answers, or some settings, changed."""
    return list(_DOCTOR.problems(_answers(changed, settings), way_in or WayIn()))


def commands(
    changed: Mapping[str, Answer] | None = None, settings: Mapping[str, str] | None = None, way_in: WayIn | None = None
) -> list[Command]:
    """Return the commands for such a server."""
    return list(_DOCTOR.emergency_commands(_answers(changed, settings), way_in or WayIn()))


def _answers(changed: Mapping[str, Answer] | None, settings: Mapping[str, str] | None) -> dict[str, Answer]:
    values = {**_SETTINGS, **(settings or {})}
    rows = [{"name": key, "value": value, "source": "configuration file"} for key, value in values.items()]
    answers = {query: Answer(tuple(rows_of(query))) for query in _DOCTOR.queries()}
    return {**answers, "settings": Answer(tuple(rows)), **(changed or {})}
