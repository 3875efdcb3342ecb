"""What has to be said in several places is said alike, and the wheel holds what it should."""

from __future__ import annotations

import re
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

import xtrig
from tests.distributions import ROOT, build_wheel

PYPROJECT = ROOT / "pyproject.toml"
PACKAGES = {path.name for path in (ROOT / "dialects").iterdir() if path.is_dir() and path.name != "__pycache__"}

pytestmark = pytest.mark.xdist_group("wheel")


@pytest.fixture(scope="session")
def project() -> dict[str, Any]:
    return tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Return the names of the files in xtrig's wheel."""
    with zipfile.ZipFile(build_wheel(ROOT, tmp_path_factory.mktemp("wheel"))) as archive:
        return set(archive.namelist())


def test_every_dialect_package_is_built(project: dict[str, Any]) -> None:
    built = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert sorted(built) == sorted(["xtrig", *(f"dialects/{package}" for package in PACKAGES)])


def test_every_dialect_package_is_registered(project: dict[str, Any]) -> None:
    targets = project["project"]["entry-points"]["xtrig.dialects"]
    # What PostgreSQL and its forks share is no dialect itself.
    assert {target.partition(".")[0] for target in targets.values()} == PACKAGES - {"xtrig_pgfamily"}
    assert set(targets) == set(xtrig.dialects())


def test_every_package_is_type_checked(project: dict[str, Any]) -> None:
    assert PACKAGES | {"xtrig"} <= set(project["tool"]["mypy"]["packages"])


def test_every_package_is_under_the_import_contracts(project: dict[str, Any]) -> None:
    assert set(project["tool"]["importlinter"]["root_packages"]) == PACKAGES | {"xtrig"}


@pytest.mark.parametrize("package", ["xtrig", *(f"dialects/{package}" for package in sorted(PACKAGES))])
def test_package_ships_its_types(package: str) -> None:
    assert (ROOT / package / "py.typed").is_file()
    assert (ROOT / package / "__init__.py").is_file()


def test_version_is_said_once_more_in_the_package(project: dict[str, Any]) -> None:
    assert project["project"]["version"] == xtrig.__version__


def test_nothing_imports_the_folder_of_dialects() -> None:
    guilty = [
        path.relative_to(ROOT)
        for folder in ("xtrig", "dialects")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"^\s*(import|from)\s+dialects\b", path.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert guilty == []


def test_every_dependency_says_what_it_is_for() -> None:
    lines = dependency_lines()
    assert len(lines) > 10
    assert [line for line in lines if not re.search(r'",\s+# \S', line)] == []


def dependency_lines() -> list[str]:
    """Return the lines of pyproject.toml that name a dependency of xtrig, an extra or a group."""
    found, inside, section = [], False, ""
    for line in PYPROJECT.read_text(encoding="utf-8").splitlines():
        if header := re.match(r"\[(.+)\]", line):
            section = header[1]
        if re.match(r"[\w-]+ = \[$", line):
            named = line.startswith("dependencies") if section == "project" else True
            inside = named and section in ("project", "project.optional-dependencies", "dependency-groups")
        elif line == "]":
            inside = False
        elif inside and line.strip().startswith('"'):
            found.append(line)
    return found


def test_wheel_holds_every_file_of_the_packages(wheel: set[str]) -> None:
    roots = [(ROOT, "xtrig"), *((ROOT / "dialects", package) for package in PACKAGES)]
    here = {str(path.relative_to(root).as_posix()) for root, package in roots for path in files(root / package)}
    assert {name for name in wheel if ".dist-info/" not in name} == here


def test_wheel_holds_presets_and_cases(wheel: set[str]) -> None:
    assert len([name for name in wheel if name.startswith("xtrig/testing/cases/") and name.endswith(".yaml")]) > 15
    assert {Path(name).stem for name in wheel if "/presets/" in name and name.endswith(".yaml")} == {
        "session-audit",
        "session-rows",
        "ddl-audit",
        "login-policy",
    }


def test_wheel_holds_nothing_else(wheel: set[str]) -> None:
    tops = {name.partition("/")[0] for name in wheel}
    assert tops == {"xtrig", *PACKAGES, f"xtrig-{xtrig.__version__}.dist-info"}


def files(folder: Path) -> list[Path]:
    """Return the files of a package, compiled ones left out."""
    return [path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
