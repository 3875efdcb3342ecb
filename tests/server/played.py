"""The vendor's documented form, played on a community server by a trigger function of plpgsql with the same block.

Only what a community server does not have is played: the form itself, its variables, and the two events, of which a
login plays both, one after the other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import psycopg

import xtrig
from tests.server.conftest import Database

LOGON, LOGOFF = "after_user_logon", "before_user_logoff"
_FORM = re.compile(
    r"CREATE OR REPLACE FUNCTION (\S+) RETURN event_trigger(.*?) IS\n(.*?)^BEGIN\n(.*)^END\Z", re.S | re.M
)
_VARIABLES = """
    polar_login_user pg_catalog.name := session_user;
    polar_database_name varchar := pg_catalog.current_database();
    polar_client_ip pg_catalog.text := pg_catalog.host(pg_catalog.inet_client_addr());
    polar_instance_num integer := 1;
    tg_tag varchar := 'LOGIN';
"""
"""What they are is not documented, so they are of different types."""


def as_plpgsql(form: str, events: Sequence[str], rights: str) -> str:
    """Return a function in the documented form as one of plpgsql that runs its block once for each event."""
    found = _FORM.fullmatch(form)
    assert found is not None, form
    name, clauses, declared, block = found.groups()
    settings = " ".join(re.findall(r"SET \w+ = [\w, ]+?(?= SET |$)", clauses))
    runs = "".join(f"DECLARE tg_event varchar := '{event}';\n{declared}BEGIN\n{block}END;\n" for event in events)
    body = f"<<played>> DECLARE{_VARIABLES}BEGIN\n{runs}END"
    return (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS event_trigger LANGUAGE plpgsql {rights} {settings} "
        f"AS $played$ {body} $played$"
    )


def play(
    database: Database,
    definition: xtrig.TriggerSet,
    *,
    dialect: str = "polardb",
    events: Sequence[str] = (LOGON,),
    rights: str = "SECURITY INVOKER",
    changed: Sequence[tuple[str, str]] = (),
    target_version: str | None = None,
) -> xtrig.Script:
    """Run a rendered script, its functions in the documented form played, and let its logon trigger fire at logins.

    ``rights`` are those that the documented form gives, which is not documented either; ``changed`` are mutations of
    the text, each of which has to occur.
    """
    script = xtrig.render(definition, dialect, target_version=target_version)
    unused = dict(changed)
    made: set[str] = set()
    with database.connect(options="-c event_triggers=off") as admin:
        for statement in script:
            text = statement.sql
            for old, new in changed:
                if old in text:
                    text = text.replace(old, new)
                    unused.pop(old, None)
            if "RETURN event_trigger" in text:
                text = as_plpgsql(text, events, rights)
            event = re.search("EVENT TRIGGER (\\S+) (ON after_user_logon|AFTER LOGON)", text)
            if event is not None:
                _, _, run = text.rpartition("EXECUTE ")
                _, _, called = run.partition(" ")
                text = f"CREATE EVENT TRIGGER {event[1]} ON login EXECUTE FUNCTION {called}"
                made.add(event[1])
            elif "EVENT TRIGGER" in text and not (text.startswith("ALTER") and text.split()[3] in made):
                continue
            admin.execute(text.encode())
    assert not unused, f"not in the script: {list(unused)}"
    return script


def rows(database: Database, sql: str) -> list[tuple[Any, ...]]:
    """Return what a query of the superuser's gives, past the triggers."""
    with database.connect(options="-c event_triggers=off") as admin:
        return admin.execute(sql.encode()).fetchall()


def run(database: Database, sql: str) -> None:
    """Run statements of the superuser's past the triggers."""
    with database.connect(options="-c event_triggers=off") as admin:
        admin.execute(sql.encode())


def log_in(database: Database, user: str, options: str = "", **more: Any) -> psycopg.Connection[Any]:
    """Log in as a role, with server parameters set from the first moment."""
    return database.connect(user, options=options, **more)
