"""A report as text, and a server that no doctor knows."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import pytest

from xtrig.cli.doctor_command import print_health_report
from xtrig.dialect.doctor import Command, Problem
from xtrig.dialect.platform import Server
from xtrig.doctor import HealthReport, find_doctor
from xtrig.errors import DriverError, UsageError
from xtrig.findings import Severity
from xtrig.registry import get_dialect

LONG = "psql " + "x" * 300


def report(*severities: Severity) -> HealthReport:
    problems = tuple(
        Problem(f"name-{number}", severity, f"thing {number}", "is wrong " * 20, "mend it\x1b[31m")
        for number, severity in enumerate(severities)
    )
    commands = (Command("Get in", f"{LONG}\nsecond", "back again"),)
    return HealthReport(
        "postgresql", Server("PostgreSQL 18", "18", "sh\x1b[31mop", "shop/5", "ann"), problems, commands
    )


def shown(given: HealthReport, capsys: pytest.CaptureFixture[str]) -> str:
    print_health_report(given)
    return capsys.readouterr().out


def test_the_worst_stands_first_and_every_line_fits_but_commands(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    lines = shown(report(Severity.ERROR, Severity.NOTE), capsys).splitlines()
    assert [line for line in lines if line and not line.startswith(" ")] == [
        "PostgreSQL 18, database sh [31mop, role ann",
        "Errors",
        "Notes",
        "If nobody can log in any more:",
    ]
    assert f"       {LONG}" in lines
    assert max(len(line) for line in lines if "xxx" not in line) <= 60


def test_a_terminal_obeys_nothing_that_a_server_says(capsys: pytest.CaptureFixture[str]) -> None:
    assert "\x1b" not in shown(report(Severity.ERROR), capsys)


def test_commands_are_numbered_and_say_what_takes_them_back(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(report(), capsys)
    assert "Nothing was found." in text
    assert f"  1. Get in\n       {LONG}\n       second\n     and afterwards:\n       back again\n" in text


@pytest.mark.parametrize(
    ("severity", "safe"), [(Severity.NOTE, True), (Severity.WARNING, False), (Severity.ERROR, False)]
)
def test_notes_alone_are_safe(severity: Severity, safe: bool) -> None:
    assert report(Severity.NOTE, severity).is_safe == safe


class Silent:
    """A server that understands no question."""

    is_broken = False

    def savepoint(self) -> Any:
        return nullcontext()

    def reading(self) -> Any:
        return nullcontext()

    def row(self, sql: str) -> Any:
        raise DriverError("what?")


@pytest.mark.parametrize(
    ("dialect", "message"),
    [
        (None, "no installed dialect knows this server"),
        ("postgresql", "this server is not one of dialect 'postgresql'"),
    ],
)
def test_a_server_that_nobody_knows(dialect: str | None, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        find_doctor(Silent(), dialect)  # type: ignore[arg-type]


def test_a_dialect_that_does_not_know_its_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(get_dialect("postgresql")), "platform", None)
    with pytest.raises(UsageError, match="it does not know them"):
        find_doctor(Silent(), "postgresql")  # type: ignore[arg-type]


def test_a_dialect_without_a_doctor(monkeypatch: pytest.MonkeyPatch) -> None:
    platform = type(get_dialect("postgresql").platform)
    monkeypatch.setattr(platform, "recognise", lambda self, row: "18")
    monkeypatch.setattr(platform, "doctor", lambda self, version: None)
    monkeypatch.setattr(Silent, "row", lambda self, sql: {"x": 1})
    with pytest.raises(UsageError, match="it has no doctor"):
        find_doctor(Silent(), "postgresql")  # type: ignore[arg-type]
