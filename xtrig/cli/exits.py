"""Exit codes, and errors as the lines a user reads. Nobody sees a traceback for a mistake of their own."""

from __future__ import annotations

import os
import sys
from enum import IntEnum

import click

from xtrig.errors import DatabaseError, FindingsError, PluginError, UsageError, XtrigError
from xtrig.findings import Finding


class Exit(IntEnum):
    """What the exit code says."""

    OK = 0
    FINDINGS = 1
    DIFFERS = 2
    DATABASE = 3
    USAGE = 64
    """EX_USAGE of sysexits.h: apart from 2, which means that a database differs."""
    INTERRUPTED = 130


def explain(error: BaseException) -> int:
    """Print what ``error`` means to stderr and return the exit code for it; raise what nobody expected."""
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, (KeyboardInterrupt, click.Abort)):
        click.echo("xtrig: interrupted", err=True)
        return Exit.INTERRUPTED
    if isinstance(error, BrokenPipeError):
        # The reader of our output left, as head does; keep Python from complaining when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.OK
    if isinstance(error, click.ClickException):
        return _usage(error)
    if isinstance(error, FindingsError):
        print_findings(error.findings)
        return Exit.FINDINGS
    if isinstance(error, XtrigError):
        click.echo(f"xtrig: {error}", err=True)
        return _code(error)
    raise error


def print_findings(findings: tuple[Finding, ...] | list[Finding]) -> None:
    """Print findings to stderr, a line each."""
    for finding in findings:
        click.echo(str(finding), err=True)


def _code(error: XtrigError) -> int:
    if isinstance(error, (UsageError, PluginError)):
        return Exit.USAGE
    return Exit.DATABASE if isinstance(error, DatabaseError) else Exit.FINDINGS


def _usage(error: click.ClickException) -> int:
    context = getattr(error, "ctx", None)
    hint = f"; see: {context.command_path} --help" if context is not None else "; see: xtrig --help"
    click.echo(f"xtrig: {error.format_message().rstrip('.')}{hint}", err=True)
    return Exit.USAGE
