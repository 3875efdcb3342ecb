"""CREATE FUNCTION to a function of a definition."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError

from xtrig.plugin import Event, Fact, ReadFunction, Severity
from xtrig_pgfamily.plpgsql.function import TIMEOUTS
from xtrig_pgfamily.plpgsql.inferred_logoff import INFERRED
from xtrig_pgfamily.reading import guards
from xtrig_pgfamily.reading.body import BodyReader, ReadBody, read_body
from xtrig_pgfamily.reading.body_scope import Known, Problems, Scope
from xtrig_pgfamily.reading.guards import kind_of, outermost, query
from xtrig_pgfamily.reading.parser import Parsed, SyntaxProblem, Tree, Unparsed, parse_body, postgast
from xtrig_pgfamily.reading.sql_statements import named, setting_value
from xtrig_pgfamily.reading.step_reader import StepReader
from xtrig_pgfamily.reading.tokens import call, string, tokens
from xtrig_pgfamily.reading.vocabulary import POSTGRESQL, Vocabulary
from xtrig_pgfamily.words import qualified

_OURS = {"standard_conforming_strings": "on", "quote_all_identifiers": "off", "client_min_messages": "notice"}
_PINNED = ("pg_catalog", "pg_temp", "")
_TIMEOUTS = {parameter: policy for policy, parameter in TIMEOUTS.items()}
_DURATION = re.compile(r"(\d+)\s*(ms|s|min)?\Z")
_KEPT = "it runs without guards and with search_path = pg_catalog, pg_temp: qualify its names"
_KEPT_WITH_HEADER = "it runs without guards, with the rights and the settings that it had"
_HARMLESS = frozenset(("language", "as", "security", "set", "volatility", "parallel"))


@dataclass
class Clauses:
    """The clauses of a function, apart from its body."""

    language: str = "plpgsql"
    body: str = ""
    is_definer: bool = False
    settings: dict[str, list[str]] = field(default_factory=dict)
    flat: dict[str, str | None] = field(default_factory=dict)
    """The settings as the catalogs have them; None for a value that the script does not say."""
    others: list[str] = field(default_factory=list)

    def set(self, clause: Any) -> None:
        """Add a SET, or take the settings back that a RESET names."""
        match postgast.pg_query_pb2.VariableSetKind.Name(clause.kind):
            case "VAR_RESET_ALL":
                self.settings.clear()
                self.flat.clear()
            case "VAR_RESET" | "VAR_SET_DEFAULT":
                self.settings.pop(clause.name, None)
                self.flat.pop(clause.name, None)
            case _:
                self.flat[clause.name] = setting_value(clause)
                self.settings[clause.name] = [_constant(each.a_const) for each in clause.args]


@dataclass(frozen=True, slots=True)
class FunctionReader:
    """Reads the functions of one script."""

    vocabulary: Vocabulary
    known: Known
    problems: Problems
    is_ours: bool
    kept: Collection[str] = ()
    """Functions whose bodies are not translated, by qualified names in SQL."""

    def read(self, statement: Parsed, events: tuple[Event, ...]) -> ReadFunction | None:
        """Return the function; None, and a finding, for one that cannot be used."""
        schema, name = named(statement.node.funcname)
        who = f"function {name!r}"
        clauses = clauses_of(statement.node)
        if not events:
            return ReadFunction(schema, name, statement.line, {}, body=clauses.body)
        if clauses.language != "plpgsql":
            message, remedy = f"it is written in {clauses.language}", "write it in plpgsql"
            self.problems.add("XT403", Severity.ERROR, who, message, remedy, statement.line)
            return None
        is_trigger_function = is_event_function(statement.node)
        line = statement.line + lines_before_body(statement.text, clauses.body)
        path = clauses.settings.get("search_path")
        scope = self.scope(events, line, None if path is None else tuple(path))
        scope.is_definer = clauses.is_definer
        scope.returns = "void" if is_trigger_function else "text"
        is_kept = schema is not None and qualified(schema, name) in self.kept
        is_hand_written = is_kept or (self.is_ours and "-- on_error: " not in clauses.body)
        read = None if is_hand_written else self.body(clauses.body, scope, who, clauses)
        if read is None:
            return self.hand_written(statement, clauses, who, events)
        policies = self.policies(clauses, who, statement.line, events)
        if not is_trigger_function:
            policies.pop("language", None)  # a helper's steps are in the vendor's form: its wrapper is
        return ReadFunction(
            schema, name, statement.line, {**policies, **read.policies}, read.steps, fills=tuple(scope.fills)
        )

    def hand_written(self, statement: Parsed, clauses: Clauses, who: str, events: tuple[Event, ...]) -> ReadFunction:
        """Return a function whose body is kept, with the header that it had; that of ours is rendered anew."""
        schema, name = named(statement.node.funcname)
        body = clauses.body.rstrip(" \t")
        if self.is_ours or not self.vocabulary.has_clauses:
            policies = self.policies(clauses, who, statement.line, events)
            if self.is_ours and "timezone" in clauses.settings:
                self._unsaid(who, "SET timezone", statement.line)
            if len({event.is_session for event in events}) > 1:
                is_unbound = self.is_ours and clauses.settings.get("lock_timeout") == ["0"]
                policies["on_error"] = "allow" if is_unbound else "deny"
            elif self.is_ours:
                policies |= _on_error(clauses, events)
            return ReadFunction(schema, name, statement.line, policies, body=body)
        security = {} if clauses.is_definer else {"security": "invoker"}
        policies = security | ({"on_error": "deny"} if len({each.is_session for each in events}) > 1 else {})
        for other in clauses.others:
            self._unsaid(who, other.upper(), statement.line)
        for parameter in (each for each, value in clauses.flat.items() if value is None):
            self._unsaid(who, f"SET {parameter} to what only the session of the script knows", statement.line)
        settings = {parameter: value for parameter, value in clauses.flat.items() if value is not None}
        return ReadFunction(schema, name, statement.line, policies, body=body, settings=settings)

    def scope(self, events: tuple[Event, ...], line: int, path: tuple[str, ...] | None = None) -> Scope:
        """Return the scope of a body that begins on ``line``, of a function with a search_path."""
        return Scope(self.vocabulary, events, replace(self.known, path=path), self.is_ours, line)

    def body(self, body: str, scope: Scope, who: str, clauses: Clauses | None = None) -> ReadBody | None:
        """Return the steps and policies of a body, or None if it has to be kept as it is."""
        try:
            if clauses is not None and not self.is_ours:
                _check_clauses(clauses)
            read = read_body(body, scope)
        except SyntaxProblem as problem:
            line = scope.line(problem.line)
            self.problems.add("XT401", Severity.ERROR, who, str(problem), "correct the script", line)
            return None
        except (Unparsed, ValidationError, RecursionError) as problem:
            reason = _reason(problem)
            message = f"its body is kept as it is, for {self.vocabulary.dialect} alone: {' '.join(reason.split())}"
            has_header = clauses is not None and self.vocabulary.has_clauses and not self.is_ours
            remedy = _KEPT_WITH_HEADER if has_header else _KEPT
            self.problems.add("XT405", Severity.WARNING, who, message, remedy, scope.line(scope.here))
            return None
        # One finding for each message, at the first place.
        for remark in {(each.code, each.message): each for each in reversed(scope.remarks)}.values():
            remedy, line = remark.remedy, remark.line
            self.problems.add(remark.code, remark.severity, who, remark.message, remedy, line, *remark.announced)
        return read

    def policies(self, clauses: Clauses, who: str, line: int, events: tuple[Event, ...]) -> dict[str, Any]:
        """Return the policies for the clauses; a clause without a policy is a finding."""
        policies: dict[str, Any] = {} if clauses.is_definer else {"security": "invoker"}
        path = clauses.settings.get("search_path")
        if clauses.is_definer and path is None:
            message = "SECURITY DEFINER without a search_path: whoever fires it chooses whose functions it calls"
            remedy = "the rendered function has search_path = pg_catalog, pg_temp; check that its names are found"
            self.problems.add("XT407", Severity.WARNING, who, message, remedy, line)
        elif path is not None and not set(path) <= set(_PINNED):
            message = f"its names have the schemas that search_path = {', '.join(path)} gives"
            remedy = "the rendered function has search_path = pg_catalog, pg_temp"
            self.problems.add("XT409", Severity.NOTE, who, message, remedy, line)
        session = any(event.is_session for event in events)
        if session and not self.vocabulary.has_clauses:
            policies["language"] = "plpgsql"
        for parameter, values in clauses.settings.items():
            if parameter in _TIMEOUTS and not (self.is_ours and values == ["0"]):
                self._timeout(policies, parameter, values, who, line)
            elif self.is_ours and (parameter.lower(), values) == ("timezone", ["UTC"]):
                continue  # it comes with the facts of a named time zone
            elif parameter not in ("search_path", *_TIMEOUTS) and [_OURS.get(parameter)] != values:
                self._unsaid(who, f"SET {parameter}", line)
        if session and self.is_ours:
            policies |= {policy: "0ms" for policy in _TIMEOUTS.values() if policy not in policies}
        elif session:
            self.added_bounds([policy for policy in _TIMEOUTS.values() if policy not in policies], who, line)
        for other in clauses.others:
            self._unsaid(who, other.upper(), line)
        return policies

    def added_bounds(self, added: Sequence[str], who: str, line: int) -> None:
        """Add a finding for timeouts that the definition has by default and the script does not have."""
        if added:
            message = f"the script bounds no waiting; xtrig's defaults for {' and '.join(added)} are added"
            self.problems.add("XT408", Severity.NOTE, who, message, "write 0 for a policy that you do not want", line)

    def _timeout(self, policies: dict[str, Any], parameter: str, values: list[str], who: str, line: int) -> None:
        duration = _DURATION.match(" ".join(values))
        if duration is None:
            self._unsaid(who, f"SET {parameter} = {' '.join(values)}", line)
        else:
            policies[_TIMEOUTS[parameter]] = f"{int(duration[1])}{duration[2] or 'ms'}"

    def _unsaid(self, who: str, what: str, line: int) -> None:
        message = f"no word of a definition says {what}"
        self.problems.add("XT406", Severity.WARNING, who, message, "see whether it is missed", line)


def _reason(problem: Unparsed | ValidationError | RecursionError) -> str:
    if isinstance(problem, ValidationError):
        return problem.errors()[0]["msg"].removeprefix("Value error, ").partition("; ")[0]
    return str(problem) if isinstance(problem, Unparsed) else "it is nested too deeply"


def clauses_of(node: Any) -> Clauses:
    """Return the clauses of CREATE FUNCTION."""
    clauses = Clauses()
    for option in node.options:
        element = option.def_elem
        match element.defname:
            case "language":
                clauses.language = element.arg.string.sval.lower()
            case "as":
                clauses.body = element.arg.list.items[0].string.sval
            case "security":
                clauses.is_definer = element.arg.boolean.boolval
            case "set":
                clauses.set(element.arg.variable_set_stmt)
            case other if other not in _HARMLESS:
                clauses.others.append(other)
    return clauses


def _check_clauses(clauses: Clauses) -> None:
    """Raise :class:`Unparsed` for a SET clause that no policy expresses."""
    for parameter, value in clauses.flat.items():
        is_time = parameter in _TIMEOUTS and value is not None and _DURATION.match(value)
        is_known = parameter == "search_path" or _OURS.get(parameter) == value
        if value is None or not (is_time or is_known):
            raise Unparsed(f"its clause SET {parameter}")


def is_event_function(node: Any) -> bool:
    """Whether CREATE FUNCTION makes a function that event triggers can run."""
    parts = node.return_type.names
    return bool(parts) and parts[-1].string.sval == "event_trigger"


def _constant(node: Any) -> str:
    return str(node.ival.ival) if node.HasField("ival") else str(node.sval.sval)


def lines_before_body(text: str, body: str) -> int:
    """Return the number of lines before the body; the parser counts lines from the start of the body."""
    position = text.find(body)
    return text.count("\n", 0, max(position, 0))


_LOOP = "FOR ended IN\n"
_OF_ENDED_SESSIONS: Vocabulary = replace(
    POSTGRESQL,
    spellings=(
        *((fact, sql) for fact, sql in INFERRED.items() if fact is not Fact.EVENT),
        *((fact, sql) for fact, sql in POSTGRESQL.spellings if fact not in INFERRED),
    ),
    also=(),
)


def is_inferred(body: str) -> bool:
    """Whether a body that xtrig rendered is an inferred logoff."""
    return _LOOP in body


def read_inferred(statement: Parsed, functions: FunctionReader) -> ReadFunction:
    """Return the logoff function whose steps an inferred logoff runs for each ended session."""
    schema, name = named(statement.node.funcname)
    clauses = clauses_of(statement.node)
    events = (Event.LOGOFF,)
    policies = functions.policies(clauses, f"function {name!r}", statement.line, events)
    datums, block = parse_body(clauses.body)
    login = functions.scope(events, statement.line)
    guarded = BodyReader(login)
    guarded.peeled([node for node in block["body"] if not _is_standby_guard(node, login)])
    scope = replace(login, vocabulary=_OF_ENDED_SESSIONS)
    scope.declare(datums, clauses.body)
    record = next(_blocks_of_loops(block))
    steps = StepReader(scope).sequence(record["body"], is_outermost=True)
    named_function = _function_of(record, schema) or name
    return ReadFunction(
        schema,
        named_function,
        statement.line,
        {**policies, **guarded.result.policies},
        steps,
        fills=tuple(scope.fills),
    )


def _is_standby_guard(node: Tree, scope: Scope) -> bool:
    kind, fields = kind_of(node)
    return kind == "if" and bool(guards.on_standby(scope.read(query(fields["cond"]))))


def _blocks_of_loops(tree: Any) -> Iterator[Tree]:
    """Yield the block in each loop of a body."""
    for loop in outermost(tree, "PLpgSQL_stmt_fors"):
        yield kind_of(loop["body"][0])[1]


def _function_of(record: Tree, schema: str | None) -> str | None:
    """Return the name of the definition's function, as the log line of the block's handler gives it."""
    handler = record["exceptions"]["PLpgSQL_exception_block"]["exc_list"][0]["PLpgSQL_exception"]
    line = kind_of(handler["action"][0])[1]
    arguments = call(tokens(query(line["params"][0])), "json_build_object") or []
    named_ = string(arguments[3]) if len(arguments) > 3 else None
    return named_.removeprefix(f"{schema}.") if named_ else None


def _on_error(clauses: Clauses, events: tuple[Event, ...]) -> dict[str, str]:
    """Return ``on_error`` of a function of ours whose body is kept, where it is not the default.

    Under ``allow`` a function is always rendered with a lock_timeout, of 0 if it has none.
    """
    bound = clauses.settings.get("lock_timeout")
    if not any(event.is_session for event in events):
        return {"on_error": "allow"} if bound == ["0"] else {}
    return {} if bound else {"on_error": "deny"}
