"""Test suites that a dialect's author inherits; the only part of xtrig that imports pytest.

.. code-block:: python

    from xtrig.testing.suite import DialectSuite

    class TestAcmeDB(DialectSuite):
        dialect_name = "acmedb"

What has to be true is decided by the dialect's own declared data: an event declared native must compile, a
refused one must be refused with a reason and a remedy, an emulated one compiles only when it is asked for.
"""

from __future__ import annotations

import pytest

# Without this the author of a plugin would see a bare AssertionError; it must come before the imports.
pytest.register_assert_rewrite(
    *(
        f"{__name__}.{module}"
        for module in ("declared", "deployed", "hostile", "printed", "server", "subject", "translated")
    )
)

from xtrig.testing.suite.declared import DeclaredTests, IsolatedTests  # noqa: E402
from xtrig.testing.suite.deployed import DeployedTests  # noqa: E402
from xtrig.testing.suite.hostile import HostileTests  # noqa: E402
from xtrig.testing.suite.printed import PrintedTests, UndoneTests  # noqa: E402
from xtrig.testing.suite.server import ServerSuite  # noqa: E402
from xtrig.testing.suite.translated import TranslatedTests, WrittenTests  # noqa: E402

__all__ = ["DialectSuite", "ServerSuite"]


class DialectSuite(
    DeclaredTests, TranslatedTests, WrittenTests, HostileTests, PrintedTests, UndoneTests, DeployedTests, IsolatedTests
):
    """Everything that must hold for a dialect, whatever its vendor. Needs no server.

    Inherit it in a class whose name begins with ``Test``, and set ``dialect_name``; a plugin that builds on
    another one's package names that in ``allowed_packages``.
    """
