"""Options and fixtures of the whole test suite."""

from __future__ import annotations

import os
import re
import shutil
import signal
import tempfile
from pathlib import Path

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
settings.register_profile("all", max_examples=500, deadline=None, suppress_health_check=_SLOW)
settings.load_profile(os.environ.get("XTRIG_PROPERTY", "quick"))


_MEMORY = Path("/dev/shm")  # a folder of its own is made in it
_ENOUGH = 8 * 1024**3
"""Bytes; a run takes about a quarter of it."""


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        _work_in_memory(config)
    # A shell starts background jobs with Ctrl-C ignored, and so would start the programs that tests interrupt.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _work_in_memory(config: pytest.Config) -> None:
    """Let temporary files be in memory where there is enough: ext4 takes 0.2 s to make and drop a database's 300."""
    try:
        room = os.statvfs(_MEMORY)
        available = int(re.findall(r"MemAvailable: +(\d+) kB", Path("/proc/meminfo").read_text("ascii"))[0]) * 1024
    except (OSError, IndexError):
        return
    is_enough = min(room.f_bavail * room.f_frsize, available) >= _ENOUGH
    if "TMPDIR" in os.environ or not is_enough or room.f_flag & os.ST_NOEXEC or not os.access(_MEMORY, os.W_OK):
        return
    folder = tempfile.mkdtemp(prefix="xtrig-tests-", dir=_MEMORY)
    Path(folder).chmod(0o1777)  # servers that root starts are an ordinary user's
    os.environ["TMPDIR"] = folder
    tempfile.tempdir = None
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


@pytest.hookimpl(tryfirst=True)  # xdist reads the marks in the same hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give all PL/SQL to one worker: each parser needs ten seconds for what it learns of the grammar.

    The long ones come first, so that none of them runs alone at the end.
    """
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
    for item in items:
        if "plsql" in getattr(item, "fixturenames", ()) and item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group("plsql"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write golden files anew, do not compare")


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    wanted = bool(request.config.getoption("--update-golden"))
    if wanted and os.environ.get("CI"):
        pytest.fail("CI compares golden files, it does not write them")
    return wanted
