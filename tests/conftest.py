"""Options and fixtures of the whole test suite."""

from __future__ import annotations

import os
import signal

import pytest
from hypothesis import HealthCheck, settings

from tests.parsers.plsql import plsql

__all__ = ["plsql"]

# A distribution of its own, which test_example_plugin.py builds, installs and runs.
collect_ignore = ["example_plugin"]

# Parsing PL/SQL and asking a server are slow by nature, so hypothesis' own clock says nothing.
_SLOW = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
settings.register_profile(
    "quick", max_examples=50, deadline=None, derandomize=True, database=None, suppress_health_check=_SLOW
)
settings.register_profile("all", max_examples=2000, deadline=None, suppress_health_check=_SLOW)
settings.load_profile(os.environ.get("XTRIG_PROPERTY", "quick"))


def pytest_configure() -> None:
    # A shell starts background jobs with Ctrl-C ignored, and so would start the programs that tests interrupt.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write golden files anew, do not compare")


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    wanted = bool(request.config.getoption("--update-golden"))
    if wanted and os.environ.get("CI"):
        pytest.fail("CI compares golden files, it does not write them")
    return wanted
