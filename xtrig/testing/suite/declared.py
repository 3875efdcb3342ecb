"""What a dialect declares: complete, consistent, and its own."""

from __future__ import annotations

import re

import pytest

import xtrig
from xtrig.dialect import PLUGIN_API, Support
from xtrig.expressions import check_expression
from xtrig.facts import ALL_EVENTS, Event, Fact
from xtrig.testing.suite.subject import Subject

NONSENSE = ("no such version", "99999", "-1")
DECLARED = ("name", "title", "plugin_api", "versions", "default_version", "capabilities", "spellings")


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
        """It is what nobody asked for, so it may not be refused."""
        assert self.dialect.parse_version(None) == self.dialect.parse_version(self.dialect.default_version)

    @pytest.mark.parametrize("version", NONSENSE)
    def test_other_version_is_refused_with_those_there_are(self, version: str) -> None:
        """A version that nobody rendered for must not get a script that looks right."""
        with pytest.raises(xtrig.UsageError) as caught:
            self.dialect.parse_version(version)
        assert version in str(caught.value)
        for known in self.dialect.versions:
            assert known in str(caught.value)

    def test_every_capability_says_how_it_is_known(self) -> None:
        """A claim without a source cannot be checked."""
        assert self.dialect.capabilities
        for capability in self.dialect.capabilities:
            assert capability.source.strip(), capability

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
                assert capability.on_error.strip(), capability

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
                assert spelling.source.strip(), (fact, spelling)
                assert spelling.events, (fact, spelling)
                assert spelling.events <= ALL_EVENTS, (fact, spelling)

    def test_longest_name_is_a_length(self) -> None:
        """Identifiers are measured against it in bytes of UTF-8."""
        assert self.dialect.max_name_bytes >= 1
