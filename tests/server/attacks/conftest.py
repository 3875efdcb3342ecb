"""Servers to attack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.npm import POSTGRESQL_17
from tests.server.attacks.mallory import SETTINGS, VERSIONS, Target, target_of
from xtrig_pgfamily.embedded.server import EmbeddedServer

_HERE = Path(__file__).parent


TRUSTED = "whom to trust is one query, whose text is the same from 16 on"
READ = "read_log() has one text, and so has a line of jsonlog; the numbers of lines are asked on both"
SLOW_ON_17: Mapping[str, str] = {
    "test_odd_input.py": "text is read and written, by no server",
    "test_trials_elsewhere.py": "what is asked, and with which search_path, is the same on both",
    "test_swapped_plans.py": "files are compared, by no server",
    "test_every_setting.py": "the settings of 17 are among those of 18, and the list takes a minute",
    "test_hostile_settings.py": "our session sets the same on both, from one list",
    "test_forged_mark.py": TRUSTED,
    "test_roles_made_beforehand.py": TRUSTED,
    "test_every_manipulation_of_a_table_that_steps_fill_is_reported": "status asks both the same",
    "test_taken_meanwhile.py": "who owns what is asked, and how objects are made, by the same text",
    "test_trap_on_table.py": TRUSTED,
    "test_a_condition_that_is_null": "what xtrig check says of a definition",
    "test_a_handler_around_a_denial_by_hand": "what xtrig check says of a definition",
    "test_a_way_in_that_was_set_beforehand": "what refuses is asked of the server by one query",
    "test_a_lock_on_what_is_read": "our session sets lock_timeout on both",
    "test_a_proof_that_meets_no_trigger": "our side adds an option to its logins",
    "test_an_encoding_that_is_none": "our session sets client_encoding before it knows the version",
    "test_a_database_whose_name_is_not_ascii": READ,
    "test_a_host_that_looks_like_an_address": READ,
    "test_a_line_that_cannot_be_read": READ,
    "test_odd_bytes_that_anybody_offers": READ,
}
"""Files and tests in which xtrig does the same on 17 as on 18, and why: on 17 `make test-all` runs them."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests as those that need a server, and those as slow that would only be run twice."""
    for item in items:
        if _HERE not in item.path.parents:
            continue
        item.add_marker(pytest.mark.server)
        name = item.name.partition("[")[0]
        if "pg17" in item.name and not SLOW_ON_17.keys().isdisjoint((item.path.name, name)):
            item.add_marker(pytest.mark.slow)


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
