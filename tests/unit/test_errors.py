"""Suggestions of the nearest legal word."""

from xtrig.errors import suggest
from xtrig.facts import Fact


def test_a_near_word_is_suggested():
    assert "did you mean 'triggers'" in suggest("trigers", ["tables", "functions", "triggers"], "legal keys")


def test_without_a_near_word_the_legal_ones_are_listed():
    said = suggest("qqq", ["tables", "functions"], "legal keys")
    assert "legal keys" in said
    assert "tables" in said
    assert "functions" in said


def test_nothing_to_choose_from_is_said_in_words():
    assert suggest("a", [], "tables")


def test_a_word_of_an_enumeration_is_shown_as_the_user_would_write_it():
    assert "'login_user'" in suggest("login_usr", Fact, "facts")
    assert "<" not in suggest("login_usr", Fact, "facts")
