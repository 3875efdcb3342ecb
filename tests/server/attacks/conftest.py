"""Servers to attack."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.npm import POSTGRESQL_17
from tests.server.attacks.mallory import SETTINGS, VERSIONS, Target, target_of
from xtrig_pgfamily.embedded.server import EmbeddedServer

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests as those that need a server."""
    for item in items:
        if _HERE in item.path.parents:
            item.add_marker(pytest.mark.server)


@pytest.fixture(scope="session", params=VERSIONS, ids=lambda version: f"pg{version}")
def attacked(request: pytest.FixtureRequest) -> Iterator[EmbeddedServer]:
    """A server that only attacks use: they leave roles and settings, which belong to all of it."""
    if request.param == 17 and (reason := POSTGRESQL_17.missing):
        pytest.skip(reason)
    with EmbeddedServer(request.param, settings=SETTINGS) as server:
        yield server


@pytest.fixture
def target(
    attacked: EmbeddedServer, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Target]:
    """A database in which mallory may create schemas."""
    for variable in ("XTRIG_DATABASE_URL", "PGOPTIONS", "PGSERVICE", "PGHOST", "PGPORT", "PGUSER", "COLUMNS"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.chdir(tmp_path)  # far from any xtrig.yaml
    with target_of(attacked, tmp_path, capsys) as target:
        yield target
