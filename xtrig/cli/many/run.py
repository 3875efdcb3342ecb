"""Working on several databases side by side, and one answer for all of them."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import click

from xtrig.cli import print_output
from xtrig.cli.console import plain_table, report_console
from xtrig.cli.exits import Exit, code_of, one_interrupt
from xtrig.cli.many.targets import Selection, Target, defined
from xtrig.errors import XtrigError
from xtrig.sqltext import one_line

_WORST_FIRST = (Exit.USAGE, Exit.DATABASE, Exit.FINDINGS, Exit.DIFFERS, Exit.OK)
_SHOWN = 6
"""How many names stand above what several databases have in common."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one database. ``code`` is the exit code that a call for it alone would have had."""

    code: Exit
    summary: str
    details: Sequence[str] = ()
    """Lines that are shown once for all databases that have the same."""
    result: Mapping[str, Any] | None = None
    """What a call for it alone prints as JSON."""
    errors: tuple[str, ...] = ()
    seconds: float = 0.0
    is_skipped: bool = False

    @property
    def is_failed(self) -> bool:
        """Whether something went wrong, and no mere difference was found."""
        return self.code not in (Exit.OK, Exit.DIFFERS)


Work = Callable[[Target, "Prefixed"], Outcome]

SKIPPED = Outcome(Exit.OK, "not begun", is_skipped=True)


class Prefixed:
    """Progress of one database among others: its notes on stderr, and no steps, which would drown them."""

    def __init__(self, name: str) -> None:
        self._name = one_line(name)

    def step(self, what: str) -> None:
        """Pass over the step that begins."""

    def note(self, what: str) -> None:
        """Write a note for the user."""
        click.echo(f"xtrig: {self._name}: note: {one_line(what)}", err=True)


def failed(error: XtrigError, result: Mapping[str, Any] | None = None, details: Sequence[str] = ()) -> Outcome:
    """Return the outcome of an error, in the lines of a call for one database."""
    reasons = tuple(one_line(each) for each in getattr(error, "reasons", str(error).split("\n")))
    return Outcome(code_of(error), reasons[0], details, result, reasons)


class Databases:
    """The databases of one command. ``is_shared``: what is done may make or drop what belongs to a whole server.

    Then the first database of each server is done alone, so that the others find it there; with ``is_serial`` all
    of one server are done one after the other. ``tells``: a line on stderr says when each is done.
    """

    def __init__(
        self, on: Selection, work: Work, *, is_shared: bool = False, is_serial: bool = False, tells: bool = False
    ) -> None:
        self._on = on
        self._work = work
        self._is_shared = is_shared or is_serial
        self._is_serial = is_serial
        self._tells = tells
        self._stops = threading.Event()
        self._gates: dict[str, threading.Lock] = {}
        self._opened: set[str] = set()
        self._outcomes: dict[str, Outcome] = {}

    def run(self, targets: Sequence[Target]) -> list[Outcome]:
        """Work on all of them, the canaries first; return an outcome for each, in their order.

        After an interrupt what was begun is brought to its end, and :meth:`outcomes` has it.
        """
        self._gates = {each.server: threading.Lock() for each in targets}
        first = targets[: self._on.first]
        self._side_by_side(first)
        if any(each.is_failed for each in self._outcomes.values()):
            self._stops.set()
        self._side_by_side(targets[len(first) :])
        return self.outcomes(targets)

    def outcomes(self, targets: Sequence[Target]) -> list[Outcome]:
        """Return what became of each, as far as it was begun."""
        return [self._outcomes.get(each.name, SKIPPED) for each in targets]

    def _side_by_side(self, targets: Sequence[Target]) -> None:
        with ThreadPoolExecutor(self._on.jobs) as pool:
            try:
                for _ in pool.map(self._one, targets):
                    pass
            except KeyboardInterrupt:
                self._stops.set()
                click.echo("xtrig: interrupted; what was begun is brought to its end", err=True)
                raise

    def _one(self, target: Target) -> Outcome:
        gate = self._gates[target.server]
        if not self._is_shared:
            return self._timed(target)
        with gate:
            if self._is_serial or target.server not in self._opened:
                outcome = self._timed(target)
                if not outcome.is_failed:
                    self._opened.add(target.server)
                return outcome
        return self._timed(target)

    def _timed(self, target: Target) -> Outcome:
        if self._stops.is_set():
            return SKIPPED
        start = time.monotonic()
        try:
            if target.error is not None:
                raise target.error
            outcome = self._work(target, Prefixed(target.name))
        except XtrigError as error:
            outcome = failed(error)
        except Exception as error:
            # A defect of xtrig's that one database meets keeps nobody from knowing what became of the others.
            said = f"internal error: {type(error).__name__}: {one_line(str(error))}"
            outcome = Outcome(Exit.FINDINGS, said, errors=(said,))
        if outcome.is_failed and not self._on.keep_going:
            self._stops.set()
        if self._tells:
            click.echo(f"xtrig: {one_line(target.name)}: {outcome.summary}", err=True)
        outcome = replace(outcome, seconds=time.monotonic() - start)
        self._outcomes[target.name] = outcome
        return outcome


