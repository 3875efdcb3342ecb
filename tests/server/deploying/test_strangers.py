"""Objects and triggers of others: of the same name, of another set, or in the way of the deployment."""

from __future__ import annotations

import pytest

from tests.server.deploying.site import AUDIT, SELDOM, TAKEN_BACK, UNTOUCHED, Mischief, Site, logon, written
from tests.server.sides import example
from xtrig.deploy import Canary, DeploymentError, ProofError, RefusedPlanError

pytestmark = pytest.mark.server

FUNCTION = "CREATE FUNCTION {0}() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN {1} END';"
BY_HAND = {
    "event trigger on_logon": FUNCTION.format("public.theirs", "")
    + "CREATE EVENT TRIGGER on_logon ON login EXECUTE FUNCTION public.theirs();"
    + "ALTER EVENT TRIGGER on_logon ENABLE ALWAYS; COMMENT ON EVENT TRIGGER on_logon IS 'theirs'",
    "function audit.on_logon": "CREATE SCHEMA audit;"
    + FUNCTION.format("audit.on_logon", "NULL;")
    + "COMMENT ON FUNCTION audit.on_logon() IS 'theirs'",
    "table audit.log": "CREATE SCHEMA audit; CREATE TABLE audit.log (who text, whence text);"
    + "COMMENT ON TABLE audit.log IS 'theirs'; GRANT SELECT ON audit.log TO bob",
}
AT_LOGIN = "if tg_event = 'login' then raise exception 'not like this'; end if;"


@pytest.mark.parametrize("what", BY_HAND)
def test_what_somebody_made_by_hand_is_left_alone(what: str, site: Site) -> None:
    site.admin.execute(BY_HAND[what].encode())
    failure = site.fails(AUDIT, RefusedPlanError)
    assert f"{what.removeprefix('event ')} exists and was not made by xtrig" in failure.message
    assert "--adopt" in failure.message


@pytest.mark.parametrize("what", BY_HAND)
def test_what_somebody_made_by_hand_is_taken_over_only_if_asked_for(what: str, site: Site) -> None:
    site.admin.execute(BY_HAND[what].encode())
    assert site.apply(AUDIT, adopt=True).failed is None
    assert site.apply(AUDIT).changes == []
    assert site.log_in() is None
    assert site.value("SELECT count(*) FROM audit.log WHERE who = 'alice'") == 1


@pytest.mark.parametrize(
    ("what", "stage"),
    [*((what, "go live") for what in BY_HAND), ("function audit.on_logon", "finish"), ("table audit.log", "finish")],
)
def test_what_was_taken_over_is_given_back_as_it_was(what: str, stage: str, site: Site) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    site.admin.execute(BY_HAND[what].encode())
    before = site.snapshot()
    with pytest.raises(KeyboardInterrupt):
        site.apply(SELDOM, adopt=True, listener=Mischief(stage, interrupt))
    site.untouched(before)


def test_what_another_set_made_is_left_alone_and_taken_over_only_if_asked_for(site: Site) -> None:
    site.apply(AUDIT)
    mine = AUDIT.replace("name: first", "name: second").replace("    steps:", "    steps:\n      - log: mine")
    failure = site.fails(mine, RefusedPlanError)
    assert "belongs to the set 'first', and this is 'second'" in failure.message
    assert site.apply(mine, adopt=True).failed is None
    assert site.apply(mine).changes == []
    assert "belongs to the set 'second'" in site.fails(AUDIT, RefusedPlanError).message


