"""Every setting that the owner of a database may choose: the list is the server's own, pg_settings of 18.

Many are set at once, since few of them interact; where a verb then does otherwise than without them, they are halved
until it is known which one it was.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

import psycopg
import pytest

from tests.server.attacks.mallory import LOG, Target, holds

SECONDS = 180.0
"""All verbs together may take so long, on a busy machine too: without any setting they take about 25."""
BATCHES = 3
Setting = tuple[str, str]
_LISTED = """
SELECT name, vartype, boot_val, min_val, max_val, enumvals FROM pg_settings
WHERE context = 'user' AND vartype <> 'string' ORDER BY name
"""
_TEXTS: Sequence[Setting] = (
    ("DateStyle", "German, DMY"),
    ("TimeZone", "Pacific/Kiritimati"),
    ("search_path", "lair, pg_catalog"),
    ("client_encoding", "LATIN1"),
    ("default_tablespace", "absent"),
    ("temp_tablespaces", "absent"),
    ("default_table_access_method", "absent"),
    ("default_text_search_config", "pg_catalog.german"),
    ("lc_numeric", "C"),
    ("restrict_nonsystem_relation_kind", "view, foreign-table"),
    ("createrole_self_grant", "set, inherit"),
    ("application_name", "xtrig"),
    ("timezone_abbreviations", "Australia"),
    ("plpgsql.extra_errors", "all"),
    ("plpgsql.extra_warnings", "all"),
    ("plpgsql.check_asserts", "off"),
    ("plpgsql.print_strict_params", "on"),
)


def values(target: Target) -> Iterator[list[Setting]]:
    """Yield rounds of settings: in each every parameter has one value that is not its own."""
    choices: dict[str, list[str]] = {name: [value] for name, value in _TEXTS}
    for name, kind, own, least, most, words in target.run(_LISTED):
        if kind == "bool":
            found = ["off" if own == "on" else "on"]
        elif kind == "enum":
            found = [word for word in words if word != own]
        else:
            # 0 switches most time-outs off; the smallest that is one is what hurts. That of transactions ends logins
            # in their triggers, everybody's: the canary says so, and test_hostile_settings.py sees to it.
            found = (
                ["500" if name == "transaction_timeout" else "1"]
                if name.endswith("_timeout")
                else [value for value in (least, most) if value != own]
            )
        choices[name] = found
    # A sandbox for reading alone, and what the next login does not survive.
    for name in ("allow_in_place_tablespaces", "temp_buffers"):
        choices.pop(name, None)
    for number in range(max(map(len, choices.values()))):
        yield [(name, found[number]) for name, found in choices.items() if number < len(found)]


def verbs(target: Target) -> str | None:
    """Run every verb; return what one did otherwise than it should."""
    begin = time.monotonic()
    steps = (
        *(("plan", 2), ("apply", 0), ("status", 0), ("plan", 0), ("disable", 0), ("enable", 0), ("import", 0)),
        *(("audit verify", 0), ("doctor", 0), ("drop", 0)),
    )
    for verb, wanted in steps:
        options = {"apply": ("--login-timeout", "10"), "drop": ("--with-data",)}.get(verb, ())
        said = target.xtrig(verb, None if verb in ("doctor", "import") else LOG, *options)
        # The doctor finds that mallory owns the database, whatever is set.
        if said.code != wanted and not (verb == "doctor" and said.code == 1):
            return f"{verb} left with {said.code}: {said.err.strip()[-300:] or said.out[-300:]}"
    took = time.monotonic() - begin
    return f"it took {took:.0f} s" if took > SECONDS else None


def tried(target: Target, settings: Sequence[Setting]) -> Iterator[str]:
    """Yield which settings are to blame for what a verb did."""
    name = target.database.name
    target.run(f"ALTER DATABASE {name} RESET ALL; DROP SCHEMA IF EXISTS app CASCADE")
    target.run(f"ALTER DATABASE {name} OWNER TO mallory")
    with target.enter(options="-c statement_timeout=0") as mallory:
        for setting, value in settings:
            try:
                mallory.execute(f"ALTER DATABASE {name} SET {setting} = '{value}'".encode())
            except psycopg.Error:
                mallory.rollback()  # an owner may not, or no such value on this build
    target.run(f"ALTER DATABASE {name} OWNER TO postgres")
    wrong = verbs(target)
    if wrong is None:
        return
    if len(settings) == 1:
        yield f"{settings[0][0]} = {settings[0][1]}: {wrong}"
        return
    middle = len(settings) // 2
    found = [each for half in (settings[:middle], settings[middle:]) for each in tried(target, half)]
    yield from found or [f"{wrong}, with all of {settings}"]


@pytest.fixture
def rounds(target: Target) -> Iterator[list[list[Setting]]]:
    """The rounds, with a schema of mallory's for the search_path."""
    target.as_mallory("CREATE SCHEMA lair; GRANT ALL ON SCHEMA lair TO PUBLIC")
    yield list(values(target))
    target.run(f"ALTER DATABASE {target.database.name} RESET ALL")


def test_every_setting_of_the_server_s_list(target: Target, rounds: list[list[Setting]]) -> None:
    """Each parameter with one hostile value, all of them at once."""
    assert len(rounds[0]) > 120
    found = list(tried(target, rounds[0]))
    holds(not found, "\n".join(found))


@pytest.mark.slow
def test_every_value_of_every_setting(target: Target, rounds: list[list[Setting]]) -> None:
    """The other values, too: each word of an enumeration, the greatest number."""
    for settings in rounds[1:]:
        size = -(-len(settings) // BATCHES)
        for start in range(0, len(settings), size):
            found = list(tried(target, settings[start : start + size]))
            holds(not found, "\n".join(found))
