"""Options and fixtures of the whole test suite."""

from __future__ import annotations

import os

import pytest

from tests.parsers.plsql import plsql

__all__ = ["plsql"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write tests/golden anew instead of comparing")


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    wanted = bool(request.config.getoption("--update-golden"))
    if wanted and os.environ.get("CI"):
        pytest.fail("CI compares golden files, it does not write them")
    return wanted
