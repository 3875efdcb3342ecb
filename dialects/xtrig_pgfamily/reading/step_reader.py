"""Statements of a plpgsql body to steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from xtrig.model import (
    Call,
    Deny,
    ForEach,
    GrantRole,
    If,
    Insert,
    Log,
    RevokeRole,
    Set,
    Sql,
    Step,
)
from xtrig.plugin import Filled, Item, Severity
from xtrig_pgfamily.builtin import is_function
from xtrig_pgfamily.reading import guards
from xtrig_pgfamily.reading.body_scope import Scope
from xtrig_pgfamily.reading.guards import kind_of, query
from xtrig_pgfamily.reading.messages import command, message, raised
from xtrig_pgfamily.reading.parser import Parsed, Tree, Unparsed, parse_one
from xtrig_pgfamily.reading.sql_statements import inserted, is_one_row, names, read_command, temporary_table
from xtrig_pgfamily.reading.tokens import Tokens, call, string, template, tokens, value, words
from xtrig_pgfamily.words import name

_ITEMS = {
    "select * from pg_event_trigger_ddl_commands ( )": Item.DDL_COMMAND,
    "select * from pg_event_trigger_dropped_objects ( )": Item.DROPPED_OBJECT,
}
_MESSAGE, _SQLSTATE = 1, 0
Pending = list[Step]


class StepReader:
    """Reads statements. Methods raise :class:`Unparsed` for a statement that no step expresses."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self._readers: dict[str, Callable[[Tree, Pending], None]] = {
            "if": self._if,
            "raise": self._raise,
            "perform": self._perform,
            "call": self._call_procedure,
            "execsql": self._sql,
            "dynexecute": self._execute,
            "fors": self._for,
            "assign": self._assign,
            "exit": self._exit,
            "block": self._block,
        }

    def sequence(self, statements: Sequence[Tree], *, is_outermost: bool = False) -> tuple[Step, ...]:
        """Return the steps of a list of statements."""
        steps: Pending = []
        for number, node in enumerate(statements):
            kind, fields = kind_of(node)
            self.scope.here = fields.get("lineno", self.scope.here)
            rest = statements[number + 1 :]
            if kind == "return":
                # In a branch it also skips the statements after the branch.
                if not is_outermost or (rest and "lineno" in fields):
                    raise Unparsed("RETURN in a branch, after other statements")
                break
            if kind == "if" and guards.is_return(fields.get("then_body", [])) and self._leaves(fields):
                if not is_outermost:
                    raise Unparsed("RETURN in a branch of a branch")
                return (*steps, *self._early_return(fields, rest))
            if guards.is_our_line(node):
                continue
            if kind not in self._readers:
                raise Unparsed(f"line {self.scope.line(fields.get('lineno', 1))}: no step does {kind.upper()}")
            self._outer = is_outermost
            self._readers[kind](fields, steps)
        return tuple(steps)

    def _leaves(self, fields: Tree) -> bool:
        return not fields.get("else_body") and not fields.get("elsif_list")

    def _early_return(self, fields: Tree, rest: Sequence[Tree]) -> tuple[Step, ...]:
        condition = self.scope.read(query(fields["cond"]))
        then = self.sequence(rest, is_outermost=True)
        if guards.on_standby(condition):
            if any(not step.only_writes() for step in then):
                message_ = "on a standby the script ends here; xtrig leaves out only the steps that write"
                self.scope.remark("XT409", Severity.WARNING, message_, "check the steps that follow", fields["lineno"])
            self.scope.guarded = True
            return then
        if not then:
            return ()
        return (If(condition=f"({template(condition)}) is not true", then=then),)

    def _if(self, fields: Tree, steps: Pending) -> None:
        text = query(fields["cond"])
        body = fields.get("then_body", [])
        counts = self.scope.counted is not None and self.scope.counted in (token.word for token in tokens(text))
        if guards.membership(self.scope.recognised(text)) or counts:
            return self._membership_guard(body, steps)
        condition = self.scope.read(text)
        standby = guards.on_standby(condition)
        otherwise = self._otherwise(fields)
        then = self.sequence(body)
        if standby is not None:
            skipped, written = (then, otherwise) if standby else (otherwise, then)
            if skipped:
                raise Unparsed("something else is done on a standby")
            self.scope.guarded = True
            steps.extend(written)
            return None
        steps.extend(chosen(template(condition), then, otherwise))
        return None

    def _otherwise(self, fields: Tree) -> tuple[Step, ...]:
        otherwise = self.sequence(fields.get("else_body", []))
        for node in reversed(fields.get("elsif_list", [])):
            elsif = node["PLpgSQL_if_elsif"]
            then = self.sequence(elsif.get("then_body", elsif.get("stmts", [])))
            otherwise = tuple(chosen(self.scope.expression(query(elsif["cond"])), then, otherwise))
        return otherwise

    def _membership_guard(self, body: Sequence[Tree], steps: Pending) -> None:
        """Read the membership test around a GRANT or REVOKE, which the rendered steps contain."""
        inner = self.sequence(body)
        if len(inner) != 1 or not isinstance(inner[0], GrantRole | RevokeRole):
            raise Unparsed("a look at pg_auth_members that does not go with one GRANT or REVOKE")
        steps.extend(inner)

    def _raise(self, fields: Tree, steps: Pending) -> None:
        level = fields.get("elog_level", guards.ERROR)
        if level not in (guards.LOG, guards.ERROR):
            raise Unparsed(f"line {self.scope.line(fields['lineno'])}: no step sends a notice to the client")
        text = self._said(fields)
        if level == guards.LOG:
            steps.append(Log(message=text))
            return
        steps.append(Deny(message=text))
        self._notice_sqlstate(fields)

    def _said(self, fields: Tree) -> str:
        arguments = [self.scope.literal_event(self.scope.read(query(each))) for each in fields.get("params", [])]
        options = _options(fields)
        if set(options) - {_MESSAGE, _SQLSTATE} or ("message" in fields) == (_MESSAGE in options):
            raise Unparsed("a RAISE with options that no step has")
        if _MESSAGE in options:
            return message(self.scope.read(options[_MESSAGE]), self.scope.constants)
        if fields["message"] == "%" and len(arguments) == 1:
            return message(arguments[0], self.scope.constants)
        return raised(fields["message"], arguments, self.scope.constants)

    def _notice_sqlstate(self, fields: Tree) -> None:
        given = string(tokens(_options(fields).get(_SQLSTATE, "'P0001'")))
        if given not in ("insufficient_privilege", "42501"):
            said = f"the refusal has SQLSTATE 42501 (insufficient_privilege), not {given}"
            self.scope.remark("XT409", Severity.NOTE, said, "tell programs that look for it", fields["lineno"])

    def _perform(self, fields: Tree, steps: Pending) -> None:
        found = self.scope.read(query(fields["expr"]))[1:]
        setting = guards.setting(found)
        steps.append(self._set(*setting) if setting else self._call(found, "function"))

    def _set(self, parameter: str, found: Tokens, is_local: bool) -> Step:
        given: dict[str, Any] = {"scope": "transaction"} if is_local else {}
        return Set(parameter=parameter, value=self._setting(found), **given)

    def _setting(self, found: Tokens) -> Any:
        text = string(found)
        if self.scope.is_ours and text is not None:
            # A rendered number or word is a literal, a rendered expression is a cast.
            return None if text == "" else value(tokens(text))
        inner = call(found, "cast")
        if inner is not None and words(inner[0][-2:]) == "as text":
            return template(inner[0][:-2])
        return template(found)

    def _call(self, found: Tokens, kind: Any) -> Step:
        position = next((number for number, token in enumerate(found) if token.word == "("), 0)
        path = names(found[:position])
        arguments = call(found, words(found[:position])) if path else None
        if not path or arguments is None or len(path) > 2:
            raise Unparsed(f"{template(found)!r} is no call of one function")
        schema = path[0] if len(path) == 2 else self._schema_of_routine(path[0])
        given: dict[str, Any] = {"kind": kind} if kind != "function" else {}
        values = tuple(value(self.scope.literal_event(each)) for each in arguments)
        given |= {"args": values} if values else {}
        return Call(routine=f"{schema}.{path[-1]}", **given)

    def _schema_of_routine(self, routine: str) -> str:
        if is_function(routine):
            return "pg_catalog"
        schema = self.scope.default_schema or "public"
        if not self.scope.default_schema and not self.scope.is_ours:
            message = f"the routine {routine} is taken for {schema}.{routine}"
            remedy = "correct the schema if it is another"
            self.scope.remark("XT409", Severity.WARNING, message, remedy, self.scope.here)
        return schema

    def _call_procedure(self, fields: Tree, steps: Pending) -> None:
        steps.append(self._call(self.scope.read(query(fields["expr"]))[1:], "procedure"))

    def _sql(self, fields: Tree, steps: Pending) -> None:
        text = query(fields["sqlstmt"])
        if fields.get("into"):
            return self._into(fields, text)
        statement = parse_one(text)
        match statement.kind:
            case "insert_stmt" if is_one_row(statement.node):
                steps.append(self._insert(statement, fields["lineno"]))
            case "create_stmt":
                steps.append(temporary_table(statement))
            case "alter_table_stmt":
                read_command(text, {}, steps, self.scope)
            case "grant_role_stmt":
                read_command(text, {}, steps, self.scope)
            case "constraints_set_stmt":
                pass  # rendered by xtrig at the end of a block with a handler
            case _:
                self._as_it_is(text, steps)
        return None

    def _as_it_is(self, text: str, steps: Pending) -> None:
        """Keep a statement as an sql step."""
        steps.append(Sql(sql=self.scope.expression(text)))
        if not self.scope.is_ours:
            said = f"{text.split()[0].upper()} becomes an sql step: it is used as it is on every dialect"
            self.scope.remark("XT409", Severity.NOTE, said, "qualify its names", self.scope.here)

    def _insert(self, statement: Parsed, line: int) -> Step:
        schema, table, values = inserted(statement, self.scope)
        self.scope.fills.append(Filled(schema or self.scope.default_schema, table, self.scope.line(line)))
        return Insert(table=table, values={column: value(found) for column, found in values.items()})

    def _into(self, fields: Tree, text: str) -> None:
        row = fields.get("target", {}).get("PLpgSQL_row", {}).get("fields", [])
        node = parse_one(text).node
        if len(row) == 1 and guards.membership(tokens(text)):
            self.scope.counted = row[0]["name"]
            return
        if len(row) != 1 or not self._outer:
            raise Unparsed("SELECT INTO several variables, or in a branch")
        if fields.get("strict"):
            raise Unparsed("SELECT INTO STRICT")
        if any(not each.range_var.relname.startswith("pg_") for each in node.from_clause):
            raise Unparsed("SELECT INTO a variable from a table")
        self.scope.assign(row[0]["name"], self._selected(text, node))

    def _selected(self, text: str, node: Any) -> Tokens:
        """Return the value of a SELECT; INTO takes the first row of several."""
        if not node.from_clause:
            if node.HasField("where_clause"):
                raise Unparsed("SELECT INTO with a condition and no table")
            return self.scope.read(text)[1:]
        found = self.scope.read(f"({text})")
        if len(found) == 1 or node.HasField("limit_count"):
            return found
        return self.scope.read(f"({text} LIMIT 1)")

    def _assign(self, fields: Tree, steps: Pending) -> None:
        target, _, text = query(fields["expr"]).partition(":=")
        if not text:
            target, _, text = query(fields["expr"]).partition("=")
        target = target.strip()
        if target == "denial" and self.scope.denial_block is not None:
            steps.append(Deny(message=message(self.scope.read(text), self.scope.constants)))
            return
        # PL/SQL has no PERFORM: the result of a call has to be assigned.
        setting = guards.setting(self.scope.read(text))
        if setting or (target in ("ignored", "xtrig_ignored") and self.scope.is_ours):
            steps.append(self._set(*setting) if setting else self._call(self.scope.read(text), "function"))
            return
        if not self._outer:
            raise Unparsed(f"the variable {target} is set in a branch")
        self.scope.assign(target.lower(), self.scope.read(text))

    def _execute(self, fields: Tree, steps: Pending) -> None:
        if fields.get("into") or fields.get("params"):
            raise Unparsed("EXECUTE with INTO or USING")
        found = self.scope.read(query(fields["query"]))
        read_command(*command(found, name), steps, self.scope)

    def _for(self, fields: Tree, steps: Pending) -> None:
        text = words(tokens(query(fields["query"])))
        record = fields.get("var", {}).get("PLpgSQL_rec", {}).get("refname")
        if text not in _ITEMS or record is None:
            raise Unparsed("a loop over something else than DDL commands or dropped objects")
        outer = self.scope.records
        self.scope.records = {**outer, record: _ITEMS[text]}
        do = self.sequence(fields.get("body", []))
        self.scope.records = outer
        if do:
            steps.append(ForEach(item=_ITEMS[text], do=do))

    def _block(self, fields: Tree, steps: Pending) -> None:
        """Read the block that xtrig renders around what comes before a denial."""
        is_ours = self.scope.is_ours and guards.catches_all(fields) and guards.is_our_handler(fields)
        if not is_ours:
            raise Unparsed(f"line {self.scope.line(fields.get('lineno', 1))}: no step does BLOCK")
        steps.extend(self.sequence(fields.get("body", [])))

    def _exit(self, fields: Tree, steps: Pending) -> None:
        label = fields.get("label")
        if label is None or label != self.scope.denial_block or not steps or not isinstance(steps[-1], Deny):
            raise Unparsed("EXIT")


def _options(fields: Tree) -> dict[int, str]:
    listed = [each["PLpgSQL_raise_option"] for each in fields.get("options", [])]
    return {each.get("opt_type", 0): query(each["expr"]) for each in listed}


def chosen(condition: str, then: tuple[Step, ...], otherwise: tuple[Step, ...]) -> Iterable[Step]:
    """Return the shortest steps for a condition; an empty branch is left out."""
    if not then:
        return [If(condition=f"({condition}) is not true", then=otherwise)] if otherwise else []
    if otherwise:
        return [If(condition=condition, then=then, otherwise=otherwise)]
    first = then[0]
    if len(then) == 1 and not isinstance(first, If) and first.when is None:
        fields = {key: getattr(first, key) for key in first.model_fields_set}
        return [type(first).model_validate({**fields, "when": condition})]
    return [If(condition=condition, then=then)]
