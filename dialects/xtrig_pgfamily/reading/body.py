"""A whole plpgsql body to policies and steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from xtrig.model import Deny, ForEach, If, Set, Step
from xtrig.plugin import Difference, Severity
from xtrig_pgfamily.checks.settings import NAMES_CHANGE
from xtrig_pgfamily.reading import guards
from xtrig_pgfamily.reading.body_scope import Scope
from xtrig_pgfamily.reading.guards import kind_of, query
from xtrig_pgfamily.reading.parser import Tree, Unparsed, parse_body
from xtrig_pgfamily.reading.step_reader import StepReader
from xtrig_pgfamily.reading.tokens import string


@dataclass
class ReadBody:
    """The steps and policies read from a body."""

    steps: tuple[Step, ...] = ()
    policies: dict[str, Any] = field(default_factory=dict)


def read_body(body: str, scope: Scope) -> ReadBody:
    """Return the steps of a body, and the policies that its guards are rendered from.

    Raises :class:`Unparsed` for the first statement that is no step, and SyntaxProblem for wrong SQL.
    """
    datums, block = parse_body(body, scope.returns)
    scope.declare(datums, body)
    return BodyReader(scope).read(block)


class BodyReader:
    """Reads one body. The scope has its variables."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.result = ReadBody()

    def read(self, block: Tree) -> ReadBody:
        """Return the steps and policies of the outermost block."""
        statements = _without_last_return(self.peeled(block.get("body", [])))
        catching = block
        if not block.get("exceptions") and statements and kind_of(statements[0])[0] == "block":
            catching = kind_of(statements[0])[1]
            self._denial(catching, statements[1:])
            inner = catching.get("body", [])
            # The parser wraps a block with a handler in another; the guards that xtrig renders are outside of it.
            statements = _without_last_return(inner if self.scope.is_ours else self.peeled(inner))
        catches = guards.catches_all(catching)
        steps = StepReader(self.scope).sequence(statements, is_outermost=True)
        if not steps:
            raise Unparsed("the body does nothing")
        if not self.scope.is_ours:
            self._variables()
            _check_settings(steps)
        if catches and self.scope.denial_block is None and _denies(steps):
            raise Unparsed("its own exception handler catches a refusal, which so does not bind")
        is_session = any(event.is_session for event in self.scope.events)
        if is_session and not self.scope.vocabulary.errors_bind and _denies(steps):
            raise Unparsed("a refusal, which does not bind here")
        if catches and not guards.is_our_handler(catching):
            message = "about an error the handler of xtrig writes a line of its own to the server's log"
            tells = guards.tells_client(catching)
            message += ", and no message to the client as the script does" if tells else ""
            remedy = "look for lines that begin with 'xtrig'"
            announced: tuple[Difference, ...] = ("notices",) if tells else ()
            self.scope.remark("XT409", Severity.NOTE, message, remedy, 1, *announced)
        self.result.steps = steps
        self._on_error(bool(catches))
        self._standby(steps)
        return self.result

    def peeled(self, statements: Sequence[Tree]) -> Sequence[Tree]:
        """Return the statements after the leading guards; the guards become policies."""
        policies = self.result.policies
        while statements:
            kind, fields = kind_of(statements[0])
            self.scope.here = fields.get("lineno", self.scope.here)
            setting = self._setting(kind, fields)
            if setting and setting[0] in ("lock_timeout", "durability"):
                policies[setting[0]] = setting[1]
            elif kind == "if" and (roles := self._exempt(fields)) and "exempt_roles" not in policies:
                if not guards.is_return(fields.get("then_body", [])):
                    if _without_last_return(statements[1:]):
                        break  # what comes after it is done for these roles, too
                    policies["exempt_roles"] = roles
                    statements = fields["then_body"]
                    continue
                policies["exempt_roles"] = roles
            elif not self._is_passed_over(kind, fields, setting):
                break
            statements = statements[1:]
        return statements

    def _is_passed_over(self, kind: str, fields: Tree, setting: tuple[str, str] | None) -> bool:
        """Whether a statement is in every function of ours: a pinned search_path, a refusal of others' calls."""
        is_refusal = kind == "if" and query(fields["cond"]).startswith("has_function_privilege(session_user, ")
        return self.scope.is_ours and (is_refusal or (setting is not None and setting[0] == "search_path"))

    def _exempt(self, fields: Tree) -> tuple[str, ...] | None:
        if fields.get("else_body") or fields.get("elsif_list"):
            return None
        condition = self.scope.read(query(fields["cond"]))
        if guards.is_return(fields.get("then_body", [])):
            return guards.exempt_roles(condition)
        return guards.negated_exempt_roles(condition)

    def _setting(self, kind: str, fields: Tree) -> tuple[str, str] | None:
        """Return the policy for a set_config() at the start of the body, if there is one."""
        if kind not in ("perform", "assign"):
            return None
        text = query(fields["expr"])
        found = self.scope.read(text.partition(":=")[2]) if kind == "assign" else self.scope.read(text)[1:]
        setting = guards.setting(found)
        value = string(setting[1]) if setting and setting[2] else None
        if setting is None or value is None:
            return None
        is_session = any(event.is_session for event in self.scope.events)
        if setting[0] == "synchronous_commit" and value == "off" and is_session:
            return "durability", "relaxed"
        if setting[0] == "lock_timeout" and kind == "assign" and "lock_timeout" not in self.result.policies:
            return "lock_timeout", value
        if setting[0] == "search_path":
            return setting[0], value
        return None

    def _denial(self, block: Tree, after: Sequence[Tree]) -> None:
        """Read the rendered form of a deny that its function's own handler must not catch."""
        rest = _without_last_return(after)
        if not rest:
            return
        for node in rest:
            kind, fields = kind_of(node)
            if kind != "if" or not query(fields["cond"]).startswith("denial IS NOT NULL") or not self.scope.is_ours:
                raise Unparsed("statements after a block with a handler")
        self.scope.denial_block = block.get("label")

    def _variables(self) -> None:
        self.scope.variables.check_unused()
        if self.scope.variables.has_several_moments():
            message = "a variable held one moment, and ${now} is another each time"
            self.scope.remark("XT409", Severity.NOTE, message, "use an sql step if that matters", 1)

    def _on_error(self, catches: bool) -> None:
        events = self.scope.events
        defaults = {"allow" if event.is_session else "deny" for event in events}
        is_session = "allow" in defaults
        binds = self.scope.vocabulary.errors_bind or not is_session
        meant = "deny" if binds and not catches else "allow"
        if defaults != {meant}:
            self.result.policies["on_error"] = meant

    def _standby(self, steps: Sequence[Step]) -> None:
        is_session = any(event.is_session for event in self.scope.events)
        if not is_session or not any(each.may_write for step in steps for each in step.walk()):
            return
        if self.scope.guarded:
            if not self.scope.is_ours:
                message = "the script asks for a standby alone; standby: skip writes in no read-only session either"
                self.scope.remark("XT408", Severity.NOTE, message, "nothing has to be done", 1, "read-only")
        elif self.scope.is_ours:
            self.result.policies["standby"] = "run"
        else:
            message = "the script writes without asking whether this is a standby; standby: skip is added"
            remedy = "write 'standby: run' to have it as it was"
            self.scope.remark("XT408", Severity.NOTE, message, remedy, 1, "read-only")


def _check_settings(steps: Sequence[Step]) -> None:
    """Raise :class:`Unparsed` for a path of the session that is set before other steps: XT240 refuses it."""
    listed = [each for step in steps for each in step.walk() if not isinstance(each, If | ForEach)]
    for each in listed[:-1]:
        if isinstance(each, Set) and each.parameter.lower() in NAMES_CHANGE:
            raise Unparsed(f"{each.parameter} is set before other steps, whose names it would change")


def _without_last_return(statements: Sequence[Tree]) -> list[Tree]:
    listed = list(statements)
    if listed and kind_of(listed[-1])[0] == "return":
        listed.pop()
    return listed


def _denies(steps: Sequence[Step]) -> bool:
    return any(isinstance(each, Deny) for step in steps for each in step.walk())
