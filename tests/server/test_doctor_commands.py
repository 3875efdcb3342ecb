"""Every break-glass command, run for real against a server whose login trigger refuses everybody."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from tests.server.deploy import wait_until
from tests.server.doctoring import run_shell
from xtrig.dialect.doctor import Command
from xtrig.doctor import examine
from xtrig_pgfamily.embedded.server import EmbeddedServer

pytestmark = pytest.mark.server

DATABASE = "it's a shop"
PURPOSES = {
    "past": "Get in past the login triggers",
    "disable": "Disable the login triggers",
    "database": "Switch them off for this database",
    "role": "Switch them off for one role",
    "server": "Switch them off for the whole server",
    "file": "Without any connection",
    "single": "The last resort",
}
REFUSING = (
    "CREATE FUNCTION public.refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'nobody'; END$$; "
    'CREATE EVENT TRIGGER "it\'s ""mine""" ON login EXECUTE FUNCTION public.refuse(); '
    "CREATE EVENT TRIGGER plain ON login EXECUTE FUNCTION public.refuse(); "
    "ALTER EVENT TRIGGER plain ENABLE ALWAYS"
)


@pytest.fixture
def server() -> Iterator[EmbeddedServer]:
    with EmbeddedServer(18) as server:
        with server.connect() as admin:
            admin.execute(f'CREATE DATABASE "{DATABASE}"')
            admin.execute("CREATE ROLE ordinary LOGIN")
        yield server


def lock_out(server: EmbeddedServer) -> None:
    with server.connect(database=DATABASE) as admin:
        admin.execute(REFUSING.encode())
    assert not enters(server, "postgres")
    assert not enters(server, "ordinary")


def enters(server: EmbeddedServer, user: str) -> bool:
    try:
        server.connect(user, DATABASE).close()
    except psycopg.OperationalError as error:
        if "nobody" in str(error):
            return False
        raise
    return True


def commands(server: EmbeddedServer, *, late: bool) -> dict[str, Command]:
    """Return the commands; `late` ones are those that are asked for when nobody gets in any more."""
    url = server.conninfo(database=DATABASE, options="-c event_triggers=off" if late else "")
    found = examine(url).commands
    assert [command.purpose.startswith(each) for command, each in zip(found, PURPOSES.values(), strict=True)] == [
        True
    ] * len(found)
    return dict(zip(PURPOSES, found, strict=True))


@pytest.mark.parametrize("late", [False, True], ids=["printed before", "printed when locked out"])
@pytest.mark.parametrize("which", ["disable", "database", "server"])
def test_everybody_gets_in_again(which: str, late: bool, server: EmbeddedServer) -> None:
    if not late:
        command = commands(server, late=False)[which]
    lock_out(server)
    if late:
        command = commands(server, late=True)[which]
    run_shell(server, command.text)
    wait_until(lambda: enters(server, "ordinary"), "the postmaster has read its files")
    assert enters(server, "postgres")
    if command.afterwards:
        run_shell(server, command.afterwards)
        wait_until(lambda: not enters(server, "ordinary"), "the postmaster has read its files")
    else:
        assert (which, late) == ("disable", False)


def test_afterwards_each_trigger_is_as_it_was(server: EmbeddedServer) -> None:
    query = "SELECT evtname, evtenabled FROM pg_event_trigger ORDER BY evtname"
    lock_out(server)
    command = commands(server, late=True)["disable"]
    with server.connect(database=DATABASE, options="-c event_triggers=off") as admin:
        before = admin.execute(query).fetchall()
        run_shell(server, command.text)
        assert {state for _, state in admin.execute(query)} == {"D"}
        flag = admin.execute("SELECT dathasloginevt FROM pg_database WHERE datname = current_database()")
        assert flag.fetchone() == (False,)
        run_shell(server, command.afterwards)
        assert admin.execute(query).fetchall() == before


def test_a_superuser_gets_a_session(server: EmbeddedServer) -> None:
    lock_out(server)
    text = commands(server, late=True)["past"].text
    assert run_shell(server, f"{text} -Atc 'SELECT 41 + 1'") == "42\n"


def test_only_the_one_role_gets_in(server: EmbeddedServer) -> None:
    lock_out(server)
    command = commands(server, late=True)["role"]
    run_shell(server, command.text)
    assert enters(server, "postgres")
    assert not enters(server, "ordinary")
    run_shell(server, command.afterwards)
    assert not enters(server, "postgres")


def test_without_any_connection(server: EmbeddedServer) -> None:
    lock_out(server)
    run_shell(server, commands(server, late=True)["file"].text)
    wait_until(lambda: enters(server, "ordinary"), "the postmaster has read its files")


@pytest.mark.parametrize("late", [False, True], ids=["printed before", "printed when locked out"])
def test_the_last_resort(late: bool, server: EmbeddedServer) -> None:
    if not late:
        command = commands(server, late=False)["single"]
    lock_out(server)
    if late:
        command = commands(server, late=True)["single"]
    run_shell(server, command.text)
    server.start()
    assert enters(server, "ordinary")


def test_an_ordinary_role_is_told_the_superusers_commands(server: EmbeddedServer) -> None:
    early = {each.purpose: each for each in examine(server.conninfo("ordinary", DATABASE)).commands}
    lock_out(server)
    text = next(each.text for purpose, each in early.items() if purpose.startswith(PURPOSES["disable"]))
    assert "user=postgres" in text
    run_shell(server, text)
    assert enters(server, "ordinary")
