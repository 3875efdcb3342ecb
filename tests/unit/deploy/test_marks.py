"""Marks: what a comment says of who made an object, and as what."""

from __future__ import annotations

import pytest

from xtrig.marks import Mark, digest, mark, read_mark


@pytest.mark.parametrize("name", ["audit", "My Set", "a:b::c", "'\"\\$$%s :x", "Prüfung", "xtrig:1:0:x", " "])
def test_a_mark_is_read_back(name: str) -> None:
    made = mark({"body": "x"}, name)
    assert read_mark(str(made)) == made
    assert str(made).startswith("xtrig:1:")


@pytest.mark.parametrize("comment", [None, "", "xtrig", "my xtrig:1:0:a", "XTRIG:1:0:a", " xtrig:1:0:a"])
def test_the_comment_of_anybody_else_is_no_mark(comment: str | None) -> None:
    assert read_mark(comment) is None


@pytest.mark.parametrize("comment", ["xtrig:", "xtrig:1", "xtrig:1:", "xtrig:1:0", "xtrig:9:0:"])
def test_a_mark_that_is_cut_short_belongs_to_no_set(comment: str) -> None:
    found = read_mark(comment)
    assert found is not None
    assert found.set_name == ""


def test_the_digest_does_not_depend_on_the_order() -> None:
    assert digest({"a": "1", "b": "2"}) == digest({"b": "2", "a": "1"})


@pytest.mark.parametrize("other", [{"a": "1", "b": "3"}, {"a": "1"}, {"a": "1", "c": "2"}, {"a": "1b", "": "2"}])
def test_the_digest_changes_with_every_attribute(other: dict[str, str]) -> None:
    assert digest(other) != digest({"a": "1", "b": "2"})


def test_the_format_stays_what_is_in_databases() -> None:
    assert (
        str(mark({"language": "plpgsql", "body": "ü"}, "audit"))
        == "xtrig:1:" + digest({"body": "ü", "language": "plpgsql"}) + ":audit"
    )
    assert digest({"a": "1"}) == "452647e07c48d5e6"
    assert str(Mark("0123", "audit")) == "xtrig:1:0123:audit"
