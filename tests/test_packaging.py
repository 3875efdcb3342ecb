"""What has to be said in several places is said alike, and the wheel holds what it should."""

from __future__ import annotations

import json
import re
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

import xtrig
from tests.distributions import ROOT, build_wheel

PYPROJECT = ROOT / "pyproject.toml"
LOCK = ROOT / "requirements.lock"
PACKAGES = {path.name for path in (ROOT / "dialects").iterdir() if path.is_dir() and path.name != "__pycache__"}
FAMILIES = {"xtrig_pgfamily"}
"""Packages that are no dialect themselves: what several dialects share."""

pytestmark = pytest.mark.xdist_group("wheel")


@pytest.fixture(scope="session")
def project() -> dict[str, Any]:
    return tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Return the names of the files in xtrig's wheel."""
    with zipfile.ZipFile(build_wheel(ROOT, tmp_path_factory.mktemp("wheel"))) as archive:
        return set(archive.namelist())


def test_tests_of_one_group_go_to_one_worker(request: pytest.FixtureRequest) -> None:
    """pytest-xdist 3.8 marks no group in the ids of pytest 9.2: each worker then starts every server."""
    if not request.config.getoption("loadgroup", default=False):
        pytest.skip("not run by pytest-xdist with --dist loadgroup")
    assert request.node.nodeid.endswith("@wheel")


def test_every_dialect_package_is_built(project: dict[str, Any]) -> None:
    built = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert sorted(built) == sorted(["xtrig", *(f"dialects/{package}" for package in PACKAGES)])


def test_every_dialect_package_is_registered(project: dict[str, Any]) -> None:
    targets = project["project"]["entry-points"]["xtrig.dialects"]
    assert {target.partition(".")[0] for target in targets.values()} == PACKAGES - FAMILIES
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


def locked() -> dict[str, list[str]]:
    """Return the versions of each package in the lock file; there may be several, for several Pythons."""
    lines = re.findall(r"^([a-z0-9-]+)==([^ ]+)", LOCK.read_text("utf-8"), re.MULTILINE)
    return {name: [version for other, version in lines if other == name] for name, _ in lines}


def test_the_lock_file_has_a_version_in_the_range_of_every_dependency(project: dict[str, Any]) -> None:
    extras, groups = project["project"]["optional-dependencies"].values(), project["dependency-groups"].values()
    wanted = [project["build-system"]["requires"], project["project"]["dependencies"], *extras, *groups]
    requirements = [Requirement(text) for texts in wanted for text in texts]
    assert len(requirements) > 20
    for requirement in requirements:
        versions = locked().get(requirement.name, [])
        assert versions, f"{requirement.name} is not in {LOCK.name}; run: make lock"
        assert [version for version in versions if version not in requirement.specifier] == []


def test_the_lock_file_has_a_hash_for_everything_and_no_address() -> None:
    text = LOCK.read_text("utf-8")
    packages = re.split(r"^(?=[a-z])", text, flags=re.MULTILINE)[1:]
    assert len(packages) > 50
    assert [package.split()[0] for package in packages if "--hash=sha256:" not in package] == []
    assert "://" not in text


def test_npm_packages_are_locked_with_a_hash_and_no_address() -> None:
    locks = [lock for lock in (ROOT / "tests").rglob("package-lock.json") if "node_modules" not in lock.parts]
    assert locks
    for lock in locks:
        packages = json.loads(lock.read_text("utf-8"))["packages"]
        assert [name for name, package in packages.items() if name and "integrity" not in package] == []
        assert "://" not in "".join(str(package.get("resolved", "")) for package in packages.values())


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