def run_many(
    command: str,
    on: Selection,
    work: Work,
    *,
    form: str,
    dialect: str | None = None,
    files: tuple[str, ...] | None = None,
    targets: Sequence[Target] | None = None,
    is_shared: bool = False,
    is_serial: bool = False,
    tells: bool = False,
) -> None:
    """Do the work for each database, print the answer, and leave with the exit code of the worst.

    ``files`` are those of the definition, None where the work needs none; ``targets`` is given where they are known.
    """
    if targets is None:
        targets = on.targets(dialect)
        targets = targets if files is None else defined(files, targets)
    databases = Databases(on, work, is_shared=is_shared, is_serial=is_serial, tells=tells)
    code: int
    try:
        with one_interrupt():
            outcomes = databases.run(targets)
        code = worst(outcomes)
    except KeyboardInterrupt:
        outcomes, code = databases.outcomes(targets), Exit.INTERRUPTED
    if form == "json":
        print_output("many", _output(command, code, targets, outcomes))
    else:
        print_details(targets, outcomes)
        print_table(targets, outcomes)
    for target, outcome in zip(targets, outcomes, strict=True):
        for error in outcome.errors[int(tells) :]:  # the first was told as the summary
            click.echo(f"xtrig: {one_line(target.name)}: {error}", err=True)
    raise click.exceptions.Exit(code)


def worst(outcomes: Iterable[Outcome]) -> Exit:
    """Return the exit code of the worst: wrong usage, a database error, a finding or refusal, a difference."""
    codes = {each.code for each in outcomes}
    return next((code for code in _WORST_FIRST if code in codes), Exit.OK)


def print_details(targets: Sequence[Target], outcomes: Sequence[Outcome], *, err: bool = False) -> None:
    """Print the details, each once, under the names of all databases that have them."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for target, outcome in zip(targets, outcomes, strict=True):
        if outcome.details:
            groups.setdefault(tuple(outcome.details), []).append(one_line(target.name))
    for lines, names in groups.items():
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        click.echo(f"== {', '.join(names[:_SHOWN])}{more}", err=err)
        for line in lines:
            click.echo(line, err=err)
        click.echo(err=err)


def print_table(targets: Sequence[Target], outcomes: Sequence[Outcome]) -> None:
    """Print a line for each database, and the sum."""
    from rich.text import Text

    table = plain_table("database", "exit code", "seconds", "result", right=("exit code", "seconds"))
    for target, outcome in zip(targets, outcomes, strict=True):
        code, seconds = ("", "") if outcome.is_skipped else (str(int(outcome.code)), f"{outcome.seconds:.1f}")
        table.add_row(Text(one_line(target.name)), code, seconds, Text(one_line(outcome.summary)))
    console = report_console()
    console.print(table)
    counts = Counter("not begun" if each.is_skipped else _WORDS[each.code] for each in outcomes)
    told = ", ".join(f"{number} {word}" for word, number in counts.items())
    console.print(Text(f"{len(outcomes)} database{'s'[: len(outcomes) != 1]}: {told}"))


_WORDS = {
    Exit.OK: "ok",
    Exit.DIFFERS: "differ",
    Exit.FINDINGS: "refused or with findings",
    Exit.DATABASE: "with a database error",
    Exit.USAGE: "not understood",
}


def _output(command: str, code: int, targets: Sequence[Target], outcomes: Sequence[Outcome]) -> dict[str, Any]:
    return {
        "command": command,
        "exit_code": int(code),
        "targets": [
            {
                "name": target.name,
                "server": target.server,
                "database": target.database,
                "exit_code": None if outcome.is_skipped else int(outcome.code),
                "summary": outcome.summary,
                "errors": list(outcome.errors),
                "seconds": round(outcome.seconds, 3),
                "result": outcome.result,
            }
            for target, outcome in zip(targets, outcomes, strict=True)
        ],
    }
