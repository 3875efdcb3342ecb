"""What one role may and another may not, and sessions that begin read-only or without room."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from tests.server.deploying.site import AUDIT, QUICK, SELDOM, TAKEN_BACK, UNTOUCHED, Site, written
from xtrig.deploy import Canary, DeploymentError, ProofError

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("deploying-frail")]

# The deploying role writes nothing: a table in which somebody has written would be kept.
AS_THE_USER = SELDOM.replace("= 'bob'", "<> 'postgres'").replace(
    "    steps:", "    security: invoker\n    on_error: deny\n    steps:"
)
BIG_SORT = written(
    "begin\n  perform count(*) from (select n from generate_series(1, 200000) as n order by n desc) as s;\nend"
)
EXISTING = AUDIT.replace("{columns: {who: text}}", "{create: false}")
READ_ONLY = "default_transaction_read_only"


def test_a_right_that_ordinary_roles_lack_is_found_by_rehearsing_as_one(site: Site) -> None:
    failure = site.fails(AS_THE_USER, ProofError, canary=Canary(roles=("alice",), login_timeout=2))
    assert failure.refused == [("alice", "rehearsal")]
    assert "permission denied for" in failure.message
    assert failure.message.endswith(UNTOUCHED)


def test_a_right_that_ordinary_roles_lack_is_found_by_logging_in_as_one(site: Site) -> None:
    canary = Canary(urls=(site.url("alice"),), login_timeout=2, rounds=1)
    # The rehearsal's role without rights is not alice.
    failure = site.fails(AS_THE_USER.replace("<> 'postgres'", "= 'alice'"), ProofError, canary=canary)
    assert failure.refused == [("alice", "live")]
    assert failure.report.failed == "go live"
    assert any("alice may not set session_replication_role" in note for note in failure.report.notes)
    assert failure.message.endswith(TAKEN_BACK)


def test_a_role_to_rehearse_as_that_does_not_exist_is_not_said_to_fail(site: Site) -> None:
    failure = site.fails(AUDIT, DeploymentError, canary=Canary(roles=("nobody_of_that_name",)))
    assert 'role "nobody_of_that_name" does not exist' in failure.message
    assert "functions fail" not in failure.message


def test_a_role_without_the_rights_to_deploy_is_told_so(site: Site) -> None:
    failure = site.fails(AUDIT, DeploymentError, url=site.url("alice"))
    assert "permission denied for database" in failure.message
    assert any("'alice' is no superuser" in note for note in failure.report.notes)


def test_the_owner_of_the_database_is_told_what_else_is_needed(site: Site) -> None:
    site.admin.execute(f"GRANT CREATE ON DATABASE {site.database.name} TO alice")
    failure = site.fails(AUDIT, DeploymentError, url=site.url("alice"))
    assert "permission denied to create event trigger" in failure.message
    assert "Must be superuser to create an event trigger" in failure.message
    assert failure.message.endswith(UNTOUCHED)


@pytest.mark.parametrize("of", ["DATABASE {0}", "ROLE postgres IN DATABASE {0}"])
def test_sessions_that_begin_read_only_can_deploy_and_take_back(of: str, site: Site) -> None:
    site.admin.execute(f"ALTER {of.format(site.database.name)} SET {READ_ONLY} = on".encode())
    at_login = "begin\n  if tg_event = 'login' then raise exception 'not like this'; end if;\nend"
    assert site.fails(written(at_login), ProofError).report.taken_back == ["canary", "prepare"]
    assert site.apply(AUDIT).done[-1] == "finish"
    assert site.log_in() is None


def test_a_server_that_begins_every_session_read_only_can_be_deployed_to(frail_site: Site) -> None:
    frail_site.admin.execute(f"ALTER SYSTEM SET {READ_ONLY} = on")
    frail_site.admin.execute("SELECT pg_reload_conf()")
    try:
        assert frail_site.apply(AUDIT).done[-1] == "finish"
        assert frail_site.log_in() is None
    finally:
        frail_site.admin.execute("SET transaction_read_only = off")
        frail_site.admin.execute(f"ALTER SYSTEM RESET {READ_ONLY}")
        frail_site.admin.execute("SELECT pg_reload_conf()")


def test_a_setting_of_one_role_is_met_only_by_logging_in_as_that_role(site: Site) -> None:
    site.admin.execute("ALTER ROLE alice SET temp_file_limit = 0; ALTER ROLE alice SET work_mem = '64kB'")
    rehearsed = Canary(roles=("alice",), urls=(site.url("alice"),), login_timeout=2, rounds=1)
    failure = site.fails(BIG_SORT, ProofError, canary=rehearsed)
    assert failure.refused == [("alice", "live")]
    assert "temporary file size exceeds" in failure.message


def test_no_room_for_temporary_files_is_found_in_the_rehearsal(frail_site: Site) -> None:
    name = frail_site.database.name
    frail_site.admin.execute(f"ALTER DATABASE {name} SET temp_file_limit = 0; ALTER DATABASE {name} SET work_mem = 64")
    failure = frail_site.fails(BIG_SORT, ProofError)
    assert "temporary file size exceeds" in failure.message
    assert failure.refused == [("postgres", "rehearsal")]


@pytest.fixture
def full_space(frail_site: Site) -> Iterator[str]:
    """A tablespace on a file system of 256 kB, as default for new tables."""
    place = Path(frail_site.database.server.socket_dir) / "small"
    owner = Path(frail_site.database.server.data_dir).stat()
    place.mkdir(exist_ok=True)
    options = f"size=256k,uid={owner.st_uid},gid={owner.st_gid},mode=700"
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", place], capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"no small file system can be mounted here: {mounted.stderr.strip()}")
    try:
        frail_site.admin.execute(f"CREATE TABLESPACE small LOCATION '{place}'".encode())
        yield "small"
        frail_site.admin.execute("DROP SCHEMA IF EXISTS audit CASCADE")
        frail_site.admin.execute(f"ALTER DATABASE {frail_site.database.name} RESET default_tablespace")
        frail_site.admin.execute("DROP TABLESPACE small")
    finally:
        subprocess.run(["umount", "-l", place], check=True)
        place.rmdir()


def fill(site: Site, space: str) -> None:
    """Make a table there, and leave no room for one row more."""
    site.admin.execute(f"CREATE SCHEMA audit; CREATE TABLE audit.log (who text) TABLESPACE {space}".encode())
    site.admin.execute("ALTER TABLE audit.log ALTER who SET STORAGE PLAIN")
    for size in (8000, 1):
        fill = f"DO 'BEGIN LOOP INSERT INTO audit.log VALUES (repeat(''x'', {size})); COMMIT; END LOOP; END'"
        with pytest.raises(psycopg.errors.DiskFull):
            site.admin.execute(fill.encode())


def test_a_full_disk_refuses_the_deployment_if_it_would_refuse_logins(frail_site: Site, full_space: str) -> None:
    fill(frail_site, full_space)
    failure = frail_site.fails(EXISTING.replace("    steps:", "    on_error: deny\n    steps:"), ProofError)
    assert "No space left on device" in failure.message
    assert failure.report.failed == "rehearsal"


def test_a_full_disk_does_not_matter_to_a_trigger_that_only_logs_its_errors(frail_site: Site, full_space: str) -> None:
    fill(frail_site, full_space)
    assert "No space left on device" in frail_site.fails(EXISTING, ProofError).message
    assert frail_site.apply(EXISTING, canary=replace(QUICK, accept_errors=True)).failed is None
    assert frail_site.log_in() is None


def test_no_room_for_a_new_table_leaves_nothing_changed(frail_site: Site, full_space: str) -> None:
    fill(frail_site, full_space)
    frail_site.admin.execute(
        f"ALTER DATABASE {frail_site.database.name} SET default_tablespace = {full_space}".encode()
    )
    definition = AUDIT.replace("{log: ", "{log_2: ").replace("insert: log", "insert: log_2")
    failure = frail_site.fails(definition, DeploymentError)
    assert "Table audit.log_2: could not extend file" in failure.message
    assert failure.message.endswith(UNTOUCHED)
