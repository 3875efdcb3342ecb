"""Distributions for tests: wheels that are built and installed, and tiny ones that are only written down."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]

Done = subprocess.CompletedProcess[str]


def build_wheel(project: Path, folder: Path) -> Path:
    """Build the project's wheel into the folder, with the build backend of this environment."""
    run("-m", "hatchling", "build", "-t", "wheel", "-d", str(folder), cwd=project).check_returncode()
    (wheel,) = folder.glob("*.whl")
    return wheel


def install(wheel: Path, site: Path) -> None:
    """Install a wheel into a folder of its own; nothing is fetched."""
    options = ["--no-deps", "--no-index", "--quiet", "--disable-pip-version-check"]
    run("-m", "pip", "install", *options, "--target", str(site), str(wheel), cwd=ROOT).check_returncode()


def write_distribution(site: Path, name: str, module: str, source: str, dialect: str) -> None:
    """Write an installed distribution with one module, which it registers as the dialect."""
    metadata = site / f"{name.replace('-', '_')}-1.0.dist-info"
    metadata.mkdir(parents=True)
    metadata.joinpath("METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    metadata.joinpath("entry_points.txt").write_text(f"[xtrig.dialects]\n{dialect} = {module}\n")
    site.joinpath(f"{module}.py").write_text(source)


def run(*arguments: str, cwd: Path, site: Path | None = None) -> Done:
    """Run this Python to its end, with the folder ``site`` before all that is installed."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "XTRIG_"))}
    path = [str(site) if site else "", environment.get("PYTHONPATH", "")]
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, path))
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, encoding="utf-8", check=False
    )


def xtrig(*arguments: str, site: Path) -> Done:
    """Run the command line where the distributions in ``site`` are installed, too."""
    return run("-m", "xtrig", *arguments, cwd=site, site=site)
