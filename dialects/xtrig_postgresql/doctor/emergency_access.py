"""Emergency access: who could get in, and where, if login triggers refuse everybody, and the commands for it.

tests/server/test_doctor_commands.py runs each command against such a server.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from xtrig.dialect.doctor import Command, Problem
from xtrig.plugin import Severity
from xtrig_pgfamily.objects.event_trigger import STATES
from xtrig_pgfamily.words import name
from xtrig_postgresql.doctor.server_state import HANGING, HealthCheck, ServerState

CROWDED = 0.75
"""The share of used connections at which a few hanging logins could take the rest."""


def _no_way_back(server: ServerState) -> Iterator[Problem]:
    """A superuser can log in with event_triggers=off, and so can a role with SET on it, which cannot alter a trigger.

    Other roles get ``permission denied to set parameter "event_triggers"``, with CREATEROLE too (18.4).
    """
    rows = server.rows("roles")
    if any(row["is_superuser"] for row in rows):
        return
    remedy = "keep one superuser that can log in: ALTER ROLE ... SUPERUSER LOGIN VALID UNTIL 'infinity'"
    if not rows:
        message = "there is no superuser who can log in, so nobody could get past a login trigger that refuses"
        yield NO_WAY_BACK.problem(Severity.ERROR, "roles", message, remedy)
        return
    keys = ", ".join(name(row["name"]) for row in rows)
    message = f"{keys} may set event_triggers and so get in, but there is no superuser who could alter the trigger"
    yield NO_WAY_BACK.problem(Severity.WARNING, "roles", message, remedy)


def _no_reserved_connections(server: ServerState) -> Iterator[Problem]:
    """A login that hangs keeps its connection after its client has gone (18.4)."""
    if server.setting("superuser_reserved_connections") == "0":
        message = "is 0: logins that hang in a trigger take every connection, also the one that could end them"
        remedy = "set it to 3, its default; it needs a restart"
        yield NO_RESERVED_CONNECTIONS.problem(Severity.WARNING, "superuser_reserved_connections", message, remedy)
    keys = [row["name"] for row in server.rows("roles") if not row["is_superuser"]]
    if keys and server.setting("reserved_connections") == "0":
        called = ", ".join(map(name, keys))
        message = f"is 0: {called} may switch event_triggers off, but finds no connection once hanging logins took all"
        remedy = f"set it to 2 and grant pg_use_reserved_connections to {called}; it needs a restart"
        yield NO_RESERVED_CONNECTIONS.problem(Severity.NOTE, "reserved_connections", message, remedy)


def _few_connections_left(server: ServerState) -> Iterator[Problem]:
    most = int(server.setting("max_connections") or 0)
    kept = sum(int(server.setting(each) or 0) for each in ("superuser_reserved_connections", "reserved_connections"))
    used = sum(row["number"] for row in server.rows("sessions"))
    if most and used >= CROWDED * (most - kept):
        message = f"{used} of {most - kept} are taken: a few logins that hang would shut every database of the server"
        remedy = "raise max_connections, or put a pool before the clients that open most"
        yield FEW_CONNECTIONS_LEFT.problem(Severity.WARNING, "connections", message, remedy)


def other_database(server: ServerState) -> str:
    """Return another database without login triggers; "" if there is none."""
    rows = [row for row in server.rows("databases") if not row["is_this"] and not row["looks_for_triggers"]]
    return rows[0]["name"] if rows else ""


def _no_other_database(server: ServerState) -> Iterator[Problem]:
    if not other_database(server):
        message = "every other one has login triggers too, so there is none to repair this one from"
        remedy = "keep one without, such as postgres"
        yield NO_OTHER_DATABASE.problem(Severity.WARNING, "databases", message, remedy)


def _other_databases(server: ServerState) -> Iterator[Problem]:
    """Login triggers belong to one database, and those of another cannot be read from here."""
    there = [row["name"] for row in server.rows("databases") if not row["is_this"] and row["looks_for_triggers"]]
    if there:
        message = f"{', '.join(map(name, there))} may have login triggers too, which cannot be seen from this database"
        yield OTHER_DATABASES.problem(Severity.NOTE, "databases", message, "run xtrig doctor there as well")


NO_WAY_BACK = HealthCheck("no-way-back", ("roles",), _no_way_back)
NO_RESERVED_CONNECTIONS = HealthCheck("no-reserved-connections", ("settings", "roles"), _no_reserved_connections)
FEW_CONNECTIONS_LEFT = HealthCheck("few-connections-left", ("settings", "sessions"), _few_connections_left)
NO_OTHER_DATABASE = HealthCheck("no-other-database", ("databases",), _no_other_database)
OTHER_DATABASES = HealthCheck("other-databases", ("databases",), _other_databases)

CHECKS = (NO_WAY_BACK, NO_RESERVED_CONNECTIONS, FEW_CONNECTIONS_LEFT, NO_OTHER_DATABASE, OTHER_DATABASES)


_PAST = "PGOPTIONS='-c event_triggers=off' "
_RELOAD = "SELECT pg_reload_conf()"
_DISARM = "UPDATE pg_database SET dathasloginevt = false WHERE datname = current_database()"
# In one transaction with the last DISABLE: until a login on the primary clears the flag, standbys refuse every
# login. Enabling a trigger sets it again.

_DISABLE_ALL = (
    "DO $do$ DECLARE called text; BEGIN"
    " FOR called IN SELECT evtname FROM pg_event_trigger WHERE evtevent = $$login$$ AND evtenabled <> $$D$$ LOOP"
    " EXECUTE format($$ALTER EVENT TRIGGER %I DISABLE$$, called); END LOOP; END $do$"
)
# For commands that are printed before there is a trigger. It has no single quote, as it is quoted with them.

_CLAUSES = dict(STATES.values())


def commands(server: ServerState) -> Iterator[Command]:
    """Yield the commands, the mildest first."""
    if not server.has_login_triggers:
        return
    superusers = [row["name"] for row in server.rows("roles") if row["is_superuser"]]
    if superusers:
        yield from _with_a_connection(server, superusers[0])
    yield from _on_the_machine(server)


def _with_a_connection(server: ServerState, superuser: str) -> Iterator[Command]:
    here = _psql(server, superuser)
    yield Command(f"Get in past the login triggers of this database, as {name(superuser)}", _PAST + here)
    if not server["is_standby"]:
        yield from _disable(server, here)
    if any(row["hanging"] for row in server.rows("sessions")):
        end = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {' '.join(HANGING.split())}"
        yield Command("End the logins that hang", f"{_PAST}{here} -c {quoted(end)}")
    other = other_database(server)
    if other:
        yield from _from_another(server, _psql(server, superuser, other), superuser)


def _disable(server: ServerState, here: str) -> Iterator[Command]:
    on = [f"ALTER EVENT TRIGGER {each.name} {_CLAUSES[each.state]}" for each in server.login_triggers]
    whole = f"{_PAST}{here} -v ON_ERROR_STOP=1 --single-transaction"
    yield Command(
        "Disable the login triggers of this database; the UPDATE keeps its standbys open",
        _run(whole, *_off(server)),
        _run(whole, *on) if on else "",
    )


def _off(server: ServerState) -> list[str]:
    """Return the statements that disable all login triggers."""
    known = [f"ALTER EVENT TRIGGER {each.name} DISABLE" for each in server.login_triggers]
    return [*(known or [_DISABLE_ALL]), _DISARM]


def _from_another(server: ServerState, there: str, superuser: str) -> Iterator[Command]:
    """Login triggers belong to one database: a login to another one needs no option, also through a pooler."""
    if not server["is_standby"]:
        database = f"ALTER DATABASE {name(server['database'])}"
        yield Command(
            "Switch them off for this database, from another one: every role gets in",
            _run(there, f"{database} SET event_triggers = off"),
            _run(there, f"{database} RESET event_triggers"),
        )
        role = f"ALTER ROLE {name(superuser)}"
        yield Command(
            "Switch them off for one role, from another database: only it gets in",
            _run(there, f"{role} SET event_triggers = off"),
            _run(there, f"{role} RESET event_triggers"),
        )
    if server.setting("allow_alter_system") != "off":
        yield Command(
            "Switch them off for the whole server, from another database; DDL triggers too",
            _run(there, "ALTER SYSTEM SET event_triggers = off", _RELOAD),
            _run(there, "ALTER SYSTEM RESET event_triggers", _RELOAD),
        )


def _on_the_machine(server: ServerState) -> Iterator[Command]:
    data = quoted(server.setting("data_directory")) if server.setting("data_directory") else '"$PGDATA"'
    config = quoted(server.setting("config_file")) if server.setting("config_file") else '"$PGDATA"/postgresql.conf'
    control = _program(server, "pg_ctl")
    # ALTER SYSTEM writes postgresql.auto.conf, which is read last and wins.
    yield Command(
        "Without any connection, on the server's machine as the owner of its files; later remove the line again",
        f"printf '\\nevent_triggers = off\\n' >> {config}\n{control} reload -D {data}",
    )
    if server["is_standby"]:
        return  # "standby mode is not supported by single-user servers" (18.4)
    aside = "" if not server.setting("config_file") or _lies_in_data(server) else f" -c config_file={config}"
    alone = f"{_program(server, 'postgres')} --single -D {data}{aside} {quoted(server['database'])}"
    yield Command(
        "The last resort, with the server stopped; start it again as it is always started",
        f"{control} stop -D {data} -m fast\nprintf '%s\\n' {quoted('; '.join(_off(server)))} | {alone}",
    )


def _lies_in_data(server: ServerState) -> bool:
    return server.setting("config_file") == f"{server.setting('data_directory')}/postgresql.conf"


def _program(server: ServerState, program: str) -> str:
    folder = next((row["folder"] for row in server.rows("programs")), "")
    return quoted(f"{folder}/{program}") if folder else program


def _run(client: str, *statements_: str) -> str:
    return " ".join([client, *(f"-c {quoted(statement)}" for statement in statements_)])


def _psql(server: ServerState, user: str, database: str | None = None) -> str:
    parameters = {**_address(server), "user": user, "dbname": database or server["database"]}
    if user != server.way_in.parameters.get("user"):
        parameters = {key: value for key, value in parameters.items() if key not in ("sslcert", "sslkey")}
    return f"psql {quoted(connection_string(parameters))}"


def _address(server: ServerState) -> Mapping[str, str]:
    """Return host and port; behind a pooler those that the server reports, as a pooler drops PGOPTIONS."""
    reported = server.way_in.backend_pid
    given = server.way_in.parameters
    if given and (not reported or reported == server["pid"]):
        return given
    socket = server.setting("unix_socket_directories").partition(",")[0].strip()
    rest = {key: value for key, value in given.items() if key not in ("host", "hostaddr", "port")}
    host = server["address"] or socket
    return {"host": host, "port": str(server["port"] or server.setting("port")), **rest}


_PLAIN = re.compile(r"[\w./,:@%+-]+", re.ASCII)
_READABLE_IN_DOUBLE_QUOTES = frozenset('"$`\\!')


def quoted(word: str) -> str:
    r"""Return a word as every shell reads it back, without quotes where it needs none.

    A word with control characters becomes ``$'..'``, which bash, zsh and POSIX.1-2024 know: a terminal would
    obey them.
    """
    if _PLAIN.fullmatch(word):
        return word
    if not word.isprintable():
        return "$'" + "".join(map(_escaped, word)) + "'"
    if "'" not in word:
        return f"'{word}'"
    if not _READABLE_IN_DOUBLE_QUOTES & set(word):
        return f'"{word}"'
    return "'" + word.replace("'", "'\\''") + "'"


def connection_string(parameters: Mapping[str, str]) -> str:
    """Return parameters of libpq as ``key=value key='a value'`` (manual of 18, 32.1.1.1)."""
    return " ".join(f"{key}={_value(value)}" for key, value in parameters.items() if value)


def _value(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'" if any(char.isspace() for char in value) else escaped


def _escaped(char: str) -> str:
    if char in "'\\":
        return f"\\{char}"
    return char if char.isprintable() else "".join(f"\\{byte:03o}" for byte in char.encode())
