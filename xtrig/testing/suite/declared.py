"""What a dialect declares, complete and consistent, and what loading it brings along."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from typing import Any, ClassVar

import pytest

import xtrig
from xtrig import RefusedError, load, render
from xtrig.dialect import PLUGIN_API, Capability, Evidence, Support, Topic, Verified
from xtrig.expressions import check_expression
from xtrig.facts import ALL_EVENTS, Event, Fact
from xtrig.registry import GROUP
from xtrig.testing.suite.subject import Subject, case_files

NONSENSE = ("no such version", "99999", "-1")
DECLARED = ("name", "title", "plugin_api", "versions", "default_version", "capabilities", "spellings")
DRIVERS = frozenset(
    "sqlalchemy psycopg psycopg2 asyncpg pg8000 pymysql MySQLdb mysql mariadb oracledb cx_Oracle pyodbc pymssql "
    "firebird fdb ibm_db hdbcli duckdb snowflake".split()
)
PROGRAM = """
import json, sys
import xtrig
texts = {}
for path in sys.argv[2:]:
    try:
        texts[path] = str(xtrig.render(xtrig.load(path), sys.argv[1]))
    except xtrig.RefusedError as refusal:
        texts[path] = str(refusal)
packages = sorted({name.partition(".")[0] for name in sys.modules})
print(json.dumps({"texts": texts, "packages": packages}))
"""


class DeclaredTests(Subject):
    """The class attributes of the dialect."""

    def test_dialect_is_installed_under_its_name(self) -> None:
        """``--dialect`` takes the name that the dialect gives itself."""
        assert self.dialect_name in xtrig.dialects()
        assert self.dialect.name == self.dialect_name
        assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", self.dialect.name), "lower case, hyphens between words"

    @pytest.mark.parametrize("attribute", DECLARED)
    def test_class_declares_it_itself(self, attribute: str) -> None:
        """What a class inherits it has not claimed."""
        assert attribute in vars(type(self.dialect))

    def test_plugin_api_is_the_one_of_this_xtrig(self) -> None:
        """A contract of another number is another contract."""
        assert self.dialect.plugin_api == PLUGIN_API

    def test_title_is_one_line(self) -> None:
        """It stands in messages and in the first line of every script."""
        assert self.dialect.title.strip()
        assert self.dialect.title.isprintable()

    def test_every_version_is_one_that_it_renders_for(self) -> None:
        """``versions`` is what ``xtrig dialects`` offers."""
        assert self.dialect.versions
        for version in self.dialect.versions:
            assert self.dialect.parse_version(version), version

    def test_versions_are_oldest_first(self) -> None:
        """People read the last one as the newest."""
        parsed = [self.dialect.parse_version(version) for version in self.dialect.versions]
        assert parsed == sorted(set(parsed))

    def test_default_version_is_accepted(self) -> None:
        """A user who names no version must not be refused."""
        assert self.dialect.parse_version(None) == self.dialect.parse_version(self.dialect.default_version)

    @pytest.mark.parametrize("version", NONSENSE)
    def test_other_version_is_refused_with_those_there_are(self, version: str) -> None:
        """A version that the dialect does not know must not get a script that looks right."""
        with pytest.raises(xtrig.UsageError) as caught:
            self.dialect.parse_version(version)
        assert version in str(caught.value)
        for known in self.dialect.versions:
            assert known in str(caught.value)

    def test_every_capability_says_how_it_is_known(self) -> None:
        """A claim without a source cannot be checked."""
        assert self.dialect.capabilities
        for capability in self.dialect.capabilities:
            assert _has_source(capability.evidence), capability

    def test_every_claim_says_how_it_is_known(self) -> None:
        """Each cell of the matrix is known from somewhere of its own."""
        for capability in self.dialect.capabilities:
            for name, claim in _said(capability).items():
                assert _has_source(claim.evidence), (capability.event, capability.since, name)

    def test_nothing_is_seen_without_naming_the_test(self) -> None:
        """``Verified.SERVER`` is for what a test of the plugin's own saw."""
        known = [capability.evidence for capability in self.dialect.capabilities]
        known += [claim.evidence for each in self.dialect.capabilities for claim in each.cells.values()]
        known += [behaviour.evidence for behaviour in self.dialect.behaviours]
        for evidence in known:
            assert evidence.verified is not Verified.SERVER or "test" in evidence.source, evidence

    def test_every_version_has_evidence_of_its_own(self) -> None:
        """What was seen on one version is not said of another."""
        for version in self.target_versions():
            for _, capability in self.dialect.described(self.dialect.parse_version(version)):
                for evidence in (capability.evidence, *(claim.evidence for claim in capability.cells.values())):
                    assert not evidence.versions
                    assert evidence.otherwise is None

    def test_capability_that_is_not_native_gives_reason_and_remedy(self) -> None:
        """Both stand in the refusal that a user reads."""
        for capability in self.dialect.capabilities:
            if capability.support is not Support.NATIVE:
                assert capability.reason.strip(), capability
                assert capability.remedy.strip(), capability

    def test_event_on_offer_says_how_it_is_spelt_and_what_an_error_does(self) -> None:
        """An audit is only as good as what is known about its failures."""
        for capability in self.dialect.capabilities:
            if capability.support is not Support.REFUSED:
                assert capability.spelling.strip(), capability
                for name in ("on_error", "exempt", "transaction", "order", "way_out"):
                    assert str(getattr(capability, name)).strip(), (capability.event, name)

    def test_no_event_is_declared_twice_for_a_version(self) -> None:
        """Which of the two counts would depend on their order."""
        keys = [(capability.event, capability.since) for capability in self.dialect.capabilities]
        assert len(keys) == len(set(keys))

    def test_every_event_is_something_on_every_version(self) -> None:
        """An event without an entry is refused, and that needs words, too."""
        for version in self.target_versions():
            for event in Event:
                capability = self.dialect.capability(event, self.dialect.parse_version(version))
                assert capability.event is event
                assert capability.support is Support.NATIVE or (capability.reason and capability.remedy)

    def test_some_event_is_offered(self) -> None:
        """A dialect without any could render nothing."""
        assert self.offered_events()

    def test_every_spelling_is_one_operand_with_a_source(self) -> None:
        """It is put into expressions, so nothing in it may stay open or reach beyond its place."""
        for fact, spellings in self.dialect.spellings.items():
            assert isinstance(fact, Fact)
            for spelling in spellings:
                assert check_expression(spelling.sql) == spelling.sql.strip(), (fact, spelling)
                assert _has_source(spelling.evidence), (fact, spelling)
                assert spelling.events, (fact, spelling)
                assert spelling.events <= ALL_EVENTS, (fact, spelling)

    def test_every_behaviour_is_a_sentence_with_a_source(self) -> None:
        """``xtrig explain`` says it to people who sign it."""
        for behaviour in self.dialect.behaviours:
            assert behaviour.text.strip().endswith("."), behaviour.text
            assert behaviour.text[0].isupper(), behaviour.text
            assert _has_source(behaviour.evidence), behaviour.text
            assert behaviour.events, behaviour.text
            assert bool(behaviour.policy) is (behaviour.topic is Topic.POLICY), behaviour.text

    def test_longest_name_is_a_length(self) -> None:
        """Identifiers are measured against it, on each version."""
        for version in self.target_versions():
            assert self.dialect.longest_name(self.dialect.parse_version(version)).length >= 1


