"""Statements of a plpgsql body to steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
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
from xtrig.plugin import Fact, Filled, Severity
from xtrig_pgfamily.plpgsql.steps import DENIAL, DENIAL_STATE
from xtrig_pgfamily.reading import guards
from xtrig_pgfamily.reading.body_scope import Scope
from xtrig_pgfamily.reading.guards import kind_of, query
from xtrig_pgfamily.reading.items import (
    ROW,
    ItemSource,
    Loop,
    are_own_columns,
    item_of,
    of_item,
    plain_name,
    single_values,
)
from xtrig_pgfamily.reading.messages import command, message, raised
from xtrig_pgfamily.reading.parser import Parsed, Tree, Unparsed, parse_one, select_text
from xtrig_pgfamily.reading.resolved import STATEMENTS
from xtrig_pgfamily.reading.sql_statements import (
    Rows,
    condition_state,
    filled_columns,
    inserted,
    is_plain,
    names,
    parameter_set,
    read_command,
    row_of,
    temporary_table,
)
from xtrig_pgfamily.reading.tokens import Tokens, call, string, template, tokens, value, words
from xtrig_pgfamily.words import name

_OPTIONS = {0: "sqlstate", 1: "message", 2: "detail", 3: "hint"}
"""What the options of RAISE are called, as plpgsql.h numbers them."""
_REFUSED, _RAISED = "42501", "P0001"
"""The SQLSTATE of a refusal of xtrig's, and that of RAISE EXCEPTION."""
_OF_DENIAL = {DENIAL["DETAIL"]: "detail", DENIAL["HINT"]: "hint", DENIAL_STATE: "sqlstate"}
"""The variables of a rendered function that belong to a denial, with the fields of the step."""
_MAY_BE_NULL = (Fact.CLIENT_IP, Fact.CLIENT_PORT, Fact.CLIENT_HOST, Fact.AUTH_METHOD, Fact.OBJECT_SCHEMA)
Pending = list[Step]
_HARMLESS = (Log, Deny, If)
"""Steps after which an expression gives what it gave before; those inside an If count for themselves."""
_LEVELS = {guards.LOG: "log", 17: "info", 18: "notice", 19: "warning"}
"""What a RAISE below ERROR is called, by its level as elog.h numbers them."""


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
            before = len(steps)
            self._readers[kind](fields, steps)
            if any(not isinstance(each, _HARMLESS) for each in steps[before:]):
                self.scope.variables.effects += 1
            self._say_membership(steps[before:])
        return tuple(steps)

    def _say_membership(self, steps: Sequence[Step]) -> None:
        if not self.scope.is_ours and any(isinstance(each, GrantRole | RevokeRole) for each in steps):
            message = "where nothing is to be granted or revoked xtrig does nothing, and sends no warning to the client"
            self.scope.remark("XT409", Severity.NOTE, message, "nothing has to be done", self.scope.here, "notices")

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
        text, body = query(fields["cond"]), fields.get("then_body", [])
        condition, then, otherwise = self._branches(text, body, fields.get("elsif_list", []), fields)
        if guards.is_membership(condition, then) and not otherwise:
            steps.extend(then)
            return
        standby = guards.on_standby(condition)
        if standby is not None:
            skipped, written = (then, otherwise) if standby else (otherwise, then)
            if skipped:
                raise Unparsed("something else is done on a standby")
            self.scope.guarded = True
            steps.extend(written)
            return
        steps.extend(chosen(template(condition), then, otherwise))

    def _branches(
        self, text: str, body: Sequence[Tree], others: Sequence[Tree], fields: Tree
    ) -> tuple[Tokens, tuple[Step, ...], tuple[Step, ...]]:
        """Return the condition and both branches; ELSIF is an If in the second one."""
        variables = self.scope.variables
        condition = self.scope.read(text)
        before = dict(variables.held)
        then = self.sequence(body)
        after_then, variables.held = variables.held, before
        if others:
            elsif = others[0]["PLpgSQL_if_elsif"]
            inner = self._branches(
                query(elsif["cond"]), elsif.get("then_body", elsif.get("stmts", [])), others[1:], fields
            )
            otherwise = tuple(chosen(template(inner[0]), inner[1], inner[2]))
        else:
            otherwise = self.sequence(fields.get("else_body", []))
        if not then and not otherwise and after_then == variables.held:
            # It would be lost, with what the functions in it do.
            raise Unparsed("an IF that does nothing but ask its condition")
        variables.merged(condition, after_then, variables.held)
        return condition, then, otherwise

    def _raise(self, fields: Tree, steps: Pending) -> None:
        level = fields.get("elog_level", guards.ERROR)
        options = self._options(fields)
        text = self._said(fields, options)
        if level != guards.ERROR:
            if level not in _LEVELS or options:
                raise Unparsed("a RAISE with options that no log step has")
            given: dict[str, Any] = {} if level == guards.LOG else {"level": _LEVELS[level]}
            steps.append(Log(message=text, **given))
            return
        state = condition_state(fields["condname"]) if "condname" in fields else None
        if "sqlstate" in options:
            state = condition_state(string(options.pop("sqlstate")) or "")
        details: dict[str, Any] = {key: message(found, self.scope.constants) for key, found in options.items()}
        if (state or _RAISED) != _REFUSED:
            details["sqlstate"] = state or _RAISED
        steps.append(Deny(message=text, **details))

    def _options(self, fields: Tree) -> dict[str, Tokens]:
        """Return the options of a RAISE but its message."""
        options: dict[str, Tokens] = {}
        for each in fields.get("options", []):
            option = each["PLpgSQL_raise_option"]
            key = _OPTIONS.get(option.get("opt_type", 0))
            if key is None:
                raise Unparsed("a RAISE with options that no step has")
            options[key] = self.scope.read(query(option["expr"]))
        return options

    def _said(self, fields: Tree, options: dict[str, Tokens]) -> str:
        arguments = [self.scope.literal_event(self.scope.read(query(each))) for each in fields.get("params", [])]
        given = options.pop("message", None)
        if "message" not in fields:
            if given is not None:
                self._null_is_a_gap([given])
                return message(given, self.scope.constants)
            if fields.get("condname"):
                return str(fields["condname"])
            raise Unparsed("a RAISE that gives an error on")
        if given is not None:
            raise Unparsed("a RAISE with two messages")
        self._null_is_a_gap(arguments)
        if fields["message"] == "%" and len(arguments) == 1:
            return message(arguments[0], self.scope.constants)
        return raised(fields["message"], arguments, self.scope.constants)

    def _null_is_a_gap(self, found: Sequence[Tokens]) -> None:
        """Say that a message shows NULL otherwise, where a fact in it may be NULL."""
        facts = {token.fact for each in found for token in each if token.fact in _MAY_BE_NULL}
        if facts and not self.scope.is_ours:
            named = " and ".join(sorted(f"${{{fact}}}" for fact in facts))
            said = f"where {named} is NULL the message has a gap, where the script writes <NULL> or fails"
            self.scope.remark(
                "XT409", Severity.NOTE, said, "tell programs that look for it", self.scope.here, "notices", "refusal"
            )

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
        is_named = any(token.word in ("=>", ":=", "variadic") for token in found)
        if not path or arguments is None or len(path) > 2 or is_named:
            raise Unparsed(f"{template(found)!r} is no call of one function")
        schema = path[0] if len(path) == 2 else "pg_catalog"
        self.scope.check_called(schema, path[-1])
        given: dict[str, Any] = {"kind": kind} if kind != "function" else {}
        values = tuple(value(self.scope.literal_event(each)) for each in arguments)
        given |= {"args": values} if values else {}
        return Call(routine=f"{schema}.{path[-1]}", **given)

    def _call_procedure(self, fields: Tree, steps: Pending) -> None:
        text = query(fields["expr"])
        arguments = parse_one(text).node.funccall.args
        named_ = [
            each.column_ref.fields[0].string.sval for each in arguments if each.WhichOneof("node") == "column_ref"
        ]
        if any(each in self.scope.variables.declared for each in named_) and not self.scope.is_ours:
            raise Unparsed("CALL with a variable, which the procedure may set")
        steps.append(self._call(self.scope.read(text)[1:], "procedure"))

    def _sql(self, fields: Tree, steps: Pending) -> None:
        text = query(fields["sqlstmt"])
        if fields.get("into"):
            return self._into(fields, text)
        statement = parse_one(text)
        match statement.kind:
            case "insert_stmt" if is_plain(statement.node, self.scope):
                self._insert(statement, text, fields["lineno"], steps)
            case "create_stmt":
                steps.append(temporary_table(statement, self.scope))
            case "variable_set_stmt":
                steps.append(self._set(*parameter_set(statement)))
            case "alter_table_stmt" | "grant_role_stmt":
                read_command(text, {}, steps, self.scope)
            case "constraints_set_stmt" if self.scope.is_ours:
                pass  # rendered by xtrig at the end of a block with a handler
            case kind if kind in STATEMENTS or self.scope.is_ours:
                self._as_it_is(text, steps)
            case _:
                raise Unparsed(f"no step does {' '.join(text.split()[:2]).upper()}")
        return None

    def _as_it_is(self, text: str, steps: Pending) -> None:
        """Keep a statement as an sql step."""
        steps.append(Sql(sql=self.scope.expression(text)))
        if not self.scope.is_ours:
            said = f"{text.split()[0].upper()} becomes an sql step: it is used as it is on every dialect"
            self.scope.remark("XT409", Severity.NOTE, said, "see that every dialect has its words", self.scope.here)

    def _insert(self, statement: Parsed, text: str, line: int, steps: Pending) -> None:
        select = statement.node.select_stmt.select_stmt
        if select.values_lists:
            written = inserted(statement, self.scope)
            steps.extend(self._row(written, row, line) for row in written.rows)
        elif (item := item_of(select)) is not None and statement.node.HasField("select_stmt"):
            schema, table, columns = filled_columns(statement.node, self.scope)
            targets = [each.res_target.val for each in select.target_list]
            loop, values = self._over(item, select, lambda read: list(map(read, targets)))
            row = row_of(columns, values, self.scope)
            step = self._row(Rows(schema, table, (row,)), row, line)
            if not self.scope.is_definer:
                # The right to insert is asked for a SELECT without rows, too.
                self._as_it_is(text, steps)
                return
            condition = loop.condition
            do = tuple(chosen(template(condition), (step,), ())) if condition else (step,)
            steps.append(ForEach(item=loop.item, do=do))
        else:
            self._as_it_is(text, steps)

    def _row(self, written: Rows, row: Mapping[str, Tokens], line: int) -> Step:
        self.scope.fills.append(Filled(written.schema, written.table, self.scope.line(line)))
        return Insert(table=written.table, values={column: value(found) for column, found in row.items()})

    def _into(self, fields: Tree, text: str) -> None:
        row = fields.get("target", {}).get("PLpgSQL_row", {}).get("fields", [])
        statement = parse_one(text)
        if statement.kind != "select_stmt" or not row:
            raise Unparsed(f"{text.split()[0].upper()} into a variable" if row else "SELECT INTO a record")
        if fields.get("strict"):
            raise Unparsed("SELECT INTO STRICT")
        values = [self._selected(each) for each in single_values(statement.node, len(row))]
        for variable, found in zip(row, values, strict=True):
            self.scope.assign(variable["name"], found)

    def _selected(self, node: Any) -> Tokens:
        """Return the value of a SELECT of one column; INTO takes the first row of several."""
        text = select_text(node)
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
        if not target.replace("_", "a").replace('"', "").isalnum():
            raise Unparsed(f"an assignment to {target}")
        self.scope.assign(plain_name(target), self.scope.read(text))

    def _execute(self, fields: Tree, steps: Pending) -> None:
        if fields.get("into") or fields.get("params"):
            raise Unparsed("EXECUTE with INTO or USING")
        found = self.scope.read(query(fields["query"]))
        read_command(*command(found, name), steps, self.scope)

    def _for(self, fields: Tree, steps: Pending) -> None:
        record = fields.get("var", {}).get("PLpgSQL_rec", {}).get("refname")
        statement = parse_one(query(fields["query"]))
        item = item_of(statement.node) if statement.kind == "select_stmt" else None
        if item is None or record is None or not are_own_columns(statement.node):
            raise Unparsed("a loop over something else than DDL commands or dropped objects")
        loop, _ = self._over(item, statement.node, lambda read: [])
        outer = self.scope.records
        variables = self.scope.variables
        held, effects, read = dict(variables.held), variables.effects, len(variables.read)
        self.scope.records = {**outer, record: loop.item}
        do = self.sequence(fields.get("body", []))
        self.scope.records = outer
        if not self.scope.is_ours:
            variables.after_loop(held, effects, variables.read[read:])
        if not do:
            return
        if loop.condition:
            do = tuple(chosen(template(loop.condition), do, ()))
        steps.append(ForEach(item=loop.item, do=do))

    def _over(
        self, item: ItemSource, select: Any, targets: Callable[[Callable[[Any], Tokens]], list[Tokens]]
    ) -> tuple[Loop, list[Tokens]]:
        """Return the loop that a SELECT is, and what it selects; columns without a table are the item's."""
        if any(event is not item.item.event for event in self.scope.events) and not self.scope.is_ours:
            raise Unparsed(f"an event without a list of {str(item.item).replace('_', ' ')}s")
        if self.scope.records and not self.scope.is_ours:
            raise Unparsed("a loop in a loop, where a fact is that of the inner one")

        def read(node: Any) -> Tokens:
            return self.scope.read(of_item(node, item))

        outer = self.scope.records
        self.scope.records = {**outer, ROW: item.item}
        condition = read(select.where_clause) if select.HasField("where_clause") else ()
        found = targets(read)
        self.scope.records = outer
        return Loop(item.item, condition), found

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


def chosen(condition: str, then: tuple[Step, ...], otherwise: tuple[Step, ...]) -> Iterable[Step]:
    """Return the shortest steps for a condition; an empty branch is left out."""
    if not then:
        return [If(condition=f"({condition}) is not true", then=otherwise)] if otherwise else []
    if otherwise:
        return [If(condition=condition, then=then, otherwise=otherwise)]
    first = then[0]
    if len(then) == 1 and not isinstance(first, If) and first.when is None:
        return [type(first).model_validate({**_fields(first), "when": condition})]
    return [If(condition=condition, then=then)]


def _fields(step: Step) -> dict[str, Any]:
    return {key: getattr(step, key) for key in step.model_fields_set}
