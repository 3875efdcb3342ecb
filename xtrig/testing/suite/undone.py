"""What is created can be taken back, and data only when someone says so."""

from __future__ import annotations

import re

from xtrig import render
from xtrig.resolve import resolve
from xtrig.script import Hazard, Script
from xtrig.testing.suite import reading
from xtrig.testing.suite.expected import offered_triggers, scripts
from xtrig.testing.suite.subject import Subject

# A schema may hold other people's objects by the time it would be dropped, so it stays.
_CREATES = re.compile(r"\s*CREATE\b(?!\s+(SCHEMA|DATABASE)\b)", re.IGNORECASE)
_DROPS_TABLE = re.compile(r"\bDROP\s+TABLE\b", re.IGNORECASE)


class UndoneTests(Subject):
    """``Script.undone()`` and ``xtrig render --drop``."""

    def test_removal_drops_every_trigger_by_name(self) -> None:
        """A trigger that stays behind would run, or fail, at every login."""
        for situation, script in scripts(self.dialect_name):
            created = offered_triggers(resolve(situation.triggers), self.dialect, self.version)
            removal = script.undone("removal")
            for trigger in created:
                assert any(reading.names(trigger, each.sql) for each in removal.statements), (
                    f"{situation}: trigger {trigger!r} stays behind"
                )

    def test_what_creates_can_be_undone(self) -> None:
        """Each statement that makes an object knows how to take it back."""
        for situation, script in scripts(self.dialect_name):
            for statement in script.statements:
                if _CREATES.match(statement.sql):
                    assert statement.undo, f"{situation}: nothing undoes {statement.sql}"

    def test_removal_keeps_the_data(self) -> None:
        """What was recorded outlives the trigger."""
        for situation, script in scripts(self.dialect_name):
            removal = script.undone("removal")
            assert not _loses_data(removal), situation
            for statement in removal.statements:
                for table in situation.triggers.tables if _DROPS_TABLE.search(statement.sql) else ():
                    assert not reading.names(table, statement.sql), f"{situation}: {statement.sql}"

    def test_removal_with_data_drops_the_tables(self) -> None:
        """All that the definition created, and none that belongs to someone else."""
        for situation, script in scripts(self.dialect_name):
            removal = script.undone("removal", with_data=True)
            tables = situation.triggers.tables
            created = [name for name, table in tables.items() if table.create]
            assert _loses_data(removal) or not created, situation
            for name in created:
                assert any(reading.names(name, each.sql) for each in removal.statements), (situation, name)
            for name in set(tables) - set(created):
                assert not any(reading.names(name, each.sql) for each in removal.statements), (situation, name)

    def test_creating_loses_no_data(self) -> None:
        """Rendering twice and running both must keep what the first one recorded."""
        for situation, script in scripts(self.dialect_name):
            assert not _loses_data(script), situation

    def test_drop_is_the_same_removal(self) -> None:
        """The command line and the library give one script."""
        for situation, script in scripts(self.dialect_name):
            for with_data in (False, True):
                dropped = render(situation.triggers, self.dialect_name, drop=True, with_data=with_data)
                assert dropped.statements == script.undone("removal", with_data=with_data).statements, situation


def _loses_data(script: Script) -> bool:
    return any(Hazard.LOSES_DATA in statement.hazards for statement in script)
