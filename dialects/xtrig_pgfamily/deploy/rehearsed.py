"""The rehearsal of the family: functions attached to what holds up no login, and triggers on DDL commands.

A trigger that exists only in a transaction which is rolled back fires for the session of that transaction alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from xtrig.dialect.deployment import CommandTriggers, Proof, Stage
from xtrig.plugin import Event, Lines, Statement, Version, literal
from xtrig_pgfamily.deploy.ddl_commands import OPENING, commands, objects
from xtrig_pgfamily.objects import EventTrigger, Function
from xtrig_pgfamily.statements import do_block
from xtrig_pgfamily.words import tags

_PREFIX = "xtrig_rehearsal"
_TAG = "DROP CONVERSION"
_PROBE = Statement(f"{_TAG} IF EXISTS pg_temp.{_PREFIX}", "A command that everybody may give")
"""Not one that a function could give itself: it would run itself without end."""


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What a set gives to its rehearsal.

    ``traced`` are functions that note their steps, ``planned`` those that only plan their queries; ``ended`` are
    statements that give those of inferred logoffs something to do.
    """

    traced: tuple[Function, ...] = ()
    planned: tuple[Function, ...] = ()
    ended: tuple[Statement, ...] = ()
    version: Version = ()

    def stage(self, made: Sequence[Statement], functions: Sequence[str], triggers: Sequence[EventTrigger]) -> Stage:
        """Return the stage: ``functions`` run at login, ``triggers`` on DDL; ``made`` is what they need."""
        attached = list(_attached(functions, _PREFIX))
        run = dict.fromkeys((*functions, *(each.called for each in triggers)))
        traced = [each for each in self.traced if each.name in run]
        planned = [each for each in self.planned if each.name in run]
        of_commands = [each.name for each in planned if each.name not in functions]
        return Stage(
            "rehearsal",
            "Everything in a transaction that is rolled back, the functions run as each role",
            (*made, *map(_told, run), *(self.ended if functions else ()), *attached),
            proof=Proof.REHEARSAL,
            probes=(_PROBE,) if functions else (),
            commands=self._commands(triggers) if triggers else None,
            tracing=tuple(_put(traced)),
            planning=(*_put(planned), *_attached(of_commands, f"{_PREFIX}_plan"), _PROBE) if planned else (),
        )

    def _commands(self, triggers: Sequence[EventTrigger]) -> CommandTriggers:
        kinds = frozenset[str]().union(*(self._kinds(each) for each in triggers))
        return CommandTriggers(
            OPENING,
            (objects(),),
            tuple(_made(triggers)),
            tuple(each for each in commands() if each.kind in kinds),
            kinds,
        )

    def _kinds(self, trigger: EventTrigger) -> frozenset[str]:
        return frozenset(trigger.tags) or tags(Event(trigger.event), self.version)


def _attached(functions: Sequence[str], prefix: str) -> Iterator[Statement]:
    """Yield the statements that have the probe run functions."""
    for number, function in enumerate(functions, 1):
        yield Statement(
            f"CREATE EVENT TRIGGER {prefix}_{number} ON ddl_command_start WHEN TAG IN ('{_TAG}') "
            f"EXECUTE FUNCTION {function}()",
            f"Rehearse {function}",
        )


def _put(functions: Sequence[Function]) -> Iterator[Statement]:
    """Yield the statements that put these forms of functions in the place of those that go live."""
    for each in functions:
        yield Statement(each.sql, "")
        yield _told(each.name)


def _made(triggers: Sequence[EventTrigger]) -> Iterator[Statement]:
    """Yield the statements that make the triggers, under names of their own: some are there already, disabled."""
    for number, trigger in enumerate(triggers, 1):
        when = f" WHEN TAG IN ({', '.join(literal(tag) for tag in trigger.tags)})" if trigger.tags else ""
        yield Statement(
            f"CREATE EVENT TRIGGER {_PREFIX}_ddl_{number} {trigger.clause}{when} {trigger.execute} {trigger.called}()",
            f"Rehearse trigger {trigger.name}",
        )


def _told(function: str) -> Statement:
    """Return the statement that has a function send this session, too, what it writes to the server's log.

    The functions of a session record belong to a role whose functions the deploying role may be unable to alter.
    """
    lines: Lines = [
        f"ALTER FUNCTION {function}() SET client_min_messages = log;",
        "EXCEPTION WHEN insufficient_privilege THEN",
        ["NULL;"],
    ]
    return Statement(do_block(lines), f"What {function} writes to the server's log is read here, too")
