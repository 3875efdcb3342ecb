"""Looking at a server: one transaction that changes nothing."""

from __future__ import annotations

from xtrig.connect import database_errors
from xtrig.deploy.place import Where, open_place
from xtrig.deploy.target import Recognised, recognised
from xtrig.dialect.doctor import Ailment, Answer, Answers, Doctor
from xtrig.dialect.driver import Session, attempt
from xtrig.doctor.diagnosis import Diagnosis
from xtrig.errors import DriverError, UsageError
from xtrig.findings import Severity
from xtrig.registry import get_dialect

_ORDER = tuple(Severity)


def examine(where: Where = None, dialect: str | None = None) -> Diagnosis:
    """Look at a server and say what makes logon triggers unsafe there. It is only read.

    ``where`` is an engine, a connection or a URL; None stands for XTRIG_DATABASE_URL and the PG* variables. Any
    role may ask; what it may not see is a note. ``dialect`` None takes the one that knows the server. Raises
    :class:`~xtrig.errors.DatabaseError` if the server cannot be reached or the connection breaks, and
    :class:`~xtrig.errors.UsageError` for a server that no doctor knows.
    """
    with open_place(where, dialect) as place, database_errors("cannot look at the server"):
        session = place.session
        with session.reading():
            found, doctor = find_doctor(session, dialect)
            answers = _answers(session, doctor)
        way_in = session.way_in
    ailments = sorted(doctor.diagnose(answers, way_in), key=_weight)
    commands = tuple(doctor.break_glass(answers, way_in))
    return Diagnosis(found.dialect.name, found.server, tuple(ailments), commands)


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
        return {name: _asked(session, query) for name, query in doctor.queries().items()}


def _asked(session: Session, query: str) -> Answer:
    """Return what the server answers, also when that is an error; only a broken connection is one here."""
    try:
        with attempt(session):
            return Answer(tuple(session.rows(query)))
    except DriverError as error:
        return Answer(problem=str(error))


def _weight(ailment: Ailment) -> int:
    return _ORDER.index(ailment.severity)
