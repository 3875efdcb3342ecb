"""The section `sessions:` of a definition, and `session_audit` for Python."""

from __future__ import annotations

import re

import pytest
from pydantic import ValidationError

import xtrig
from tests.unit.given import load, wrong
from xtrig.audit import session_audit
from xtrig.model import Sessions


def test_an_empty_section_has_values_for_everything() -> None:
    assert load("sessions: {}").sessions == Sessions(
        logoff="inferred",
        durability="full",
        look_every="10s",
        retention="13 months",
        partition="month",
        ahead=2,
        instance="1",
        owner="audit_owner",
        writer="audit_writer",
        reader="audit_reader",
    )


def test_without_the_section_nothing_is_recorded() -> None:
    assert load("triggers:\n  x: {event: logon, steps: [{log: x}]}").sessions is None


@pytest.mark.parametrize("span", ["1 day", "90 days", "1 week", "13 months", "10 years", "99999 days"])
def test_a_span_is_a_number_and_a_unit(span: str) -> None:
    assert Sessions(retention=span).retention == span


@pytest.mark.parametrize(
    "span", ["", "days", "0 days", "-1 days", "1.5 days", "1day", "100000 days", "1 hour", "1 day "]
)
def test_other_spans_are_refused(span: str) -> None:
    with pytest.raises(ValidationError, match="is not a span of time; write a number and days"):
        Sessions(retention=span)


@pytest.mark.parametrize(
    "section",
    [
        "{logoff: guessed}",
        "{durability: none}",
        "{look_every: often}",
        "{partition: year}",
        "{ahead: 0}",
        "{ahead: 61}",
        "{ahead: '2'}",
        "{owner: ''}",
        "{keep: 1 day}",
    ],
)
def test_a_wrong_value_is_one_finding_at_its_place(section: str) -> None:
    (finding,) = wrong(f"sessions: {section}")
    assert (finding.code, finding.path[0], str(finding.location)) == ("XT001", "sessions", "audit.yaml:2")


def test_python_writes_the_preset_with_other_values() -> None:
    triggers = session_audit(name="other", schema="log", logoff="server log", retention="90 days")
    assert (triggers.name, triggers.schema_) == ("other", "log")
    assert triggers.sessions == Sessions(logoff="server log", retention="90 days")
    assert set(triggers.triggers) == {"audit_ddl", "audit_drops"}
    assert "CREATE EVENT TRIGGER other_logon ON login" in str(xtrig.render(triggers))
    with pytest.raises(ValidationError):
        session_audit(retention="for ever")


def test_without_ddl_sessions_alone_are_recorded() -> None:
    triggers = session_audit(ddl=False)
    assert (triggers.tables, triggers.triggers) == ({}, {})
    assert re.findall("CREATE EVENT TRIGGER (.*) ON", str(xtrig.render(triggers))) == ["session_audit_logon"]


def test_only_relaxed_lets_a_login_go_on_before_its_row_is_safe() -> None:
    relaxed, full = (str(xtrig.render(session_audit(durability=durability))) for durability in ("relaxed", "full"))
    assert "set_config('synchronous_commit', 'off', true)" in relaxed
    assert "set_config('synchronous_commit'" not in full


def test_the_server_log_is_read_only_where_it_is_asked_for() -> None:
    inferred, logged = (str(xtrig.render(session_audit(logoff=logoff))) for logoff in ("inferred", "server log"))
    assert "pg_read_binary_file" not in inferred
    assert "GRANT EXECUTE ON FUNCTION pg_catalog.pg_read_binary_file" in logged


def test_a_dialect_that_brings_no_record_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xtrig_postgresql.dialect.PostgreSQLDialect.records_sessions", False)
    with pytest.raises(xtrig.RefusedError, match=r"'postgresql' has no record of sessions; .*\[XT224\]"):
        xtrig.render(session_audit())
