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
        for module in (
            "declared",
            "deployed",
            "expected",
            "hostile",
            "isolated",
            "printed",
            "server",
            "translated",
            "undone",
            "written",
        )
    )
)

from xtrig.testing.suite.dialect import DialectSuite  # noqa: E402
from xtrig.testing.suite.server import ServerSuite  # noqa: E402

__all__ = ["DialectSuite", "ServerSuite"]
