"""What a login costs on Firebird 3.0 and MariaDB with one logon trigger, beside none and one written by hand.

Prints ratios, asserts nothing. Each variant has a database (Firebird) or a server (MariaDB has one init_connect).
All are measured in turn, login by login and in random order, so that a busy moment hits them all alike; ratios are
formed within a round. Writes a table of docs/cost.md. From the root of the clone: python -m tests.bench.vendors
"""

from __future__ import annotations

import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

import xtrig
from tests.firebird.servers import start_server
from tests.server.mariadb.server import MariaDB, MariaDBServer

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "cost.md"
MARKS = ("<!-- measured by tests/bench/vendors.py -->", "<!-- end of what was measured on other vendors -->")
ROUNDS, LOGINS = 7, 60
NONE, BY_HAND, RENDERED = "no trigger", "INSERT by hand", "rendered by xtrig"
VARIANTS = (NONE, BY_HAND, RENDERED)
DEFINITION = """
xtrig: 1
schema: audit
tables:
  logins: {columns: {at: timestamptz, user_name: varchar(64), client_ip: varchar(64), event: varchar(16)}}
triggers:
  note_login:
    event: logon
    steps:
      - insert: logins
        values: {at: "${now}", user_name: "${login_user}", client_ip: "${client_ip}", event: "${event}"}
"""
FIREBIRD = (
    "CREATE TABLE logins (at_ TIMESTAMP, user_name VARCHAR(64), client_ip VARCHAR(64), event VARCHAR(16))",
    "GRANT INSERT ON logins TO PUBLIC",
    "CREATE TRIGGER note_login ON CONNECT AS BEGIN INSERT INTO logins VALUES (cast('now' AS TIMESTAMP), current_user,"
    " rdb$get_context('SYSTEM', 'CLIENT_ADDRESS'), 'logon'); END",
)
MARIADB = (
    "CREATE DATABASE audit",
    "CREATE TABLE audit.logins (`at` TIMESTAMP(6), user_name VARCHAR(64), client_ip VARCHAR(64), event VARCHAR(16))",
    "CREATE PROCEDURE audit.note() SQL SECURITY DEFINER INSERT INTO audit.logins VALUES (NOW(6),"
    " SUBSTRING_INDEX(USER(), '@', 1), SUBSTRING_INDEX(USER(), '@', -1), 'logon')",
    "GRANT EXECUTE ON PROCEDURE audit.note TO PUBLIC",
    "SET GLOBAL init_connect = 'CALL audit.note()'",
)
Login = Callable[[], object]


@contextmanager
def firebird() -> Iterator[Mapping[str, Login]]:
    """Start a server of Debian's package with three databases; a login ends with its logoff."""
    folder = Path(tempfile.mkdtemp(prefix="xtrig_firebird_"))
    folder.chmod(0o755)
    server = start_server(folder)
    try:
        made = {variant: server.create() for variant in VARIANTS}
        for statement in FIREBIRD:
            made[BY_HAND].execute(statement)
        made[RENDERED].deploy(DEFINITION)
        yield {variant: database.login for variant, database in made.items()}
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def mariadb() -> Iterator[Mapping[str, Login]]:
    """Start three servers; the driver's first statements wait for init_connect."""
    with ExitStack() as stack:
        made = {variant: MariaDB(stack.enter_context(MariaDBServer())) for variant in VARIANTS}
        for statement in MARIADB:
            made[BY_HAND].rows(statement)
        triggers = xtrig.load_text(DEFINITION, "bench.yaml")
        made[RENDERED].run(str(xtrig.render(triggers, "mariadb", target_version=made[RENDERED].version)))
        for here in made.values():
            here.user("bob")
            stack.callback(here.admin.close)
        yield {variant: lambda here=here: here.server.connect("bob").close() for variant, here in made.items()}


def measure(logins: Mapping[str, Login]) -> list[Mapping[str, float]]:
    """Return milliseconds of a login, a mapping of medians for each round."""
    rounds = []
    for number in range(ROUNDS + 1):
        taken: dict[str, list[float]] = {variant: [] for variant in VARIANTS}
        for _ in range(LOGINS):
            for variant in random.sample(VARIANTS, len(VARIANTS)):
                start = time.perf_counter()
                said = logins[variant]()
                taken[variant].append((time.perf_counter() - start) * 1000)
                if said is not None:
                    raise SystemExit(str(said))
        if number:  # the first one warms up
            rounds.append({variant: statistics.median(taken[variant]) for variant in VARIANTS})
    return rounds


def rows(title: str, rounds: list[Mapping[str, float]]) -> Iterator[str]:
    """Yield the lines of a table: milliseconds, and ratios with their spread."""
    for variant in VARIANTS:
        cells = []
        for other in (NONE, BY_HAND):
            found = [one[variant] / one[other] for one in rounds]
            cells.append(f"{statistics.median(found):.2f} ({min(found):.2f}-{max(found):.2f})")
        yield f"| {title} | {variant} | {statistics.median(one[variant] for one in rounds):.2f} | {' | '.join(cells)} |"


def main() -> None:
    """Measure, print, and write the table of the page, if both vendors are there."""
    lines = ["| server | trigger | ms | / no trigger | / INSERT by hand |", "|---|---|---|---|---|"]
    try:
        for title, start in (("Firebird 3.0", firebird), ("MariaDB", mariadb)):
            with start() as logins:
                lines += rows(title, measure(logins))
    except pytest.skip.Exception as missing:
        print(f"not measured: {missing}")
        return
    text = "\n".join(lines)
    print(text, flush=True)
    head, _, rest = PAGE.read_text("utf-8").partition(MARKS[0])
    tail = rest.partition(MARKS[1])[2]
    PAGE.write_text("\n\n".join([head + MARKS[0], text, MARKS[1] + tail]), "utf-8")


if __name__ == "__main__":
    main()