@pytest.mark.parametrize("name", ["a_other", "z_other"])
def test_a_trigger_of_another_before_or_after_ours_goes_on_refusing_whom_it_refused(name: str, site: Site) -> None:
    refusing = "IF session_user = ''bob'' THEN RAISE ''not you''; END IF;"
    site.admin.execute(FUNCTION.format("public.theirs", refusing).encode())
    site.admin.execute(f"CREATE EVENT TRIGGER {name} ON login EXECUTE FUNCTION public.theirs()".encode())
    report = site.apply(AUDIT, canary=Canary(urls=(site.url("alice"),), login_timeout=2, rounds=1))
    # Theirs keeps standbys open, so there is no keeper to clear away.
    assert report.done[-1] == "go live"
    assert site.log_in("alice") is None
    assert "not you" in str(site.log_in("bob"))
    # All triggers of a login are one transaction: who is refused by a later one is recorded by none.
    assert site.value("SELECT string_agg(DISTINCT who, ' ') FROM audit.log") == "alice postgres"
    theirs = site.snapshot()["event trigger", name]
    assert site.apply(AUDIT).changes == []
    assert site.snapshot()["event trigger", name] == theirs


@pytest.mark.parametrize("name", ["a_other", "z_other"])
def test_a_failure_leaves_a_trigger_of_another_as_it_was(name: str, site: Site) -> None:
    site.admin.execute(FUNCTION.format("public.theirs", "").encode())
    site.admin.execute(f"CREATE EVENT TRIGGER {name} ON login EXECUTE FUNCTION public.theirs()".encode())
    site.admin.execute(f"ALTER EVENT TRIGGER {name} ENABLE ALWAYS".encode())
    failure = site.fails(written(f"begin\n  {AT_LOGIN}\nend"), ProofError)
    assert failure.refused == [("postgres", "canary")]
    assert failure.message.endswith(TAKEN_BACK)


def deny(site: Site, event: str, tag: str = "") -> None:
    """Let somebody else refuse DDL commands from now on."""
    when = f" WHEN TAG IN ('{tag}')" if tag else ""
    site.admin.execute("SET event_triggers = on")
    site.admin.execute(FUNCTION.format("public.frozen", "RAISE ''frozen until monday'';").encode())
    site.admin.execute(f"CREATE EVENT TRIGGER frozen ON {event}{when} EXECUTE FUNCTION public.frozen()".encode())
    site.admin.execute("SET event_triggers = off")


@pytest.mark.parametrize("tag", ["", "CREATE FUNCTION", "CREATE TABLE", "CREATE SCHEMA", "COMMENT"])
def test_ddl_that_another_refuses_is_refused_before_anything_is_changed(tag: str, site: Site) -> None:
    deny(site, "ddl_command_start", tag)
    failure = site.fails(AUDIT, DeploymentError)
    assert "frozen until monday (SQLSTATE P0001)" in failure.message
    assert failure.report.failed == "rehearsal"
    assert failure.message.endswith(UNTOUCHED)


@pytest.mark.parametrize(("event", "tag"), [("sql_drop", ""), ("ddl_command_start", "DROP FUNCTION")])
def test_whoever_refuses_only_drops_does_not_keep_it_from_being_taken_back(event: str, tag: str, site: Site) -> None:
    deny(site, event, tag)
    failure = site.fails(written(f"begin\n  {AT_LOGIN}\nend"), ProofError)
    assert failure.message.endswith(TAKEN_BACK)


def test_our_own_refusal_of_ddl_rests_while_it_is_replaced_and_refuses_again(site: Site) -> None:
    no_ddl = example("no_ddl")
    site.apply(no_ddl)
    changed = no_ddl.replace("denied", "denied here")
    assert site.apply(changed).changes == ["replace function public.noddl"]
    assert site.apply(changed).changes == []
    with site.database.connect("postgres") as session, pytest.raises(Exception, match='"CREATE TABLE" denied here'):
        session.execute("CREATE TABLE public.t ()")


def test_another_set_of_ours_that_refuses_ddl_means_this_one_too(site: Site) -> None:
    site.apply("{xtrig: 1, name: frozen, triggers: {freeze: {event: ddl_command_start, steps: [{deny: frozen}]}}}")
    failure = site.fails(logon("log: somebody came", table=""), DeploymentError)
    assert "frozen" in failure.message
    assert failure.report.failed == "rehearsal"
