"""Schemas, sets and roles whose names need quotes: everything works as under plain names."""

from __future__ import annotations

import pytest

from tests.server.conftest import fresh_database
from tests.server.sessions.recorded import Record, connect_admin
from xtrig.audit import session_audit
from xtrig.deploy import Canary, apply, drop, status
from xtrig_pgfamily.embedded.server import EmbeddedServer

HOSTILE = (
    """the "quoted" it's 100%s %I %1$s""",
    "$xtrig$ $1 $$ back\\slash \\1 @schema@ @",
    "Übermaß 監査 a.b",
    "select",
)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_only_a_name(log_server: EmbeddedServer, name: str) -> None:
    triggers = session_audit(
        name=name,
        schema=name,
        logoff="server log",
        ddl=False,
        look_every="60min",
        instance=name,
        owner=f"{name} o",
        writer=f"{name} w",
        reader=f"{name} r",
    )
    with fresh_database(log_server) as database:
        apply(triggers, database.url, canary=Canary(login_timeout=5, rounds=1))
        # @ would stand for the schema in these tests' own queries.
        record = Record(database, connect_admin(database), name)
        try:
            pid = record.visit("visits")
            record.wait_for_end(pid)
            with record.enter("read only", options="-c default_transaction_read_only=on"):
                record.wait_for_line('"message":"xtrig {', "read only")
                said = record.maintain()
                assert "log_error" not in said
                assert record.session("visits").ended_by == "server log"
                row = record.session("read only")
                assert (row.source, row.instance) == ("login trigger, by its log line", name)
            record.look_at_login()
            assert record.findings() == []
            record.run("UPDATE @.session_log SET login_user = 'x' WHERE application = 'visits'")
            assert len(record.findings()) == 1
            record.run("DELETE FROM @.coverage")
            assert status(triggers, database.url).is_in_sync
        finally:
            record.admin.close()
        drop(triggers, database.url, with_data=True)
        with database.connect("alice"):
            pass
