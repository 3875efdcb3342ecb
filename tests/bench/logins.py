"""What a login costs with the record of sessions, beside hand-written triggers. Prints ratios, asserts nothing.

One server with a database for each variant. All variants are measured in turn, connection by connection and in random
order, so that a busy moment hits them all alike; ratios are formed within a round. Each client is a process of its
own. `pgbench -C` measures one variant after another instead, and is less steady. Writes the tables of docs/cost.md
and the picture docs/_static/cost.svg.
"""

from __future__ import annotations

import multiprocessing
import random
import re
import statistics
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from psycopg import pq

import xtrig
from xtrig.audit import session_audit
from xtrig_pgfamily.embedded.server import EmbeddedServer

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "cost.md"
PICTURE = ROOT / "docs" / "_static" / "cost.svg"
MARKS = ("<!-- measured by tests/bench/logins.py -->", "<!-- end of what was measured -->")
ROUNDS = 5
CONNECTIONS = 60
PGBENCH_ROUNDS = 3
PGBENCH_SECONDS = 1
OPEN = 1000
NONE, EMPTY, BARE2, BARE = "no trigger", "empty plpgsql trigger", "INSERT of 2 columns", "INSERT of the same columns"
FULL, FULL_LOOKS, RELAXED, RELAXED_LOOKS = "full", "full, looks each second", "relaxed", "relaxed, looks each second"
BASES = (NONE, EMPTY, BARE2, BARE, RELAXED)
VARIANTS = (NONE, EMPTY, BARE2, BARE, FULL, FULL_LOOKS, RELAXED, RELAXED_LOOKS)
COLUMNS = "login_user, client_addr, client_port, application, authn, backend_pid, started_at"
VALUES = (
    "session_user, inet_client_addr(), inet_client_port(), current_setting('application_name'), system_user, "
    "pg_backend_pid(), current_timestamp"
)
BY_HAND = """
CREATE SCHEMA audit;
CREATE TABLE audit.two (who text, at timestamptz);
CREATE TABLE audit.seven (login_user name, client_addr inet, client_port integer, application text, authn text,
    backend_pid integer, started_at timestamptz);
GRANT USAGE ON SCHEMA audit TO PUBLIC;
GRANT INSERT ON ALL TABLES IN SCHEMA audit TO PUBLIC;
CREATE FUNCTION audit.f() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN {} END $$;
CREATE EVENT TRIGGER t ON login EXECUTE FUNCTION audit.f();
"""
SCRIPTS = {
    NONE: "",
    EMPTY: BY_HAND.format(""),
    BARE2: BY_HAND.format("INSERT INTO audit.two VALUES (session_user, now());"),
    BARE: BY_HAND.format(f"INSERT INTO audit.seven ({COLUMNS}) VALUES ({VALUES});"),
    **{
        name: str(xtrig.render(session_audit(ddl=False, durability=durability, look_every=look_every)))
        for name, durability, look_every in (
            (FULL, "full", "60min"),
            (FULL_LOOKS, "full", "1s"),
            (RELAXED, "relaxed", "60min"),
            (RELAXED_LOOKS, "relaxed", "1s"),
        )
    },
}
Round = Mapping[str, float]


