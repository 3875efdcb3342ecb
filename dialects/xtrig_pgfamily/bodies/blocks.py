"""Procedural bodies as nested statements: blocks, branches, loops, handlers; of plpgsql and of PL/SQL.

What can be read is read: a text that is wrong somewhere still gives statements, and nothing here raises.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from xtrig.sqltokens import Kind, Token, Tokens, significant


@dataclass(frozen=True, slots=True)
class Simple:
    """A statement that holds no other, without its semicolon."""

    tokens: Tokens


@dataclass(frozen=True, slots=True)
class Clause:
    """Statements behind a condition: of IF, ELSIF, WHEN; that of ELSE is empty."""

    condition: Tokens
    body: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """IF or CASE; ``head`` is what CASE compares."""

    head: Tokens
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class Loop:
    """Any loop: what stands between its first word and LOOP, and its statements."""

    head: Tokens
    body: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """Declarations, BEGIN, statements, EXCEPTION, handlers, END."""

    declarations: tuple[Tokens, ...]
    body: tuple[Node, ...]
    handlers: tuple[Clause, ...]


Node = Simple | Choice | Loop | Block

_DEEPEST = 60
_LOOPS = ("loop", "while", "for", "foreach")
_TRANSACTION = ("transaction", "work", "isolation", "read", "not", "deferrable")


def read_body(tokens: Iterable[Token]) -> tuple[Node, ...]:
    """Return a whole function body. In PL/SQL its declarations come without the word DECLARE."""
    reader = _Reader(significant(tokens))
    declares = reader.word not in ("", "begin", "declare")
    first = (reader.block(),) if declares else ()
    return (*first, *reader.sequence())


def read_statements(tokens: Iterable[Token]) -> tuple[Node, ...]:
    """Return statements that stand in someone else's block."""
    return _Reader(significant(tokens)).sequence()


class _Reader:
    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self.at = 0
        self.depth = 0

    @property
    def word(self) -> str:
        return self._word(0)

    def _word(self, ahead: int) -> str:
        return self.tokens[self.at + ahead].word if self.at + ahead < len(self.tokens) else ""

    def sequence(self, *stops: str) -> tuple[Node, ...]:
        """Return the statements up to one of the words; without any, to the end of the text."""
        nodes: list[Node] = []
        while self.at < len(self.tokens) and not (self.word and self.word in stops):
            nodes.append(self._statement())
            self._skip_end()
        return tuple(nodes)

    def _statement(self) -> Node:
        self._skip_label()
        word = self.word
        if self.depth >= _DEEPEST:
            return self._simple()
        self.depth += 1
        try:
            if word == "declare" or (word == "begin" and not self._is_transaction()):
                return self.block()
            if word == "if":
                return self._if()
            if word == "case":
                return self._case()
            return self._loop() if word in _LOOPS else self._simple()
        finally:
            self.depth -= 1

    def _is_transaction(self) -> bool:
        after = self.at + 1
        return self._word(1) in _TRANSACTION or (after < len(self.tokens) and self.tokens[after].kind is Kind.END)

    def block(self) -> Block:
        """Return a block from its declarations on; the word DECLARE may be missing."""
        if self.word == "declare":
            self.at += 1
        declared, routines = self._declarations()
        self.at += 1
        body = self.sequence("exception", "end")
        handlers = []
        if self.word == "exception":
            self.at += 1
            handlers = self._clauses("end")
        self._finish()
        return Block(declared, (*routines, *body), tuple(handlers))

    def _declarations(self) -> tuple[tuple[Tokens, ...], tuple[Node, ...]]:
        """Return declarations, and the blocks of routines that PL/SQL declares among them."""
        declared: list[Tokens] = []
        routines: list[Node] = []
        while self.at < len(self.tokens) and self.word != "begin":
            if self.word in ("procedure", "function") and self.depth < _DEEPEST:
                declared.append(self._until("is", "as"))
                self.at += self.word in ("is", "as")
                self.depth += 1
                routines.append(self.block())
                self.depth -= 1
            else:
                declared.append(self._simple().tokens)
            self._skip_end()
        return tuple(declared), tuple(routines)

    def _if(self) -> Choice:
        clauses = []
        while self.word in ("if", "elsif", "elseif"):
            clauses.append(self._clause("elsif", "elseif", "else", "end"))
        return self._otherwise(Choice((), tuple(clauses)))

    def _case(self) -> Choice:
        self.at += 1
        head = self._until("when")
        return self._otherwise(Choice(head, tuple(self._clauses("else", "end"))))

    def _otherwise(self, choice: Choice) -> Choice:
        if self.word == "else":
            self.at += 1
            choice = Choice(choice.head, (*choice.clauses, Clause((), self.sequence("end"))))
        self._finish()
        return choice

    def _clauses(self, *stops: str) -> list[Clause]:
        clauses = []
        while self.word == "when":
            clauses.append(self._clause("when", *stops))
        return clauses

    def _clause(self, *stops: str) -> Clause:
        self.at += 1
        condition = self._until("then")
        self.at += self.word == "then"
        return Clause(condition, self.sequence(*stops))

    def _loop(self) -> Loop:
        head = self._until("loop")
        self.at += self.word == "loop"
        body = self.sequence("end")
        self._finish()
        return Loop(head, body)

    def _until(self, *words: str) -> Tokens:
        """Return the tokens before one of the words outside parentheses and CASE; a semicolon ends them too."""
        start, depth, cases = self.at, 0, 0
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            if token.kind is Kind.END or (depth <= 0 and cases <= 0 and token.word in words):
                break
            depth += (token.kind is Kind.OPEN) - (token.kind is Kind.CLOSE)
            cases += (token.word == "case") - (token.word == "end")
            self.at += 1
        return self.tokens[start : self.at]

    def _simple(self) -> Simple:
        return Simple(self._until())

    def _finish(self) -> None:
        """Pass END, what it ends and its label."""
        if self.word == "end":
            self._simple()

    def _skip_end(self) -> None:
        while self.at < len(self.tokens) and self.tokens[self.at].kind is Kind.END:
            self.at += 1

    def _skip_label(self) -> None:
        if [token.text for token in self.tokens[self.at : self.at + 3 : 2]] == ["<<", ">>"]:
            self.at += 3
