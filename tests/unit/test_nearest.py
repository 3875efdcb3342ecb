"""Suggestions of the nearest legal word."""

from xtrig.nearest import suggest


def test_a_near_word_is_suggested():
    assert "triggers" in suggest("trigers", ["tables", "functions", "triggers"], "legal keys")


def test_without_a_near_word_the_legal_ones_are_listed():
    said = suggest("qqq", ["tables", "functions"], "legal keys")
    assert "legal keys" in said
    assert "tables" in said
    assert "functions" in said


def test_nothing_to_choose_from_is_said_in_words():
    assert suggest("a", [], "tables")
