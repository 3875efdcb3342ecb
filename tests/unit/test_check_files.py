"""A check is in one place: code, title, explanation and logic in a class, its example beside it; and it has a test."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path
from typing import Any

import pytest

from tests.distributions import ROOT
from xtrig.findings import OWN_CODES, Check
from xtrig.registry import checks, get_dialect

for name in ("postgresql", "polardb", "polardb-oracle", "firebird", "oracle"):
    get_dialect(name)
CHECKS = checks()
FOLDERS = ("xtrig/checks", "dialects/xtrig_pgfamily/checks", "dialects/xtrig_pgfamily/bodies")
FOLDERS += ("dialects/xtrig_postgresql/checks", "dialects/xtrig_polardb/checks", "dialects/xtrig_firebird/checks")
FOLDERS += ("dialects/xtrig_oracle/checks",)
# Their texts, in which it is found, are in tests/import.
FROM_SCRIPTS = "XT4"


def declared() -> dict[str, str]:
    """Return the codes that classes in the folders of checks declare, with the file."""
    found: dict[str, str] = {}
    for file in (file for folder in FOLDERS for file in sorted((ROOT / folder).glob("*.py"))):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            for keyword in node.keywords if isinstance(node, ast.ClassDef) else ():
                if keyword.arg == "code":
                    assert isinstance(keyword.value, ast.Constant)
                    assert keyword.value.value not in found
                    found[keyword.value.value] = str(file)
    return found


def test_every_code_is_declared_once_and_registered() -> None:
    assert set(CHECKS) == OWN_CODES == set(declared())
    assert all(re.fullmatch(r"XT\d{3}", code) for code in CHECKS)


@pytest.mark.parametrize("check", CHECKS.values(), ids=list(CHECKS))
def test_a_check_explains_itself(check: type[Check[Any]]) -> None:
    lines = str(inspect.getdoc(check)).splitlines()
    assert check.title() == lines[0].removesuffix(".")
    assert [line.partition(":")[0] for line in lines if re.match(r"(Remedy|Source): \S", line)] == ["Remedy", "Source"]


def test_a_check_has_an_example_beside_it() -> None:
    shown: list[str] = []
    for folder in FOLDERS:
        for file in (ROOT / folder).iterdir():
            if file.suffix in (".yaml", ".sql"):
                codes = re.findall(r"^(?:#|--) (XT\d+)", file.read_text("utf-8"), re.MULTILINE)
                assert {declared()[code] for code in codes} == {str(file.with_suffix(".py"))}
                shown += codes
    assert sorted(shown) == sorted(OWN_CODES)


def test_every_code_of_a_check_is_in_a_test() -> None:
    tests = "".join(path.read_text("utf-8") for path in (ROOT / "tests" / "unit").glob("*.py"))
    untested = [code for code in CHECKS if code not in tests and not code.startswith(FROM_SCRIPTS)]
    assert untested == []


def test_no_file_of_the_product_gives_another_code() -> None:
    for folder in ("xtrig", "dialects"):
        for file in Path(ROOT / folder).rglob("*.py"):
            assert set(re.findall(r"\"(XT\d{3})\"", file.read_text("utf-8"))) <= OWN_CODES, file
