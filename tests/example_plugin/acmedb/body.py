"""The language of AcmeDB's triggers: BEGIN, statements that end in a semicolon, IF and END."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

_TOKENS = re.compile(r"'(?:[^']|'')*'|`(?:[^`]|``)*`|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/|\w+|\s+|.", re.DOTALL)


def tokens(sql: str) -> list[str]:
    """Return the tokens of a text, blanks too, without comments."""
    return [each for each in _TOKENS.findall(sql) if not each.startswith(("--", "/*"))]


@dataclass(frozen=True)
class If:
    """A decision between two lists of statements."""

    condition: str
    then: list[str | If]
    otherwise: list[str | If]


class Body:
    """The body of a trigger. Raises ValueError for a text that is none."""

    def __init__(self, text: str) -> None:
        self._tokens = tokens(text.strip())
        self._expect("BEGIN")
        self.statements = self._read({"END"})
        self._expect("END")
        if self._word():
            raise ValueError(f"{self._word()} stands behind the body's END")

    def run(self, execute: Callable[[str], None], is_true: Callable[[str], bool]) -> None:
        """Do what it says, up to RETURN."""
        _run(self.statements, execute, is_true)

    def _word(self) -> str:
        while self._tokens and self._tokens[0].isspace():
            del self._tokens[0]
        return self._tokens[0].upper() if self._tokens else ""

    def _expect(self, *words: str) -> None:
        for word in words:
            if self._word() != word:
                raise ValueError(f"the body has {self._word() or 'its end'} where {word} has to stand")
            del self._tokens[0]

    def _until(self, stop: str) -> str:
        """Return the text before ``stop``, which may also stand in a CASE, and go behind it."""
        found: list[str] = []
        cases = 0
        while self._tokens:
            token = self._tokens.pop(0)
            if token.upper() == stop and not cases:
                return "".join(found).strip()
            cases += {"CASE": 1, "END": -1}.get(token.upper(), 0)
            found.append(token)
        raise ValueError(f"the body ends before {stop}")

    def _read(self, ends: Iterable[str]) -> list[str | If]:
        found: list[str | If] = []
        while self._word() not in ends:
            if self._word() != "IF":
                found.append(self._until(";"))
                continue
            self._expect("IF")
            condition, then, otherwise = self._until("THEN"), self._read({"ELSE", "END"}), []
            if self._word() == "ELSE":
                self._expect("ELSE")
                otherwise = self._read({"END"})
            self._expect("END", "IF", ";")
            found.append(If(condition, then, otherwise))
        return found


def _run(statements: list[str | If], execute: Callable[[str], None], is_true: Callable[[str], bool]) -> bool:
    """Do the statements; return whether one of them was RETURN."""
    for each in statements:
        if isinstance(each, If):
            if _run(each.then if is_true(each.condition) else each.otherwise, execute, is_true):
                return True
        elif each.upper() == "RETURN":
            return True
        elif each.upper() != "NULL":
            execute(each)
    return False
