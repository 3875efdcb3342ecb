"""Builds what could be published, and tries it: sdist and wheel in ``dist``, checked and installed into empty venvs.

``python scripts/dist.py [PYTHON...]`` installs the wheel into a new environment of each PYTHON, by default this one,
and runs `xtrig try` there, outside the clone. Nothing is published.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Sequence
from email.parser import Parser
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DIST = ROOT / "dist"
_NEVER = (".venv", "node_modules", "__pycache__", ".pyc", ".env")


def main(pythons: Sequence[str]) -> None:
    """Build, check, install, run."""
    shutil.rmtree(DIST, ignore_errors=True)
    _run(sys.executable, "-m", "hatchling", "build", "-d", str(DIST), "-t", "sdist", "-t", "wheel", cwd=ROOT)
    (wheel,), (sdist,) = DIST.glob("*.whl"), DIST.glob("*.tar.gz")
    _check_metadata(wheel)
    _check_contents(wheel, sdist)
    with tempfile.TemporaryDirectory(prefix="xtrig-dist-") as folder:
        _check_rebuilt(wheel, sdist, Path(folder))
        for number, python in enumerate(pythons):
            _try(python, wheel, Path(folder) / str(number))
    sys.stdout.write(f"built and tried: {sdist.relative_to(ROOT)}, {wheel.relative_to(ROOT)}\n")


def _check_metadata(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (each for each in archive.namelist() if each.endswith(".dist-info/METADATA"))
        metadata = Parser().parsestr(archive.read(name).decode())
        licences = [each for each in archive.namelist() if each.endswith(".dist-info/licenses/LICENSE")]
    for header in ("Name", "Version", "Summary", "License-Expression", "Requires-Python", "Description-Content-Type"):
        if not metadata[header]:
            sys.exit(f"{wheel.name}: the metadata have no {header}; see [project] in pyproject.toml")
    if metadata["Description-Content-Type"] != "text/markdown" or len(str(metadata.get_payload())) < 1000:
        sys.exit(f"{wheel.name}: README.md is not the description")
    if not licences:
        sys.exit(f"{wheel.name}: there is no LICENSE in it")


def _check_contents(wheel: Path, sdist: Path) -> None:
    with zipfile.ZipFile(wheel) as archive, tarfile.open(sdist) as tar:
        listed = {wheel.name: archive.namelist(), sdist.name: tar.getnames()}
    for name, files in listed.items():
        wrong = [file for file in files if any(part in file for part in _NEVER)]
        if wrong:
            sys.exit(f"{name}: holds what is nobody's: {', '.join(wrong[:5])}")


def _check_rebuilt(wheel: Path, sdist: Path, folder: Path) -> None:
    """See that the sdist is whole: the wheel that is built from it has the same files."""
    with tarfile.open(sdist) as tar:
        tar.extractall(folder / "sdist", filter="data")
    (source,) = (folder / "sdist").iterdir()
    _run(sys.executable, "-m", "hatchling", "build", "-d", str(folder / "again"), "-t", "wheel", cwd=source)
    (again,) = (folder / "again").glob("*.whl")
    with zipfile.ZipFile(wheel) as one, zipfile.ZipFile(again) as other:
        differs = {name for name in one.namelist() if not name.endswith("RECORD")} ^ {
            name for name in other.namelist() if not name.endswith("RECORD")
        }
        differs |= {
            name
            for name in one.namelist()
            if name not in differs and not name.endswith("RECORD") and one.read(name) != other.read(name)
        }
    if differs:
        sys.exit(f"{sdist.name}: the wheel built from it differs in {', '.join(sorted(differs)[:5])}")


def _try(python: str, wheel: Path, folder: Path) -> None:
    """Install the wheel into an empty environment, and run it as a new user would."""
    folder.mkdir()
    _run(python, "-m", "venv", str(folder / "venv"), cwd=folder)
    here = folder / "venv" / "bin"
    options = ["-q", "--disable-pip-version-check"]
    _run(str(here / "python"), "-m", "pip", "install", *options, f"{wheel}[embedded]", cwd=folder)
    _run(str(here / "python"), "-m", "pip", "check", cwd=folder)
    for arguments in (["--version"], ["init"], ["check"], ["render", "-d", "polardb"], ["try"]):
        _run(str(here / "xtrig"), *arguments, cwd=folder)
    version = subprocess.run([python, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    sys.stdout.write(f"{wheel.name}: installed into an empty environment of {version}, and `xtrig try` runs\n")


def _run(*command: str, cwd: Path) -> None:
    # What the caller's environment says of Python or xtrig is not the new user's.
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "XTRIG_", "PG"))}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    main(sys.argv[1:] or [sys.executable])
