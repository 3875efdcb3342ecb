"""What a definition is on MariaDB: databases, tables, procedures, and sections of the variable init_connect."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, Self

from xtrig.dialect.objects import DISABLED, ENABLED
from xtrig.plugin import DatabaseObject, Hazard, Lines, ObjectKind, Statement, layout, read_mark
from xtrig_mariadb.procedure import ARGUMENTS, CUT_OFF, PARAMETERS, REFUSED
from xtrig_mariadb.words import BINARY, name, text

_SECTION = re.compile(
    r"/\* xtrig: (?P<set>.*?) \*//\* (?P<trigger>.*?) \*//\* (?P<mark>xtrig:.*?) \*/ (?P<body>.*?) "
    r"/\* xtrig end: (?P=set) \*//\* (?P=trigger) \*/",
    re.DOTALL,
)
_CALL = re.compile(r"CALL `((?:[^`]|``)+)`\.`((?:[^`]|``)+)`\(")
_OFF = ("/* disabled: ", " */")
"""What stands around the statements of a section that is disabled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MariaDBObject(DatabaseObject):
    """An object whose owner nobody compares: a procedure has its definer, everything else has none."""

    @property
    def name(self) -> str:
        """The name in backticks."""
        return name(*self.path)

    @property
    def _comment(self) -> str:
        return text(str(self.mark or ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Database(MariaDBObject):
    """A database, which is the schema of a definition. It is never dropped: others may keep things in it."""

    kind: ClassVar[ObjectKind] = ObjectKind.SCHEMA

    @property
    def state(self) -> Mapping[str, str]:
        """Only that it is there."""
        return {}

    def printed(self) -> Iterator[Statement]:
        """Yield what makes it, if it is not there."""
        sql = f"CREATE DATABASE IF NOT EXISTS {self.name} {BINARY}"
        yield Statement(sql, f"Database {self.path[0]}", transactional=False, after_commit=True)

    def remark(self, found: Self) -> Iterator[Statement]:
        """Yield nothing: it has no mark."""
        yield from ()

    def drop(self) -> Iterator[Statement]:
        """Yield nothing."""
        yield from ()

    def restore_comment(self) -> Iterator[Statement]:
        """Yield nothing."""
        yield from ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(MariaDBObject):
    """A table that a definition makes. ``columns`` and ``keys`` are the lines between its parentheses."""

    kind: ClassVar[ObjectKind] = ObjectKind.TABLE

    unseen: ClassVar[frozenset[str]] = frozenset(("defaults",))

    columns: tuple[str, ...]
    keys: tuple[str, ...] = ()
    defaults: Mapping[str, str] | None = None
    """By the line of their column; None for a live table, of which the server tells them in other words."""

    @property
    def state(self) -> Mapping[str, str]:
        """Its columns and keys, and the defaults of columns."""
        defaults = "\n".join(map(" ".join, (self.defaults or {}).items()))
        seen = {"columns": "\n".join(self.columns), "keys": "\n".join(self.keys)}
        return seen if self.defaults is None else {**seen, "defaults": defaults}

    def printed(self) -> Iterator[Statement]:
        """Yield what makes it, if it is not there."""
        defaults = self.defaults or {}
        lines = [
            *(f"{each} DEFAULT ({defaults[each]})" if each in defaults else each for each in self.columns),
            *self.keys,
        ]
        inner = [line + ("," if number < len(lines) else "") for number, line in enumerate(lines, 1)]
        end = f") ENGINE = InnoDB DEFAULT {BINARY} COMMENT = {self._comment}"
        sql = layout([f"CREATE TABLE IF NOT EXISTS {self.name} (", [*inner], end])
        yield Statement(sql, f"Table {self.path[-1]}", tuple(self.drop()), transactional=False, after_commit=True)

    def remark(self, found: Self) -> Iterator[Statement]:
        """Yield the new comment."""
        sql = f"ALTER TABLE {self.name} COMMENT = {self._comment}"
        yield Statement(sql, f"Mark of {self.path[-1]}", transactional=False, after_commit=True)

    def restore_comment(self) -> Iterator[Statement]:
        """Yield the comment that it had."""
        sql = f"ALTER TABLE {self.name} COMMENT = {text(self.comment or '')}"
        yield Statement(sql, "", transactional=False, after_commit=True)

    def drop(self) -> Iterator[Statement]:
        """Yield its end, with its rows."""
        sql = f"DROP TABLE IF EXISTS {self.name}"
        purpose, hazards = f"Drop table {self.path[-1]}", (Hazard.LOSES_DATA,)
        yield Statement(sql, purpose, transactional=False, hazards=hazards, after_commit=True)

    def unmake(self) -> Iterator[Statement]:
        """Yield its end, if it is there and nothing was recorded in it meanwhile."""
        lines: Lines = [
            "BEGIN NOT ATOMIC",
            [
                "DECLARE EXIT HANDLER FOR 1146 BEGIN END;  -- there is no such table",
                f"IF NOT EXISTS (SELECT 1 FROM {self.name}) THEN DROP TABLE {self.name}; END IF;",
            ],
            "END",
        ]
        yield Statement(layout(lines), "", transactional=False, after_commit=True)

    def refusals(self, found: Self) -> Iterator[str]:
        """Yield that a table with other columns is left alone."""
        if (self.columns, self.keys) != (found.columns, found.keys):
            yield f"table {found.name} has other columns; alter it by hand, or give the definition's another name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure(MariaDBObject):
    """A procedure that everybody may call, since init_connect runs with the rights of whoever logs in."""

    kind: ClassVar[ObjectKind] = ObjectKind("procedure", 40)
    body: str
    security: str
    execute: str = "PUBLIC"
    """To whom EXECUTE is granted, ``PUBLIC`` or ``nobody``; "": the server has no PUBLIC."""
    parameters: str = PARAMETERS

    @property
    def state(self) -> Mapping[str, str]:
        """Its body, whose rights it has, and who may call it."""
        granted = {"execute": self.execute} if self.execute else {}
        return {"body": self.body, "security": self.security, **granted}

    def printed(self) -> Iterator[Statement]:
        """Yield what makes it, with the right to call it."""
        sql = (
            f"CREATE OR REPLACE PROCEDURE {self.name}({self.parameters})\n"
            f"SQL SECURITY {self.security} MODIFIES SQL DATA\nCOMMENT {self._comment}\n{self.body}"
        )
        undo = tuple(self.drop())
        yield Statement(sql, f"Procedure {self.path[-1]}", undo, transactional=False, after_commit=True)
        yield from self.granted()

    def granted(self) -> Iterator[Statement]:
        """Yield the right to call it."""
        if self.execute == "PUBLIC":
            sql = f"GRANT EXECUTE ON PROCEDURE {self.name} TO PUBLIC"
            yield Statement(sql, "Whoever logs in calls it", transactional=False)

    def remark(self, found: Self) -> Iterator[Statement]:
        """Yield the new comment."""
        sql = f"ALTER PROCEDURE {self.name} COMMENT {self._comment}"
        yield Statement(sql, f"Mark of {self.path[-1]}", transactional=False, after_commit=True)

    def restore_comment(self) -> Iterator[Statement]:
        """Yield the comment that it had."""
        yield Statement(
            f"ALTER PROCEDURE {self.name} COMMENT {text(self.comment or '')}",
            "",
            transactional=False,
            after_commit=True,
        )

    def drop(self) -> Iterator[Statement]:
        """Yield its end, with what was granted on it."""
        sql = f"DROP PROCEDURE IF EXISTS {self.name}"
        yield Statement(sql, f"Drop procedure {self.path[-1]}", transactional=False, after_commit=True)

    def restore(self, instead: Self | None) -> Iterator[Statement]:
        """Yield the procedure as it was."""
        made, *granted = self.printed()
        comment = f"COMMENT {text(self.comment or '')}\n"
        yield replace(made, sql=made.sql.replace(f"COMMENT {self._comment}\n", comment, 1), undo=())
        yield from granted


@dataclass(frozen=True, slots=True, kw_only=True)
class Section(MariaDBObject):
    """A trigger: the part of init_connect that calls its procedure. ``path`` is the set's name and the trigger's.

    The variable is one text of statements for the whole server, and others may have statements in it. A section stands
    between two comments of its own and ends with the semicolon, so that it is put before what others have, and cut out
    again, without a change to a letter of that. One that is disabled has its statements in a comment.
    """

    kind: ClassVar[ObjectKind] = ObjectKind.TRIGGER

    procedure: tuple[str, ...] = ()
    on_error: str = ""
    seconds: int | None = None
    """How long it may take."""
    found_text: str = ""
    """Live: its text between the comments and the mark."""
    enabled: bool = True

    @property
    def name(self) -> str:
        """The trigger's name as it stands in the statement that puts the section there."""
        return text(self.path[-1])

    @property
    def body(self) -> str:
        """The statements."""
        return self.found_text or "".join(self._statements())

    def _statements(self) -> Iterator[str]:
        kept, given, back = [], [], []
        if not "".join(self.procedure).isascii():
            # A client's character set, which it chooses before it logs in, would make another name of it.
            kept, given = (
                ["@xtrig_charset = @@SESSION.character_set_client"],
                ["SESSION character_set_client = utf8mb4"],
            )
            back = ["SESSION character_set_client = @xtrig_charset", "@xtrig_charset = NULL"]
        if self.seconds:
            kept.append("@xtrig_timeout = @@SESSION.max_statement_time")
            given.append(f"SESSION max_statement_time = {self.seconds}")
            back += ["SESSION max_statement_time = @xtrig_timeout", "@xtrig_timeout = NULL"]
        if given:
            yield f"SET {', '.join((*kept, *given))}; "
        call = f"CALL {name(*self.procedure)}({ARGUMENTS});"
        if self.on_error == "allow":
            caught = f"DECLARE EXIT HANDLER FOR SQLSTATE '{REFUSED}', {CUT_OFF} RESIGNAL;"
            others = "DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN END;"
            call = f"BEGIN NOT ATOMIC {caught} {others} {call} END;"
        yield call
        if back:
            yield f" SET {', '.join(back)};"

    @property
    def state(self) -> Mapping[str, str]:
        """The statements, and whether they run."""
        return {"statements": self.body, ENABLED: "enabled" if self.enabled else DISABLED}

    def firing(self, state: str) -> Self:
        """Return the section as it runs or, disabled, with its statements in a comment."""
        return replace(self, enabled=state != DISABLED)

    @classmethod
    def live(cls, path: tuple[str, ...], text: str, comment: str) -> Self:
        """Return what stands between the comments of a section, and the comment with its mark."""
        enabled = not (text.startswith(_OFF[0]) and text.endswith(_OFF[1]))
        body = text if enabled else text.removeprefix(_OFF[0]).removesuffix(_OFF[1])
        return cls(path=path, found_text=body, enabled=enabled, mark=read_mark(comment), comment=comment)

    @property
    def text(self) -> str:
        """The whole section."""
        set_name, trigger = self.path
        head, tail = f"/* xtrig: {set_name} *//* {trigger} */", f"/* xtrig end: {set_name} *//* {trigger} */"
        body = self.body if self.enabled else self.body.join(_OFF)
        return f"{head}/* {self.mark} */ {body} {tail}"

    def put(self, section: str, purpose: str) -> Statement:
        """Return the statement that puts a section in the place of this one, or before everything; "" cuts it out."""
        set_name, trigger = map(text, self.path)
        sql = layout(
            [
                "SET GLOBAL init_connect = (",
                [
                    "SELECT IF(LOCATE(head, present) AND LOCATE(tail, present),",
                    [
                        "CONCAT(SUBSTRING_INDEX(present, head, 1), section, SUBSTRING_INDEX(present, tail, -1)),",
                        "CONCAT(section, present))",
                    ],
                    "FROM (SELECT CONVERT(@@GLOBAL.init_connect USING utf8mb4) COLLATE utf8mb4_nopad_bin AS present,",
                    [
                        f"CONCAT('/* xtrig: ', {set_name}, ' *//* ', {trigger}, ' */') AS head,",
                        f"CONCAT('/* xtrig end: ', {set_name}, ' *//* ', {trigger}, ' */') AS tail,",
                        f"{text(section)} AS section) AS parts",
                    ],
                ],
                ")",
            ]
        )
        hazards = (Hazard.REFUSES_LOGINS,) if section else ()
        return Statement(sql, purpose, transactional=False, hazards=hazards, after_commit=True)

    def printed(self) -> Iterator[Statement]:
        """Yield what puts it into the variable."""
        made = self.put(
            self.text, f"Trigger {self.path[-1]}: its section of init_connect, beside what others have there"
        )
        yield replace(made, undo=tuple(self.drop()))

    def remark(self, found: Self) -> Iterator[Statement]:
        """Yield what puts it there with its mark."""
        yield from self.printed()

    def drop(self) -> Iterator[Statement]:
        """Yield what cuts it out of the variable."""
        yield self.put("", f"Drop trigger {self.path[-1]}: its section of init_connect")

    def restore(self, instead: Self | None) -> Iterator[Statement]:
        """Yield what puts it there as it was."""
        yield self.put(self.text, "")

    def restore_comment(self) -> Iterable[Statement]:
        """Yield what puts it there as it was."""
        return self.restore(None)


def called(statements: str) -> list[tuple[str, str]]:
    """Return database and name of each procedure that xtrig's statements call, once."""
    found = dict.fromkeys(_CALL.findall(statements))
    return [(home.replace("``", "`"), procedure.replace("``", "`")) for home, procedure in found]


def parted(present: str) -> tuple[tuple[Section, ...], str]:
    """Return the sections of a value of init_connect, and what others have in it."""
    found = (
        Section.live((each["set"], each["trigger"]), each["body"], each["mark"]) for each in _SECTION.finditer(present)
    )
    return tuple(found), _SECTION.sub("", present)
