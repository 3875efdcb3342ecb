"""A new data directory for an embedded PostgreSQL: its access rules and settings."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from xtrig_pgfamily.embedded.programs import Programs

ACCESS = """\
local all         all              trust
local replication all              trust
host  all         all 127.0.0.1/32 scram-sha-256
host  replication all 127.0.0.1/32 scram-sha-256
"""

SETTINGS = {
    "max_connections": "50",
    "shared_buffers": "16MB",
    "logging_collector": "off",
    "log_line_prefix": "%m [%p] %q%u@%d ",  # time, process, and in a session its user and database
}


def make_cluster(programs: Programs, data_dir: Path, password: str, settings: Mapping[str, str]) -> str:
    """Make the data directory with the superuser `postgres`; `settings` win over SETTINGS.

    Return the error output of initdb, empty if it succeeded. Raises OSError.
    """
    handle, name = tempfile.mkstemp(dir=data_dir.parent)
    with os.fdopen(handle, "w") as file:
        file.write(password)
    programs.hand_over(Path(name))
    done = programs.run(
        "initdb",
        *("--pgdata", str(data_dir), "--username", "postgres", "--pwfile", name),
        *("--auth-local", "trust", "--auth-host", "scram-sha-256"),
        *("--no-locale", "--encoding", "UTF8", "--no-sync", "--no-instructions"),
        directory=data_dir.parent,
        environment={},
    )
    Path(name).unlink()
    if done.returncode != 0:
        return done.stderr.strip() or f"initdb ended with {done.returncode}"
    (data_dir / "pg_hba.conf").write_text(ACCESS, "utf-8")
    _append(data_dir, {**SETTINGS, **settings})
    return ""


def copy_cluster(programs: Programs, data_dir: Path, primary: str, settings: Mapping[str, str]) -> str:
    """Make the data directory of a hot standby that follows the server of the connection string `primary`.

    Return the error output of pg_basebackup, empty if it succeeded.
    """
    done = programs.run(
        "pg_basebackup",
        *("--dbname", primary, "--pgdata", str(data_dir), "--write-recovery-conf"),
        *("--wal-method", "stream", "--checkpoint", "fast", "--no-sync"),
        directory=data_dir.parent,
        environment={},
    )
    if done.returncode != 0:
        return done.stderr.strip() or f"pg_basebackup ended with {done.returncode}"
    _append(data_dir, settings)
    return ""


def _append(data_dir: Path, settings: Mapping[str, str]) -> None:
    """Write settings into the file and not on the command line, which would overrule ALTER SYSTEM."""
    with (data_dir / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.writelines(f"{key} = {_quoted(value)}\n" for key, value in settings.items())


def _quoted(value: str) -> str:
    """Quote a value for postgresql.conf, which knows both '' and backslash escapes."""
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
