"""What makes logon triggers unsafe on a server, and the commands for when no login works any more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xtrig.connect import Where, database_errors, open_place
from xtrig.deploy.target import Recognised, recognised
from xtrig.dialect.doctor import Answer, Answers, Command, Doctor, Problem
from xtrig.dialect.driver import Session, attempt
from xtrig.dialect.platform import Server
from xtrig.errors import DriverError, UsageError
from xtrig.findings import Severity
from xtrig.registry import get_dialect

if TYPE_CHECKING:
    from xtrig.outputs import DoctorOutput

__all__ = ["Diagnosis", "HealthReport", "examine"]


@dataclass(frozen=True, slots=True)
class HealthReport:
    """The problems of one server, the worst first, and the commands for an emergency."""

    dialect: str
    server: Server
    problems: tuple[Problem, ...]
    commands: tuple[Command, ...]
    commands_title: str = Doctor.commands_title

    @property
    def is_safe(self) -> bool:
        """Whether there is nothing worse than notes."""
        return all(problem.severity is Severity.NOTE for problem in self.problems)

    def to_dict(self) -> DoctorOutput:
        """Return the report as JSON-able data."""
        return {
            "dialect": self.dialect,
            "server": {"title": self.server.title, "database": self.server.database, "role": self.server.role},
            "ailments": [problem.to_dict() for problem in self.problems],
            "commands": [command.to_dict() for command in self.commands],
        }


Diagnosis = HealthReport
"""The former name of :class:`HealthReport`."""


_ORDER = tuple(Severity)


def examine(where: Where = None, dialect: str | None = None) -> HealthReport:
    """Examine a server for what makes logon triggers unsafe there, and change nothing.

    ``where`` is an engine, a connection or a URL; None stands for XTRIG_DATABASE_URL and the PG* variables. Any
    role may ask; a check that it has no rights for is a note. ``dialect`` None takes the one that recognises the
    server. Raises :class:`~xtrig.errors.DatabaseError` if the server cannot be reached or the connection breaks, and
    :class:`~xtrig.errors.UsageError` for a server that no dialect can examine.
    """
    with open_place(where, dialect) as place, database_errors("cannot look at the server"):
        session = place.session
        with session.reading():
            found, doctor = find_doctor(session, dialect)
            answers = _answers(session, doctor)
        way_in = session.way_in
    problems = sorted(doctor.problems(answers, way_in), key=lambda each: _ORDER.index(each.severity))
    commands = tuple(doctor.emergency_commands(answers, way_in))
    return HealthReport(found.dialect.name, found.server, tuple(problems), commands, doctor.commands_title)


def find_doctor(session: Session, dialect: str | None) -> tuple[Recognised, Doctor]:
    """Return what the server is, and its doctor.

    Raises :class:`~xtrig.errors.UsageError` as :func:`examine` does.
    """
    if dialect is not None and get_dialect(dialect).platform is None:
        raise UsageError(f"xtrig cannot examine servers of dialect {dialect!r}; it does not know them")
    found = recognised(session, dialect)
    doctor = found.platform.doctor(found.dialect.parse_version(found.version))
    if doctor is None:
        raise UsageError(f"xtrig cannot examine servers of dialect {found.dialect.name!r}; it has no doctor for them")
    return found, doctor


def _answers(session: Session, doctor: Doctor) -> Answers:
    with session.savepoint():
        for statement in doctor.opening:
            session.execute(statement)
        asked = {name: (query,) for name, query in doctor.queries().items()}
        return {name: _asked(session, statements) for name, statements in {**asked, **doctor.trials()}.items()}


def _asked(session: Session, statements: Sequence[str]) -> Answer:
    """Return the answer of the server, which may be an error. Raises for a broken connection alone."""
    *before, query = statements
    try:
        # The savepoint is rolled back in any case.
        with attempt(session):
            for statement in before:
                session.execute(statement)
            return Answer(tuple(session.rows(query)))
    except DriverError as error:
        return Answer(problem=str(error))
