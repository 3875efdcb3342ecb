"""``make demo-vendors``: the definition that the README begins with, deployed to three vendors."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^ (PostgreSQL|Firebird|MariaDB) [\d.]+ .* (BOB|ALICE) .*(logon|logoff)\s*$", re.MULTILINE)
EXPECTED = {
    "PostgreSQL": ["BOB logon", "BOB logoff", "ALICE logon"],
    "Firebird": ["BOB logon", "BOB logoff", "ALICE logon", "ALICE logoff"],
    "MariaDB": ["BOB logon", "ALICE logon"],
}


@pytest.mark.server
@pytest.mark.slow
def test_each_server_records_what_the_readme_says() -> None:
    command = [sys.executable, "-m", "scripts.demo_vendors"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    left_out = set(re.findall(r"^left out: (\w+) ", done.stdout, re.MULTILINE))
    found: dict[str, list[str]] = {}
    for vendor, user, event in ROW.findall(done.stdout):
        found.setdefault(vendor, []).append(f"{user} {event}")
    assert found == {vendor: rows for vendor, rows in EXPECTED.items() if vendor.lower() not in left_out}
