"""``xtrig audit report``."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xtrig.cli.audit.options import reading_options, request
from xtrig.errors import UsageError
from xtrig.sqltext import one_line

if TYPE_CHECKING:
    from xtrig.audit.records import AuditData
    from xtrig.cli.audit.options import Request
    from xtrig.cli.audit.output import Flat
    from xtrig.cli.audit.servers import Servers


@click.command("report")
@reading_options("30 days before the end", "now")
@click.option("--html", metavar="FILE", help="Write a page that needs nothing else; '-' is stdout.")
def command(html: str | None, **asked: Any) -> None:
    """Report on a period: sessions, refused logins, DDL, gaps in coverage and signs of tampering.

    As a table it is a summary; CSV and JSON have every record, with what it is in 'record'. Several databases make
    one report. One that cannot be read is a gap in it, and the exit code is 3.

    \b
      xtrig audit report --url service=shop --since 7d
      xtrig audit report --since 2026-03-01 --until 2026-04-01 --html march.html
      xtrig audit report --url service=shop --url service=erp --format json > audit.json
    """
    from xtrig.audit.reading import bounded
    from xtrig.cli.audit.servers import Servers

    if html is not None and asked["form"] != "table":
        raise click.UsageError("--html does not go with --format", click.get_current_context())
    wanted = request(**asked)
    period = bounded(wanted.wanted, wanted.now)
    if html is not None and html != "-":
        check_target(Path(html))
    servers = Servers(wanted.targets, wanted.schema, wanted.jobs)
    if wanted.form == "table":
        _whole(servers, wanted, html)
    else:
        _records(servers, wanted, period)
    servers.finish()


def _whole(servers: Servers, asked: Request, html: str | None) -> None:
    from xtrig.audit import report_page
    from xtrig.cli.audit.terminal import print_summary

    data = _data(servers, asked)
    if data is None:
        return
    if html is None:
        print_summary(data, servers.sources, asked.limit)
    elif html == "-":
        click.echo(report_page(data), nl=False)
    else:
        write_whole(Path(html), report_page(data))
        click.echo(one_line(f"wrote {html}"), err=True)


def _data(servers: Servers, asked: Request) -> AuditData | None:
    """Return all records; None if no database could be read."""
    from xtrig.audit.reading import unread
    from xtrig.audit.records import merge

    read = list(servers.whole(lambda reading: reading.data(asked.wanted, asked.now)))
    if not read:
        return None
    failed = (unread(place, asked.wanted, asked.now, why) for place, why in servers.failures)
    return merge(*read, *failed)


def _records(servers: Servers, asked: Request, period: Any) -> None:
    import sys
    from itertools import chain

    from xtrig.audit.kinds import DDL, GAPS, REFUSALS, SESSIONS, TAMPERINGS
    from xtrig.audit.reading import Reading, unread
    from xtrig.cli.audit.output import KINDS, columns, labelled, write_csv, write_json

    def read(reading: Reading) -> Iterator[Any]:
        return chain.from_iterable(
            reading.records(kind, period) for kind in (TAMPERINGS, GAPS, REFUSALS, DDL, SESSIONS)
        )

    def rows() -> Iterator[Flat]:
        yield from map(labelled, servers.each(read))
        if servers.sources:
            for place, why in servers.failures:
                yield from map(labelled, unread(place, period, asked.now, why).gaps)

    if asked.form == "csv":
        write_csv(rows(), columns(*KINDS, label=True), lambda: bool(servers.sources), exact=asked.exact)
    else:
        write_json(rows(), lambda: bool(servers.sources))
    sys.stdout.flush()


def check_target(file: Path) -> None:
    """Raise :class:`~xtrig.errors.UsageError` for a file that could not be written, before anything is read."""
    try:
        if file.is_dir():
            raise UsageError(f"{file}: is a folder; name a file in it")
        if file.exists() and not file.is_file():
            raise UsageError(f"{file}: is not a regular file; name another, or '-' for stdout")
        if not file.parent.is_dir():
            raise UsageError(f"{file}: there is no folder {file.parent}; make it first")
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise _unwritable(file, error) from None


def write_whole(file: Path, text: str) -> None:
    """Write a file atomically: a temporary file in the same folder replaces ``file``.

    Raises :class:`~xtrig.errors.UsageError` if that fails; an existing file then stays as it was.
    """
    try:
        target = file.resolve()  # a link stays a link
        beside = target.with_name(f".{target.name[:200]}.{os.getpid()}.tmp")
        try:
            with beside.open("x", encoding="utf-8", newline="\n") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            if target.exists():
                shutil.copymode(target, beside)
            beside.replace(target)
        except FileExistsError:
            raise
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
    except (OSError, ValueError) as error:
        raise _unwritable(file, error) from None


def _unwritable(file: Path, error: OSError | ValueError) -> UsageError:
    return UsageError(f"{file}: cannot be written: {getattr(error, 'strerror', None) or error}; name another file")
