"""Write docs/_static/taken-back.svg: a real `xtrig apply` that goes wrong and is taken back, as a terminal shows it.

    python scripts/record_apply.py

Everything in the picture was printed by the commands in it, on an embedded PostgreSQL 18.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.text import Text

from xtrig_pgfamily.embedded.server import EmbeddedServer

PICTURE = Path(__file__).parents[1] / "docs" / "_static" / "taken-back.svg"
WIDTH = 118
DEFINITION = """\
xtrig: 1
schema: policy
triggers:
  office_only:                 # meant for contractors; written for everybody but one
    event: logon
    on_error: deny
    exempt_roles: [postgres]
    steps:
      - deny: "contractors come in from 10.0.0.7 only"
        when: ${client_ip} IS DISTINCT FROM '10.0.0.7'
"""
COMMANDS = (
    ("cat", "policy.yaml"),
    ("xtrig", "apply", "policy.yaml", "--canary-url", "service=alice"),
    ("xtrig", "status", "policy.yaml"),
)


def commands() -> Iterator[tuple[str, str, int]]:
    """Run the commands, and yield each with what it printed and its exit code."""
    with EmbeddedServer(18) as server, tempfile.TemporaryDirectory() as folder:
        with server.connect() as connection:
            connection.execute("CREATE ROLE alice LOGIN")
        Path(folder, "policy.yaml").write_text(DEFINITION, "utf-8")
        service = Path(folder, "services.conf")
        service.write_text(
            f"[alice]\nhost={server.socket_dir}\nport={server.port}\nuser=alice\ndbname=postgres\n", "utf-8"
        )
        environment = {**os.environ, "PGSERVICEFILE": str(service), "XTRIG_DATABASE_URL": server.conninfo()}
        for command in COMMANDS:
            program = [sys.executable, "-m", "xtrig", *command[1:]] if command[0] == "xtrig" else list(command)
            streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
            done = subprocess.run(program, cwd=folder, env=environment, text=True, check=False, **streams)
            yield " ".join(command), done.stdout, done.returncode


def show(console: Console) -> None:
    """Print the commands and what they printed, as a terminal would show it."""
    for command, printed, code in commands():
        console.print(Text.assemble(("$ ", "bold green"), (command, "bold")))
        for line in printed.splitlines():
            console.print(Text(line, style=_style(line)))
        console.print(Text(f"exit code {code}\n", style="dim") if command.startswith("xtrig") else "")


def main() -> int:
    """Draw the picture."""
    with Path(os.devnull).open("w") as nowhere:
        console = Console(record=True, width=WIDTH, file=nowhere, force_terminal=True)
        show(console)
        console.save_svg(str(PICTURE), title="xtrig apply, taken back")
    sys.stdout.write(f"wrote {PICTURE.name}\n")
    return 0


def _style(line: str) -> str:
    if "FAILED" in line or "REFUSED" in line or "failed:" in line:
        return "red"
    return "green" if "work again" in line else ""


if __name__ == "__main__":
    sys.exit(main())
