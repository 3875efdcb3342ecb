"""AcmeDB through xtrig's own suite, and what the suite cannot know."""

from __future__ import annotations

import xtrig
from xtrig.testing.suite import DialectSuite

AUDIT = """
xtrig: 1
schema: audit
tables:
  sessions: {columns: {who: text, what: text}}
triggers:
  "session]begins":
    event: logon
    steps:
      - insert: sessions
        values: {who: "${login_user}", what: "${event}"}
"""


class TestAcmeDB(DialectSuite):
    dialect_name = "acmedb"


def test_body_is_in_the_trigger() -> None:
    script = xtrig.render(xtrig.load_text(AUDIT, "audit.yaml"), "acmedb")
    assert script.statements[-1].sql == (
        "CREATE OR REPLACE TRIGGER [session]]begins] AFTER LOGON\n"
        "WITH (RIGHTS = DEFINER, LOCK_TIMEOUT = 250, TIMEOUT = 5000) AS\n"
        "BEGIN\n"
        "    -- on_error: allow. AcmeDB logs an error and goes on.\n"
        "    INSERT INTO [audit].[sessions] ([who], [what])\n"
        "    VALUES (SESSION_INFO('login'), 'logon');\n"
        "END"
    )
