"""A PostgreSQL whose clock stands where a test puts it, by Debian's libfaketime."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from xtrig_pgfamily.embedded.server import EmbeddedServer

LIBRARIES = "lib/*/faketime/libfaketime.so.1"
NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Clocked:
    """A server and the file that holds its time."""

    server: EmbeddedServer
    file: Path

    def stand_at(self, moment: datetime) -> None:
        """Stop the server's clock there, for the sessions that are open and for new ones."""
        write_time(self.file, moment)


def write_time(file: Path, moment: datetime) -> None:
    # In one step: libfaketime ends a process that finds half a line.
    draft = file.with_suffix(".draft")
    draft.write_text(f"{moment:%Y-%m-%d %H:%M:%S}\n", "ascii")
    draft.chmod(0o644)  # for the server's user, where this is root with a narrow umask
    draft.replace(file)


@pytest.fixture(scope="session")
def clocked() -> Iterator[Clocked]:
    """Give the one server of all tests that need an hour; they run in the xdist group `clock`."""
    library = next(Path("/usr").glob(LIBRARIES), None)
    if library is None:
        pytest.skip("needs Debian's libfaketime: apt-get install libfaketime")
    # Not where TMPDIR says: the server's user must reach it.
    with TemporaryDirectory(dir="/tmp") as name:
        Path(name).chmod(0o755)
        file = Path(name, "time")
        write_time(file, NOON)
        environment = {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(file),
            "FAKETIME_NO_CACHE": "1",
            "DONT_FAKE_MONOTONIC": "1",
            "TZ": "UTC",  # libfaketime reads the file in local time
        }
        with EmbeddedServer(18, environment=environment) as server:
            with server.connect() as session:
                now = session.execute("SELECT clock_timestamp()").fetchone()
            assert now == (NOON,), f"libfaketime has no effect on this server, whose clock says {now}"
            yield Clocked(server, file)