def _has_source(evidence: Evidence) -> bool:
    last = evidence.otherwise is None or _has_source(evidence.otherwise)
    return bool(evidence.source.strip()) and last


def _said(capability: Capability) -> dict[str, Any]:
    """Return the claims that a capability has to make: a refused event is not there to make any."""
    return {} if capability.support is Support.REFUSED else capability.cells


@dataclass(frozen=True)
class Fresh:
    """The result of a new process: a text for each case file, and the packages loaded at its end."""

    texts: dict[str, str]
    packages: frozenset[str]


class IsolatedTests(Subject):
    """Rendering with this dialect loads neither other dialects nor a driver, and does not depend on the process."""

    allowed_packages: ClassVar[frozenset[str]] = frozenset()
    """Packages of other dialects that this one builds on, such as ``{"xtrig_postgresql"}``."""
    drivers: ClassVar[frozenset[str]] = DRIVERS
    """Top-level packages of database drivers; a dialect adds its own driver here if it is not among them."""

    def test_it_loads_no_other_dialect(self) -> None:
        """A broken neighbour must not be in the way."""
        owners = {entry.name: _package(entry.value) for entry in entry_points(group=GROUP)}
        foreign = set(owners.values()) - {owners[self.dialect_name]} - self.allowed_packages
        assert not fresh(self.dialect_name).packages & foreign

    def test_it_loads_no_driver(self) -> None:
        """Rendering needs no database, and stays quick."""
        loaded = fresh(self.dialect_name).packages & self.drivers
        assert not loaded

    def test_fresh_process_gives_same_bytes(self) -> None:
        """Under another hash seed, so that no order of a set shows through."""
        for path, text in fresh(self.dialect_name).texts.items():
            try:
                here = str(render(load(path), self.dialect_name))
            except RefusedError as refusal:
                here = str(refusal)
            assert text == here, path


@cache
def fresh(dialect: str) -> Fresh:
    """Render every case file in a process of its own."""
    paths = [str(path) for path in case_files()]
    environment = {
        **os.environ,
        "PYTHONHASHSEED": "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1",
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "PYTHONIOENCODING": "utf-8",
    }
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, dialect, *paths],
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    return Fresh(answer["texts"], frozenset(answer["packages"]))


def _package(value: str) -> str:
    """Return the top-level package of an entry point's target."""
    return value.partition(":")[0].partition(".")[0].strip()
