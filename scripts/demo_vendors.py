"""One definition, the one that the README begins with, on three real servers: deployed, met by logins, read back.

    python -m scripts.demo_vendors

PostgreSQL comes with a wheel; Firebird and MariaDB are Debian's packages. Without Firebird's server the engine of its
wheel takes its place. What is not there is left out, and said. Every server runs in a folder that is thrown away.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

import xtrig
from tests.firebird.servers import PASSWORD, embedded, start_server
from tests.server.mariadb.server import MariaDB, MariaDBServer
from xtrig.cli.console import report_console
from xtrig.connect import open_place
from xtrig.deploy import Canary
from xtrig_pgfamily.embedded.server import EmbeddedServer

ROOT = Path(__file__).parents[1]
USERS = ("BOB", "ALICE")
SHOWN = "SELECT {} AS moment, user_name, client_ip, event FROM {}"

REMARK = (
    "PostgreSQL has no logoff event: the next login notices who is gone. Firebird has one. MariaDB has neither, so "
    "infer_or_skip leaves it out. Addresses are those of TCP; MariaDB has looked up a name for it."
)

console = report_console()


@dataclass(frozen=True)
class Vendor:
    """A running server: the URL of a user, who administers it, and what holds the rows."""

    title: str
    url: Callable[[str], str]
    admin: str
    table: str = "audit.users_log"
    moment: str = "at"


def definition() -> str:
    """Return the definition that the README begins with."""
    found = re.search(r"^```yaml\n(.*?)^```$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert found is not None  # noqa: S101  # tests/test_docs.py renders it
    return found[1]


@contextmanager
def postgresql() -> Iterator[Vendor]:
    """Start PostgreSQL 18."""
    with EmbeddedServer(18) as server:
        with server.connect() as admin:
            for user in USERS:
                admin.execute(f'CREATE ROLE "{user}" LOGIN'.encode())
        yield Vendor("PostgreSQL 18", server.url, "postgres")


@contextmanager
def firebird() -> Iterator[Vendor]:
    """Start Firebird 3.0, or without its package take the engine of 5.0 from a wheel."""
    with tempfile.TemporaryDirectory(prefix="xtrig_firebird_", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        try:
            server = start_server(Path(folder, "server"))
        except pytest.skip.Exception:
            server = embedded(Path(folder, "engine"))
        try:
            path = server.create().path
            where = server.host.rstrip(":").replace("/", ":")

            def url(user: str) -> str:
                return f"firebird://{user}:{quote(PASSWORD)}@{where}/{path}"

            yield Vendor(f"Firebird {server.version}", url, "SYSDBA", "users_log", 'cast("AT" AS VARCHAR(50))')
        finally:
            server.stop()


@contextmanager
def mariadb() -> Iterator[Vendor]:
    """Start MariaDB."""
    with MariaDBServer() as server:
        here = MariaDB(server)
        try:
            for user in USERS:
                here.user(user)
            yield Vendor(f"MariaDB {here.version}", server.url, "root")
        finally:
            here.admin.close()


def fire(vendor: Vendor, triggers: xtrig.TriggerSet) -> list[tuple[str, ...]]:
    """Deploy the set, log in as two users, and return the rows that this left."""
    xtrig.apply(triggers, vendor.url(vendor.admin), canary=Canary(urls=[vendor.url(USERS[0])]))
    with open_place(vendor.url(vendor.admin)) as place:
        with place.session.transaction(5):
            place.session.execute(f"DELETE FROM {vendor.table}")  # noqa: S608  # what the proof of the deployment left
        for user in USERS:
            with open_place(vendor.url(user)):
                pass
        rows = place.session.rows(SHOWN.format(vendor.moment, vendor.table))
    shown = [(vendor.title, *(str("" if value is None else value) for value in row.values())) for row in rows]
    # In this order also within one millisecond; Firebird does not sort by a text without a length.
    return sorted(shown, key=lambda row: (USERS.index(row[2]), row[4] == "logoff"))


def main() -> int:
    """Show it; return 1 if a server that is there did not do what it should."""
    triggers = xtrig.load_text(definition(), "README.md")
    _head("One definition")
    console.print(Text(definition()))
    table = Table("server", "at", "user", "client", "event", box=None, header_style="bold")
    for start in (postgresql, firebird, mariadb):
        with ExitStack() as stack:
            try:
                vendor = stack.enter_context(start())
            except pytest.skip.Exception as missing:
                console.print(Text(f"left out: {start.__name__} {missing}"))
                continue
            _head(f"{vendor.title}: xtrig apply --canary-url ..., then {' and '.join(USERS)} log in and out")
            for row in fire(vendor, triggers):
                table.add_row(*map(Text, row))
    _head("What the same definition recorded on each")
    console.print(table)
    console.print(Text(REMARK))
    return 0


def _head(text: str) -> None:
    console.print()
    console.print(Rule(Text(text, style="bold"), align="left", style="default"))


if __name__ == "__main__":
    sys.exit(main())
