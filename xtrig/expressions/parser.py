"""Reads an expression: the portable language, and enough of what vendors add to know the names in it.

What it does not know raises :class:`Unread`; such a text is a vendor's own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from xtrig.expressions.templates import Placeholder, parse_template
from xtrig.expressions.tree import Call, Case, Cast, Column, FactNode, Literal, Node, Operation, Query, Table
from xtrig.sqltokens import QUOTED, Kind, Token, significant, tokens

MAX_DEPTH = 60
"""How deep an expression may be nested and still be read."""

MAX_HEIGHT = 200
"""The most operations on the results of operations: what reads the tree calls itself for each."""


class Unread(Exception):
    """The text is not of the language; ``at`` is the position of the first token that does not fit."""

    def __init__(self, message: str, at: int) -> None:
        self.at = at
        super().__init__(message)


def read(text: str, *, portable: bool = False) -> Node:
    """Return what ``text`` says. Raises :class:`Unread`, and ValueError for a fact that is unknown.

    The tree has all names of the text, but not each of its words: ``COLLATE``, the size of a type, ``DISTINCT`` and the
    kind of a join are passed over. With ``portable`` such a text is not read either: the tree then says all of it, so
    that it can be written in another vendor's words.
    """
    reader = _Reader(text, portable)
    try:
        found = reader.expression()
    except RecursionError:
        raise reader.unread("it is nested too deep") from None
    reader.expect_end()
    level, depth = [found], 0
    while level:
        level, depth = [part for node in level for part in node.parts], depth + 1
    if depth > MAX_HEIGHT:
        raise reader.unread("it is too long a chain of operators")
    return found


_END = Token(Kind.END, "", 0)
_COMPARISONS = frozenset(("=", "<>", "!=", "<", ">", "<=", ">="))
_TIGHTER = {"+": 5, "-": 5, "*": 6, "/": 6, "%": 6, "^": 7}
_OTHER_OPERATOR = 4
# Words that end an operand or begin a clause, so that no alias or column has their name without quotes.
_CLAUSES = frozenset(
    "and as between case cross else end except fetch for from full group having ilike in inner intersect into is "
    "isnull join lateral left like limit natural not notnull offset on or order outer right select similar tablesample "
    "then union using when where window with collate distinct all any some exists array row asc desc nulls".split()
)
_VALUES = {"null": "", "true": "boolean", "false": "boolean"}
_TWO_WORDS = {"double": ("precision",), "character": ("varying",), "bit": ("varying",), "national": ("character",)}
_FORMS = {
    "extract": ("from",),
    "substring": ("from", "for", "similar", "escape"),
    "trim": ("from",),
    "overlay": ("placing", "from", "for"),
    "position": ("in",),
}
"""Functions whose arguments have words between them."""
_TRIMS = ("both", "leading", "trailing")


class _Reader:
    def __init__(self, text: str, portable: bool) -> None:
        self.portable = portable
        found = significant(tokens(text, placeholders=True))
        self.tokens = found
        self.place = 0
        self.depth = 0
        self.end = len(text)

    @property
    def token(self) -> Token:
        return self.tokens[self.place] if self.place < len(self.tokens) else _END._replace(start=self.end)

    def ahead(self, number: int = 1) -> Token:
        place = self.place + number
        return self.tokens[place] if place < len(self.tokens) else _END

    def next(self) -> Token:
        token = self.token
        self.place += 1
        return token

    def takes(self, *words: str) -> bool:
        """Take the words if they come next."""
        coming = [self.ahead(number).word or self.ahead(number).text for number in range(len(words))]
        if coming != list(words):
            return False
        self.place += len(words)
        return True

    def expect(self, word: str) -> None:
        if not self.takes(word):
            raise self.unread(f"{word.upper()} is missing")

    def expect_end(self) -> None:
        if self.place < len(self.tokens):
            raise self.unread("it should have ended")

    def unread(self, message: str) -> Unread:
        found = self.token.text or "the end"
        return Unread(f"at {found}: {message}", self.token.start)

    def passes_over(self, *words: str) -> bool:
        """Take the words if they come next, though the tree will not have them."""
        if self.portable and self.ahead(0).word == words[0]:
            raise self.unread("it is a vendor's own")
        return self.takes(*words)

    # Precedence as in the PostgreSQL manual, Lexical Structure, from loose to tight.

    def expression(self) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.unread("it is nested too deep")
        found = self._joined("or", lambda: self._joined("and", self._not))
        self.depth -= 1
        return found

    def _joined(self, word: str, part: Callable[[], Node]) -> Node:
        first = part()
        operands = [first]
        while self.takes(word):
            operands.append(part())
        return first if len(operands) == 1 else Operation(first.at, word, tuple(operands))

    def _not(self) -> Node:
        at = self.token.start
        negations = 0
        while self.takes("not"):
            negations += 1
        found = self._comparison()
        for _ in range(negations):
            found = Operation(at, "not", (found,))
        return found

    def _comparison(self) -> Node:
        found = self._membership()
        while True:
            at = self.token.start
            if self.token.text in _COMPARISONS:
                operator = self.next().text
                found = Operation(at, operator, (found, self._quantified() or self._membership()))
            elif self.token.word == "is":
                found = self._is(found)
            elif isinstance(found, Operation) and found.operator == "row" and self.passes_over("overlaps"):
                found = Operation(at, "overlaps", (found, self._membership()))
            elif self.token.word in ("isnull", "notnull"):
                found = Operation(at, "is null" if self.next().word == "isnull" else "is not null", (found,))
            else:
                return found

    def _quantified(self) -> Node | None:
        """Return what ANY, SOME or ALL compares with."""
        if self.token.word not in ("any", "some", "all") or self.ahead().text != "(":
            return None
        if self.portable:
            raise self.unread("it is a vendor's own")
        at = self.next().start
        (argument,) = self._parenthesised(self._query_or_expression)
        return Operation(at, "any", (argument,))

    def _is(self, left: Node) -> Node:
        at = self.next().start
        negated = "not " if self.takes("not") else ""
        if self.takes("distinct", "from"):
            return Operation(at, f"is {negated}distinct from", (left, self._membership()))
        if self.token.word in ("null", "true", "false", "unknown"):
            return Operation(at, f"is {negated}{self.next().word}", (left,))
        raise self.unread("after IS comes NULL, TRUE, FALSE, UNKNOWN or DISTINCT FROM")

    def _membership(self) -> Node:
        left = self._binary(_OTHER_OPERATOR)
        at = self.token.start
        negated = "not " if self.token.word == "not" and self.ahead().word in _MEMBERSHIPS else ""
        if negated:
            self.next()
        word = self.token.word
        if word not in _MEMBERSHIPS:
            return left
        self.next()
        if word == "between":
            self.passes_over("symmetric")
            low = self._binary(_OTHER_OPERATOR)
            self.expect("and")
            return Operation(at, f"{negated}between", (left, low, self._binary(_OTHER_OPERATOR)))
        if word == "in":
            if self.token.text != "(":
                raise self.unread("after IN comes a list in parentheses")
            listed = self._parenthesised(self._query_or_expression)
            if not listed:
                raise self.unread("after IN comes a list that is not empty")
            return Operation(at, f"{negated}in", (left, *listed))
        if word == "similar":
            self.expect("to")
        pattern = self._quantified() or self._binary(_OTHER_OPERATOR)
        if self.takes("escape"):
            pattern = Operation(at, "escape", (pattern, self._binary(_OTHER_OPERATOR)))
        return Operation(at, f"{negated}{word}", (left, pattern))

    def _binary(self, loosest: int) -> Node:
        left = self._unary()
        while True:
            token = self.token
            if token.word == "at" and self.ahead().word == "time":
                self.place += 2
                self.expect("zone")
                left = Operation(token.start, "at time zone", (left, self._unary()))
                continue
            if self.passes_over("collate"):
                self._name()
                continue
            if token.word == "operator" and self.ahead().text == "(":
                operator = self._qualified_operator()
                left = Operation(token.start, operator, (left, self._binary(_OTHER_OPERATOR + 1)))
                continue
            strength = _TIGHTER.get(token.text, _OTHER_OPERATOR)
            is_operator = token.kind is Kind.OPERATOR and token.text not in (*_COMPARISONS, "::", ".", ":", ":=", "..")
            if not is_operator or strength < loosest:
                return left
            self.next()
            right = self._quantified() or self._binary(strength + 1)
            left = Operation(token.start, token.text, (left, right))

    def _qualified_operator(self) -> str:
        self.passes_over("operator")
        self.expect("(")
        while self.token.kind is Kind.WORD:
            self.next()
            self.expect(".")
        operator = self.next().text
        self.expect(")")
        return operator

    def _unary(self) -> Node:
        token = self.token
        if token.kind is Kind.OPERATOR and token.text not in (*_COMPARISONS, "::", ".", ":", ":=", "..", "*"):
            self.next()
            return Operation(token.start, f"unary {token.text}", (self._unary(),))
        found = self._primary()
        while True:
            at = self.token.start
            if self.takes("::"):
                found = Cast(at, found, self._type())
            elif self.token.text == "[":
                self.next()
                index = [self.expression()]
                if self.takes(":"):
                    index.append(self.expression())
                self.expect("]")
                found = Operation(at, "[]", (found, *index))
            elif self.token.text == "." and isinstance(found, Operation | Query):
                self.next()
                self._name()  # a field of a row
                found = Operation(at, ".", (found,))
            else:
                return found

    def _primary(self) -> Node:
        token = self.token
        if token.kind in QUOTED:
            return self._literal()
        if token.kind is Kind.NUMBER:
            self.next()
            return Literal(token.start, token.text, "numeric" if set(token.text) & set(".eE") else "integer")
        if token.kind is Kind.PLACEHOLDER:
            self.next()
            return self._fact(token)
        if token.text == "(":
            return self._group()
        if token.word in _VALUES:
            self.next()
            return Literal(token.start, token.word, _VALUES[token.word])
        if token.word == "case":
            return self._case()
        if token.word == "exists":
            self.next()
            return Operation(token.start, "exists", self._parenthesised(self._query_or_expression))
        if token.word == "array" and self.ahead().text in ("[", "("):
            self.next()
            return self._array(token.start)
        if token.word == "row" and self.ahead().text == "(":
            self.next()
            return Operation(token.start, "row", self._parenthesised(self.expression))
        if token.name and (token.kind is Kind.IDENTIFIER or token.word not in _CLAUSES):
            return self._named()
        raise self.unread("a value should stand here")

    def _literal(self) -> Literal:
        token = self.token
        if self.portable and not token.text.startswith("'"):
            raise self.unread("it is a vendor's own literal")
        self.next()
        return Literal(token.start, token.content, is_quoted=True)

    def _fact(self, token: Token) -> Node:
        (part,) = parse_template(token.text).parts
        if not isinstance(part, Placeholder):
            raise self.unread("${ is text here")
        return FactNode(token.start, part)

    def _group(self) -> Node:
        at = self.token.start
        found = self._parenthesised(self._query_or_expression)
        if len(found) == 1:
            return found[0]
        return Operation(at, "row", found)

    def _parenthesised(self, part: Callable[[], Node]) -> tuple[Node, ...]:
        """Return the parts of a list in parentheses, which may be empty."""
        self.expect("(")
        found: list[Node] = []
        while not self.takes(")"):
            if found:
                self.expect(",")
            found.append(part())
        return tuple(found)

    def _query_or_expression(self) -> Node:
        return self._query() if self.token.word in ("select", "with", "values") else self.expression()

    def _array(self, at: int) -> Node:
        if self.token.text == "(":
            return Operation(at, "array", self._parenthesised(self._query_or_expression))
        self.expect("[")
        found: list[Node] = []
        while not self.takes("]"):
            if found:
                self.expect(",")
            found.append(self._array(at) if self.token.text == "[" else self.expression())
        return Operation(at, "array", tuple(found))

    def _case(self) -> Node:
        at = self.next().start
        compared = None if self.token.word == "when" else self.expression()
        conditions, results = [], []
        while self.takes("when"):
            conditions.append(self.expression())
            self.expect("then")
            results.append(self.expression())
        if self.takes("else"):
            results.append(self.expression())
        self.expect("end")
        return Case(at, compared, tuple(conditions), tuple(results))

    def _name(self) -> tuple[str, ...]:
        parts = [self._word()]
        while self.token.text == "." and (self.ahead().name or self.ahead().text == "*"):
            self.next()
            parts.append("*" if self.takes("*") else self._word())
        return tuple(parts)

    def _word(self) -> str:
        if not self.token.name:
            raise self.unread("a name should stand here")
        return self.next().name

    def _named(self) -> Node:
        """Return a cast of a literal, the call of a function, or a column."""
        token = self.token
        if token.word == "cast" and self.ahead().text == "(":
            return self._cast()
        typed = self._typed_literal()
        if typed is not None:
            return typed
        name = self._name()
        if self.token.text != "(":
            return Column(token.start, name)
        words = _FORMS.get(name[-1], ())
        return self._call(token.start, name, words)

    def _cast(self) -> Node:
        at = self.next().start
        self.expect("(")
        operand = self.expression()
        self.expect("as")
        found = Cast(at, operand, self._type())
        self.expect(")")
        return found

    def _typed_literal(self) -> Node | None:
        """Return ``interval '1 day'``, ``timestamp with time zone '...'`` and the like."""
        start = self.place
        token = self.token
        if token.kind is not Kind.WORD:
            return None
        try:
            kind = self._type()
        except Unread:
            kind = ""
        if kind and self.token.kind in QUOTED:
            text = self._literal()
            while kind == "interval" and self.token.word in _INTERVAL_FIELDS:
                self.passes_over(self.token.word)
            return Cast(token.start, text, kind)
        self.place = start
        return None

    def _type(self) -> str:
        """Return the name of a type, in lower case, without its size."""
        parts = list(self._name())
        word = parts[-1]
        if len(parts) == 1:
            for more in _TWO_WORDS.get(word, ()):
                if self.takes(more):
                    parts[-1] += f" {more}"
        if self.token.text == "(" and self.ahead().kind is Kind.NUMBER:
            if self.portable:
                raise self.unread("the size of a type is a vendor's own here")
            self._parenthesised(self._number)
        if word in ("time", "timestamp"):
            if self.takes("with", "time", "zone"):
                parts[-1] += "tz"
            else:
                self.takes("without", "time", "zone")
        kind = ".".join(parts)
        while self.token.text == "[" and not self.portable and self.ahead().kind in (Kind.CLOSE, Kind.NUMBER):
            self.next()
            if self.token.kind is Kind.NUMBER:
                self.next()
            self.expect("]")
            kind += "[]"
        return kind

    def _number(self) -> Node:
        if self.token.kind is not Kind.NUMBER:
            raise self.unread("a number should stand here")
        return Literal(self.token.start, self.next().text, "integer")

    def _call(self, at: int, name: tuple[str, ...], words: tuple[str, ...]) -> Node:
        """Return a call, whose arguments ``words`` may separate as commas do."""
        self.expect("(")
        arguments: list[Node] = []
        is_form, condition = False, None
        if name[-1] == "trim" and self.token.word in _TRIMS:
            self.passes_over(self.token.word)
            is_form = True
        if name[-1] == "extract" and self.ahead().word == "from":
            arguments.append(Literal(self.token.start, self.next().text.lower().strip("'")))
        self.passes_over("distinct")
        self.passes_over("all")
        while not self.takes(")"):
            if self.token.word in words or self.token.text == ",":
                is_form |= self.token.word in words
                self.next()
                continue
            if self.token.text == "*" and self.ahead().text == ")":
                self.next()
                continue
            if self.passes_over("order", "by"):
                arguments += self._ordered()
                continue
            before = self.tokens[self.place - 1]
            if arguments and before.text != "," and before.word not in words:
                raise self.unread("a comma is missing")
            if name[-1] == "position":
                arguments.append(self._binary(_OTHER_OPERATOR))
            elif self.ahead().text in (":=", "=>"):
                raise self.unread("named arguments are a vendor's own")
            else:
                arguments.append(self._query_or_expression())
        if self.passes_over("filter"):
            self.expect("(")
            self.expect("where")
            condition = self.expression()
            arguments.append(condition)
            self.expect(")")
        if self.token.word == "over":
            raise self.unread("window functions are a vendor's own")
        return Call(at, name, tuple(arguments), is_form, condition)

    def _query(self) -> Query:
        at = self.token.start
        if self.token.word != "select":
            raise self.unread("WITH and VALUES are a vendor's own")
        self.next()
        self.takes("all")
        if self.passes_over("distinct") and self.takes("on"):
            raise self.unread("DISTINCT ON is a vendor's own")
        columns: list[Node] = []
        while self.token.word not in _AFTER_COLUMNS and self.token.text not in (")", ""):
            if columns:
                self.expect(",")
            columns.append(self._output())
        tables: list[Table] = []
        others: list[Node] = []
        conditions: list[Node] = []
        is_whole = not self.takes("from") or self._sources(tables, others, conditions)
        if self.takes("where"):
            conditions.append(self.expression())
        groups = self._list() if self.passes_over("group", "by") else []
        if self.passes_over("having"):
            conditions.append(self.expression())
        parts = (*others, *conditions, *groups)
        found = Query(at, tuple(columns), tuple(tables), parts, is_whole, tuple(conditions))
        while self.token.word in ("union", "intersect", "except"):
            self.passes_over(self.token.word)
            self.takes("all")
            found = Query(at, found.columns, (), (found, self._query()), is_whole=False)
        return self._limited(found)

    def _limited(self, found: Query) -> Query:
        more: list[Node] = []
        if self.passes_over("order", "by"):
            more += self._ordered()
        while self.token.word in ("limit", "offset", "fetch"):
            if self.token.word == "fetch":
                raise self.unread("FETCH is a vendor's own")
            self.passes_over(self.token.word)
            more.append(self.expression())
        if self.token.word == "for":
            raise self.unread("locks are a vendor's own")
        return replace(found, others=(*found.others, *more)) if more else found

    def _output(self) -> Node:
        if self.token.text == "*":
            return Column(self.next().start, ("*",))
        found = self.expression()
        if self.takes("as") or (
            self.token.name and self.token.word not in _CLAUSES and self.token.word not in _AFTER_COLUMNS
        ):
            self._word()  # only a sub-select in FROM could ask for it
        return found

    def _list(self) -> list[Node]:
        found = [self.expression()]
        while self.takes(","):
            found.append(self.expression())
        return found

    def _ordered(self) -> list[Node]:
        found: list[Node] = []
        while not found or self.takes(","):
            found.append(self.expression())
            self.takes("asc")
            self.takes("desc")
            if self.takes("nulls"):
                self._word()
        return found

    def _sources(self, tables: list[Table], others: list[Node], conditions: list[Node]) -> bool:
        """Read FROM; return whether each source is a table."""
        is_whole = self._source(tables, others)
        while True:
            if self.takes(","):
                is_whole &= self._source(tables, others)
                continue
            if self.token.word == "natural":
                raise self.unread("NATURAL is a vendor's own")
            crossed = self.takes("cross")
            if self.token.word in ("left", "right", "full"):
                self.passes_over(self.token.word)
                self.takes("outer")
            self.takes("inner")
            if not self.takes("join"):
                return is_whole
            is_whole &= self._source(tables, others)
            if crossed:
                continue
            if self.passes_over("using"):
                self._parenthesised(lambda: Column(self.token.start, self._name()))
            else:
                self.expect("on")
                conditions.append(self.expression())

    def _source(self, tables: list[Table], others: list[Node]) -> bool:
        self.passes_over("lateral")
        self.passes_over("only")
        at = self.token.start
        if self.portable and (self.token.text == "(" or not self.token.name):
            raise self.unread("only tables are read from here")
        if self.token.text == "(":
            (inner,) = self._parenthesised(self._query_or_expression)
            others.append(inner)
            self._alias()
            return False
        name = self._name()
        if self.token.text == "(":
            if self.portable:
                raise self.unread("only tables are read from here")
            others.append(self._call(at, name, ()))
            self._alias()
            return False
        tables.append(Table(at, name, self._alias() or name[-1]))
        return True

    def _alias(self) -> str:
        has_as = self.takes("as")
        if not has_as and (not self.token.name or self.token.word in _CLAUSES | _AFTER_COLUMNS):
            return ""
        alias = self._word()
        if self.token.text == "(":
            raise self.unread("names for columns are a vendor's own")
        return alias


_MEMBERSHIPS = ("between", "in", "like", "ilike", "similar")
_AFTER_COLUMNS = frozenset("from where group having union intersect except order limit offset fetch for".split())
_INTERVAL_FIELDS = ("year", "month", "day", "hour", "minute", "second", "to")
