"""Servers to attack, and what is known to succeed today."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.attacks.mallory import SETTINGS, VERSIONS, AttackSucceededError, Target, target_of
from tests.server.attacks.open import reason
from xtrig_pgfamily.embedded.server import EmbeddedServer

_HERE = Path(__file__).parent
_VERSION = re.compile(r"(?<=\[)pg\d+-|-pg\d+(?=[\]-])|\[pg\d+\]")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Expect that the attacks that are open succeed, and nothing else of them."""
    for item in items:
        if _HERE not in item.path.parents:
            continue
        item.add_marker(pytest.mark.server)
        why = reason(_VERSION.sub("", item.name))
        if why is not None:
            item.add_marker(pytest.mark.xfail(raises=AttackSucceededError, strict=True, reason=why))


@pytest.fixture(scope="session", params=VERSIONS, ids=lambda version: f"pg{version}")
def attacked(request: pytest.FixtureRequest) -> Iterator[EmbeddedServer]:
    """A server that only attacks use: they leave roles and settings, which belong to all of it."""
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
