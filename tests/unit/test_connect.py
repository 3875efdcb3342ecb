"""URLs and connection strings: what they mean, and that no message holds a password."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import xtrig
from xtrig.audit import read
from xtrig.connect import VARIABLE, find_driver
from xtrig.deploy.live import import_database
from xtrig.dialect import Dialect
from xtrig.doctor import examine
from xtrig.errors import DatabaseError, PluginError, UsageError
from xtrig.model import TriggerSet
from xtrig.registry import get_dialect
from xtrig_pgfamily.driver.address import Address, address_for

SOCKET = {"user": "ann", "host": "/run/pg", "dbname": "app"}
SSL = {"sslmode": "require", "connect_timeout": "7"}


@pytest.mark.parametrize(
    ("url", "parameters"),
    [
        ("postgresql://ann@db:5433/app", {"user": "ann", "host": "db", "port": "5433", "dbname": "app"}),
        ("postgresql+psycopg://ann@db/app", {"user": "ann", "host": "db", "dbname": "app"}),
        ("postgres://ann@db/app", {"user": "ann", "host": "db", "dbname": "app"}),
        ("postgresql://ann:p%40ss@db", {"user": "ann", "password": "p@ss", "host": "db"}),
        ("postgresql://ann@/app?host=/run/pg", {"user": "ann", "host": "/run/pg", "dbname": "app"}),
        ("postgresql://a:1,b:2/app", {"host": "a,b", "port": "1,2", "dbname": "app"}),
        ("postgresql://db/app?sslmode=require", {"host": "db", "dbname": "app", "sslmode": "require"}),
        ("service=audit", {"service": "audit"}),
        ("host=db password='a b' dbname=app", {"host": "db", "password": "a b", "dbname": "app"}),
        (" dbname=app\n", {"dbname": "app"}),
        ("postgresql+asyncpg://ann:p%40ss@db/app", {"user": "ann", "password": "p@ss", "host": "db", "dbname": "app"}),
        ("postgresql+asyncpg://db/app?ssl=require&timeout=7", {"host": "db", "dbname": "app"} | SSL),
        ("postgresql+asyncpg://ann@/app?host=/run/pg&prepared_statement_cache_size=0", SOCKET),
        ("postgresql+psycopg_async://ann@/app?host=/run/pg", SOCKET),
        ("postgresql+psycopg2://ann@/app?host=/run/pg", SOCKET),
        ("postgresql://ann@%2Frun%2Fpg/app", SOCKET),
        ("postgresql+psycopg://ann@%2frun%2fpg/app", SOCKET),
        ("postgresql+asyncpg://ann@%2Frun%2Fpg/app", SOCKET),
        ("postgres://ann@%2Frun%2Fpg:5433/app?sslmode=disable", SOCKET | {"port": "5433", "sslmode": "disable"}),
    ],
)
def test_what_a_url_means(url: str, parameters: dict[str, str]) -> None:
    assert address_for(url).parameters == parameters


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hunter2",
        "password=hunter2 word",
        "postgres://u:%hunter2@h",
        "mysql://u:hunter2@h/x",
        "postgresql+pg8000://u:hunter2@h/x",
        "jdbc:postgresql://h/x?user=u&password=hunter2",
        "postgresql+asyncpg://u:hunter2@x@h/x",
        "postgresql://u:hunter2@%2Frun%2Fpg/x?no=hunter2",
        "postgresql://u:hunter2@x@h/x",
        "postgresql://u:1@hunter2@h/x",
        "postgresql://u:hunter2@h/x?no=hunter2",
        "host=h pasword=hunter2",
    ],
)
def test_a_bad_url_is_one_line_without_the_password(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        address_for(url)
    assert "hunter2" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "; " in str(caught.value) or "does not know" in str(caught.value)


def found(url: str | None) -> object:
    """Return the parameters of libpq with which the driver that is found would connect."""
    driver, wanted = find_driver(url)
    address = driver.address(wanted)
    assert isinstance(address, Address)
    return address.parameters


@pytest.mark.parametrize("dialect", [None, "postgresql", "polardb"])
def test_a_url_of_another_driver_is_refused_once_whoever_is_asked(dialect: str | None) -> None:
    with pytest.raises(UsageError) as caught:
        find_driver("mssql://ann:hunter2@h/x", dialect)
    assert str(caught.value) == (
        "the database URL begins with mssql://, but xtrig connects by psycopg; write postgresql://user@host/dbname, "
        "or a connection string of libpq such as 'service=name'"
    )


def test_what_names_no_database_is_refused() -> None:
    with pytest.raises(UsageError, match="an ORM session of SQLAlchemy; this is of type int"):
        find_driver(5)


def test_a_broken_plugin_does_not_stand_in_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xtrig.connect.dialect_names", lambda: ("broken", "postgresql"))
    asked = get_dialect

    def broken(name: str) -> Dialect:
        if name == "broken":
            raise PluginError("it is broken")
        return asked(name)

    monkeypatch.setattr("xtrig.connect.get_dialect", broken)
    assert find_driver("dbname=x")[1] == "dbname=x"
    with pytest.raises(PluginError, match="it is broken"):
        find_driver("dbname=x", "broken")


def test_precedence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert found(None) == {}
    monkeypatch.setenv(VARIABLE, "dbname=variable")
    assert found(None) == {"dbname": "variable"}
    assert found("dbname=url") == {"dbname": "url"}


def test_the_password_is_not_in_the_repr() -> None:
    assert "hunter2" not in repr(address_for("password=hunter2"))


def test_settings_are_added_to_those_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGOPTIONS", "-c work_mem=1MB")
    assert Address().with_setting("a", "b").parameters == {"options": "-c work_mem=1MB -c a=b"}
    assert Address({"options": "-c x=y"}).with_setting("a", "b").parameters == {"options": "-c x=y -c a=b"}


def test_an_empty_change_takes_out() -> None:
    address = Address({"host": "h", "hostaddr": "::1"})
    assert address.changed(hostaddr="", dbname="d").parameters == {"host": "h", "dbname": "d"}


@pytest.mark.parametrize("verb", [xtrig.plan, xtrig.status, xtrig.drop, read, examine, import_database])
def test_where_no_database_is_named_the_error_says_how_to(
    verb: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setenv("PGHOST", "127.0.0.1")
    monkeypatch.setenv("PGPORT", "1")
    given = (TriggerSet(),) if verb in (xtrig.plan, xtrig.status, xtrig.drop) else ()
    with pytest.raises(DatabaseError) as caught:
        verb(*given)
    said = str(caught.value)
    assert said.startswith("cannot connect: ")
    assert said.endswith("; name the database with --url or XTRIG_DATABASE_URL")
    assert "\n" not in said
    with pytest.raises(DatabaseError) as caught:
        verb(*given, "host=127.0.0.1 port=1")
    assert "--url" not in str(caught.value)
