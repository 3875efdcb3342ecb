"""A million sessions are read with the memory that a thousand need."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.server.audited import audited
from xtrig_pgfamily.embedded.server import EmbeddedServer

pytestmark = [pytest.mark.server, pytest.mark.slow]


def peak(*arguments: str, out: Path) -> int:
    """Return the memory that xtrig took at most, in KB."""
    with out.open("w") as stream:
        child = subprocess.Popen([sys.executable, "-m", "xtrig", "audit", *arguments], stdout=stream)
        _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0
    return usage.ru_maxrss


@pytest.mark.parametrize(("command", "form"), [("sessions", "csv"), ("report", "json")])
def test_a_million_sessions_need_no_more_memory_than_a_thousand(
    command: str, form: str, server18: EmbeddedServer, tmp_path: Path
):
    with audited(server18) as place, place.connect() as admin:
        admin.execute("""
            INSERT INTO audit.s (session_id, login_user, application, logon_at, logoff_at, ended_by)
            SELECT n, 'user ' || n, 'application ' || n, '2026-03-01+00'::timestamptz + n * interval '1 s',
                '2026-03-01+00'::timestamptz + n * interval '2 s', 'logoff'
            FROM generate_series(1, 1000000) AS n
        """)
        asked = (command, "--url", place.url, "--since", "2026-03-01", "--format", form)
        few = peak(*asked, "--until", "2026-03-01T00:16:40", out=tmp_path / "few")
        many = peak(*asked, out=tmp_path / "many")
    with (tmp_path / "many").open("rb") as written:
        assert sum(1 for _ in written) == 1_000_000 + (1 if form == "csv" else 2)
    assert many < few + 20_000
    if form == "json":
        assert len(json.loads((tmp_path / "few").read_text())["records"]) == 999
