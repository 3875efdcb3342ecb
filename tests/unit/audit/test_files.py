"""A report's file is there whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from xtrig.cli.audit.report import check_target, write_whole
from xtrig.errors import UsageError


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def test_a_file_is_written_in_utf_8_and_nothing_is_left_beside_it(tmp_path: Path):
    write_whole(tmp_path / "a.html", "ä\n")
    assert (tmp_path / "a.html").read_bytes() == b"\xc3\xa4\n"
    assert names(tmp_path) == ["a.html"]


def test_a_file_that_exists_keeps_its_mode_and_a_link_stays_one(tmp_path: Path):
    target, link = tmp_path / "a.html", tmp_path / "latest.html"
    target.write_text("old")
    target.chmod(0o640)
    link.symlink_to(target)
    write_whole(link, "new")
    assert link.is_symlink()
    assert target.read_text() == "new"
    assert target.stat().st_mode & 0o777 == 0o640


def test_a_failure_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    target = tmp_path / "a.html"
    target.write_text("old")

    def full(number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UsageError, match=r"a\.html: cannot be written: No space left on device"):
        write_whole(target, "new")
    assert target.read_text() == "old"
    assert names(tmp_path) == ["a.html"]


def test_nobody_sees_half_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    target = tmp_path / "a.html"
    target.write_text("old")
    seen = []
    monkeypatch.setattr(os, "fsync", lambda number: seen.append(target.read_text()))
    write_whole(target, "new" * 100_000)
    assert seen == ["old"]


def test_a_name_that_no_system_takes_is_refused(tmp_path: Path):
    with pytest.raises(UsageError, match="cannot be written"):
        write_whole(tmp_path / "a\0", "new")
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "why"),
    [("", "is a folder"), ("no/a.html", "there is no folder"), ("pipe", "is not a regular file")],
)
def test_a_name_that_cannot_work_is_refused_beforehand(name: str, why: str, tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match=why):
        check_target(tmp_path / name)
