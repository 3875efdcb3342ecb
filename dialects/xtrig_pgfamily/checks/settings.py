"""Parameters that a step sets while other steps are still to run."""

from __future__ import annotations

import re
from collections.abc import Iterator

from xtrig.model import Call, ForEach, Set, Sql, Step
from xtrig.plugin import Check, Finding, Path, ResolvedFunction, Severity, Translation, walk

NAMES_CHANGE = frozenset(("search_path", "schema", "standard_conforming_strings", "all", "*"))
"""Parameters with which every name and literal of later text may mean something else.

``schema`` is how ``SET SCHEMA`` calls search_path, ``all`` is of ``RESET ALL``, and ``*`` a name that is computed.
"""
MEANING_CHANGES = frozenset(
    """
    array_nulls backslash_quote bytea_output check_function_bodies datestyle default_text_search_config
    extra_float_digits intervalstyle lc_messages lc_monetary lc_numeric lc_time quote_all_identifiers role row_security
    session_authorization session_replication_role timezone timezone_abbreviations transaction_read_only
    transform_null_equals xmlbinary xmloption
    """.split()
)
"""Other parameters of pg_settings of 17 and 18 that change what an expression gives or whose rights a command needs."""
ROLES = frozenset(("role", "session_authorization"))
_SET_CONFIG = re.compile(r"\bset_config\s*\(\s*(?:'([^']*)')?", re.IGNORECASE)


def following(function: ResolvedFunction, path: Path) -> tuple[Step, ...]:
    """Return the steps that may run after the one at ``path``, steps of other branches not among them."""
    found: tuple[Step, ...] = ()
    steps, keys = function.steps, path[len(function.path) + 1 :]
    for number, key in zip(keys[::2], (*keys[1::2], None), strict=False):
        if not isinstance(number, int):
            break
        step = steps[number]
        # What stands in a loop comes again for the next item.
        found = (*steps[number + 1 :], *found, *(step.do if isinstance(step, ForEach) and key == "do" else ()))
        inner = dict(step.inner()).get(str(key))
        if inner is None:
            break
        steps = inner
    return found


class SetBeforeSteps(Check[Translation], code="XT240", severity=Severity.ERROR):
    """A parameter that changes what later steps mean.

    A function starts with a `search_path` of its own, and a `set` of it holds at once. From then on each function,
    operator and type in what comes after is looked up in the user's path first: who owns a schema in it, and whom the
    trigger gives that path, makes a function `format` there and has it run with the rights of the trigger's owner.
    The same goes for `standard_conforming_strings` and literals. These are errors.

    `TimeZone`, `DateStyle`, `role` and their like change what later steps record, not whose code runs: a warning.
    What a called routine sets is not seen.

    Remedy: Let it be the last step, `search_path` after every other `set`; two `set` of it become one with `CASE`.
    Source: Seen on PostgreSQL 17 and 18: `tests/server/test_set_order.py`, where a role became superuser at its second
    login. PostgreSQL manual, Writing SECURITY DEFINER Functions Safely.
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
        for function in translation.triggers.functions:
            for visit in walk(function):
                rest = following(function, visit.path)
                for parameter, key in _parameters(visit.step):
                    yield from self._found(function, parameter, (*visit.path, *key), rest)

    def _found(self, function: ResolvedFunction, given: str, path: Path, rest: tuple[Step, ...]) -> Iterator[Finding]:
        parameter = given.lower()
        if parameter in NAMES_CHANGE and (rest or path[-1] != "set"):
            what = "a parameter" if parameter == "*" else given
            message = f"{what} is set before other steps: the names or literals in them would mean what the user likes"
            remedy = "let a set step of it be the last step, and make several of them one with CASE"
            yield self.finding(function.subject, message, remedy, path)
        elif parameter in MEANING_CHANGES and any(not isinstance(step, Set) for step in rest):
            message = f"{given} is set before other steps: it changes what they record or whose rights they have"
            yield self.finding(function.subject, message, "move it to the end", path, severity=Severity.WARNING)


def _parameters(step: Step) -> Iterator[tuple[str, Path]]:
    """Yield each parameter that a step sets outside hand-written text, with the key where it says so."""
    if isinstance(step, Set):
        yield step.parameter, ("set",)
    if isinstance(step, Call) and step.routine.lower() == "pg_catalog.set_config":
        first = step.args[0] if step.args else None
        match = re.fullmatch(r"\s*'([^']*)'\s*", first) if isinstance(first, str) else None
        yield match[1] if match else "*", ("call",)
    if not isinstance(step, Sql):
        for key, text in step.texts():
            for match in _SET_CONFIG.finditer(text):
                yield match[1] or "*", key


class RoleUnderDefiner(Check[Translation], code="XT317", severity=Severity.ERROR, waivable=True):
    """SET ROLE in a function with security: definer.

    The server refuses to change `role` and `session_authorization` while a function with `SECURITY DEFINER` runs. The
    step fails at every run, whatever the role.

    Remedy: Give the function `security: invoker`, or give the role its settings once, by `ALTER ROLE ... SET`.
    Source: Seen on PostgreSQL 17 and 18, `tests/server/test_set_order.py`: `cannot set parameter "role" within
    security-definer function`.
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
        for function in translation.triggers.functions:
            if function.policies.security != "definer":
                continue
            for visit in walk(function):
                for parameter, key in _parameters(visit.step):
                    if parameter.lower() in ROLES:
                        path = (*visit.path, *key)
                        yield self.finding(function.subject, refused(parameter), REMEDY, path)


REMEDY = "write security: invoker, or leave it out"


def refused(parameter: str) -> str:
    """Return the message about a parameter that a function with its owner's rights cannot set."""
    return f"{parameter} cannot be set under security: definer: the server refuses it at every run"
