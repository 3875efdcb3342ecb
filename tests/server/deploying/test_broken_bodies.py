"""Functions that cannot run, or refuse: found before anybody meets them, and nothing of them remains."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.server.deploying.site import AUDIT, QUICK, TAKEN_BACK, UNTOUCHED, Site, logon, written
from xtrig.deploy import Canary, DeploymentError, ProofError

pytestmark = pytest.mark.server

MISSING_TABLE = "{insert: gone, values: {who: '${login_user}'}}"
TOLERANT = replace(QUICK, accept_errors=True)
DENY = "on_error: deny"
AT_THIS_HOUR = "{when: \"current_timestamp > '2000-01-01'\", deny: closed at this hour}"


def with_missing_table(policies: str = "") -> str:
    return logon(MISSING_TABLE, policies=policies).replace("{log: {columns: {who: text}}}", "{gone: {create: false}}")


def test_a_body_that_does_not_parse_is_refused_before_anything_is_changed(site: Site) -> None:
    unread = "ignore: {XT318: here the server is to say it}"
    failure = site.fails(written("begin\n  retrun;\nend", policies=unread), DeploymentError)
    assert "retrun" in failure.message
    assert "SQLSTATE 42601" in failure.message
    assert failure.report.failed == "rehearsal"
    assert failure.message.endswith(UNTOUCHED)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("begin\n  raise exception 'not today';\nend", "not today"),
        ("begin\n  perform 'many'::integer;\nend", "invalid input syntax for type integer"),
        ("begin\n  perform audit.nobody_made_it();\nend", "audit.nobody_made_it() does not exist"),
        ("declare n integer := 1 / 0;\nbegin\nend", "division by zero"),
    ],
)
def test_a_body_that_fails_when_it_runs_fails_in_the_rehearsal(body: str, said: str, site: Site) -> None:
    failure = site.fails(written(body), ProofError)
    assert said in failure.message
    assert failure.refused == [("postgres", "rehearsal")]
    assert (failure.report.failed, failure.report.done) == ("rehearsal", [])
    assert (failure.report.taken_back, failure.report.ended) == ([], [])
    assert failure.report.restored
    assert failure.message.endswith(UNTOUCHED)


@pytest.mark.parametrize(
    "step",
    [
        "sql: perform 1 / 0",
        "{set: nothing.of_ours, value: 'audit.nobody_made_it()'}",
        "{insert: log, values: {who: \"'many'::integer::text\"}}",
    ],
)
def test_an_error_in_a_step_is_found_and_logged_if_it_allows_and_is_accepted(step: str, site: Site) -> None:
    assert site.fails(logon(step, policies=DENY), ProofError).report.failed == "rehearsal"
    assert site.fails(logon(step), ProofError).report.failed == "rehearsal"
    assert site.apply(logon(step), canary=TOLERANT).done[-1] == "finish"
    assert site.log_in() is None


def test_a_missing_table_is_found_if_its_error_denies(site: Site) -> None:
    failure = site.fails(with_missing_table(DENY), ProofError)
    assert 'relation "audit.gone" does not exist' in failure.message
    assert failure.refused == [("postgres", "rehearsal")]


def test_a_missing_table_is_only_logged_if_its_error_allows_and_is_accepted(site: Site) -> None:
    report = site.apply(with_missing_table(), canary=TOLERANT)
    assert report.failed is None
    assert site.log_in() is None
    assert 'relation \\"audit.gone\\" does not exist' in site.database.server.log_text()


FOR_ALICE = "{when: \"${login_user} = 'alice'\", deny: alice stays out}"


def test_who_alone_is_refused_is_found_by_rehearsing_as_that_role(site: Site) -> None:
    failure = site.fails(logon(FOR_ALICE), ProofError, canary=Canary(roles=("bob", "alice"), login_timeout=2))
    assert failure.refused == [("alice", "rehearsal")]
    assert "alice stays out" in failure.message
    assert failure.message.endswith(UNTOUCHED)


def test_who_alone_is_refused_is_found_by_logging_in_as_that_role(site: Site) -> None:
    canary = Canary(urls=(site.url("bob"), site.url("alice")), login_timeout=2, rounds=1)
    failure = site.fails(logon(FOR_ALICE), ProofError, canary=canary)
    assert failure.refused == [("alice", "live")]
    assert failure.report.failed == "go live"
    assert failure.report.done == ["rehearsal", "prepare", "canary"]
    assert failure.report.taken_back == ["go live", "canary", "prepare"]
    assert failure.message.endswith(TAKEN_BACK)


def test_an_ordinary_role_that_may_be_a_canary_finds_it_before_anybody_else_can_meet_it(site: Site) -> None:
    site.admin.execute("GRANT SET ON PARAMETER session_replication_role TO alice")
    canary = Canary(urls=(site.url("alice"),), login_timeout=2, rounds=1)
    failure = site.fails(logon(FOR_ALICE), ProofError, canary=canary)
    assert failure.refused == [("alice", "canary")]
    assert failure.report.taken_back == ["canary", "prepare"]


def test_without_that_role_nobody_notices(site: Site) -> None:
    assert site.apply(logon(FOR_ALICE)).failed is None
    assert "alice stays out" in str(site.log_in("alice"))
    assert site.log_in("bob") is None


def test_a_trigger_that_refuses_the_deploying_role_by_design_is_taken_back_with_its_message(site: Site) -> None:
    failure = site.fails(logon(AT_THIS_HOUR), ProofError)
    assert "closed at this hour" in failure.message
    assert failure.report.reason is not None
    assert "closed at this hour" in failure.report.reason
    assert [login.refusal for login in failure.report.logins if login.proof == "after taking back"] == [None]


def test_a_refusal_of_real_logins_alone_is_met_by_the_canary(site: Site) -> None:
    only_at_login = "begin\n  if tg_event = 'login' then\n    raise exception 'not like this';\n  end if;\nend"
    failure = site.fails(written(only_at_login), ProofError)
    assert failure.refused == [("postgres", "canary")]
    assert "not like this" in failure.message
    assert failure.report.done == ["rehearsal", "prepare"]
    assert failure.report.taken_back == ["canary", "prepare"]
    assert failure.message.endswith(TAKEN_BACK)


def test_a_broken_new_text_of_a_live_function_leaves_the_old_one_at_work(site: Site) -> None:
    site.apply(AUDIT)
    rows = site.value("SELECT count(*) FROM audit.log")
    failure = site.fails(
        AUDIT.replace("    steps:", "    on_error: deny\n    steps:\n      - sql: perform 1 / 0"), ProofError
    )
    assert failure.report.failed == "rehearsal"
    assert site.value("SELECT count(*) FROM audit.log") > rows


def test_the_canary_alone_meets_the_new_text_of_a_live_function(site: Site) -> None:
    site.apply(written("begin\nend"))
    failure = site.fails(
        written("begin\n  if tg_event = 'login' then perform 1 / (length(tg_event) - 5); end if;\nend"), ProofError
    )
    assert failure.refused == [("postgres", "canary")]
    assert failure.report.taken_back == ["canary", "prepare"]
    assert QUICK.urls == ()
