"""Reading audits by the library: what is there, by whom it may be read, and as of when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import create_engine

from tests.server.audited import CONTRACT, GRANTS, SAMPLE, audited, tamper
from tests.server.conftest import Database
from tests.server.sides import roles
from xtrig import audit
from xtrig.audit.kinds import DDL, SESSIONS
from xtrig.audit.reading import Wanted, open_reading
from xtrig.errors import DatabaseError, UsageError
from xtrig_pgfamily.embedded.server import EmbeddedServer
from xtrig_postgresql.platform import PostgreSQLPlatform

pytestmark = pytest.mark.server

MARCH = {"since": datetime(2026, 3, 1, tzinfo=UTC), "until": datetime(2026, 4, 1, tzinfo=UTC)}
HOSTILE = ["x' OR '1'='1", "100%s %(a)s", ":name ::int", 'a"b\\c', "\x1b[31mred"]


@pytest.fixture(scope="module")
def people(server18: EmbeddedServer) -> Iterator[None]:
    with roles(server18, ledger="NOLOGIN", auditor="LOGIN IN ROLE ledger", nobody="LOGIN"):
        yield


@pytest.fixture
def place(server18: EmbeddedServer, people: None) -> Iterator[Database]:
    with audited(server18, GRANTS, SAMPLE) as database:
        yield database


def url(place: Database, user: str = "auditor") -> str:
    return place.server.url(user, place.name)


def march(day: int, hour: float) -> datetime:
    return datetime(2026, 3, day, tzinfo=UTC) + timedelta(hours=hour)


def test_all_records_of_a_period(place: Database):
    with place.connect() as admin:
        tamper(admin)
    data = audit.read(url(place), **MARCH)
    (source,) = data.sources
    assert source.vendor.startswith("PostgreSQL 18.")
    assert source.server == f"{place.server.socket_dir}:{place.server.port}"
    assert source.database == place.name
    exact, inferred, is_open, unknown = data.sessions
    assert [each.session_id for each in data.sessions] == ["a", "b", "c", "d"]
    assert exact.duration == timedelta(hours=1, minutes=30, milliseconds=250)
    assert (inferred.duration, inferred.duration_range) == (None, (timedelta(hours=1), timedelta(hours=2)))
    assert (is_open.ended_by, is_open.client_ip, is_open.client_port) == (None, None, None)
    assert (unknown.ended_by, unknown.recorded_by) == ("unknown", "server log")
    assert (exact.client_ip, exact.client_port, exact.backend_pid) == ("10.0.0.1", 50000, 4711)
    (refusal,) = data.refusals
    assert (refusal.login_user, refusal.sqlstate, refusal.at) == ("mallory", "28P01", march(1, 7))
    assert [(each.login_user, each.object_identity) for each in data.ddl] == [("bob", "public.orders")]
    assert [(each.since, each.until, each.reason) for each in data.gaps] == [
        (march(2, 0), march(2, 6), "event_triggers was off")
    ]
    assert [(each.subject, each.at) for each in data.tamperings] == [("seal 7", march(2, 12))]


def test_times_are_in_utc_whatever_the_session_says(place: Database):
    with place.connect() as admin:
        admin.execute(f"ALTER DATABASE {place.name} SET timezone = 'Asia/Tokyo'")
        admin.execute(f"ALTER DATABASE {place.name} SET datestyle = 'German, DMY'")
    data = audit.read(url(place), **MARCH)
    assert {each.logon_at.utcoffset() for each in data.sessions} == {timedelta(0)}
    assert data.sessions[0].logon_at == march(1, 8)


def test_a_period_contains_its_beginning_and_not_its_end(place: Database):
    def sessions(since: datetime, until: datetime) -> list[str]:
        return [each.session_id for each in audit.read(url(place), since=since, until=until).sessions]

    assert sessions(march(2, 8), march(3, 8)) == ["b"]
    assert sessions(march(2, 8.001), march(3, 8.001)) == ["c"]
    naive = datetime(2026, 3, 2, 8)
    assert sessions(naive, naive + timedelta(days=1)) == ["b"]


@pytest.mark.parametrize(("day", "hour", "found"), [(2, 5, 1), (2, 6, 0), (1, 12, 0), (1, 23, 1)])
def test_a_gap_counts_where_it_overlaps(day: int, hour: int, found: int, place: Database):
    begin = march(day, hour)
    assert len(audit.read(url(place), since=begin, until=begin + timedelta(hours=2)).gaps) == found


def test_a_gap_that_goes_on_counts_ever_after(place: Database):
    with place.connect() as admin:
        admin.execute("INSERT INTO audit.g VALUES ('2026-02-01+00', NULL, 'disabled')")
    assert [each.until for each in audit.read(url(place), since=march(20, 0), until=march(21, 0)).gaps] == [None]


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_values_and_nothing_else(name: str, place: Database):
    with place.connect() as admin:
        for table, at in (("s", "logon_at"), ("r", "at"), ("ddl_log", "at")):
            admin.execute(f"INSERT INTO audit.{table} (login_user, {at}) VALUES (%s, '2026-03-09+00')", (name,))
    data = audit.read(url(place), users=[name], **MARCH)
    assert [each.login_user for each in (*data.sessions, *data.refusals, *data.ddl)] == [name] * 3
    data = audit.read(url(place), users=["bob", "mallory"], **MARCH)
    assert [each.login_user for each in (*data.sessions, *data.refusals, *data.ddl)] == ["bob", "bob", "mallory", "bob"]


def test_the_newest_and_how_many_there_are(place: Database):
    with open_reading(url(place)) as reading:
        assert [each.session_id for each in reading.records(SESSIONS, Wanted(), newest=2)] == ["d", "c"]
        assert reading.count(SESSIONS, Wanted()) == 4
        assert [each.session_id for each in reading.records(SESSIONS, Wanted(is_open=True))] == ["c"]


def test_an_ordinary_role_is_told_what_it_lacks(place: Database):
    with pytest.raises(DatabaseError, match=r"permission denied .*GRANT audit_reader TO") as refused:
        audit.read(url(place, "nobody"), **MARCH)
    assert "\n" not in str(refused.value)
    with place.connect() as admin:
        admin.execute("GRANT ledger TO nobody")
        try:
            assert len(audit.read(url(place, "nobody"), **MARCH).sessions) == 4
        finally:
            admin.execute("REVOKE ledger FROM nobody")


def test_views_that_are_not_there_are_named_with_what_to_do(place: Database):
    with pytest.raises(DatabaseError, match=r"no logs\.sessions in .*--schema .* xtrig init --preset session-audit"):
        audit.read(url(place), schema="logs")


def test_a_view_of_something_else_is_named_with_what_it_lacks(place: Database):
    with place.connect() as admin:
        admin.execute("DROP VIEW audit.refused_logins; CREATE VIEW audit.refused_logins AS SELECT now() AS at")
    with pytest.raises(
        DatabaseError, match=r"refused_logins is not what xtrig reads: it has no column session_id, login"
    ):
        audit.read(url(place, "postgres"), **MARCH)


def test_a_row_without_its_time_is_no_traceback(place: Database):
    with place.connect() as admin:
        admin.execute("INSERT INTO audit.s (session_id) VALUES ('timeless')")
    with open_reading(url(place)) as reading, pytest.raises(DatabaseError, match="no time in 'logon_at'"):
        list(reading.records(SESSIONS, Wanted()))


def test_what_is_optional_may_be_missing(place: Database):
    with place.connect() as admin:
        admin.execute("DROP VIEW audit.tamper_findings; DROP TABLE audit.ddl_log")
    data = audit.read(url(place), **MARCH)
    assert (len(data.sessions), data.ddl, data.tamperings) == (4, (), ())


def test_ddl_under_the_names_of_the_preset(place: Database):
    with place.connect() as admin:
        admin.execute("ALTER TABLE audit.ddl_log RENAME at TO recorded_at")
        admin.execute("ALTER TABLE audit.ddl_log RENAME login_user TO user_name")
    data = audit.read(url(place), users=["bob"], **MARCH)
    assert [(each.at, each.login_user) for each in data.ddl] == [(march(2, 12), "bob")]


def test_a_schema_may_be_called_anything(server18: EmbeddedServer):
    schema = 'Od"d 100% :x.y'
    quoted = '"Od""d 100% :x.y"'
    with audited(server18, CONTRACT.format(schema=quoted), SAMPLE.replace("audit.", f"{quoted}.")) as place:
        assert len(audit.read(place.url, schema=schema, **MARCH).sessions) == 4
        assert audit.read(place.url, **MARCH).sessions == ()


def test_a_reading_is_as_of_one_moment_and_writes_nothing(place: Database):
    with open_reading(url(place, "postgres")) as reading, place.connect() as admin:
        assert reading.count(DDL, Wanted()) == 1
        admin.execute("INSERT INTO audit.s (session_id, logon_at) VALUES ('late', now())")
        assert reading.count(SESSIONS, Wanted()) == 4
    with place.connect() as admin:
        admin.execute("""
            CREATE FUNCTION audit.write() RETURNS text LANGUAGE sql VOLATILE
            AS $$ INSERT INTO audit.g VALUES (now(), NULL, 'x') RETURNING reason $$;
            CREATE OR REPLACE VIEW audit.tamper_findings AS SELECT audit.write() AS subject, ''::text AS message,
                now() AS at
        """)
    with pytest.raises(DatabaseError, match="read-only transaction"):
        audit.read(url(place, "postgres"), **MARCH)


def test_engines_and_connections_are_taken_and_left_as_they_were(place: Database):
    engine = create_engine(url(place))
    assert len(audit.read(engine, **MARCH).sessions) == 4
    with engine.connect() as connection:
        assert len(audit.read(connection, **MARCH).sessions) == 4
        assert not connection.in_transaction()
        connection.begin()
        audit.read(connection, **MARCH)
        assert connection.in_transaction()
        assert connection.exec_driver_sql("SHOW transaction_read_only").scalar_one() == "off"
    engine.dispose()


def test_a_server_that_no_dialect_knows_can_be_read(place: Database, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(PostgreSQLPlatform, "recognise", lambda self, row: None)
    data = audit.read(url(place), **MARCH)
    assert (data.sources[0].vendor, data.sources[0].database) == ("unknown vendor (postgresql protocol)", place.name)
    assert len(data.sessions) == 4


def test_a_connection_that_breaks_is_said(place: Database):
    with place.connect() as admin, open_reading(url(place)) as reading:
        admin.execute("INSERT INTO audit.s (session_id, logon_at) SELECT n, now() FROM generate_series(1, 5000) AS n")
        found = reading.records(SESSIONS, Wanted())
        next(found)
        admin.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = 'auditor'")
        with pytest.raises(DatabaseError, match=r"cannot read audit\.sessions: "):
            list(found)


def test_a_period_that_ends_before_it_begins_is_no_question_for_a_server():
    with pytest.raises(UsageError, match="before it begins"):
        audit.read("host=192.0.2.1", since=march(2, 0), until=march(1, 0))


def test_a_page_of_two_databases(place: Database, server18: EmbeddedServer):
    with audited(server18, SAMPLE) as other:
        data = audit.merge(audit.read(url(place), **MARCH), audit.read(other.url, **MARCH))
        assert [each.database for each in data.sources] == [place.name, other.name]
        assert len(data.sessions) == 8
        page = audit.report_page(data)
    assert place.name in page
    assert other.name in page
