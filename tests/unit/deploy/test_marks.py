"""Marks: what a comment says of who made an object, and as what."""

from __future__ import annotations

import pytest

from xtrig import __version__
from xtrig.marks import FORMAT, Mark, digest, mark, read_mark


@pytest.mark.parametrize("name", ["audit", "My Set", "a:b::c", "'\"\\$$%s :x", "Prüfung", "xtrig:1:0:x", " "])
def test_a_mark_is_read_back(name: str) -> None:
    made = mark({"body": "x"}, name)
    assert read_mark(str(made)) == made
    assert str(made).startswith(f"xtrig:1/{__version__}:")


@pytest.mark.parametrize("state", ["", "origin", "always", "replica"])
@pytest.mark.parametrize("version", ["", "0.1.0", "1.2.3rc1", "10.0.dev3+local.1"])
def test_version_and_former_state_are_read_back(version: str, state: str) -> None:
    made = Mark("0123", "a/b:c", "witness", version, disabled=state)
    found = read_mark(str(made))
    assert found == made
    assert (found.version, found.disabled, found.witness, found.format) == (version, state, "witness", FORMAT)


@pytest.mark.parametrize(
    ("version", "is_newer"),
    [("", False), (__version__, False), ("0.0.9", False), ("0.1.1", True), ("0.1.0.1", True), ("99.0.dev1", True)],
)
def test_which_marks_a_newer_xtrig_has_made(version: str, is_newer: bool) -> None:
    assert Mark("0", "a", version=version).is_newer is is_newer


@pytest.mark.parametrize("head", ["9", "x", "", "1" * 500, "²", "-1", "1/", "1//"])
def test_any_other_head_is_read_without_an_error(head: str) -> None:
    found = read_mark(f"xtrig:{head}:0123:audit")
    assert found is not None
    assert (found.digest, found.set_name, found.disabled) == ("0123", "audit", "")


def test_a_mark_of_before_the_version_stood_in_it_is_the_same_mark() -> None:
    made = mark({"body": "x"}, "audit")
    assert read_mark(f"xtrig:1:{made.digest}:audit") == made


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
        == f"xtrig:1/{__version__}:" + digest({"body": "ü", "language": "plpgsql"}) + ":audit"
    )
    assert digest({"a": "1"}) == "452647e07c48d5e6"
    assert str(Mark("0123", "audit", version="")) == "xtrig:1:0123:audit"
