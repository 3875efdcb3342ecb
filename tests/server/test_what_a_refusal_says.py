"""The detail, the hint and the SQLSTATE of a deny, and messages to the client, on PostgreSQL 17 and 18."""

from __future__ import annotations

import psycopg
import pytest

from tests.server.conftest import Database
from tests.server.deploy import deploy
from xtrig_pgfamily.driver.address import address_for
from xtrig_pgfamily.trial.watched import Heard, Refused, log_in, told

pytestmark = pytest.mark.server

DENIALS = """
      - {deny: "plain", when: "${application} = 'plain'"}
      - when: "${application} = 'all'"
        deny: all ${database}
        detail: by ${login_user}
        hint: wait
        sqlstate: "28000"
      - {deny: "hint", hint: "100% ${tag}", when: "${application} = 'hint'"}
      - {deny: "state", sqlstate: "P0001", when: "${application} = 'state'"}
      - {log: "hello ${login_user}", level: notice}
      - {log: "careful", level: warning}
"""


def definition(event: str, on_error: str) -> str:
    return f"xtrig: 1\ntriggers:\n  t:\n    event: {event}\n    on_error: {on_error}\n    steps:{DENIALS}"


def expected(name: str, tag: str, severity: str) -> dict[str, tuple[str, str]]:
    return {
        "plain": (f"{severity}:  plain", "42501"),
        "all": (f"{severity}:  all {name}\nDETAIL:  by postgres\nHINT:  wait", "28000"),
        "hint": (f"{severity}:  hint\nHINT:  100% {tag}", "42501"),
        "state": (f"{severity}:  state", "P0001"),
    }


@pytest.mark.parametrize("on_error", ["allow", "deny"])
def test_a_refused_login_says_it_all(on_error: str, database18: Database) -> None:
    with database18.connect() as admin:
        deploy(admin, definition("logon", on_error))
    found: dict[str, tuple[str, str | None]] = {}
    for application in ("plain", "all", "hint", "state"):
        with pytest.raises(Refused) as refused:
            log_in(address_for(database18.url).changed(application_name=application), Heard())
        found[application] = (refused.value.message, refused.value.sqlstate)
    assert found == expected(database18.name, "LOGIN", "FATAL")
    heard = Heard()
    log_in(address_for(database18.url), heard).close()
    assert heard.take() == ("NOTICE: hello postgres", "WARNING: careful")


@pytest.mark.parametrize("on_error", ["allow", "deny"])
def test_a_refused_command_says_it_all(on_error: str, database18: Database) -> None:
    with database18.connect() as admin:
        deploy(admin, definition("ddl_command_start", on_error))
        found: dict[str, tuple[str, str | None]] = {}
        for application in ("plain", "all", "hint", "state"):
            admin.execute(f"SET application_name = '{application}'")
            with pytest.raises(psycopg.Error) as refused:
                admin.execute("CREATE VIEW v AS SELECT 1")
            found[application] = told(refused.value)
    assert found == expected(database18.name, "CREATE VIEW", "ERROR")
