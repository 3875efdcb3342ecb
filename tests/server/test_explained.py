"""What an explanation says of a trigger, against what the same trigger does on PostgreSQL 17 and 18."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest

import xtrig
from tests.server.guarded import READ_ONLY, guarded
from tests.server.sides import Side, side
from xtrig_pgfamily.embedded.server import EmbeddedServer

pytestmark = pytest.mark.server

FULL = ("denies", "fails", "on_error", "standby", "exempt")
REFUSED = "A deny refuses the session."
CAUGHT = "An error in a step is caught: the login goes on"
UNCAUGHT = "A failing logon function locks everybody out of the database"
LOGGED = "A read-only session (any user can ask for one), and a session on a hot standby"


@pytest.fixture(scope="module")
def place(login_server: EmbeddedServer) -> Iterator[Side]:
    with side(login_server, "place") as place:
        yield place


def definition(denies: bool, fails: bool, on_error: str, standby: str, exempt: bool) -> str:
    roles = "    exempt_roles: [alice]\n" if exempt else ""
    steps = '      - {insert: users_log, values: {user_name: "${login_user}", event: "${event}"}}\n'
    steps += "      - {set: app.a, value: \"CAST(1 / CAST('0' AS integer) AS text)\"}\n" if fails else ""
    steps += "      - {deny: closed}\n" if denies else ""
    return (
        "xtrig: 1\nschema: audit\ntables:\n"
        "  users_log: {columns: {id: {type: bigint, identity: true}, user_name: text, event: text}}\n"
        f"triggers:\n  x:\n    event: logon\n    on_error: {on_error}\n    standby: {standby}\n"
        f"{roles}    steps:\n{steps}"
    )


@pytest.mark.parametrize(
    FULL, list(product((False, True), (False, True), ("allow", "deny"), ("skip", "run"), (False, True)))
)
def test_the_server_does_what_the_explanation_says(
    denies: bool, fails: bool, on_error: str, standby: str, exempt: bool, place: Side
) -> None:
    text = definition(denies, fails, on_error, standby, exempt)
    (explained,) = xtrig.explain(xtrig.load_text(text), dialects=["postgresql"])
    said = [sentence.text for sentence in explained.sentences]

    def tells(begin: str) -> bool:
        return any(each.startswith(begin) for each in said)

    assert tells(CAUGHT) is not tells(UNCAUGHT)
    is_let_past = tells("For role alice its steps are not run")
    stopped = tells(REFUSED) or (fails and tells(UNCAUGHT))
    with guarded(place, text) as audit:
        assert (audit.log_in() is not None) is (stopped and not is_let_past)
        recorded = [] if stopped or is_let_past or fails else ["alice"]
        assert audit.rows() == recorded
        audit.admin.execute("TRUNCATE audit.users_log")
        read_only = audit.log_in(options=READ_ONLY)
        assert audit.rows() == []
        outcomes = [line["outcome"] for line in audit.logged("audit.x")]
        assert ("not written" in outcomes) is (tells(LOGGED) and not is_let_past)
        if not tells(LOGGED) and not is_let_past:
            assert (read_only is not None) is (tells(REFUSED) or tells(UNCAUGHT))