class Bench:
    """A server with a database for each variant."""

    def __init__(self, stack: ExitStack, *, open_sessions: int = 0, preload: str = "") -> None:
        settings = {
            "shared_buffers": "256MB",
            "max_connections": "1200" if open_sessions else "100",
            "max_wal_size": "4GB",
            "fsync": "on",
            "full_page_writes": "on",
            **({"shared_preload_libraries": preload} if preload else {}),
        }
        self.server = stack.enter_context(EmbeddedServer(18, tcp=False, settings=settings))
        self.names = {variant: f"v{number}" for number, variant in enumerate(VARIANTS)}
        with self.server.connect() as admin:
            admin.execute("CREATE ROLE app LOGIN")
            for name in self.names.values():
                admin.execute(f"CREATE DATABASE {name} TEMPLATE template0".encode())
        for variant, script in SCRIPTS.items():
            with self.server.connect(database=self.names[variant]) as session:
                session.execute(script.encode())
        self.dsns = {variant: self.server.conninfo("app", name).encode() for variant, name in self.names.items()}
        # They belong to the database whose logins have to look at them.
        for _ in range(open_sessions):
            stack.callback(pq.PGconn.connect(self.dsns[RELAXED_LOOKS]).finish)
        interleave(self.dsns, 10)

    def maintain(self) -> None:
        """Do what a scheduler would."""
        for variant in (FULL, FULL_LOOKS, RELAXED, RELAXED_LOOKS):
            with self.server.connect(database=self.names[variant]) as session:
                session.execute("SELECT audit.maintain()")

    def interleaved(self, clients: int) -> list[Round]:
        """Return milliseconds of a connection, a mapping for each round."""
        rounds = []
        for _ in range(ROUNDS):
            self.maintain()
            with multiprocessing.get_context("fork").Pool(clients) as pool:
                parts = pool.starmap(interleave, [(self.dsns, max(20, CONNECTIONS // clients))] * clients)
            rounds.append({name: statistics.median(ms for part in parts for ms in part[name]) for name in VARIANTS})
        return rounds

    def pgbench(self, clients: int) -> list[Round]:
        """Return milliseconds of a connection of the whole server, as pgbench -C counts."""
        script = self.server.socket_dir / "one.sql"
        script.write_text("SELECT 1;\n", "ascii")
        script.chmod(0o644)
        options = f"-n -C -c {clients} -j {min(clients, 2)} -T {PGBENCH_SECONDS} -U app -f {script}".split()
        rounds = []
        for _ in range(PGBENCH_ROUNDS):
            self.maintain()
            found = {}
            for variant in random.sample(VARIANTS, len(VARIANTS)):
                said = self.server.run("pgbench", *options, self.names[variant]).stdout
                tps = re.search(r"tps = ([\d.]+)", said)
                found[variant] = 1000 / float(tps[1]) if tps else float("nan")
            rounds.append(found)
        return rounds


def interleave(dsns: Mapping[str, bytes], rounds: int) -> dict[str, list[float]]:
    """Connect to each in turn, in random order, and return the milliseconds."""
    random.seed()
    taken: dict[str, list[float]] = {name: [] for name in dsns}
    for _ in range(rounds):
        for name in random.sample(list(dsns), len(dsns)):
            start = time.perf_counter()
            connection = pq.PGconn.connect(dsns[name])
            taken[name].append((time.perf_counter() - start) * 1000)
            if connection.status != pq.ConnStatus.OK:
                sys.exit(connection.error_message.decode())
            connection.finish()
    return taken


def counted(clients: int) -> str:
    """Return a number of clients in words."""
    return f"{clients} client{'s' if clients > 1 else ''}"


def ratios(rounds: list[Round], variant: str, base: str) -> tuple[float, float, float]:
    """Return median, least and greatest ratio."""
    found = [one[variant] / one[base] for one in rounds]
    return statistics.median(found), min(found), max(found)


def table(title: str, rounds: list[Round]) -> str:
    """Return a table: milliseconds, and ratios to each base as median and spread."""
    lines = [
        f"### {title}",
        "",
        "| trigger | ms | " + " | ".join(f"/ {base}" for base in BASES) + " |",
        "|---|---|" + "---|" * len(BASES),
    ]
    for variant in VARIANTS:
        cells = ["{:.2f} ({:.2f}-{:.2f})".format(*ratios(rounds, variant, base)) for base in BASES]
        lines.append(f"| {variant} | {statistics.median(one[variant] for one in rounds):.2f} | {' | '.join(cells)} |")
    text = "\n".join(lines)
    print(text, "\n", flush=True)
    return text


def picture(groups: Mapping[str, list[Round]]) -> str:
    """Draw a bar for each variant and number of clients: how many times the hand-written INSERT, with the spread."""
    shown = (NONE, EMPTY, BARE, FULL, FULL_LOOKS, RELAXED, RELAXED_LOOKS)
    colours = ("#8a8f98", "#4c78a8", "#d08770", "#6a9955")
    row, left, unit = 14, 220, 340
    height = 40 + len(shown) * (len(groups) * row + 14)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 700 {height}" font-family="sans-serif" font-size="12">',
        "<title>Time of a login, as a multiple of a hand-written INSERT of the same columns</title>",
        f'<rect width="700" height="{height}" fill="white"/>',
        f'<line x1="{left + unit}" y1="8" x2="{left + unit}" y2="{height - 30}" stroke="#999" stroke-dasharray="3"/>',
    ]
    y = 10
    for variant in shown:
        parts.append(f'<text x="{left - 8}" y="{y + len(groups) * row / 2 + 4}" text-anchor="end">{variant}</text>')
        for colour, rounds in zip(colours, groups.values(), strict=False):
            middle, low, high = ratios(rounds, variant, BARE)
            parts += [
                f'<rect x="{left}" y="{y}" width="{middle * unit:.0f}" height="{row - 3}" fill="{colour}"/>',
                f'<line x1="{left + low * unit:.0f}" x2="{left + high * unit:.0f}" y1="{y + 5.5}" y2="{y + 5.5}" '
                'stroke="black"/>',
                f'<text x="{left + high * unit + 6:.0f}" y="{y + 10}" font-size="10">{middle:.2f}</text>',
            ]
            y += row
        y += 14
    x = 10
    for colour, name in zip(colours, groups, strict=False):
        parts += [
            f'<rect x="{x}" y="{height - 20}" width="10" height="10" fill="{colour}"/>',
            f'<text x="{x + 15}" y="{height - 11}">{name}</text>',
        ]
        x += 170
    return "\n".join([*parts, "</svg>", ""])


def main() -> None:
    """Measure, print, and write page and picture."""
    tables, groups = [], {}
    with ExitStack() as stack:
        bench = Bench(stack)
        for clients in (1, 4, 8):
            name = counted(clients)
            groups[name] = bench.interleaved(clients)
            tables.append(table(f"{name}, interleaved", groups[name]))
        for clients in (1, 4, 8):
            tables.append(table(f"{counted(clients)}, pgbench -C", bench.pgbench(clients)))
    with ExitStack() as stack:
        bench = Bench(stack, open_sessions=OPEN)
        for clients in (1, 4, 8):
            name = f"{counted(clients)}, {OPEN:,} open sessions"
            rounds = bench.interleaved(clients)
            tables.append(table(f"{name}, interleaved", rounds))
            if clients == 1:
                groups[name] = rounds
    with ExitStack() as stack:
        bench = Bench(stack, preload="plpgsql")
        tables.append(table("1 client, interleaved, with shared_preload_libraries = 'plpgsql'", bench.interleaved(1)))
    PICTURE.write_text(picture(groups), "utf-8")
    head, _, rest = PAGE.read_text("utf-8").partition(MARKS[0])
    _, _, tail = rest.partition(MARKS[1])
    PAGE.write_text("\n\n".join([head + MARKS[0], *tables, MARKS[1] + tail]), "utf-8")


if __name__ == "__main__":
    main()
