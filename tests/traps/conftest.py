"""A database for a module's traps, emptied after each, and a role that the traps are for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.server.conftest import Database, database16, server16, server18
from tests.server.sides import Side, emptied, roles, side
from xtrig_pgfamily.embedded.server import EmbeddedServer

__all__ = ["Database", "database16", "server16", "server18"]


@pytest.fixture(scope="module")
def place(server18: EmbeddedServer) -> Iterator[Side]:
    with side(server18, "traps") as place:
        yield place


@pytest.fixture
def trap(place: Side) -> Iterator[Side]:
    """Lend the module's database, empty, to a test that may shut it; `alice` is an ordinary role."""
    with roles(place.database.server, alice="LOGIN"), emptied(place):
        yield place
