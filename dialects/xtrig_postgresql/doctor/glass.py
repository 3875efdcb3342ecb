"""The break-glass commands: how people get in again when login triggers refuse everybody.

Each of them is run against such a server by tests/server/test_doctor_commands.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from xtrig.dialect.doctor import Command
from xtrig_pgfamily.objects.event_trigger import STATES
from xtrig_pgfamily.words import name
from xtrig_postgresql.doctor.chart import Chart
from xtrig_postgresql.doctor.queries import HANGING
from xtrig_postgresql.doctor.rescue import other_database
from xtrig_postgresql.doctor.shell import connection_string, quoted

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
# For a page that is printed before there is any. It holds no single quote, so that it reads well inside them.

_CLAUSES = dict(STATES.values())


def commands(chart: Chart) -> Iterator[Command]:
    """Yield the commands, the mildest first."""
    if not chart.has_login_triggers:
        return
    superusers = [row["name"] for row in chart.rows("roles") if row["is_superuser"]]
    if superusers:
        yield from _with_a_connection(chart, superusers[0])
    yield from _on_the_machine(chart)


def _with_a_connection(chart: Chart, superuser: str) -> Iterator[Command]:
    here = _psql(chart, superuser)
    yield Command(f"Get in past the login triggers of this database, as {name(superuser)}", _PAST + here)
    if not chart["is_standby"]:
        yield from _disable(chart, here)
    if any(row["hanging"] for row in chart.rows("sessions")):
        end = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {' '.join(HANGING.split())}"
        yield Command("End the logins that hang", f"{_PAST}{here} -c {quoted(end)}")
    other = other_database(chart)
    if other:
        yield from _from_another(chart, _psql(chart, superuser, other), superuser)


def _disable(chart: Chart, here: str) -> Iterator[Command]:
    on = [f"ALTER EVENT TRIGGER {each.name} {_CLAUSES[each.state]}" for each in chart.login_triggers]
    whole = f"{_PAST}{here} -v ON_ERROR_STOP=1 --single-transaction"
    yield Command(
        "Disable the login triggers of this database; the UPDATE keeps its standbys open",
        _run(whole, *_off(chart)),
        _run(whole, *on) if on else "",
    )


def _off(chart: Chart) -> list[str]:
    """Return the statements that disable all login triggers."""
    known = [f"ALTER EVENT TRIGGER {each.name} DISABLE" for each in chart.login_triggers]
    return [*(known or [_DISABLE_ALL]), _DISARM]


def _from_another(chart: Chart, there: str, superuser: str) -> Iterator[Command]:
    """Login triggers belong to one database; another one lets in without any option, also through a pooler."""
    if not chart["is_standby"]:
        database = f"ALTER DATABASE {name(chart['database'])}"
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
    if chart.setting("allow_alter_system") != "off":
        yield Command(
            "Switch them off for the whole server, from another database; DDL triggers too",
            _run(there, "ALTER SYSTEM SET event_triggers = off", _RELOAD),
            _run(there, "ALTER SYSTEM RESET event_triggers", _RELOAD),
        )


def _on_the_machine(chart: Chart) -> Iterator[Command]:
    data = quoted(chart.setting("data_directory")) if chart.setting("data_directory") else '"$PGDATA"'
    config = quoted(chart.setting("config_file")) if chart.setting("config_file") else '"$PGDATA"/postgresql.conf'
    control = _program(chart, "pg_ctl")
    # ALTER SYSTEM writes postgresql.auto.conf, which is read last and wins.
    yield Command(
        "Without any connection, on the server's machine as the owner of its files; later remove the line again",
        f"printf '\\nevent_triggers = off\\n' >> {config}\n{control} reload -D {data}",
    )
    if chart["is_standby"]:
        return  # "standby mode is not supported by single-user servers" (18.4)
    aside = "" if not chart.setting("config_file") or _lies_in_data(chart) else f" -c config_file={config}"
    alone = f"{_program(chart, 'postgres')} --single -D {data}{aside} {quoted(chart['database'])}"
    yield Command(
        "The last resort, with the server stopped; start it again as it is always started",
        f"{control} stop -D {data} -m fast\nprintf '%s\\n' {quoted('; '.join(_off(chart)))} | {alone}",
    )


def _lies_in_data(chart: Chart) -> bool:
    return chart.setting("config_file") == f"{chart.setting('data_directory')}/postgresql.conf"


def _program(chart: Chart, program: str) -> str:
    folder = next((row["folder"] for row in chart.rows("programs")), "")
    return quoted(f"{folder}/{program}") if folder else program


def _run(client: str, *statements_: str) -> str:
    return " ".join([client, *(f"-c {quoted(statement)}" for statement in statements_)])


def _psql(chart: Chart, user: str, database: str | None = None) -> str:
    parameters = {**_address(chart), "user": user, "dbname": database or chart["database"]}
    if user != chart.way_in.parameters.get("user"):
        parameters = {key: value for key, value in parameters.items() if key not in ("sslcert", "sslkey")}
    return f"psql {quoted(connection_string(parameters))}"


def _address(chart: Chart) -> Mapping[str, str]:
    """Return where the server is; behind a pooler what the server says itself, as a pooler drops PGOPTIONS."""
    told = chart.way_in.backend_pid
    given = chart.way_in.parameters
    if given and (not told or told == chart["pid"]):
        return given
    socket = chart.setting("unix_socket_directories").partition(",")[0].strip()
    rest = {key: value for key, value in given.items() if key not in ("host", "hostaddr", "port")}
    host = chart["address"] or socket
    return {"host": host, "port": str(chart["port"] or chart.setting("port")), **rest}
