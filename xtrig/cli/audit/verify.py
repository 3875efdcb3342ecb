"""``xtrig audit verify``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from xtrig.cli import print_output
from xtrig.cli.audit.options import parsed
from xtrig.cli.many.targets import Selection, Target, database_options
from xtrig.cli.parameters import files_argument, server_dialect_option, text_or_json_option
from xtrig.cli.streams import quiet_option

if TYPE_CHECKING:
    from xtrig.audit.verifying import Verification


@click.command("verify")
@files_argument
@database_options()
@server_dialect_option
@click.option("--since", metavar="TIME", help="Leave out gaps that had ended before this time. Default: all gaps.")
@text_or_json_option
@quiet_option
def command(files: tuple[str, ...], on: Selection, dialect: str | None, since: str | None, form: str) -> None:
    """Look for signs of tampering. For cron: nothing is changed.

    Compares triggers, functions, rights and tables with the definition, asks the records whether they are as they
    were written, and lists the times in which nothing was recorded. The exit code is 0 if nothing is found, 2 if
    anything is, and 3 if a database could not be looked at.

    \b
      xtrig audit verify --url service=shop --since 24h --quiet
    """
    from xtrig.audit.verifying import verify
    from xtrig.cli.audit.servers import Servers, reached
    from xtrig.cli.exits import Exit
    from xtrig.cli.many.targets import defined

    begin = parsed("--since", since, datetime.now(UTC))
    targets = defined(files, on.targets(dialect))
    servers = Servers(targets, "", on.jobs)

    def look(target: Target) -> Verification:
        return verify(target.definition, reached(target), dialect=dialect, since=begin)

    found = list(servers.gathered(look))
    if found:
        _print(found, form)
    servers.finish()
    raise click.exceptions.Exit(Exit.OK if all(each.is_clean for each in found) else Exit.DIFFERS)


def _print(found: list[Verification], form: str) -> None:
    if form == "json":
        print_output("verify", {"databases": [each.to_dict() for each in found]})
        return
    from xtrig.sqltext import one_line

    for number, each in enumerate(found):
        if number:
            click.echo()
        for line in _lines(each):
            click.echo(one_line(line))


def _lines(found: Verification) -> Iterator[str]:
    from xtrig.audit.formats import at_text
    from xtrig.deploy.text import difference_lines

    source = found.source
    yield f"{source.vendor}, {source.server}, database {source.database}, set {found.status.set_name}"
    for changed in found.changed:
        yield f"{changed.condition}: {changed.kind} {changed.name}"
        for difference in changed.differences:
            yield from (f"    {line}" for line in difference_lines(difference))
    yield from (f"problem: {problem}" for problem in found.status.problems)
    for tampering in found.tamperings:
        written = f", written {at_text(tampering.at)} UTC" if tampering.at else ""
        yield f"rows changed: {tampering.subject}{written}: {tampering.message}"
    for gap in found.gaps:
        until = f"until {at_text(gap.until)}" if gap.until else "and still"
        yield f"not recorded: from {at_text(gap.since)} {until} UTC: {gap.reason}"
    if found.is_clean:
        yield "nothing was found"
    yield f"This cannot see: {'; '.join(found.cannot_see)}."
