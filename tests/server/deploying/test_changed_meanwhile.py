"""What somebody changed between plan and apply, and what nobody changed between two applies."""

from __future__ import annotations

import pytest

import xtrig
from tests.server.conftest import fresh_database
from tests.server.deploying.site import AUDIT, Site, failing, logon
from xtrig.deploy import RefusedPlanError, plan
from xtrig_pgfamily.embedded.server import EmbeddedServer

pytestmark = pytest.mark.server

CHANGED = AUDIT.replace("    steps:", "    steps:\n      - log: changed")
NOT_AS_IT_WAS = "is not as it was when the plan was made"
FOREIGN = (
    "CREATE FUNCTION public.other() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';"
    "CREATE EVENT TRIGGER other ON login EXECUTE FUNCTION public.other()"
)


@pytest.mark.parametrize(
    "change",
    [
        "CREATE OR REPLACE FUNCTION audit.on_logon() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'",
        "ALTER FUNCTION audit.on_logon() SECURITY INVOKER",
        "ALTER FUNCTION audit.on_logon() RESET ALL",
        "ALTER FUNCTION audit.on_logon() OWNER TO alice",
        "COMMENT ON FUNCTION audit.on_logon() IS 'mine now'",
        "ALTER EVENT TRIGGER on_logon DISABLE",
        "ALTER EVENT TRIGGER on_logon ENABLE ALWAYS",
        "COMMENT ON EVENT TRIGGER on_logon IS NULL",
        "DROP EVENT TRIGGER on_logon",
        "ALTER EVENT TRIGGER on_logon RENAME TO on_logon_2",
        "ALTER TABLE audit.log ALTER who TYPE varchar(10)",
        "COMMENT ON TABLE audit.log IS 'kept by hand'",
        FOREIGN,
    ],
)
def test_a_plan_is_not_applied_to_what_somebody_has_changed_since(change: str, site: Site) -> None:
    site.apply(AUDIT)
    saved = plan(xtrig.load_text(CHANGED), site.url())
    site.admin.execute(change.encode())
    failure = site.fails(saved, RefusedPlanError)
    # What cannot be changed at all any more is refused for that.
    reasons = (NOT_AS_IT_WAS, "not made by xtrig", "alter it", "who could become superuser by it")
    assert any(reason in failure.message for reason in reasons)


def test_a_plan_is_applied_to_what_nobody_has_changed(site: Site) -> None:
    site.apply(AUDIT)
    saved = plan(xtrig.load_text(CHANGED), site.url())
    assert site.apply(saved).changes == ["replace function audit.on_logon"]
    assert site.log_in() is None


def test_a_plan_is_not_applied_twice(site: Site) -> None:
    saved = plan(xtrig.load_text(AUDIT), site.url())
    site.apply(saved)
    assert NOT_AS_IT_WAS in site.fails(saved, RefusedPlanError).message


def test_a_plan_is_not_applied_to_what_was_made_where_there_was_nothing(site: Site) -> None:
    saved = plan(xtrig.load_text(AUDIT), site.url())
    site.admin.execute("CREATE SCHEMA audit")
    assert NOT_AS_IT_WAS in site.fails(saved, RefusedPlanError).message


def test_a_plan_is_not_applied_to_another_database(site: Site, server18: EmbeddedServer) -> None:
    saved = plan(xtrig.load_text(AUDIT), site.url())
    with fresh_database(server18) as other:
        with failing(RefusedPlanError) as failure:
            site.apply(saved, url=other.url)
        assert "or is another one" in failure.message


def test_a_plan_is_not_applied_to_a_database_that_was_made_anew_under_its_name(site: Site) -> None:
    saved = plan(xtrig.load_text(AUDIT), site.url())
    name = site.database.name
    site.admin.close()
    with site.database.server.connect() as admin:
        admin.execute(f"DROP DATABASE {name}")
        admin.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    with failing(RefusedPlanError) as failure:
        site.apply(saved)
    assert NOT_AS_IT_WAS in failure.message


ROWS = """
SELECT 'trigger ' || evtname, xmin::text, ctid::text FROM pg_event_trigger
UNION ALL SELECT 'function ' || proname, xmin::text, ctid::text FROM pg_proc WHERE pronamespace = 'audit'::regnamespace
UNION ALL SELECT 'class ' || relname, xmin::text, ctid::text FROM pg_class WHERE relnamespace = 'audit'::regnamespace
UNION ALL SELECT 'schema ' || nspname, xmin::text, ctid::text FROM pg_namespace
UNION ALL SELECT 'comment', xmin::text, ctid::text FROM pg_description WHERE description LIKE 'xtrig:%'
ORDER BY 1, 2, 3
"""


def test_applied_twice_nothing_is_touched_the_second_time(site: Site) -> None:
    site.apply(AUDIT)
    before = site.admin.execute(ROWS).fetchall()
    logins = site.value("SELECT count(*) FROM audit.log")
    report = site.apply(AUDIT)
    assert (report.changes, report.done, report.logins, report.failed) == ([], [], [], None)
    assert site.admin.execute(ROWS).fetchall() == before
    # One session to compare, and one that holds the lock: nobody else has logged in.
    assert site.value("SELECT count(*) FROM audit.log") == logins + 2


def test_what_somebody_put_out_of_order_is_put_right(site: Site) -> None:
    site.apply(AUDIT)
    whole = site.snapshot()
    site.admin.execute("ALTER EVENT TRIGGER on_logon DISABLE; ALTER FUNCTION audit.on_logon() RESET ALL")
    assert site.apply(AUDIT).failed is None
    assert site.snapshot() == whole
    assert site.apply(logon('{insert: log, values: {who: "${login_user}"}}')).changes == []
