"""The script as data and as text, always the same, and what takes it back."""

from __future__ import annotations

import json
import re
from pathlib import Path

from xtrig import RefusedError, Script, Statement, load, render
from xtrig.resolve import resolve
from xtrig.script import Hazard
from xtrig.testing.suite import reading
from xtrig.testing.suite.subject import Subject, case_files, offered_triggers, scripts

# A schema may hold objects of others by the time it would be dropped, so it stays.
_CREATES = re.compile(r"\s*CREATE\b(?!\s+(SCHEMA|DATABASE)\b)", re.IGNORECASE)
_DROPS_TABLE = re.compile(r"\bDROP\s+TABLE\b", re.IGNORECASE)


class PrintedTests(Subject):
    """What ``str(script)`` and ``Script.to_dict()`` give."""

    def test_some_situation_is_rendered(self) -> None:
        """Without one the tests below would check nothing."""
        assert scripts(self.dialect_name)

    def test_every_statement_is_one_without_terminator(self) -> None:
        """The text adds the terminator, and a driver wants none."""
        for situation, script in scripts(self.dialect_name):
            for statement in _all(script):
                sql = statement.sql
                assert sql.strip(), f"{situation}: an empty statement for {statement.purpose!r}"
                assert sql == sql.strip(), f"{situation}: blanks around {sql!r}"
                assert not sql.endswith((";", script.framing.terminator)), f"{situation}: {sql}"
                assert "\0" not in sql, f"{situation}: {sql!r}"

    def test_every_purpose_is_one_line(self) -> None:
        """It is printed as a comment, and a second line would be SQL."""
        for situation, script in scripts(self.dialect_name):
            for statement in _all(script):
                assert "\n" not in statement.purpose, f"{situation}: {statement.purpose!r}"

    def test_script_says_what_it_was_rendered_for(self) -> None:
        """A script kept in a file must say which dialect and version it is for."""
        for situation, script in scripts(self.dialect_name):
            assert script.dialect == self.dialect_name, situation
            assert self.dialect.parse_version(script.target_version) == self.version, situation
            assert script.title.strip(), situation

    def test_text_holds_every_statement_in_order(self) -> None:
        """A reviewer reads the statements that would be executed."""
        for situation, script in scripts(self.dialect_name):
            text, position = str(script), 0
            for statement in script:
                position = text.find(statement.sql, position)
                assert position >= 0, f"{situation}: not in the text, or not in its place: {statement.sql}"
                position += len(statement.sql)
            assert text.endswith("\n"), situation

    def test_script_is_json(self) -> None:
        """``--format json`` gives the same statements, with those that begin and commit the transaction."""
        for situation, script in scripts(self.dialect_name):
            read = json.loads(json.dumps(script.to_dict()))
            printed = [script.framing.begin, *(each.sql for each in script), script.framing.commit]
            assert [each["sql"] for each in read["statements"]] == [sql for sql in printed if sql], situation

    def test_same_definition_gives_same_bytes(self) -> None:
        """Loaded and rendered again, so that nothing was kept from the first time."""
        for file in case_files():
            texts = {self._text(file) for _ in range(2)}
            assert len(texts) == 1, file.stem

    def _text(self, file: Path) -> str:
        try:
            return str(render(load(file), self.dialect_name))
        except RefusedError as refusal:
            return str(refusal)


def _all(script: Script) -> list[Statement]:
    """Return every statement, and every one that would take it back."""
    return [each for statement in script for each in (statement, *statement.undo)]


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
