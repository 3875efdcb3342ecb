"""Arguments and options of the commands that read records: which databases, which records, which format."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import click

from xtrig.cli.many.targets import Selection, Target, database_options
from xtrig.cli.parameters import files_argument, form_option, load_definition
from xtrig.errors import UsageError

if TYPE_CHECKING:
    from xtrig.audit.reading import Wanted

Command = TypeVar("Command", bound=Callable[..., Any])

_TIMES = "2026-03-01, 2026-03-01T08:00+02:00 (UTC if there is no zone), 24h, 7d, 4w, today or yesterday"


@dataclass(frozen=True, slots=True)
class Request:
    """The options of a command, parsed. ``now`` is the time that relative times refer to."""

    targets: Sequence[Target]
    jobs: int
    schema: str
    wanted: Wanted
    now: datetime
    form: str
    limit: int
    exact: bool


def reading_options(since: str, until: str) -> Callable[[Command], Command]:
    """Add FILE... and all options of a reading command; ``since`` and ``until`` are the defaults as help shows them."""

    def decorate(command: Command) -> Command:
        for option in reversed(_options(since, until)):
            command = option(command)
        return files_argument(database_options()(command))

    return decorate


def _options(since: str, until: str) -> list[Callable[[Any], Any]]:
    return [
        click.option(
            "--schema", metavar="SCHEMA", help="The schema of the audit. Default: the definition's, or audit."
        ),
        click.option("--since", metavar="TIME", help=f"From this time on: {_TIMES}. Default: {since}."),
        click.option("--until", metavar="TIME", help=f"Before this time, in the same words. Default: {until}."),
        click.option("--user", "users", metavar="USER", multiple=True, help="Only this login user. Repeatable."),
        form_option(
            "table",
            "csv",
            "json",
            help_text="table (the default) shows the newest; csv and json have all, in the order of time.",
        ),
        click.option(
            "--limit",
            metavar="NUMBER",
            type=click.IntRange(1, 100_000),
            default=50,
            show_default=True,
            help="Rows of a table.",
        ),
        click.option(
            "--exact",
            is_flag=True,
            help="In CSV, leave cells as they are that a spreadsheet would take for a formula.",
        ),
    ]


def request(
    *,
    files: tuple[str, ...],
    on: Selection,
    schema: str | None,
    since: str | None,
    until: str | None,
    users: tuple[str, ...],
    form: str,
    limit: int,
    exact: bool,
    is_open: bool = False,
) -> Request:
    """Return the options, parsed. Raises :class:`~xtrig.errors.UsageError` for a wrong value."""
    from xtrig.audit.reading import Wanted

    if exact and form != "csv":
        raise click.UsageError("--exact is about --format csv", click.get_current_context())
    now = datetime.now(UTC)
    begin, end = parsed("--since", since, now), parsed("--until", until, now)
    if begin is not None and end is not None and end < begin:
        raise UsageError(f"--until {until} is before --since {since}; exchange them")
    wanted = Wanted(begin, end, users, is_open)
    return Request(on.targets(), on.jobs, _schema(files, schema), wanted, now, form, limit, exact)


def parsed(option: str, text: str | None, now: datetime) -> datetime | None:
    """Return the time that an option gives, in UTC; None if it is not given."""
    from xtrig.audit.formats import parse_time

    try:
        return None if text is None else parse_time(text, now)
    except UsageError as error:
        raise UsageError(f"{option}: {error}") from None


def _schema(files: tuple[str, ...], schema: str | None) -> str:
    from xtrig.audit.reading import SCHEMA
    from xtrig.load import find_definition

    if schema is not None:
        return schema
    if not files:
        try:
            find_definition()
        except UsageError:
            return SCHEMA
    return load_definition(files).schema_
