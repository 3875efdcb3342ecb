"""What makes logon triggers unsafe on a server, and the commands for when no login works any more."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import psycopg
from sqlalchemy.exc import SQLAlchemyError

from xtrig.connect import database_errors, reason
from xtrig.deploy.place import Where, open_place
from xtrig.deploy.session import Session, attempt
from xtrig.deploy.target import recognised
from xtrig.dialect.deployment import Row
from xtrig.dialect.doctor import Answer, Answers, Command, Doctor, ExaminedServer, Problem, WayIn
from xtrig.errors import UsageError
from xtrig.findings import Severity
from xtrig.registry import get_dialect

__all__ = ["Diagnosis", "HealthReport", "examine"]


@dataclass(frozen=True, slots=True)
class HealthReport:
    """The problems of one server, the worst first, and the commands for an emergency."""

    dialect: str
    server: ExaminedServer
    problems: tuple[Problem, ...]
    commands: tuple[Command, ...]

    @property
    def is_safe(self) -> bool:
        """Whether there is nothing worse than notes."""
        return all(problem.severity is Severity.NOTE for problem in self.problems)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON-able data."""
        return {
            "dialect": self.dialect,
            "server": asdict(self.server),
            "ailments": [problem.to_dict() for problem in self.problems],
            "commands": [command.to_dict() for command in self.commands],
        }


Diagnosis = HealthReport
"""The former name of :class:`HealthReport`."""


_SHOWN = (
    "host",
    "hostaddr",
    "port",
    "user",
    "dbname",
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "channel_binding",
)
# Named one by one: among libpq's other parameters are passwords and keys, and new ones come with each version.

_ORDER = tuple(Severity)


def examine(where: Where = None, dialect: str | None = None) -> HealthReport:
    """Examine a server for what makes logon triggers unsafe there, and change nothing.

    ``where`` is an engine, a connection or a URL; None stands for XTRIG_DATABASE_URL and the PG* variables. Any
    role may ask; a check that it has no rights for is a note. ``dialect`` None takes the one that recognises the
    server. Raises :class:`~xtrig.errors.DatabaseError` if the server cannot be reached or the connection breaks, and
    :class:`~xtrig.errors.UsageError` for a server that no dialect can examine.
    """
    with open_place(where) as place, database_errors("cannot look at the server"):
        session = place.session
        with session.reading():
            name, doctor, row = find_doctor(session, dialect)
            answers = _answers(session, doctor)
        way_in = _way_in(session)
    problems = sorted(doctor.problems(answers, way_in), key=_weight)
    return HealthReport(name, doctor.server(row), tuple(problems), tuple(doctor.emergency_commands(answers, way_in)))


def find_doctor(session: Session, dialect: str | None) -> tuple[str, Doctor, Row]:
    """Return the dialect's name, its doctor, and the row by which the server was recognised.

    Raises :class:`~xtrig.errors.UsageError` as :func:`examine` does.
    """
    if dialect is not None and not get_dialect(dialect).recognition:
        raise UsageError(f"xtrig cannot examine servers of dialect {dialect!r}; it does not know them")
    found, version, row = recognised(session, dialect)
    doctor = found.doctor(found.parse_version(version))
    if doctor is None:
        raise UsageError(f"xtrig cannot examine servers of dialect {found.name!r}; it has no doctor for them")
    return found.name, doctor, row


def _answers(session: Session, doctor: Doctor) -> Answers:
    with session.savepoint():
        for statement in doctor.opening:
            session.execute(statement)
        return {name: _asked(session, query) for name, query in doctor.queries().items()}


def _asked(session: Session, query: str) -> Answer:
    """Return the answer of the server, which may be an error. Raises for a broken connection alone."""
    try:
        with attempt(session):
            return Answer(tuple(session.rows(query)))
    except SQLAlchemyError as error:
        return Answer(problem=reason(error))


def _way_in(session: Session) -> WayIn:
    driver = session.driver
    if not isinstance(driver, psycopg.Connection):
        return WayIn()
    info = driver.info
    given = info.get_parameters()
    told = {
        **given,
        "host": info.host,
        "hostaddr": info.hostaddr if "hostaddr" in given else "",  # else the name says more
        "port": str(info.port),
        "user": info.user,
        "dbname": info.dbname,
    }
    return WayIn({key: str(told[key]) for key in _SHOWN if told.get(key)}, info.backend_pid)


def _weight(problem: Problem) -> int:
    return _ORDER.index(problem.severity)
