"""Reserved words and command tags."""

from __future__ import annotations

import pytest
from pglast import keywords

from xtrig.facts import Event
from xtrig_pgfamily.words import RESERVED, name, qualified, tags


def test_every_word_the_parser_reserves_is_quoted():
    reserved = keywords.RESERVED_KEYWORDS | keywords.COL_NAME_KEYWORDS | keywords.TYPE_FUNC_NAME_KEYWORDS
    assert reserved <= RESERVED
    assert all(name(word) == f'"{word}"' for word in reserved)


def test_an_unreserved_word_stays_plain():
    assert name("login") == "login"
    assert qualified("audit", "User") == 'audit."User"'


@pytest.mark.parametrize(
    ("event", "tag", "known"),
    [
        (Event.DDL_COMMAND_END, "CREATE TABLE", True),
        (Event.DDL_COMMAND_START, "GRANT", True),
        (Event.DDL_COMMAND_START, "LOGIN", False),
        (Event.DDL_COMMAND_START, "CREATE DATABASE", False),
        (Event.DDL_COMMAND_START, "TRUNCATE TABLE", False),
        (Event.SQL_DROP, "DROP TABLE", True),
        (Event.SQL_DROP, "ALTER TABLE", True),
        (Event.SQL_DROP, "CREATE TABLE", False),
        (Event.TABLE_REWRITE, "ALTER TABLE", True),
        (Event.TABLE_REWRITE, "CREATE TABLE", False),
    ],
)
def test_a_tag_is_known_where_it_can_fire(event: Event, tag: str, known: bool):
    assert (tag in tags(event, (18,))) is known


def test_property_graphs_are_known_from_19_on():
    assert "CREATE PROPERTY GRAPH" in tags(Event.DDL_COMMAND_END, (19,))
    assert "CREATE PROPERTY GRAPH" not in tags(Event.DDL_COMMAND_END, (18,))
