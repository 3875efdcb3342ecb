"""Attacks 15 and 16: settings that the owner of a database, or of a role, chooses for everybody's sessions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.server.attacks.mallory import LOG, SESSIONS, TRACEBACK, AttackSucceededError, Target, holds

# Each was chosen because it changes what a client gets to read, or ends what it does.
HOSTILE = (
    "client_encoding = 'SQL_ASCII'",
    "client_encoding = 'LATIN1'",
    "exit_on_error = on",
    "default_transaction_isolation = serializable",
    "default_transaction_isolation = 'repeatable read'",
    "default_transaction_read_only = on",
    "quote_all_identifiers = on",
    "idle_session_timeout = '1ms'",
    "idle_in_transaction_session_timeout = '1ms'",
    "transaction_timeout = '1ms'",
    "statement_timeout = '1ms'",
    "lock_timeout = '1ms'",
    "DateStyle = 'German, DMY'",
    "IntervalStyle = 'iso_8601'",
    "TimeZone = 'Pacific/Kiritimati'",
    "bytea_output = 'escape'",
    "extra_float_digits = -15",
    "standard_conforming_strings = off",
    "transform_null_equals = on",
    "search_path = ''",
    "search_path = 'lair, pg_catalog'",
    "default_tablespace = 'absent'",
    "temp_tablespaces = 'absent'",
    "default_table_access_method = 'absent'",
    "client_min_messages = 'debug5'",
    "event_triggers = off",
    "local_preload_libraries = 'absent'",
    "role = 'mallory'",
)

OF_A_RECORD = (
    "client_encoding = 'SQL_ASCII'",
    "exit_on_error = on",
    "default_transaction_isolation = serializable",
    "default_transaction_read_only = on",
    "quote_all_identifiers = on",
    "DateStyle = 'German, DMY'",
    "bytea_output = 'escape'",
    "search_path = 'lair, pg_catalog'",
)
"""Those that are tried on a record of sessions, too, whose functions do more."""
UNRECORDED = frozenset(("default_transaction_isolation = serializable", "default_transaction_read_only = on"))
"""Those that keep logins from being recorded: `status` says so, with the remedy."""
CASES = [*(("steps", setting) for setting in HOSTILE), *(("sessions", setting) for setting in OF_A_RECORD)]


def _verbs(target: Target, definition: str, *, is_unrecorded: bool) -> Iterator[tuple[str, int, str]]:
    """Yield what every verb said that it should not, in the order in which a user comes to them."""
    steps = (
        ("plan", (2,)),
        ("apply", (0,)),
        ("status", (2 if is_unrecorded else 0,)),
        ("plan", (0,)),
        ("drop", (0,)),
    )
    for verb, wanted in steps:
        options = ("--login-timeout", "2") if verb == "apply" else ("--with-data",) if verb == "drop" else ()
        said = target.xtrig(verb, None if verb == "doctor" else definition, *options)
        is_named = not is_unrecorded or verb != "status" or "keeps logins from being recorded; RESET it" in said.out
        if said.code not in wanted or not is_named:
            yield verb, said.code, said.err.strip().splitlines()[-1] if said.err.strip() else said.out[-200:]


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "setting"), CASES)
def test_a_setting_of_the_database(target: Target, kind: str, setting: str) -> None:
    """The owner of the database sets something for all its sessions, also for those of the superuser who deploys.

    Every verb works all the same, or refuses in one line before anything is changed, naming the setting.
    """
    target.as_mallory("CREATE SCHEMA lair; GRANT ALL ON SCHEMA lair TO PUBLIC")
    owner = "mallory" if "event_triggers" not in setting else "postgres"
    target.run(f"ALTER DATABASE {target.database.name} OWNER TO {owner}")
    command = f"ALTER DATABASE {target.database.name} SET {setting}"
    if (refusal := target.tries(command, owner)) is not None:
        pytest.skip(f"an owner may not: {refusal.splitlines()[0]}")
    is_unrecorded = kind == "sessions" and setting in UNRECORDED
    bad = list(_verbs(target, LOG if kind == "steps" else SESSIONS, is_unrecorded=is_unrecorded))
    target.run(f"ALTER DATABASE {target.database.name} OWNER TO postgres")
    name = setting.partition(" ")[0]
    verb, code, said = bad[0] if bad else ("", 0, "")
    # A library that is not there keeps everybody out, whom the server then answers by itself.
    is_refused = code in (1, 3, 64) and (name in said or "absent" in said) and verb == "plan"
    holds(not bad or is_refused, "; ".join(f"{verb} left with {code}: {said[-160:]}" for verb, code, said in bad))


@pytest.mark.parametrize("command", ["plan", "apply", "status", "doctor", "drop", "audit sessions", "import"])
@pytest.mark.parametrize("whose", ["database", "role"])
def test_an_encoding_that_is_none(target: Target, command: str, whose: str) -> None:
    """client_encoding is SQL_ASCII, by an ordinary owner of the database: every command ends in a traceback."""
    if command != "plan":
        target.deploy(SESSIONS)
    if whose == "database":
        target.run(f"ALTER DATABASE {target.database.name} OWNER TO mallory")
        target.as_mallory(f"ALTER DATABASE {target.database.name} SET client_encoding = 'SQL_ASCII'")
        target.run(f"ALTER DATABASE {target.database.name} OWNER TO postgres")
    else:
        target.run(f"ALTER ROLE postgres IN DATABASE {target.database.name} SET client_encoding = 'SQL_ASCII'")
    definition = SESSIONS if command in ("plan", "apply", "status", "drop") else None
    said = target.xtrig(command, definition, *(["--dry-run"] if command == "drop" else []))
    if said.code == TRACEBACK:
        raise AttackSucceededError(said.err.strip().splitlines()[-1])


@pytest.mark.parametrize(
    "value", ["1ms", "1", "99", "99.4 ms", "900us", "90000us", "0.05s", "5e-2 s", "0.001min", "0x20"]
)
@pytest.mark.parametrize("scope", ["DATABASE {}", "ROLE ALL", "ROLE postgres", "ROLE postgres IN DATABASE {}"])
def test_a_time_out_that_no_trigger_meets(target: Target, scope: str, value: str) -> None:
    """With it each login would be ended in its trigger: nothing is changed, and the remedy, run as printed, helps."""
    scope = scope.format(target.database.name)
    target.run(f"ALTER {scope} SET transaction_timeout = '{value}'")
    try:
        for command in ("plan", "apply"):
            said = target.xtrig(command, LOG)
            remedy = f"ALTER {scope} RESET transaction_timeout"
            words = " ".join((said.out + said.err).split())
            assert (said.code, remedy in words) == (1, True), said.out + said.err
        by_hand = target.psql(target.render(LOG), options="-c transaction_timeout=0")
        assert remedy in by_hand.err
        assert not target.run("SELECT FROM pg_event_trigger UNION ALL SELECT FROM pg_namespace WHERE nspname = 'app'")
        target.run(remedy)
    finally:
        target.run(f"ALTER {scope} RESET transaction_timeout")
    target.deploy(LOG)


@pytest.mark.parametrize("value", ["0", "500", "100ms", "1s", "1min", "200000us", "0.1s", "400us", "0x64", "0x2d0"])
def test_a_time_out_that_triggers_meet(target: Target, value: str) -> None:
    """It stops no deployment; nor does one that an ordinary role has chosen for its own sessions."""
    target.run(f"ALTER DATABASE {target.database.name} SET transaction_timeout = '{value}'")
    target.as_mallory("ALTER ROLE mallory SET transaction_timeout = '1ms'")
    assert target.xtrig("plan", LOG).code == 2
