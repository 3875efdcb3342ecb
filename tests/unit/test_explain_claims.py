"""What the dialects claim: each claim has evidence, each evidence of a server is a test of this repository."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import xtrig
from tests.distributions import run
from tests.unit.given import load
from xtrig.dialect import (
    Behaviour,
    Claim,
    Dialect,
    Evidence,
    Situation,
    Support,
    Verified,
    documented,
    seen,
    unverified,
)
from xtrig.errors import PluginError
from xtrig.facts import Event
from xtrig.registry import _check_contract, get_dialect
from xtrig.resolve import resolve

ROOT = Path(__file__).parents[2]
NAMES = ("postgresql", "polardb", "polardb-oracle", "mariadb")


def evidence_of(dialect: Dialect) -> Iterator[Evidence]:
    """Yield all evidence of a dialect, also what is left on other versions."""
    found = [row.evidence for row in dialect.capabilities]
    found += [claim.evidence for row in dialect.capabilities for claim in row.cells.values() if claim.source]
    found += [behaviour.evidence for behaviour in dialect.behaviours]
    found += [spelling.evidence for spellings in dialect.spellings.values() for spelling in spellings]
    for evidence in found:
        while True:
            yield evidence
            if evidence.otherwise is None:
                break
            evidence = evidence.otherwise


@cache
def functions_in(file: str) -> frozenset[str]:
    """Return the names of the test functions in a file."""
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    return frozenset(each.name for each in tree.body if isinstance(each, ast.FunctionDef))


@pytest.mark.parametrize("name", NAMES)
def test_what_a_server_showed_names_a_test_that_is_there(name: str):
    for evidence in evidence_of(get_dialect(name)):
        assert evidence.source.strip()
        if evidence.verified is Verified.SERVER:
            file, _, test = evidence.source.partition("::")
            assert test in functions_in(file), evidence


def test_only_tests_of_the_servers_that_there_are_count_as_seen():
    for evidence in evidence_of(get_dialect("postgresql")):
        if evidence.verified is Verified.SERVER:
            assert set(evidence.versions) <= {(16,), (17,), (18,)}
            assert evidence.versions, "a test ran on some version"


def test_what_was_seen_on_17_has_a_test_that_runs_on_17():
    evidence = evidence_of(get_dialect("postgresql"))
    claimed = {each.source for each in evidence if each.verified is Verified.SERVER and (17,) in each.versions}
    files = sorted({source.partition("::")[0] for source in claimed})
    collected = run("-m", "pytest", "--collect-only", "-q", *files, cwd=ROOT).stdout.splitlines()
    assert claimed <= {line.partition("[")[0] for line in collected if re.search(r"[\[-](on_)?17[-\]]", line)}


def test_nothing_was_seen_on_polardb():
    for name in ("polardb", "polardb-oracle"):
        assert not [each for each in evidence_of(get_dialect(name)) if each.verified is Verified.SERVER]


@pytest.mark.parametrize(
    ("version", "support", "verified"),
    [
        ("13", Support.REFUSED, Verified.DOCUMENTED),
        ("16", Support.REFUSED, Verified.SERVER),
        ("17", Support.NATIVE, Verified.SERVER),
        ("18", Support.NATIVE, Verified.SERVER),
        ("19", Support.NATIVE, Verified.UNVERIFIED),
    ],
)
def test_logon_is_known_for_each_version_on_its_own(version: str, support: Support, verified: Verified):
    dialect = get_dialect("postgresql")
    found = dialect.capability(Event.LOGON, dialect.parse_version(version))
    assert (found.support, found.verified) == (support, verified)


def test_the_release_notes_are_about_one_kernel():
    dialect = get_dialect("polardb")
    known = [dialect.capability(Event.LOGON, dialect.parse_version(version)).verified for version in dialect.versions]
    assert known == ["documented", *["unverified"] * 4]


def test_a_claim_is_as_true_and_reads_as_its_value():
    assert not Claim(False, documented("page"))
    assert Claim(True)
    assert f"{Claim('the login is refused')}" == "the login is refused"
    assert not Claim("")


def test_evidence_holds_for_its_versions_and_what_begins_with_them():
    evidence = seen("tests/x.py::y", 18, otherwise=documented("manual", 17, (2, 0)))
    assert evidence.at((18, 3)) == Evidence("tests/x.py::y", Verified.SERVER)
    assert evidence.at((17,)) == Evidence("manual", Verified.DOCUMENTED)
    assert evidence.at((2, 0, 14)).verified is Verified.DOCUMENTED
    assert evidence.at((2, 1)).verified is Verified.UNVERIFIED
    assert "manual" in evidence.at((19,)).source
    assert unverified("why").at((1,)) == unverified("why")


@pytest.mark.parametrize("name", NAMES)
def test_every_behaviour_is_said_of_some_trigger(name: str):
    """A sentence whose condition never holds would be one that nobody ever reads, and nobody checks."""
    dialect = get_dialect(name)
    said: set[int] = set()
    for definition in corpus():
        (explained,) = xtrig.explain(definition, "x", dialects=[name])
        if explained.support is Support.REFUSED:
            continue
        trigger = next(each for each in resolve(definition).triggers if each.name == "x")
        for version in map(dialect.parse_version, (None, *dialect.versions)):
            said |= {id(behaviour) for behaviour in holding(dialect, Situation(trigger, version))}
    assert [each.text for each in dialect.behaviours if id(each) not in said] == []


@pytest.mark.parametrize(
    ("name", "version"),
    [("postgresql", "18"), ("polardb", "14"), ("polardb", "17"), ("polardb-oracle", None)],
)
def test_what_is_said_of_a_policy_is_what_is_rendered(name: str, version: str | None):
    """A bound that is explained stands in the text, and one that stands there is explained."""
    dialect = get_dialect(name)
    compared = 0
    for definition in corpus():
        trigger = next(each for each in resolve(definition).triggers if each.name == "x")
        policy = next(iter(trigger.function.policies.stated & RENDERED.keys()), None)
        if policy is None:
            continue
        try:
            script = str(xtrig.render(definition, name, target_version=version))
        except xtrig.XtrigError:
            continue
        situation = Situation(trigger, dialect.parse_version(version))
        text = next((each.text for each in holding(dialect, situation) if each.policy == policy), "")
        rendered, said = RENDERED[policy]
        assert (rendered in script) is (said in text), (definition, text)
        compared += 1
    assert compared > 20


RENDERED = {
    "lock_timeout": ("'7s'", "{lock_timeout}"),
    "timeout": ("'9s'", "{timeout}"),
    "exempt_roles": ("'dba'", "{exempt_roles}"),
    "durability": ("'synchronous_commit', 'off'", "does not wait"),
}
"""What a policy of the corpus puts into the text, and the words in which its effect is explained."""


def holding(dialect: Dialect, situation: Situation) -> Iterator[Behaviour]:
    """Yield what is said of a trigger: of the behaviours of one policy only the first."""
    policies: set[str] = set()
    for behaviour in dialect.behaviours:
        if behaviour.holds(situation) and behaviour.policy not in policies:
            policies |= {behaviour.policy} - {""}
            yield behaviour


@cache
def corpus() -> tuple[xtrig.TriggerSet, ...]:
    """Return definitions with every policy at every event."""
    return tuple(_corpus())


def _corpus() -> Iterator[xtrig.TriggerSet]:
    step = {"session": "[{insert: t, when: '${login_user} = user', values: {a: '1'}}]"}
    values = {
        "security": ("definer", "invoker"),
        "on_error": ("allow", "deny"),
        "standby": ("skip", "run"),
        "lock_timeout": ("0", "7s"),  # scripts have one of 1s for themselves
        "timeout": ("0", "9s"),
        "durability": ("full", "relaxed"),
        "exempt_roles": ("[]", "[dba]"),
        "enable": ("origin", "always", "replica", "disabled"),
        "language": ("native", "plpgsql", "plsql"),
    }
    steps = {
        "insert": step["session"],
        "always": "[{insert: t, values: {a: '1'}}]",
        "deny": "[{deny: no, when: '1 = 1'}]",
        "set": "[{set: app.a, value: '1'}]",
    }
    for event in Event:
        infer = "if_unsupported: infer, " if event is Event.LOGOFF else ""
        for written in (*steps.values(), ""):
            body = f"steps: {written}" if written else "body: {postgresql: ' begin end ', polardb: 'BEGIN NULL; END', "
            body += "" if written else "polardb-oracle: 'BEGIN NULL; END'}"
            for policy, choices in values.items():
                for choice in choices:
                    for language in ("native", "plpgsql", "plsql") if policy != "language" else ("",):
                        spoken = f"language: {language}, " if language != "native" and policy != "language" else ""
                        head = f"event: {event}, {infer}{spoken}{policy}: {choice}"
                        yield load(
                            f"tables: {{t: {{columns: {{a: text}}}}}}\ntriggers:\n  x: {{{head}, {body}}}\n"
                            "  keeper: {event: logon, steps: [{set: app.b, value: '1'}]}"
                        )


def test_a_class_that_inherits_behaviours_is_refused():
    class Fork(type(get_dialect("postgresql"))):  # type: ignore[misc]
        """Claims what only its parent can."""

        name = "fork"
        title = "Fork"
        plugin_api = 2
        versions = ("1",)
        default_version = "1"
        capabilities = ()
        spellings = {}

    with pytest.raises(PluginError, match="must declare behaviours itself"):
        _check_contract(Fork(), "fork", "the plugin 'x'")
