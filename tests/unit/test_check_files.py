"""One check is one file, registered once, with a code that has a title, a page, a case and a test."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.distributions import ROOT
from xtrig.checks import bodies, definition, translation
from xtrig.findings import CODES, Check
from xtrig_pgfamily import checks as pgfamily
from xtrig_polardb import checks as polardb
from xtrig_postgresql import checks as postgresql

REGISTERED: dict[ModuleType, tuple[Check[Any], ...]] = {
    definition: (*definition.NAMES, *definition.MEANING),
    translation: translation.CHECKS,
    bodies: bodies.CHECKS,
    pgfamily: pgfamily.CHECKS,
    postgresql: postgresql.CHECKS,
    polardb: (*polardb.POLARDB, *polardb.ORACLE),
}
# What loading, waivers and imports find, they find in their own course.
WITHOUT_A_CHECK = {"XT001", "XT112", *(code for code in CODES if code.startswith("XT4"))}


def modules(package: ModuleType) -> list[ModuleType]:
    files = sorted(Path(str(package.__file__)).parent.glob("*.py"))
    found = [import_module(f"{package.__name__}.{file.stem}") for file in files if file.stem != "__init__"]
    return [module for module in found if hasattr(module, "CHECK")]


FILES = [(package, module) for package in REGISTERED for module in modules(package)]


@pytest.mark.parametrize(("package", "module"), FILES, ids=lambda each: each.__name__)
def test_each_file_holds_one_check_that_is_registered(package: ModuleType, module: ModuleType) -> None:
    check = module.CHECK
    assert check in REGISTERED[package]
    assert check.code in CODES
    assert str(module.__doc__).startswith(f"{check.code}: ")
    assert check.find.__module__ == module.__name__


@pytest.mark.parametrize("package", REGISTERED, ids=lambda each: each.__name__)
def test_nothing_is_registered_twice_or_from_nowhere(package: ModuleType) -> None:
    registered = REGISTERED[package]
    assert len(set(registered)) == len(registered)
    every = {module.CHECK for _, module in FILES}
    assert set(registered) <= every


def test_every_code_has_a_check() -> None:
    assert {module.CHECK.code for _, module in FILES} == set(CODES) - WITHOUT_A_CHECK


def test_codes_are_in_order() -> None:
    assert list(CODES) == sorted(CODES)
    assert all(re.fullmatch(r"XT\d{3}", code) for code in CODES)


def test_every_code_of_a_check_is_in_a_test() -> None:
    tests = "".join(path.read_text("utf-8") for path in (ROOT / "tests" / "unit").glob("*.py"))
    assert [code for code in CODES if code not in WITHOUT_A_CHECK and code not in tests] == []
