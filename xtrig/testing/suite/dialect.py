"""The suite for a dialect, put together from its parts."""

from __future__ import annotations

from xtrig.testing.suite.declared import DeclaredTests
from xtrig.testing.suite.deployed import DeployedTests
from xtrig.testing.suite.hostile import HostileTests
from xtrig.testing.suite.isolated import IsolatedTests
from xtrig.testing.suite.printed import PrintedTests
from xtrig.testing.suite.translated import TranslatedTests
from xtrig.testing.suite.undone import UndoneTests
from xtrig.testing.suite.written import WrittenTests


class DialectSuite(
    DeclaredTests, TranslatedTests, WrittenTests, HostileTests, PrintedTests, UndoneTests, DeployedTests, IsolatedTests
):
    """Everything that must hold for a dialect, whatever its vendor. Needs no server.

    Inherit it in a class whose name begins with ``Test``, and set ``dialect_name``; a plugin that builds on
    another one's package names that in ``allowed_packages``.
    """
