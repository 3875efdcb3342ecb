"""``xtrig doctor`` on a PolarDB: it asks what no page of the vendor's says; ``questions.yaml`` has the questions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, ClassVar

import yaml

from xtrig.dialect.doctor import Answers, Command, Doctor, Problem
from xtrig.dialect.driver import WayIn
from xtrig.plugin import Event, Severity
from xtrig_polardb.dialect import PolarDBDialect, PolarDBOracleDialect


@cache
def questions(edition: str) -> Mapping[str, Mapping[str, Any]]:
    """Return name to question in the words of a dialect, the most important first."""
    dialect = PolarDBOracleDialect() if edition == PolarDBOracleDialect.name else PolarDBDialect()
    version = dialect.parse_version(None)
    words = {str(event): dialect.capability(event, version).spelling for event in (Event.LOGON, Event.LOGOFF)}
    words |= {"execute": dialect.flavour.execute, "authid": dialect.flavour.authid.get("definer", "")}
    found = yaml.safe_load(files(__package__).joinpath("questions.yaml").read_text("utf-8"))
    for asked in found.values():
        for statements in asked.keys() & {"tried", "by_hand"}:
            asked[statements] = [each.format(**words) for each in asked[statements]]
    return dict(found)


class PolarDBDoctor(Doctor):
    """Tries what harms nobody and is taken back, and prints the statements of all the rest."""

    opening: ClassVar[tuple[str, ...]] = ("SET LOCAL statement_timeout = '10s'", "SET LOCAL lock_timeout = '1s'")
    commands_title: ClassVar[str] = "What only a login can answer: run these, and report what you see"

    def __init__(self, edition: str) -> None:
        self._questions = questions(edition)

    def queries(self) -> Mapping[str, str]:
        """Return nothing: every question stands alone."""
        return {}

    def trials(self) -> Mapping[str, Sequence[str]]:
        """Return the statements of the questions that can be tried."""
        return {name: each["tried"] for name, each in self._questions.items() if "tried" in each}

    def problems(self, answers: Answers, way_in: WayIn) -> Iterator[Problem]:
        """Yield a note for each question that was tried, with the server's answer."""
        for name in self.trials():
            answer, asked = answers[name], self._questions[name]
            rows = [", ".join(f"{key} is {value}" for key, value in row.items()) for row in answer.rows]
            message = answer.problem or "; ".join(rows) or "no row"
            yield Problem(name, Severity.NOTE, asked["asks"].removesuffix("?"), message, asked["changes"])

    def emergency_commands(self, answers: Answers, way_in: WayIn) -> Iterator[Command]:
        """Yield the statements to run by hand; a login needs no way past a trigger here."""
        for asked in self._questions.values():
            if "by_hand" in asked:
                text = "\n".join(each if each.startswith("--") else f"{each};" for each in asked["by_hand"])
                yield Command(f"{asked['asks']} {asked['changes']}", text)
