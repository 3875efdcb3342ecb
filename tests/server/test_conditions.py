"""A condition means what it says, whatever words it is made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.server.deploy import deploy
from tests.server.sides import Side, emptied, roles, side

if TYPE_CHECKING:
    from xtrig_pgfamily.embedded.server import EmbeddedServer

pytestmark = pytest.mark.server

# PL/pgSQL reads a condition up to the first THEN that no parenthesis holds.
CASE = "CASE WHEN ${login_user} = 'alice' THEN true ELSE false END"
RECORD = "insert: log, values: {who: '${login_user}', what: '${event}'}"
DEFINITION = """
xtrig: 1
schema: audit
tables: {{log: {{columns: {{who: text, what: text}}}}}}
functions:
  record: {{on_error: deny, steps: [{step}]}}
triggers:
  at_logon: {{event: logon, run: record}}
  at_ddl: {{event: ddl_command_end, tags: [CREATE VIEW], run: record}}
"""


@pytest.fixture(scope="module")
def place(login_server: EmbeddedServer) -> Iterator[Side]:
    with side(login_server, "conditions") as place, roles(login_server, alice="LOGIN"):
        yield place


@pytest.mark.parametrize(
    "step",
    [
        f'{{{RECORD}, when: "{CASE}"}}',
        f'{{if: "{CASE}", then: [{{{RECORD}}}]}}',
        f"{{{RECORD}, when: \"${{event}} = 'logon'\"}}",
        f"{{if: \"'logon' = ${{event}}\", then: [{{{RECORD}}}]}}",
    ],
    ids=["when a CASE", "if a CASE", "when the event", "if the event"],
)
def test_a_condition_may_hold_a_case(step: str, place: Side) -> None:
    with emptied(place):
        deploy(place.admin, DEFINITION.format(step=step))
        place.database.connect("alice").close()
        place.admin.execute("CREATE VIEW public.v AS SELECT 1")
        assert place.admin.execute("SELECT who, what FROM audit.log").fetchall() == [("alice", "logon")]
