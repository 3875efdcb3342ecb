"""The script as data and as text: one statement each, nothing lost, always the same."""

from __future__ import annotations

import json
from pathlib import Path

from xtrig import RefusedError, Script, Statement, load, render
from xtrig.testing.suite.expected import scripts
from xtrig.testing.suite.situations import case_files
from xtrig.testing.suite.subject import Subject


class PrintedTests(Subject):
    """What ``str(script)`` and ``Script.to_dict()`` give."""

    def test_some_situation_is_rendered(self) -> None:
        """Otherwise everything below would hold for nothing."""
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
        """A script found in a drawer must tell where it belongs."""
        for situation, script in scripts(self.dialect_name):
            assert script.dialect == self.dialect_name, situation
            assert self.dialect.parse_version(script.target_version) == self.version, situation
            assert script.title.strip(), situation

    def test_text_holds_every_statement_in_order(self) -> None:
        """What is read is what would be executed."""
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
