"""A PL/SQL block as a tree of statements; expressions and SQL stay tokens.

It reads the statements that triggers are written in. What it does not know is a :class:`Foreign` statement with its
tokens, so that whoever reads the tree has to account for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from xtrig.plugin import Kind, Token

Words = tuple[Token, ...]
MAX_DEPTH = 60


class Unparsed(Exception):
    """The text is no block of PL/SQL; ``at`` is the place of the first token that does not fit."""

    def __init__(self, message: str, at: int) -> None:
        self.at = at
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Node:
    """A statement, and where it begins."""

    at: int


@dataclass(frozen=True, slots=True)
class Assign(Node):
    """``target := value``."""

    target: str
    value: Words


@dataclass(frozen=True, slots=True)
class If(Node):
    """IF with its branches; the last without a condition is ELSE."""

    branches: tuple[tuple[Words, tuple[Node, ...]], ...]


@dataclass(frozen=True, slots=True)
class CaseOf(Node):
    """CASE as a statement; ``compared`` is empty where each WHEN has a condition."""

    compared: Words
    branches: tuple[tuple[Words, tuple[Node, ...]], ...]


@dataclass(frozen=True, slots=True)
class Loop(Node):
    """``FOR name IN (query) LOOP``."""

    name: str
    query: Words
    body: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Raise(Node):
    """RAISE; without a name the error again."""

    name: str


@dataclass(frozen=True, slots=True)
class Execute(Node):
    """EXECUTE IMMEDIATE; ``rest`` is INTO, USING and what follows."""

    command: Words
    rest: Words


@dataclass(frozen=True, slots=True)
class Invoke(Node):
    """A call of a procedure, or RETURN, NULL, COMMIT and other statements of one word."""

    name: tuple[str, ...]
    arguments: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class Sql(Node):
    """INSERT, SELECT INTO and other SQL."""

    words: Words


@dataclass(frozen=True, slots=True)
class Foreign(Node):
    """A statement that is not read."""

    what: str


@dataclass(frozen=True, slots=True)
class Declared:
    """A declaration: a variable with its type and value, or another thing by ``kind``."""

    at: int
    name: str
    kind: str
    """``variable``, ``exception``, ``pragma``, or what else begins the declaration."""
    type: Words = ()
    value: Words = ()


@dataclass(frozen=True, slots=True)
class Handler:
    """WHEN ... THEN of an exception section."""

    at: int
    names: tuple[str, ...]
    body: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Block(Node):
    """BEGIN ... END with its declarations and handlers."""

    declared: tuple[Declared, ...]
    body: tuple[Node, ...]
    handlers: tuple[Handler, ...] = field(default=())


_SQL = frozenset("insert update delete merge select lock with".split())
_FOREIGN = frozenset("close continue exit fetch for forall goto loop open pipe savepoint set while".split())


def read_block(words: Sequence[Token]) -> Block:
    """Return the block that ``words`` are, from DECLARE or BEGIN to the last END. Raises :class:`Unparsed`."""
    reader = _Reader(words)
    block = reader.block()
    reader.takes(";")
    if reader.place < len(reader.words):
        raise reader.unparsed("it should have ended")
    return block


class _Reader:
    def __init__(self, words: Sequence[Token]) -> None:
        self.words = words
        self.place = 0
        self.depth = 0

    @property
    def token(self) -> Token:
        if self.place < len(self.words):
            return self.words[self.place]
        last = self.words[-1].start if self.words else 0
        return Token(Kind.END, "", last)

    @property
    def word(self) -> str:
        """The keyword, or the sign, that comes next."""
        return self.token.word or self.token.text

    def ahead(self, number: int) -> str:
        place = self.place + number
        return (self.words[place].word or self.words[place].text) if place < len(self.words) else ""

    def next(self) -> Token:
        token = self.token
        if not token.text:
            raise self.unparsed("it ends too early")
        self.place += 1
        return token

    def takes(self, *expected: str) -> bool:
        if [self.ahead(number) for number in range(len(expected))] != list(expected):
            return False
        self.place += len(expected)
        return True

    def expect(self, *expected: str) -> None:
        if not self.takes(*expected):
            raise self.unparsed(f"{' '.join(expected).upper()} is missing")

    def unparsed(self, message: str) -> Unparsed:
        return Unparsed(f"at {self.token.text[:40] or 'the end'}: {message}", self.token.start)

    def until(self, *ends: str) -> Words:
        """Return the tokens before one of some words that is not inside parentheses or CASE."""
        found: list[Token] = []
        depth = cases = 0
        while depth or cases or self.word not in ends:
            token = self.next()
            if token.kind is Kind.END and ";" not in ends:
                self.place -= 1
                raise self.unparsed(f"{ends[0].upper()} is missing")
            depth += (token.kind is Kind.OPEN) - (token.kind is Kind.CLOSE)
            cases += (token.word == "case") - (token.word == "end" and cases > 0)
            if depth < 0:
                self.place -= 1
                raise self.unparsed("a parenthesis closes that was not opened")
            found.append(token)
        return tuple(found)

    def block(self) -> Block:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.unparsed("it is nested too deep")
        self._label()
        at = self.token.start
        declared: list[Declared] = []
        if self.takes("declare"):
            while self.word != "begin":
                declared.append(self._declaration())
        self.expect("begin")
        body = self._statements("end", "exception")
        handlers: list[Handler] = []
        if self.takes("exception"):
            while self.word == "when":
                handlers.append(self._handler())
        self.expect("end")
        if self.word != ";" and self.token.name:
            self.next()
        self.depth -= 1
        return Block(at, tuple(declared), body, tuple(handlers))

    def _label(self) -> None:
        if self.takes("<<"):
            self.next()
            self.expect(">>")

    def _declaration(self) -> Declared:
        token = self.next()
        first = token.word
        if first in ("pragma", "procedure", "function", "cursor", "type", "subtype"):
            if first in ("procedure", "function"):
                raise Unparsed(f"{first.upper()} in its declarations", token.start)
            return Declared(token.start, self.token.name, first, self._to_end())
        if not token.name:
            raise Unparsed("a declaration should stand here", token.start)
        self.takes("constant")
        written = self.until(":=", "default", ";")
        value = () if self.word == ";" else self._after_sign()
        self.expect(";")
        kind = "exception" if [each.word for each in written] == ["exception"] else "variable"
        return Declared(token.start, token.name, kind, written, value)

    def _after_sign(self) -> Words:
        self.next()
        return self.until(";")

    def _to_end(self) -> Words:
        found = self.until(";")
        self.expect(";")
        return found

    def _handler(self) -> Handler:
        at = self.next().start
        names = [self._path()]
        while self.takes("or"):
            names.append(self._path())
        self.expect("then")
        body = self._statements("when", "end")
        return Handler(at, tuple(".".join(name) for name in names), body)

    def _path(self) -> tuple[str, ...]:
        parts = [self._name()]
        while self.takes("."):
            parts.append(self._name())
        return tuple(parts)

    def _name(self) -> str:
        if not self.token.name:
            raise self.unparsed("a name should stand here")
        return self.next().name

    def _statements(self, *ends: str) -> tuple[Node, ...]:
        found: list[Node] = []
        while self.word not in ends:
            found.append(self._statement())
        return tuple(found)

    def _statement(self) -> Node:
        self._label()
        at, word = self.token.start, self.word
        if word in ("declare", "begin"):
            block = self.block()
            self.expect(";")
            return block
        if word == "if":
            return self._if()
        if word == "case":
            return self._case()
        if word == "for" and self.ahead(2) == "in" and self.ahead(3) == "(":
            return self._loop()
        if word == "raise":
            self.next()
            name = ".".join(self._path()) if self.word != ";" else ""
            self.expect(";")
            return Raise(at, name)
        if word == "execute":
            self.expect("execute", "immediate")
            command = self.until("into", "using", "returning", "return", "bulk", ";")
            return Execute(at, command, self._to_end())
        if word in _SQL:
            return Sql(at, self._to_end())
        if word in _FOREIGN:
            return self._foreign(at, word)
        return self._simple(at)

    def _foreign(self, at: int, word: str) -> Foreign:
        """Pass over a statement that is not read: a loop to its end, another to its semicolon."""
        if word in ("for", "while", "loop"):
            self.until("loop", ";")
            self.expect("loop")
            self._nested(lambda: self._statements("end"))
            self.expect("end", "loop")
            if self.word != ";":
                self._name()
            self.expect(";")
        else:
            self._to_end()
        return Foreign(at, word.upper())

    def _nested(self, read: Callable[[], tuple[Node, ...]]) -> tuple[Node, ...]:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.unparsed("it is nested too deep")
        found = read()
        self.depth -= 1
        return found

    def _simple(self, at: int) -> Node:
        path = self._path()
        if len(path) == 1 and self.takes(":="):
            return Assign(at, path[0], self._to_end())
        arguments: tuple[Words, ...] = ()
        if self.takes("("):
            arguments = self._arguments()
        elif path[0] in ("commit", "rollback", "return"):
            rest = self.until(";")
            arguments = (rest,) if rest else ()
        self.expect(";")
        return Invoke(at, path, arguments)

    def _arguments(self) -> tuple[Words, ...]:
        found: list[Words] = []
        while not self.takes(")"):
            if found:
                self.expect(",")
            found.append(self.until(",", ")"))
            if not found[-1]:
                raise self.unparsed("an argument should stand here")
        return tuple(found)

    def _if(self) -> If:
        at = self.next().start
        branches = [self._branch("elsif", "else", "end")]
        while self.word in ("elsif", "else"):
            if self.next().word == "elsif":
                branches.append(self._branch("elsif", "else", "end"))
            else:
                branches.append(((), self._nested(lambda: self._statements("end"))))
        self.expect("end", "if", ";")
        return If(at, tuple(branches))

    def _branch(self, *ends: str) -> tuple[Words, tuple[Node, ...]]:
        condition = self.until("then")
        self.expect("then")
        return condition, self._nested(lambda: self._statements(*ends))

    def _case(self) -> CaseOf:
        at = self.next().start
        compared = self.until("when")
        branches = []
        while self.takes("when"):
            branches.append(self._branch("when", "else", "end"))
        if self.takes("else"):
            branches.append(((), self._nested(lambda: self._statements("end"))))
        self.expect("end", "case", ";")
        return CaseOf(at, compared, tuple(branches))

    def _loop(self) -> Loop:
        at = self.next().start
        name = self._name()
        self.expect("in", "(")
        query = self.until(")")
        self.expect(")", "loop")
        body = self._nested(lambda: self._statements("end"))
        self.expect("end", "loop")
        if self.word != ";":
            self._name()
        self.expect(";")
        return Loop(at, name, query, body)
