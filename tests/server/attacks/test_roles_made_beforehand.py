"""Attacks 18 and 19: roles that a CREATEROLE role makes before the superuser names them."""

from __future__ import annotations

import pytest

from tests.server.attacks.mallory import SESSIONS, AttackSucceededError, Target, holds

EXEMPT = """
xtrig: 1
name: guard
schema: guard
functions:
  check_login:
    exempt_roles: [dba_emergency]
    steps: [{deny: "nobody today"}]
triggers:
  check_login: {event: logon, run: check_login}
"""


def test_an_empty_schema_of_the_deployer_s_own(target: Target) -> None:
    """The superuser made the schema `audit` beforehand: the record cannot be deployed into it."""
    target.run("CREATE SCHEMA audit")
    said = target.xtrig("apply", SESSIONS)
    holds(said.code == 0, said.err.splitlines()[-1])


@pytest.mark.parametrize("by", ["apply", "script"])
@pytest.mark.parametrize("role", ["audit_reader", "audit_writer", "audit_owner"])
@pytest.mark.parametrize("mark", [False, True])
def test_a_role_of_the_record(target: Target, role: str, by: str, mark: bool) -> None:
    """A role with CREATEROLE makes a role of the record beforehand: it has ADMIN on it, and grants it to itself."""
    target.run("CREATE ROLE maker LOGIN CREATEROLE")
    comment = f"; COMMENT ON ROLE {role} IS 'xtrig:1::session_audit'" if mark else ""
    assert target.tries(f"CREATE ROLE {role} NOLOGIN{comment}", "maker") is None
    said = target.xtrig("apply", SESSIONS, "--no-canary") if by == "apply" else target.psql(target.render(SESSIONS))
    uses = {
        "audit_reader": "SELECT * FROM audit.sessions",
        "audit_writer": "INSERT INTO audit.session_inbox (login_user) VALUES ('somebody')",
        "audit_owner": "DELETE FROM audit.session_inbox",
    }
    refusal = target.tries(f"GRANT {role} TO maker; SET ROLE {role}; {uses[role]}", "maker")
    holds(refusal is not None, f"the maker is {role}; xtrig had left with {said.code}")


def test_an_exempt_role_that_is_made_later(target: Target) -> None:
    """A role in exempt_roles does not exist: whoever may make roles makes it, and is exempt."""
    checked = target.say("check", target.given(EXEMPT), "--dialect", "postgresql")
    target.run("CREATE ROLE maker LOGIN CREATEROLE")
    with target.enter("maker") as session:
        said = target.xtrig("apply", EXEMPT, "--no-canary")
        session.execute("CREATE ROLE dba_emergency LOGIN")
    if target.logs_in("dba_emergency") is None and "dba_emergency" not in checked.out + said.out + said.err:
        raise AttackSucceededError("the maker is exempt by a role of its own, and nothing warned of it")


@pytest.mark.parametrize("command", ["plan", "status"])
def test_a_command_says_that_the_exempt_role_is_missing(target: Target, command: str) -> None:
    """The role is missing when the plan is made, and when the deployed set is looked at: neither says so."""
    guard = EXEMPT.replace('"nobody today"', '"not mallory", when: "${login_user} = \'mallory\'"')
    if command == "status":
        target.deploy(guard)
    said = target.xtrig(command, guard)
    holds("dba_emergency" in said.out + said.err, f"{command} left with {said.code} and does not name the role")
