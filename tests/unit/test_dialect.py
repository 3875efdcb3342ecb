"""The data of a dialect: versions, capabilities and spellings."""

from __future__ import annotations

import pytest

from xtrig.dialect import Spelling, Support, find_spelling, parse_version
from xtrig.errors import UsageError
from xtrig.facts import ALL_EVENTS, FACTS, Event, Fact, Item
from xtrig.registry import get_dialect

NAMES = ("postgresql", "polardb", "polardb-oracle")


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("17", (17,)),
        ("2.0.14", (2, 0, 14)),
        (" 18 ", (18,)),
        ("", None),
        ("17.", None),
        (".", None),
        ("a", None),
        ("1.-1", None),
        ("²", None),
        ("123456", None),
    ],
)
def test_a_version_is_numbers_and_dots(text: str, version: tuple[int, ...] | None):
    assert parse_version(text) == version


@pytest.mark.parametrize("name", NAMES)
def test_a_dialect_takes_its_versions_and_what_begins_with_one(name: str):
    dialect = get_dialect(name)
    for version in dialect.versions:
        assert dialect.parse_version(version) == dialect.parse_version(f"{version}.3")[:-1]
    assert dialect.parse_version(None) == dialect.parse_version(dialect.default_version)
    with pytest.raises(UsageError, match="versions: "):
        dialect.parse_version("99")


def test_the_newest_capability_that_a_version_has_counts():
    dialect = get_dialect("postgresql")
    assert dialect.capability(Event.LOGON, (16, 4)).support is Support.REFUSED
    assert dialect.capability(Event.LOGON, (17,)).support is Support.NATIVE
    assert dialect.capability(Event.LOGOFF, (16,)).support is Support.REFUSED
    assert dialect.capability(Event.LOGOFF, (17,)).support is Support.EMULATED


@pytest.mark.parametrize("name", NAMES)
def test_every_event_has_a_capability_with_its_source_and_a_refusal_its_way_out(name: str):
    for event, capability in get_dialect(name).described():
        assert capability.event is event
        assert capability.source
        if capability.support is Support.NATIVE:
            assert capability.spelling
            assert capability.on_error
        else:
            assert capability.reason
            assert capability.remedy


@pytest.mark.parametrize("name", NAMES)
def test_every_spelling_has_a_source_and_is_one_operand(name: str):
    for fact, spellings in get_dialect(name).spellings.items():
        for spelling in spellings:
            assert spelling.source, fact
            assert spelling.sql.count("(") == spelling.sql.count(")")
            assert spelling.events


def test_a_spelling_fits_by_event_item_and_version():
    spellings = {
        Fact.TAG: (
            Spelling("item", item=Item.DDL_COMMAND),
            Spelling("new", since=(17,)),
            Spelling("old", frozenset({Event.LOGON})),
        )
    }

    def found(event: Event, item: Item | None, version: tuple[int, ...]) -> str | None:
        spelling = find_spelling(spellings, Fact.TAG, event, item, version)
        return spelling.sql if spelling else None

    assert found(Event.LOGON, None, (17,)) == "new"
    assert found(Event.LOGON, None, (16,)) == "old"
    assert found(Event.SQL_DROP, None, (16,)) is None
    assert found(Event.SQL_DROP, Item.DDL_COMMAND, (16,)) == "item"
    assert find_spelling(spellings, Fact.NOW, Event.LOGON, None, (17,)) is None


def test_every_fact_says_what_it_means_and_where():
    assert set(FACTS) == set(Fact)
    for info in FACTS.values():
        assert info.meaning
        assert info.events <= ALL_EVENTS
